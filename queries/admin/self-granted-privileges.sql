-- Rights that somebody gave to the own account, newest first
-- tags: soc2-cc6.3 iso27001-a.5.18 iso27001-a.8.2 pci-dss-10.2 nist-au-6 nist-ac-5 nist-ac-6
-- expect: no rows
-- severity: high
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- SAFE names whose role it was within the text of the action; SendSafely as the target.
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.action,
    a.target,
    a.ip,
    a.details
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%grant%' or a.action like '%role%' or a.action like '%privilege%'
        or a.action like '%permission%' or a.action like '%promot%')
    and a.action not like '%revok%' and a.action not like '%remov%'
    and (lower(a.target) in (lower(a.actor), lower(a.actor_email))
        or instr(lower(a.action), lower(a.actor_email)) > 0)
order by a.key desc
