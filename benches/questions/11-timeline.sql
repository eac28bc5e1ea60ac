-- What one person did in the last week
-- param who text  the actor
select time, event_type, action, ip
from events
where actor = :who and time >= '2026-11-13'
order by time
