-- Addresses from which a person came for the first time, newest first
-- tags: soc2-cc6.6 soc2-cc7.2 iso27001-a.8.16 nist-au-6
-- param since time = 30d  addresses first seen after this moment
-- param until time = null  up to when; null for no end
-- param known time = 45d  how far back an address counts as known
with came as (
    select e.actor, e.ip, min(e.key) as first_key, count(*) as events
    from events e
    where e.time >= :known and e.time < coalesce(:until, '9')
    group by e.actor, e.ip
    having min(e.key) >= (select min(n.key) from events n where n.time >= :since)
)
select
    a.time as first_seen,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.ip,
    a.action,
    c.events
from came c
join activity a on a.key = c.first_key
where c.actor is not null and c.ip is not null
    and (a.source, a.actor) in (
        select s.source, s.actor from actors s where s.first_seen < :since)
order by c.first_key desc
