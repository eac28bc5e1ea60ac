-- Packages whose expiry, permissions or recipients were changed, newest first
-- tags: soc2-cc6.1 soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.3 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-3
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
    a.action,
    a.target as package_id,
    a.details ->> '$.packageOwner' as package_owner,
    a.ip,
    a.details
from recent r
join activity a on a.key = r.key
where (r.action like '%package%' or r.action like '%workspace%' or r.action like '%dropzone%')
    and (r.action like '%expir%' or r.action like '%life%' or r.action like '%permission%'
        or r.action like '%access%' or r.action like '%recipient%' or r.action like '%setting%'
        or r.action like '%role%' or r.action like '%share%' or r.action like '%link%'
        or r.action like '%password%' or r.action like '%member%' or r.action like '%owner%'
        or r.action like '%updat%' or r.action like '%chang%')
order by a.key desc
