-- Events whose id came again with other content, newest first; the first copy stays
-- tags: soc2-cc7.2 iso27001-a.5.28 iso27001-a.5.33 pci-dss-10.3 hipaa-164.312b nist-au-9 nist-au-10
-- expect: no rows
-- severity: medium
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
select
    c.archived_at,
    c.source,
    c.feed,
    c.batch,
    c.event_id,
    e.time,
    e.actor,
    e.action,
    c.differs
from conflicts c
join events e on e.key = c.key
where c.archived_at >= :since and c.archived_at < coalesce(:until, '9')
order by c.archived_at desc, c.event_id
