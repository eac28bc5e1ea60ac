-- Everything that was downloaded of one package, and by whom, oldest first
-- param package text  the package's id
select
    e.time,
    e.source,
    e.authenticated_user as actor,
    a.actor_name as name,
    a.actor_known as known,
    e.action,
    e.file_name,
    e.file_size,
    e.package_owner,
    e.ip_address as ip
from sendsafely_events e
join activity a on a.key = e.key
where e.package_id = :package
    and e.action like '%download%'
order by e.key
