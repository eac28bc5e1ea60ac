-- What was deleted, removed or purged, and by whom, newest first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.8.10 iso27001-a.8.15 pci-dss-10.2 hipaa-164.312b nist-au-6
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
    a.target,
    a.details ->> '$.fileName' as file_name,
    a.ip
from recent r
join activity a on a.key = r.key
where r.action like '%delet%' or r.action like '%remov%' or r.action like '%purg%'
    or r.action like '%destroy%' or r.action like '%erase%'
order by a.key desc
