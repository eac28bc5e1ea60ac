-- The last run of every feed, and the last that was complete
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.7 nist-au-5 nist-au-12
-- param at time = 0d  the moment that hours are counted to; 0d is now
with last as (
    select b.source, b.feed, max(b.batch) as batch,
        max(iif(b.outcome = 'complete', b.started_at, null)) as complete_at,
        count(*) as runs, sum(b.outcome = 'failed') as failed, sum(b.added) as added
    from batches b
    group by b.source, b.feed
)
select
    l.source,
    l.feed,
    b.started_at as last_run,
    b.outcome,
    b.error,
    b.received,
    b.added,
    l.complete_at as last_complete_run,
    round((julianday(:at) - julianday(l.complete_at)) * 24, 1) as hours_since_complete,
    l.runs,
    l.failed as failed_runs,
    l.added as added_in_all
from last l
join batches b on b.batch = l.batch
order by l.source, l.feed
