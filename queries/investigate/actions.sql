-- What was done how often, by how many people, most often first
-- tags: soc2-cc7.2 iso27001-a.8.15 hipaa-164.312b nist-au-6 nist-au-12
-- chart: bar action events
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    e.source,
    e.event_type,
    e.action,
    count(*) as events,
    count(distinct e.actor) as actors,
    min(e.time) as first_event,
    max(e.time) as last_event
from events e
where e.time >= :since and e.time < coalesce(:until, '9')
group by 1, 2, 3
order by events desc, e.source, e.action
