-- Integrations, connectors and webhooks that were set up or removed, newest first
-- tags: soc2-cc6.6 soc2-cc7.1 iso27001-a.5.23 iso27001-a.8.9 iso27001-a.8.32 nist-au-6
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    iif(a.action like '%delet%' or a.action like '%remov%' or a.action like '%disconnect%',
        'removed', 'added') as change,
    a.action,
    a.target,
    a.ip
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%integration%' or a.action like '%connector%' or a.action like '%webhook%'
        or a.action like '%data source%')
    and (a.action like '%set up%' or a.action like '%creat%' or a.action like '%add%'
        or a.action like '%connected%' or a.action like '%delet%' or a.action like '%remov%')
order by a.key desc
