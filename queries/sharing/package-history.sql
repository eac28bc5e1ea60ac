-- All that happened to one package, oldest first
-- tags: soc2-cc6.7 soc2-cc7.3 iso27001-a.5.14 iso27001-a.5.28 pci-dss-10.2 hipaa-164.312b nist-au-6
-- param package text  the package's id
select
    e.time,
    e.source,
    e.authenticated_user as actor,
    a.actor_name as name,
    a.actor_known as known,
    e.impersonated_user as on_behalf_of,
    e.action,
    e.file_name,
    e.file_size,
    e.ip_address as ip,
    e.details,
    e.event_id
from sendsafely_events e
join activity a on a.key = e.key
where e.package_id = :package
order by e.key
