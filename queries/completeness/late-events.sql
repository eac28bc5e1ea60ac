-- Runs that brought events which were not there when their time had been read before, newest first
-- tags: iso27001-a.8.15 nist-au-5 nist-au-12
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
select
    b.batch,
    b.source,
    b.feed,
    b.started_at,
    b.added,
    b.late,
    round(b.late_by_seconds / 3600.0, 2) as late_by_hours
from batches b
where b.started_at >= :since and b.started_at < coalesce(:until, '9')
    and b.late > 0
order by b.batch desc
