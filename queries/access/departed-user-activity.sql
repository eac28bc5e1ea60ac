-- What people did who have since left the vendor's user list, newest first
-- param since time = 30d  how far back to look
-- param after_leaving flag = no  only what happened after they had left
with gone as (
    select
        lower(h.user_id) as user_id,
        lower(h.email) as email,
        trim(coalesce(h.first_name, '') || ' ' || coalesce(h.last_name, '')) as name,
        max(h.valid_to) as left_at
    from user_history h
    group by h.source, h.user_id
    having sum(h.valid_to is null) = 0
),
names as materialized (
    select user_id as actor, name, email, left_at from gone
    union
    select email, name, email, left_at from gone where email is not null
),
recent as materialized (
    select e.key, lower(e.actor) as actor from events e where e.time >= :since
)
select
    e.time,
    e.source,
    e.actor,
    n.name,
    n.email,
    n.left_at,
    e.time > n.left_at as after_leaving,
    e.action,
    e.target,
    e.ip
from recent r
join names n on n.actor = r.actor
join events e on e.key = r.key
where not coalesce(:after_leaving, 0) or e.time > n.left_at
order by r.key desc
