-- API keys and tokens that were made, changed, used or removed, newest first
-- tags: soc2-cc6.1 soc2-cc6.6 iso27001-a.5.17 iso27001-a.5.23 pci-dss-10.2 hipaa-164.312d nist-au-6 nist-ac-2
-- param since time = 90d  how far back to look
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
    and (a.action like '%api%key%' or a.action like '%access%key%' or a.action like '%token%'
        or a.action like '%secret%' or a.action like '%service account%'
        or a.action like '%service_account%')
order by a.key desc
