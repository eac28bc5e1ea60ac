-- Objects of buckets that events were read from, newest first
-- tags: iso27001-a.5.28 iso27001-a.5.33 pci-dss-10.3 nist-au-9 nist-au-10
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    o.modified,
    o.source,
    o.feed,
    o.object,
    o.etag,
    o.size,
    o.batch,
    o.archived_at
from objects o
where o.modified >= :since and o.modified < coalesce(:until, '9')
order by o.modified desc, o.object
