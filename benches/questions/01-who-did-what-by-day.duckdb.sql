select actor, action, strftime(time, '%Y-%m-%d') as day, count(*) as events
from events
where time >= '2026-10-21'
group by actor, action, day
order by actor, action, day
