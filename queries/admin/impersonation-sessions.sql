-- When administrators acted as somebody else: who, as whom, from when to when, newest first
-- tags: soc2-cc6.1 soc2-cc6.3 iso27001-a.8.2 iso27001-a.8.15 pci-dss-10.2 hipaa-164.312a hipaa-164.312b nist-au-6 nist-au-10 nist-ac-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param minutes integer = 30  a pause that ends a session
with acted as (
    select
        e.key, e.time, e.source, e.actor, e.on_behalf_of, e.ip, e.action,
        julianday(e.time) * 1440 - lag(julianday(e.time) * 1440) over (
            partition by e.source, e.actor, e.on_behalf_of order by e.key) as minutes_after
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and e.on_behalf_of is not null
),
numbered as (
    select a.*, sum(coalesce(a.minutes_after > :minutes, 1)) over (
        partition by a.source, a.actor, a.on_behalf_of order by a.key) as session
    from acted a
),
sessions as (
    select source, actor, on_behalf_of, min(key) as first_key, min(time) as began,
        max(time) as ended, count(*) as events, group_concat(distinct action) as actions,
        group_concat(distinct ip) as addresses
    from numbered
    group by source, actor, on_behalf_of, session
)
select
    s.began,
    s.ended,
    s.source,
    s.actor,
    a.actor_name as name,
    a.actor_role as role,
    s.on_behalf_of,
    s.events,
    s.actions,
    s.addresses
from sessions s
join activity a on a.key = s.first_key
order by s.first_key desc
