select actor, count(*) as events
from events
where hour(time) < 7 or hour(time) >= 19
group by actor
order by events desc, actor
limit 50
