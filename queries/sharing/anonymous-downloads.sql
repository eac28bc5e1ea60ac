-- What was downloaded by somebody whom the vendor does not name, newest first
-- tags: soc2-cc6.1 soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.3 pci-dss-10.2 hipaa-164.312b hipaa-164.312d nist-au-6 nist-au-10
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    e.time,
    e.source,
    e.authenticated_user as actor,
    e.package_id,
    e.package_type,
    e.package_owner,
    e.file_name,
    e.file_size,
    e.ip_address as ip
from sendsafely_events e
where e.time >= :since and e.time < coalesce(:until, '9')
    and e.action like '%download%'
    and (e.authenticated_user is null or e.authenticated_user not like '%@%')
order by e.key desc
