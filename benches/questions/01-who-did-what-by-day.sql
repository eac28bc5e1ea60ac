-- What everyone did on each day of the last 30
select actor, action, substr(time, 1, 10) as day, count(*) as events
from events
where time >= '2026-10-21'
group by actor, action, day
order by actor, action, day
