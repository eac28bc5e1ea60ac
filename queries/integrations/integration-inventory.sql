-- Integrations that anything was done to, with their last change and last start, by name
-- tags: soc2-cc6.6 iso27001-a.5.23 iso27001-a.8.9 nist-au-6
-- param since time = 365d  how far back to look
-- param until time = null  up to when; null for no end
-- SAFE names the integration in quotes within the text of the action.
with named as materialized (
    select
        e.key, e.time, e.source, e.actor, e.action,
        iif(instr(e.action, '''') > 0,
            substr(e.action, instr(e.action, '''') + 1,
                length(rtrim(e.action, replace(e.action, '''', ''))) - instr(e.action, '''') - 1),
            coalesce(e.target, e.action)) as integration
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.action like '%integration%' or e.action like '%connector%')
),
summed as (
    select
        source,
        integration,
        min(iif(action like '%set up%' or action like '%creat%' or action like '%add%', time, null))
            as set_up,
        max(iif(action like '%sync%' and action like '%start%', time, null)) as last_start,
        max(iif(action like '%sync%' and action like '%stop%', time, null)) as last_stop,
        max(iif(action like '%delet%' or action like '%remov%' or action like '%disconnect%', time,
            null)) as removed,
        count(*) as events,
        count(distinct actor) as people,
        max(key) as last_key
    from named
    group by source, integration
)
select
    s.source,
    s.integration,
    s.set_up,
    s.last_start,
    s.last_stop,
    s.removed,
    s.events,
    s.people,
    a.time as last_change,
    a.action as last_action,
    coalesce(a.actor_name, a.actor) as by_whom
from summed s
join activity a on a.key = s.last_key
order by s.source, s.integration
