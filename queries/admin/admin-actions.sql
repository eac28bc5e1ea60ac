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
),
recent as (
    select e.key, e.event_type, e.action, e.on_behalf_of, lower(e.actor) as actor
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
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
from recent r
join activity a on a.key = r.key
where r.event_type like '%admin%' or r.on_behalf_of is not null
    or (r.actor in (select actor from admins)
        and r.action not like '%login%' and r.action not like '%logged in%'
        and r.action not like '%logout%' and r.action not like '%logged out%'
        and r.action not like '%view%' and r.action not like '%download%'
        and a.actor_role like '%admin%')
order by r.key desc
