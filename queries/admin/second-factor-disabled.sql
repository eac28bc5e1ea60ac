-- Second factors that were switched off or reset, newest first
-- tags: soc2-cc6.1 iso27001-a.5.17 iso27001-a.8.5 pci-dss-10.2 hipaa-164.312d nist-au-6 nist-ac-2
-- expect: no rows
-- severity: medium
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.action,
    coalesce(a.target, a.actor) as whose,
    a.ip
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%2fa%' or a.action like '%mfa%' or a.action like '%otp%'
        or a.action like '%two%factor%' or a.action like '%second%factor%'
        or a.action like '%multi%factor%')
    and (a.action like '%disable%' or a.action like '%remov%' or a.action like '%deactivat%'
        or a.action like '%reset%' or a.action like '%off')
order by a.key desc
