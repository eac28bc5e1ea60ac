-- Integrations, connectors and webhooks that were set up or removed, newest first
-- tags: soc2-cc6.6 soc2-cc7.1 iso27001-a.5.23 iso27001-a.8.9 iso27001-a.8.32 nist-au-6
-- param since time = 90d  how far back to look
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
    iif(r.action like '%delet%' or r.action like '%remov%' or r.action like '%disconnect%',
        'removed', 'added') as change,
    a.action,
    a.target,
    a.ip
from recent r
join activity a on a.key = r.key
where (r.action like '%integration%' or r.action like '%connector%' or r.action like '%webhook%'
        or r.action like '%data source%')
    and (r.action like '%set up%' or r.action like '%creat%' or r.action like '%add%'
        or r.action like '%connected%' or r.action like '%delet%' or r.action like '%remov%')
order by a.key desc
