-- In this form DuckDB takes a twentieth of the time: where the people are joined to their last events,
-- it then has few of them.
with attempts as materialized (
    select
        e.key, e.source, e.actor, e.ip,
        e.action ilike '%fail%' or e.action ilike '%denied%' or e.action ilike '%invalid%'
            or e.action ilike '%unsuccessful%' as failed
    from events e
    where e.time >= $since and e.time < coalesce($until, timestamp '9999-12-31')
        and (e.action ilike '%login%' or e.action ilike '%logged in%' or e.action ilike '%log in%'
            or e.action ilike '%logon%' or e.action ilike '%signed in%' or e.action ilike '%sign in%')
),
people as (
    select
        source,
        actor,
        sum(not failed) as logins,
        sum(failed) as failures,
        count(distinct ip) as addresses,
        max(key) as last_key
    from attempts
    group by source, actor
)
select
    p.source,
    p.actor,
    a.actor_name as name,
    a.actor_email as email,
    p.logins,
    p.failures,
    p.addresses,
    a.time as last_attempt
from people p
join activity a on a.key = p.last_key
order by p.logins desc, p.failures desc, p.actor
