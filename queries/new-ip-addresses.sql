-- Addresses from which a person came for the first time, newest first
-- param since time = 30d  addresses first seen after this moment
-- param known time = 180d  how far back an address counts as known
with came as (
    select e.source, e.actor, e.ip, min(e.time) as first_seen, count(*) as events
    from events e
    where e.time >= :known and e.ip is not null and e.actor is not null
    group by e.source, e.actor, e.ip
)
select
    c.first_seen,
    c.source,
    c.actor,
    (select trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, ''))
        from users u
        where u.user_id = c.actor or lower(u.email) = lower(c.actor)
        order by u.present desc limit 1) as name,
    c.ip,
    c.events
from came c
where c.first_seen >= :since
    and exists (select 1 from actors a
        where a.source = c.source and a.actor = c.actor and a.first_seen < :since)
order by c.first_seen desc
