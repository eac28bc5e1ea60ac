-- One event, with who did it
-- tags: soc2-cc7.3 iso27001-a.5.25 iso27001-a.5.28 nist-au-6
-- param id text  the vendor's id of the event
select
    a.time,
    a.source,
    a.feed,
    a.event_id,
    a.event_type,
    a.action,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.actor_role as role,
    a.on_behalf_of,
    a.ip,
    a.port,
    a.target,
    a.details,
    a.batch,
    a.archived_at
from activity a
where a.event_id = :id
