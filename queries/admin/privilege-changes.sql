-- Changes of roles, rights, keys and ways to sign in, newest first
-- tags: soc2-cc6.2 soc2-cc6.3 iso27001-a.5.17 iso27001-a.5.18 iso27001-a.8.2 pci-dss-10.2 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-2 nist-ac-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- What the actions are called is looked up once for each event here, and not for each pattern.
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
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%role%' or a.action like '%privilege%' or a.action like '%permission%'
        or a.action like '%admin%' or a.action like '%access%' or a.action like '%mfa%'
        or a.action like '%2fa%' or a.action like '%two%factor%' or a.action like '%sso%'
        or a.action like '%saml%' or a.action like '%api%key%' or a.action like '%token%'
        or a.action like '%password%' or a.action like '%user%created%'
        or a.action like '%user%added%' or a.action like '%user%invite%'
        or a.action like '%user%delete%' or a.action like '%user%remove%'
        or a.action like '%create%user%' or a.action like '%add%user%'
        or a.action like '%delete%user%' or a.action like '%remove%user%')
    and not coalesce(a.details ->> '$.readOnly', 0)
order by a.key desc
