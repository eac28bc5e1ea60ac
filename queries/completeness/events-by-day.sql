-- Events of each day and source, newest day first
-- tags: soc2-cc7.2 iso27001-a.8.15 hipaa-164.312b nist-au-12
-- chart: line day events
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    substr(e.time, 1, 10) as day,
    e.source,
    count(*) as events,
    count(distinct e.actor) as actors,
    count(distinct e.ip) as addresses
from events e
where e.time >= :since and e.time < coalesce(:until, '9')
group by day, e.source
order by day desc, e.source
