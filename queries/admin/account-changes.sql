-- Accounts created, invited, activated, deactivated or removed, and by whom, newest first
-- tags: soc2-cc6.2 iso27001-a.5.16 iso27001-a.5.18 pci-dss-10.2 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-2
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
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
    and (a.action like '%user%' or a.action like '%account%' or a.action like '%member%'
        or a.action like '%guest%')
    and (a.action like '%creat%' or a.action like '%add%' or a.action like '%invit%'
        or a.action like '%activat%' or a.action like '%enable%' or a.action like '%disable%'
        or a.action like '%suspend%' or a.action like '%lock%' or a.action like '%delet%'
        or a.action like '%remov%')
    and a.action not like '%2fa%' and a.action not like '%mfa%' and a.action not like '%factor%'
    and a.action not like '%polic%'
order by a.key desc
