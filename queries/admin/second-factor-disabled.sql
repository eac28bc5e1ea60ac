-- Second factors that were switched off or reset, newest first
-- tags: soc2-cc6.1 iso27001-a.5.17 iso27001-a.8.5 pci-dss-10.2 hipaa-164.312d nist-au-6 nist-ac-2
-- expect: no rows
-- severity: medium
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
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
    coalesce(a.target, a.actor) as whose,
    a.ip
from recent r
join activity a on a.key = r.key
where (r.action like '%2fa%' or r.action like '%mfa%' or r.action like '%otp%'
        or r.action like '%two%factor%' or r.action like '%second%factor%'
        or r.action like '%multi%factor%')
    and (r.action like '%disable%' or r.action like '%remov%' or r.action like '%deactivat%'
        or r.action like '%reset%' or r.action like '%off')
order by a.key desc
