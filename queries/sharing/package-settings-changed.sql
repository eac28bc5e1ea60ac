-- Packages whose expiry, permissions or recipients were changed, newest first
-- tags: soc2-cc6.1 soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.3 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-3
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
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
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%package%' or a.action like '%workspace%' or a.action like '%dropzone%')
    and (a.action like '%expir%' or a.action like '%life%' or a.action like '%permission%'
        or a.action like '%access%' or a.action like '%recipient%' or a.action like '%setting%'
        or a.action like '%role%' or a.action like '%share%' or a.action like '%link%'
        or a.action like '%password%' or a.action like '%member%' or a.action like '%owner%'
        or a.action like '%updat%' or a.action like '%chang%')
order by a.key desc
