-- Webhooks, connectors and connections that were added, changed, tested or removed, newest first
-- tags: soc2-cc6.6 soc2-cc6.7 soc2-cc7.1 iso27001-a.5.14 iso27001-a.5.23 iso27001-a.8.9 nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
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
    a.ip,
    a.details
from recent r
join activity a on a.key = r.key
where (r.action like '%connector%' or r.action like '%webhook%' or r.action like '%connection%'
        or r.action like '%callback%' or r.action like '%forward%')
    and r.action not like '%view%'
order by a.key desc
