-- Events of each day and source, newest day first
-- param since time = 30d  how far back to look
select
    substr(e.time, 1, 10) as day,
    e.source,
    count(*) as events,
    count(distinct e.actor) as actors,
    count(distinct e.ip) as addresses
from events e
where e.time >= :since
group by day, e.source
order by day desc, e.source
