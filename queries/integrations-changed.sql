-- Integrations, connectors and webhooks that were added, changed or removed, newest first
-- param since time = 30d  how far back to look
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.action,
    a.target,
    a.details
from activity a
where a.time >= :since
    and (a.action like '%integration%' or a.action like '%connector%' or a.action like '%webhook%'
        or a.action like '%connection%' or a.action like '%data source%' or a.action like '%api%key%')
    and a.action not like '%view%'
order by a.key desc
