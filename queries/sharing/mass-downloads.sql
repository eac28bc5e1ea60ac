-- Who downloaded many files within an hour, by day, most downloads first
-- tags: soc2-cc6.7 soc2-cc7.2 iso27001-a.8.12 iso27001-a.8.16 pci-dss-10.4 hipaa-164.312b nist-au-6
-- expect: no rows
-- severity: high
-- once: day source actor
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param minimum integer = 50  least number of downloads in one hour
-- Literals such as `Anonymous Recipient` stand for many people and are left out.
with downloads as materialized (
    select
        e.key, e.time, e.source, e.actor, e.ip, e.target,
        e.details ->> '$.fileName' as file, e.details ->> '$.fileSize' as bytes
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9') and e.action like '%download%'
        and e.actor not like '% %'
),
counted as (
    select d.*, count(*) over (partition by d.source, d.actor
        order by julianday(d.time) * 24 range between 1 preceding and current row) as in_an_hour
    from downloads d
),
days as (
    select source, actor, substr(time, 1, 10) as day, max(in_an_hour) as most_in_an_hour,
        count(*) as downloads, count(distinct file) as files,
        count(distinct target) as packages, sum(bytes) as bytes, max(key) as last_key,
        group_concat(distinct ip) as addresses
    from counted
    group by source, actor, day
    having max(in_an_hour) >= :minimum
)
select
    d.day,
    d.source,
    d.actor,
    a.actor_name as name,
    a.actor_known as known,
    d.most_in_an_hour,
    d.downloads,
    d.files,
    d.packages,
    d.bytes,
    d.addresses
from days d
join activity a on a.key = d.last_key
order by d.most_in_an_hour desc, d.day desc, d.actor
