-- Actors of the period whom no list of users knows, most events first
-- param from time  beginning of the period
-- param to time  its end
-- Whoever was on a list at any time counts as known; an event may also name nobody.
with acted as materialized (
    select
        e.source,
        e.actor,
        count(*) as events,
        min(e.time) as first_event,
        max(e.time) as last_event
    from events e
    where e.time >= :from and e.time < :to
    group by e.source, e.actor
)
select a.source, a.actor, a.events, a.first_event, a.last_event
from acted a
where not exists (
        select 1 from user_history h where h.user_id = a.actor and h.source = a.source)
    and not exists (select 1 from user_history h where lower(h.email) = lower(a.actor))
order by a.events desc, a.source, a.actor
