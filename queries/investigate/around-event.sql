-- What happened around an event from the same address, by the same person or to the same target, oldest first
-- tags: soc2-cc7.3 soc2-cc7.4 iso27001-a.5.25 iso27001-a.5.26 iso27001-a.5.28 nist-au-6
-- param id text = null  the vendor's id of the event
-- param at time = null  the time of an event without an id, to the millisecond
-- param minutes integer = 15  how long before and after
-- param everything flag = no  also what shares nothing with it
with anchor as materialized (
    select e.key from events e where e.event_id = :id
    union
    select e.key from events e where e.time = :at
),
span as materialized (
    select
        a.key, a.source, lower(a.actor) as actor, lower(a.actor_email) as email, a.ip, a.target,
        strftime('%Y-%m-%dT%H:%M:%fZ', a.time, '-' || :minutes || ' minutes') as from_time,
        strftime('%Y-%m-%dT%H:%M:%fZ', a.time, '+' || :minutes || ' minutes') as to_time
    from anchor n
    join activity a on a.key = n.key
),
names as materialized (
    select s.key as anchor, s.actor as name from span s
    union select s.key, s.email from span s
    union select s.key, lower(h.user_id) from span s join user_history h on lower(h.email) = s.email
),
near as (
    select
        e.key,
        max(e.key = s.key) as is_it,
        max(lower(e.actor) in (select name from names n where n.anchor = s.key)) as same_person,
        max(e.ip is not null and e.ip is s.ip) as same_address,
        max(e.target is not null and e.target is s.target and e.source = s.source) as same_target
    from span s
    cross join events e
    where e.time >= s.from_time and e.time <= s.to_time
    group by e.key
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.event_type,
    a.action,
    a.target,
    a.ip,
    trim(iif(n.is_it, 'the event itself',
        iif(n.same_person, 'person ', '') || iif(n.same_address, 'address ', '')
            || iif(n.same_target, 'target', ''))) as shares,
    a.on_behalf_of,
    a.details,
    a.event_id
from near n
join activity a on a.key = n.key
where :everything or n.same_person or n.same_address or n.same_target
order by a.key
