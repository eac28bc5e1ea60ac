-- What administrators did in the last 30 days, with their names
select time, actor, actor_name, action, ip
from activity
where time >= '2026-10-21' and event_type = 'ADMIN_EVENT' and action like 'USER%'
order by time
