-- Events that came by one feed alone in a time that another feed of the source has complete too, newest first
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.3 hipaa-164.312b nist-au-9 nist-au-10 nist-au-12
-- expect: no rows
-- severity: high
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
-- Feeds whose events share their ids are compared: SendSafely's API and its export into a bucket.
with both as materialized (
    select c.source, c.feed, o.feed as other,
        max(c.from_time, o.from_time, :since) as from_time,
        min(c.to_time, o.to_time, coalesce(:until, '9')) as to_time
    from coverage c
    join coverage o on o.source = c.source and o.feed <> c.feed
        and o.to_time > c.from_time and o.from_time < c.to_time
    where c.state = 'complete' and o.state = 'complete'
        and c.feed in ('api', 's3') and o.feed in ('api', 's3')
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
from both b
cross join events e
where e.time >= b.from_time and e.time < b.to_time
    and e.source = b.source and e.feed = b.feed
    and not exists (select 1 from sightings s where s.key = e.key and s.feed = b.other)
order by e.key desc
