-- From how many addresses everyone came in the last 90 days
select actor, count(distinct ip) as addresses
from events
where time >= '2026-08-22'
group by actor
order by addresses desc, actor
limit 50
