-- Failed sign-ins, by person and address, most attempts first
-- param since time = 30d  how far back to look
-- param minimum integer = 1  least number of failures to show
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
where a.time >= :since
    and (a.action like '%login%' or a.action like '%log in%' or a.action like '%logon%'
        or a.action like '%sign%in%' or a.action like '%authenticat%')
    and (a.action like '%fail%' or a.action like '%denied%' or a.action like '%invalid%'
        or a.action like '%unsuccessful%')
group by a.source, a.actor, a.ip
having count(*) >= coalesce(:minimum, 1)
order by failures desc, last_failure desc
