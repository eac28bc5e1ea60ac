-- Integrations whose synchronization was stopped and not started again, longest stopped first
-- tags: soc2-cc7.1 soc2-cc7.2 iso27001-a.5.23 iso27001-a.8.9 nist-au-5
-- expect: no rows
-- severity: medium
-- param since time = 365d  how far back to look
-- param until time = null  up to when; null for no end
-- SAFE names the integration in quotes within the text of the action.
with named as materialized (
    select
        e.key, e.source, e.action,
        iif(instr(e.action, '''') > 0,
            substr(e.action, instr(e.action, '''') + 1,
                length(rtrim(e.action, replace(e.action, '''', ''))) - instr(e.action, '''') - 1),
            coalesce(e.target, e.action)) as integration
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and e.action like '%sync%'
        and (e.action like '%start%' or e.action like '%resum%' or e.action like '%stop%'
            or e.action like '%paus%' or e.action like '%disable%' or e.action like '%enable%')
),
last as (
    select source, integration, max(key) as key from named group by source, integration
)
select
    l.source,
    l.integration,
    a.time as stopped_at,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.ip,
    a.action
from last l
join activity a on a.key = l.key
where a.action like '%stop%' or a.action like '%paus%' or a.action like '%disable%'
order by l.key
