-- Runs that failed or were interrupted, newest first
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.7 nist-au-5
-- expect: no rows
-- severity: medium
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    b.batch,
    b.source,
    b.feed,
    b.started_at,
    b.ended_at,
    b.outcome,
    b.error,
    b.received,
    b.added
from batches b
where b.started_at >= :since and b.started_at < coalesce(:until, '9')
    and b.outcome in ('failed', 'interrupted')
order by b.batch desc
