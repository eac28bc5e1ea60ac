-- One event
-- param id text  its id
select time, action, actor, ip
from events
where event_id = :id
