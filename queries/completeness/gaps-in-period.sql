-- Stretches of the period that were missed, by source and feed; not what lies before all that was read
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.5 pci-dss-10.7 hipaa-164.312b nist-au-5 nist-au-11 nist-au-12
-- expect: no rows
-- severity: high
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
select
    g.source,
    g.feed,
    max(g.from_time, :since) as from_time,
    min(g.to_time, coalesce(:until, '9')) as to_time,
    round((julianday(min(g.to_time, coalesce(:until, '9999-12-31')))
        - julianday(max(g.from_time, :since))) * 24, 1) as hours,
    g.state,
    g.lost_from
from gaps g
where g.to_time > :since and g.from_time < coalesce(:until, '9')
order by g.source, g.feed, g.from_time
