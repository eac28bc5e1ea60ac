-- Events that came by one feed alone in a time that another feed of the source has complete too, newest first
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.3 hipaa-164.312b nist-au-9 nist-au-10 nist-au-12
-- expect: no rows
-- severity: high
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
-- Feeds whose events share their ids are compared: SendSafely's API and its export into a bucket.
with both as materialized (
    select c.source, c.feed, o.feed as other, max(c.from_time, o.from_time) as from_time,
        min(c.to_time, o.to_time) as to_time
    from coverage c
    join coverage o on o.source = c.source and o.feed <> c.feed
        and o.to_time > c.from_time and o.from_time < c.to_time
    where c.state = 'complete' and o.state = 'complete'
        and c.feed in ('api', 's3') and o.feed in ('api', 's3')
),
recent as materialized (
    select e.key, e.time, e.source, e.feed from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and e.source in (select source from both)
)
select
    e.time,
    e.source,
    e.feed as came_by,
    b.other as missing_in,
    e.event_id,
    e.actor,
    e.action,
    e.batch,
    e.archived_at
from recent r
join both b on b.source = r.source and b.feed = r.feed
    and r.time >= b.from_time and r.time < b.to_time
join events e on e.key = r.key
where b.other not in (select s.feed from sightings s where s.key = r.key)
order by e.key desc
