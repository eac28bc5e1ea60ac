-- Passwords that were reset or changed, newest first
-- tags: soc2-cc6.1 iso27001-a.5.17 pci-dss-10.2 hipaa-164.312d nist-au-6 nist-ac-2
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
    and a.action like '%password%' and a.action not like '%polic%'
    and (a.action like '%reset%' or a.action like '%chang%' or a.action like '%updat%'
        or a.action like '%set%' or a.action like '%forgot%')
order by a.key desc
