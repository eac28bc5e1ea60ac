-- All of one day
select event_id, time, event_type, action, actor, ip
from events
where time >= '2026-10-14' and time < '2026-10-15'
order by time
