select time, actor, actor_name, action, ip
from activity
where time >= '2026-10-21' and event_type = 'ADMIN_EVENT' and action like 'USER%'
order by time
