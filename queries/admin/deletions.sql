-- What was deleted, removed or purged, and by whom, newest first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.8.10 iso27001-a.8.15 pci-dss-10.2 hipaa-164.312b nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
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
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%delet%' or a.action like '%remov%' or a.action like '%purg%'
        or a.action like '%destroy%' or a.action like '%erase%')
order by a.key desc
