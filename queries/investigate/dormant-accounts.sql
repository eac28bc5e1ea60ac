-- Accounts that did something after a long silence, newest first
-- tags: soc2-cc6.2 soc2-cc7.2 iso27001-a.5.18 iso27001-a.8.16 nist-au-6 nist-ac-2
-- param since time = 30d  what is done after this moment wakes an account up
-- param until time = null  up to when; null for no end
-- param days integer = 60  least number of days of silence
-- param known time = 365d  how far back the last sign of life is looked for
-- Where there was none so far back, `seen_before` is empty and `days_silent` the least it can be.
with came as (
    select e.source, e.actor, min(e.key) as first_key, count(*) as events
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
    group by e.source, e.actor
),
earlier as (
    select e.source, e.actor, max(e.time) as last_seen
    from events e
    where e.time >= :known and e.time < :since
    group by e.source, e.actor
)
select
    a.time as woke_at,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_role as role,
    b.last_seen as seen_before,
    cast(julianday(a.time) - julianday(coalesce(b.last_seen, :known)) as integer) as days_silent,
    a.action,
    a.ip,
    c.events as events_since
from came c
join activity a on a.key = c.first_key
join actors s on s.source = c.source and s.actor = c.actor
left join earlier b on b.source = c.source and b.actor = c.actor
where s.first_seen < :since
    and julianday(a.time) - julianday(coalesce(b.last_seen, :known)) >= :days
order by c.first_key desc
