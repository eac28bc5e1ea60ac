-- Integrations, connectors and webhooks that were added, changed or removed, newest first
-- tags: soc2-cc6.6 soc2-cc7.1 iso27001-a.5.23 iso27001-a.8.9 iso27001-a.8.32 hipaa-164.312b nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- What the actions are called is looked up once for each event here, and not for each pattern.
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
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%integration%' or a.action like '%connector%' or a.action like '%webhook%'
        or a.action like '%connection%' or a.action like '%data source%' or a.action like '%api%key%')
    and a.action not like '%view%'
order by a.key desc
