-- Who downloaded files of a name (% stands for anything), newest first
-- param file text  the file's name, or a pattern: %.pdf
-- param since time = 30d  how far back to look
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
where e.time >= :since
    and e.action like '%download%'
    and e.file_name like :file
order by e.key desc
