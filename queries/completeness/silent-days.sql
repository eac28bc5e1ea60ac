-- Working days on which a source has no event at all, newest first
-- tags: soc2-cc7.2 iso27001-a.8.15 iso27001-a.8.16 pci-dss-10.7 nist-au-5 nist-au-12
-- expect: no rows
-- severity: low
-- once: day source
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
-- A day that was read whole and is silent all the same is a holiday, or a log that is switched off.
with recursive bounds as (
    select a.source, max(substr(min(a.first_seen), 1, 10), substr(:since, 1, 10)) as from_day,
        substr(coalesce(:until, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), 1, 10) as to_day
    from actors a
    group by a.source
),
days(source, day, to_day) as (
    select source, from_day, to_day from bounds where from_day < to_day
    union all
    select source, date(day, '+1 day'), to_day from days where date(day, '+1 day') < to_day
),
active as materialized (
    select distinct e.source, substr(e.time, 1, 10) as day from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
)
select
    d.day,
    d.source,
    coalesce((select group_concat(distinct c.feed || ' ' || c.state) from coverage c
        where c.source = d.source and c.from_time < date(d.day, '+1 day')
            and c.to_time > d.day || 'T00:00:00.000Z'),
        'not read') as coverage
from days d
where strftime('%w', d.day) between '1' and '5'
    and not exists (select 1 from active a where a.source = d.source and a.day = d.day)
order by d.day desc, d.source
