-- Who came from an address (% stands for anything), from when to when, newest first
-- tags: soc2-cc6.6 soc2-cc7.3 iso27001-a.5.26 iso27001-a.8.16 nist-au-6
-- param ip text  the address, or a pattern: 203.0.113.%
-- param since time = 365d  how far back to look
-- param until time = null  up to when; null for no end
with came as (
    select e.source, e.actor, e.ip, count(*) as events, min(e.key) as first_key,
        max(e.key) as last_key
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9') and e.ip like :ip
    group by e.source, e.actor, e.ip
)
select
    c.ip,
    c.source,
    c.actor,
    l.actor_name as name,
    l.actor_email as email,
    f.time as first_seen,
    l.time as last_seen,
    c.events,
    f.action as first_action,
    l.action as last_action
from came c
join events f on f.key = c.first_key
join activity l on l.key = c.last_key
order by c.last_key desc
