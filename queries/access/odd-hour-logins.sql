-- Successful sign-ins outside working hours (UTC), newest first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.8.16 hipaa-164.312b nist-au-6 nist-ac-2
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param from_hour integer = 20  hour at which the odd hours begin, 0 to 23
-- param to_hour integer = 6  hour at which they end
-- What the actions are called is looked up once for each event here, and not for each pattern.
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
    a.actor_role as role,
    a.ip,
    a.action
from recent r
join activity a on a.key = r.key
where (r.action like '%login%' or r.action like '%logged in%' or r.action like '%log in%'
        or r.action like '%logon%' or r.action like '%signed in%' or r.action like '%sign in%')
    and r.action not like '%fail%' and r.action not like '%denied%'
    and r.action not like '%invalid%' and r.action not like '%unsuccessful%'
    and not (r.action = 'ConsoleLogin'
        and coalesce(a.details ->> '$.responseElements.ConsoleLogin', '') = 'Failure')
    and case
        when :from_hour <= :to_hour
            then cast(substr(a.time, 12, 2) as integer) >= :from_hour
                and cast(substr(a.time, 12, 2) as integer) < :to_hour
        else cast(substr(a.time, 12, 2) as integer) >= :from_hour
            or cast(substr(a.time, 12, 2) as integer) < :to_hour
    end
order by a.key desc
