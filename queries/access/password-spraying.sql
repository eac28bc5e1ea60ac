-- Addresses from which sign-ins to many accounts failed within an hour, most accounts first
-- tags: soc2-cc6.6 soc2-cc7.2 iso27001-a.8.5 iso27001-a.8.16 pci-dss-10.2 pci-dss-10.4 nist-au-6 nist-ac-7
-- expect: no rows
-- severity: medium
-- once: hour source ip
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param accounts integer = 5  least number of accounts
with failures as materialized (
    select e.time, substr(e.time, 1, 13) || ':00' as hour, e.source, lower(e.actor) as actor, e.ip
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.action like '%login%' or e.action like '%log in%' or e.action like '%logon%'
            or e.action like '%sign%in%' or e.action like '%authenticat%')
        and (e.action like '%fail%' or e.action like '%denied%' or e.action like '%invalid%'
            or e.action like '%unsuccessful%')
)
select
    f.hour,
    f.source,
    f.ip,
    count(distinct f.actor) as accounts,
    count(*) as failures,
    min(f.time) as first_failure,
    max(f.time) as last_failure
from failures f
where f.ip is not null
group by f.hour, f.source, f.ip
having count(distinct f.actor) >= :accounts
order by accounts desc, f.hour desc, f.ip
