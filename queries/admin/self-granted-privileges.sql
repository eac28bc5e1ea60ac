-- Rights that somebody gave to the own account, newest first
-- tags: soc2-cc6.3 iso27001-a.5.18 iso27001-a.8.2 pci-dss-10.2 nist-au-6 nist-ac-5 nist-ac-6
-- expect: no rows
-- severity: high
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- SAFE names whose role it was within the text of the action; SendSafely as the target.
with recent as materialized (
    select e.key, e.action from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
)
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
from recent r
join activity a on a.key = r.key
where (r.action like '%grant%' or r.action like '%role%' or r.action like '%privilege%'
        or r.action like '%permission%' or r.action like '%promot%')
    and r.action not like '%revok%' and r.action not like '%remov%'
    and (lower(a.target) in (lower(a.actor), lower(a.actor_email))
        or instr(lower(a.action), lower(a.actor_email)) > 0)
order by a.key desc
