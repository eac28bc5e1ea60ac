-- Successful sign-ins outside working hours (UTC), newest first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.8.16 hipaa-164.312b nist-au-6 nist-ac-2
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param from_hour integer = 20  hour at which the odd hours begin, 0 to 23
-- param to_hour integer = 6  hour at which they end
-- What the actions are called is looked up once for each event here, and not for each pattern.
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.actor_role as role,
    a.ip,
    a.action
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%login%' or a.action like '%logged in%' or a.action like '%log in%'
        or a.action like '%logon%' or a.action like '%signed in%' or a.action like '%sign in%')
    and a.action not like '%fail%' and a.action not like '%denied%'
    and a.action not like '%invalid%' and a.action not like '%unsuccessful%'
    and not (a.action = 'ConsoleLogin'
        and coalesce(a.details ->> '$.responseElements.ConsoleLogin', '') = 'Failure')
    and case
        when :from_hour <= :to_hour
            then cast(substr(a.time, 12, 2) as integer) >= :from_hour
                and cast(substr(a.time, 12, 2) as integer) < :to_hour
        else cast(substr(a.time, 12, 2) as integer) >= :from_hour
            or cast(substr(a.time, 12, 2) as integer) < :to_hour
    end
order by a.key desc
