-- Passwords that were reset or changed, newest first
-- tags: soc2-cc6.1 iso27001-a.5.17 pci-dss-10.2 hipaa-164.312d nist-au-6 nist-ac-2
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
with recent as materialized (
    select e.key, e.action from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.action,
    coalesce(a.target, a.actor) as whose,
    a.ip
from recent r
join activity a on a.key = r.key
where r.action like '%password%' and r.action not like '%polic%'
    and (r.action like '%reset%' or r.action like '%chang%' or r.action like '%updat%'
        or r.action like '%set%' or r.action like '%forgot%')
order by a.key desc
