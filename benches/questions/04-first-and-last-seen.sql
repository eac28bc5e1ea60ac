-- When everyone was first and last seen
select actor, min(time) as first_seen, max(time) as last_seen, count(*) as events
from events
group by actor
order by events desc, actor
