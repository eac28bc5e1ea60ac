-- Everything that was downloaded of one package, and by whom, oldest first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.3 pci-dss-10.2 hipaa-164.312b nist-au-6
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
