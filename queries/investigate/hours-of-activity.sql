-- Events by hour of the day (UTC), of everybody or of one person
-- tags: soc2-cc7.2 iso27001-a.8.16 nist-au-6
-- chart: bar hour events
-- param who text = null  the actor, or an e-mail address or user id of theirs; null for everybody
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
with names as materialized (
    select lower(:who) as name
    union select lower(h.user_id) from user_history h where lower(h.email) = lower(:who)
    union select lower(h.email) from user_history h where lower(h.user_id) = lower(:who)
)
select
    substr(e.time, 12, 2) as hour,
    count(*) as events,
    count(distinct e.actor) as actors,
    count(distinct e.ip) as addresses,
    min(e.time) as first_event,
    max(e.time) as last_event
from events e
where e.time >= :since and e.time < coalesce(:until, '9')
    and (:who is null or lower(e.actor) in (select name from names))
group by 1
order by 1
