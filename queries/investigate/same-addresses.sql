-- Who else came from the addresses that a person came from, most events first
-- tags: soc2-cc7.3 soc2-cc7.4 iso27001-a.5.26 nist-au-6
-- param who text  the actor, or an e-mail address or user id of theirs
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
with names as materialized (
    select lower(:who) as name
    union select lower(h.user_id) from user_history h where lower(h.email) = lower(:who)
    union select lower(h.email) from user_history h where lower(h.user_id) = lower(:who)
),
theirs as materialized (
    select distinct e.ip
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and lower(e.actor) in (select name from names)
),
recent as materialized (
    select e.source, e.actor, e.ip, count(*) as events, min(e.key) as first_key,
        max(e.key) as last_key
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9') and e.ip in (select ip from theirs)
    group by e.source, e.actor, e.ip
)
select
    r.ip,
    r.source,
    r.actor,
    l.actor_name as name,
    l.actor_email as email,
    r.events,
    f.time as first_seen,
    l.time as last_seen
from recent r
join events f on f.key = r.first_key
join activity l on l.key = r.last_key
where lower(r.actor) not in (select name from names)
order by r.events desc, r.ip, r.actor
