-- Changes of roles, rights, keys and ways to sign in, newest first
-- tags: soc2-cc6.2 soc2-cc6.3 iso27001-a.5.17 iso27001-a.5.18 iso27001-a.8.2 pci-dss-10.2 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-2 nist-ac-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- What the actions are called is looked up once for each event here, and not for each pattern.
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
    a.actor_role as role_then,
    a.action,
    a.target,
    a.details
from recent r
join activity a on a.key = r.key
where (r.action like '%role%' or r.action like '%privilege%' or r.action like '%permission%'
        or r.action like '%admin%' or r.action like '%access%' or r.action like '%mfa%'
        or r.action like '%2fa%' or r.action like '%two%factor%' or r.action like '%sso%'
        or r.action like '%saml%' or r.action like '%api%key%' or r.action like '%token%'
        or r.action like '%password%' or r.action like '%user%created%'
        or r.action like '%user%added%' or r.action like '%user%invite%'
        or r.action like '%user%delete%' or r.action like '%user%remove%'
        or r.action like '%create%user%' or r.action like '%add%user%'
        or r.action like '%delete%user%' or r.action like '%remove%user%')
    and not coalesce(a.details ->> '$.readOnly', 0)
order by a.key desc
