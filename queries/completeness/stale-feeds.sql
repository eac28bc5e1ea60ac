-- Feeds without a complete run for long, the longest first
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.7 nist-au-5
-- expect: no rows
-- severity: high
-- once: source feed last_complete_run
-- param since time = 50h  whatever was complete after this moment is not stale
-- Files are imported by hand, whenever there are any.
select
    b.source,
    b.feed,
    max(iif(b.outcome = 'complete', b.started_at, null)) as last_complete_run,
    max(b.started_at) as last_run,
    (select e.error from batches e
        where e.source = b.source and e.feed = b.feed and e.error is not null
        order by e.batch desc limit 1) as last_error
from batches b
where b.feed <> 'file'
group by b.source, b.feed
having coalesce(max(iif(b.outcome = 'complete', b.started_at, null)), '') < :since
order by last_complete_run, b.source, b.feed
