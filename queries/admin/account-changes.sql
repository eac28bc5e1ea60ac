-- Accounts created, invited, activated, deactivated or removed, and by whom, newest first
-- tags: soc2-cc6.2 iso27001-a.5.16 iso27001-a.5.18 pci-dss-10.2 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-2
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
    a.target,
    a.ip,
    a.details
from recent r
join activity a on a.key = r.key
where (r.action like '%user%' or r.action like '%account%' or r.action like '%member%'
        or r.action like '%guest%')
    and (r.action like '%creat%' or r.action like '%add%' or r.action like '%invit%'
        or r.action like '%activat%' or r.action like '%enable%' or r.action like '%disable%'
        or r.action like '%suspend%' or r.action like '%lock%' or r.action like '%delet%'
        or r.action like '%remov%')
    and r.action not like '%2fa%' and r.action not like '%mfa%' and r.action not like '%factor%'
    and r.action not like '%polic%'
order by a.key desc
