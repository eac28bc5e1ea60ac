-- Failed sign-ins, by person and address, most attempts first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.8.5 iso27001-a.8.15 pci-dss-10.2 hipaa-164.312b hipaa-164.312d nist-au-6 nist-ac-7
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param minimum integer = 1  least number of failures to show
-- What the actions are called is looked up once for each event here, and not for each pattern. AWS
-- calls a sign-in to its console by one name, however it went.
select
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.ip,
    count(*) as failures,
    min(a.time) as first_failure,
    max(a.time) as last_failure
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%login%' or a.action like '%log in%' or a.action like '%logon%'
        or a.action like '%sign%in%' or a.action like '%authenticat%')
    and (a.action like '%fail%' or a.action like '%denied%' or a.action like '%invalid%'
        or a.action like '%unsuccessful%'
        or (a.action = 'ConsoleLogin'
            and a.details ->> '$.responseElements.ConsoleLogin' = 'Failure'))
group by a.source, a.actor, a.ip
having count(*) >= coalesce(:minimum, 1)
order by failures desc, last_failure desc
