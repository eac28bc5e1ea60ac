-- Who downloaded how much, most downloads first
-- param since time = 30d  how far back to look
-- What the actions are called is looked up once for each event here, and not for each pattern.
with recent as materialized (
    select e.key, e.action from events e where e.time >= :since
)
select
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    count(*) as downloads,
    count(distinct a.details ->> '$.fileName') as files,
    sum(a.details ->> '$.fileSize') as bytes,
    count(distinct a.ip) as addresses,
    min(a.time) as first_download,
    max(a.time) as last_download
from recent r
join activity a on a.key = r.key
where r.action like '%download%'
group by a.source, a.actor
order by downloads desc, a.actor
