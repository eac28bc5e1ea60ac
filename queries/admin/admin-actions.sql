-- What administrators did, and what only administrators can do, newest first
-- tags: soc2-cc6.3 soc2-cc7.2 iso27001-a.8.2 iso27001-a.8.15 pci-dss-10.2 hipaa-164.312b nist-au-6 nist-ac-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
with admins as materialized (
    select lower(h.user_id) as actor from user_history h
    where h.role like '%admin%'
    union
    select lower(h.email) from user_history h
    where h.email is not null and h.role like '%admin%'
)
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
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.event_type like '%admin%' or a.on_behalf_of is not null
        or (lower(a.actor) in (select actor from admins)
            and a.action not like '%login%' and a.action not like '%logged in%'
            and a.action not like '%logout%' and a.action not like '%logged out%'
            and a.action not like '%view%' and a.action not like '%download%'
            and a.actor_role like '%admin%'))
order by a.key desc
