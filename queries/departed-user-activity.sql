-- What people did who have since left the vendor's user list, newest first
-- param since time = 30d  how far back to look
-- param after_leaving flag = no  only what happened after they had left
with gone as (
    select h.email, lower(h.email) as address, h.user_id, max(h.valid_to) as left_at
    from user_history h
    group by h.source, h.user_id
    having sum(h.valid_to is null) = 0
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    g.email,
    g.left_at,
    a.time > g.left_at as after_leaving,
    a.action,
    a.target,
    a.ip
from activity a
join gone g on g.user_id = a.actor or g.address = lower(a.actor)
where a.time >= :since
    and (not coalesce(:after_leaving, 0) or a.time > g.left_at)
order by a.key desc
