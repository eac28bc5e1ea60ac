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
done as (
    select e.key
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.event_type like '%admin%' or e.on_behalf_of is not null
            or (lower(e.actor) in (select actor from admins)
                and e.action not like '%login%' and e.action not like '%logged in%'
                and e.action not like '%logout%' and e.action not like '%logged out%'
                and e.action not like '%view%' and e.action not like '%download%'))
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
from done d
join activity a on a.key = d.key
where a.event_type like '%admin%' or a.on_behalf_of is not null or a.actor_role like '%admin%'
order by a.key desc
