-- Who downloaded how much, most downloads first
-- tags: soc2-cc6.7 iso27001-a.8.12 iso27001-a.8.15 hipaa-164.312b nist-au-6
-- chart: bar actor downloads
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- People are looked up once each, as of their last download, and not for every event.
with downloads as materialized (
    select e.key, e.source, e.actor, e.ip, e.details
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9') and e.action like '%download%'
),
people as (
    select
        source,
        actor,
        count(*) as downloads,
        count(distinct details ->> '$.fileName') as files,
        sum(details ->> '$.fileSize') as bytes,
        count(distinct ip) as addresses,
        min(key) as first_key,
        max(key) as last_key
    from downloads
    group by source, actor
)
select
    p.source,
    p.actor,
    a.actor_name as name,
    a.actor_email as email,
    p.downloads,
    p.files,
    p.bytes,
    p.addresses,
    f.time as first_download,
    a.time as last_download
from people p
join activity a on a.key = p.last_key
join events f on f.key = p.first_key
order by p.downloads desc, p.actor
