-- DuckDB's `glob` knows no `[^…]`, and its times are no texts.
with recent as materialized (
    select e.source, e.actor, e.ip, strftime(e.time, '%Y-%m-%dT%H:00') as hour, count(*) as events
    from events e
    where e.time >= $since and e.time < coalesce($until, timestamp '9999-12-31')
    group by 1, 2, 3, 4
),
placed as (
    select r.*, iif(r.ip ilike '%:%',
        substr(r.ip, 1, instr(r.ip, ':') + instr(substr(r.ip, instr(r.ip, ':') + 1), ':')),
        substr(r.ip, 1, instr(r.ip, '.') + instr(substr(r.ip, instr(r.ip, '.') + 1), '.'))
    ) as network
    from recent r
    where regexp_full_match(r.ip, '[0-9a-fA-F:.]*') and r.actor not ilike '% %'
)
select
    p.hour,
    p.source,
    p.actor,
    (select trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, ''))
        from users u
        where u.user_id = p.actor or lower(u.email) = lower(p.actor)
        order by u.present desc limit 1) as name,
    count(distinct p.network) as networks,
    count(distinct p.ip) as addresses,
    group_concat(distinct p.ip) as used,
    sum(p.events) as events
from placed p
group by p.hour, p.source, p.actor
having count(distinct p.network) >= $networks
order by networks desc, addresses desc, p.hour desc, p.actor
