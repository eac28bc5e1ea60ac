-- Successful sign-ins outside working hours (UTC), newest first
-- param since time = 30d  how far back to look
-- param from_hour integer = 20  hour at which the odd hours begin, 0 to 23
-- param to_hour integer = 6  hour at which they end
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
where a.time >= :since
    and (a.action like '%login%' or a.action like '%logged in%' or a.action like '%log in%'
        or a.action like '%logon%' or a.action like '%signed in%' or a.action like '%sign in%')
    and a.action not like '%fail%' and a.action not like '%denied%'
    and a.action not like '%invalid%' and a.action not like '%unsuccessful%'
    and case
        when :from_hour <= :to_hour
            then cast(substr(a.time, 12, 2) as integer) >= :from_hour
                and cast(substr(a.time, 12, 2) as integer) < :to_hour
        else cast(substr(a.time, 12, 2) as integer) >= :from_hour
            or cast(substr(a.time, 12, 2) as integer) < :to_hour
    end
order by a.key desc
