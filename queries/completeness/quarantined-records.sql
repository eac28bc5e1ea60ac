-- Records that were not understood, with the reason, newest first
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.7 nist-au-5 nist-au-12
-- expect: no rows
-- severity: medium
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
select
    q.archived_at,
    q.source,
    q.feed,
    q.batch,
    q.line,
    q.reason,
    substr(q.record, 1, 200) as record
from quarantine q
where q.archived_at >= :since and q.archived_at < coalesce(:until, '9')
order by q.archived_at desc, q.source, q.line
