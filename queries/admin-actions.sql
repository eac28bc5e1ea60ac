-- What administrators did, and what only administrators can do, newest first
-- param since time = 30d  how far back to look
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_role as role,
    a.event_type,
    a.action,
    a.target,
    a.on_behalf_of,
    a.ip,
    a.details
from activity a
where a.time >= :since
    and (a.event_type like '%admin%' or a.on_behalf_of is not null
        or ((a.actor_role like '%admin%' or a.actor_role like '%owner%')
            and a.action not like '%login%' and a.action not like '%logged in%'
            and a.action not like '%logout%' and a.action not like '%logged out%'
            and a.action not like '%view%' and a.action not like '%download%'))
order by a.key desc
