-- Integrations, connectors and webhooks that were added, changed or removed, newest first
-- param since time = 30d  how far back to look
-- What the actions are called is looked up once for each event here, and not for each pattern.
with recent as materialized (
    select e.key, e.action from events e where e.time >= :since
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.action,
    a.target,
    a.details
from recent r
join activity a on a.key = r.key
where (r.action like '%integration%' or r.action like '%connector%' or r.action like '%webhook%'
        or r.action like '%connection%' or r.action like '%data source%' or r.action like '%api%key%')
    and r.action not like '%view%'
order by a.key desc
