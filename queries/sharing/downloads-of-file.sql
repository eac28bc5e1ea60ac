-- Who downloaded files of a name (% stands for anything), newest first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.3 pci-dss-10.2 hipaa-164.312b nist-au-6
-- param file text  the file's name, or a pattern: %.pdf
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    e.time,
    e.source,
    e.authenticated_user as actor,
    a.actor_name as name,
    a.actor_known as known,
    e.action,
    e.file_name,
    e.file_size,
    e.package_id,
    e.ip_address as ip
from sendsafely_events e
join activity a on a.key = e.key
where e.time >= :since and e.time < coalesce(:until, '9')
    and e.action like '%download%'
    and e.file_name like :file
order by e.key desc
