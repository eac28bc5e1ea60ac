-- Integrations that were set up, and when they were first used, newest first
-- tags: soc2-cc6.6 soc2-cc7.1 iso27001-a.5.23 iso27001-a.8.32 nist-au-6
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
-- SAFE names the integration in quotes within the text of the action.
with named as materialized (
    select
        e.key, e.time, e.source, e.action,
        iif(instr(e.action, '''') > 0,
            substr(e.action, instr(e.action, '''') + 1,
                length(rtrim(e.action, replace(e.action, '''', ''))) - instr(e.action, '''') - 1),
            coalesce(e.target, e.action)) as integration
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.action like '%integration%' or e.action like '%connector%')
),
added as (
    select n.key, n.source, n.integration from named n
    where n.action like '%set up%' or n.action like '%creat%' or n.action like '%add%'
)
select
    a.time as set_up,
    d.source,
    d.integration,
    a.actor,
    a.actor_name as name,
    a.ip,
    (select min(u.time) from named u
        where u.source = d.source and u.integration = d.integration and u.key > d.key
            and u.action like '%test%') as first_test,
    (select min(u.time) from named u
        where u.source = d.source and u.integration = d.integration and u.key > d.key
            and u.action like '%sync%' and u.action like '%start%') as first_use
from added d
join activity a on a.key = d.key
order by d.key desc
