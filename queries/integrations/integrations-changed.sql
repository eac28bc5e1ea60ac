-- Integrations, connectors and webhooks that were added, changed or removed, newest first
-- tags: soc2-cc6.6 soc2-cc7.1 iso27001-a.5.23 iso27001-a.8.9 iso27001-a.8.32 hipaa-164.312b nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
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
    a.action,
    a.target,
    a.details
from recent r
join activity a on a.key = r.key
where (r.action like '%integration%' or r.action like '%connector%' or r.action like '%webhook%'
        or r.action like '%connection%' or r.action like '%data source%' or r.action like '%api%key%')
    and r.action not like '%view%'
order by a.key desc
