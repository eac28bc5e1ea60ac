-- Every run that brought events of the period, with the hash of what it received
-- tags: iso27001-a.5.28 iso27001-a.5.33 iso27001-a.8.15 pci-dss-10.3 hipaa-164.312b nist-au-9 nist-au-10 nist-au-11
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
with used as (
    select e.batch, count(*) as events, min(e.time) as first_event, max(e.time) as last_event
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
    group by e.batch
)
select
    b.batch,
    b.source,
    b.feed,
    b.started_at,
    b.ended_at,
    b.outcome,
    u.events,
    u.first_event,
    u.last_event,
    b.received,
    b.added,
    b.duplicate,
    b.conflicts,
    b.quarantined,
    b.bytes,
    b.sha256
from used u
join batches b on b.batch = u.batch
order by b.batch
