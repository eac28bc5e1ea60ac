-- Webhooks, connectors and connections that were added, changed, tested or removed, newest first
-- tags: soc2-cc6.6 soc2-cc6.7 soc2-cc7.1 iso27001-a.5.14 iso27001-a.5.23 iso27001-a.8.9 nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.action,
    a.target,
    a.ip,
    a.details
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%connector%' or a.action like '%webhook%' or a.action like '%connection%'
        or a.action like '%callback%' or a.action like '%forward%')
    and a.action not like '%view%'
order by a.key desc
