-- Calls that AWS refused, by who made them, most refusals first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.5.23 iso27001-a.8.16 pci-dss-10.2 hipaa-164.312b nist-au-6 nist-ac-3
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param minimum integer = 1  least number of refusals to show
select
    c.source,
    c.account_id,
    coalesce(c.user_arn, c.user_type) as who,
    count(*) as refused,
    count(distinct c.event_name) as kinds_of_call,
    group_concat(distinct c.event_name) as calls,
    min(c.time) as first_refused,
    max(c.time) as last_refused
from cloudtrail_events c
where c.time >= :since and c.time < coalesce(:until, '9')
    and (c.error_code like '%AccessDenied%' or c.error_code like '%Unauthorized%'
        or c.error_code like '%Forbidden%')
group by 1, 2, 3
having count(*) >= :minimum
order by refused desc, last_refused desc
