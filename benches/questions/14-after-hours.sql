-- Who works by night
select actor, count(*) as events
from events
where substr(time, 12, 2) < '07' or substr(time, 12, 2) >= '19'
group by actor
order by events desc, actor
limit 50
