-- What was done by people who had left the vendor's user list by then, newest first
-- tags: soc2-cc6.2 soc2-cc7.2 iso27001-a.5.18 iso27001-a.8.16 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-2
-- expect: no rows
-- severity: critical
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- A person may be on several lists; `left_lists` says which ones they have left, and `left_at` when
-- the first.
with gone as (
    select
        h.source,
        lower(h.user_id) as user_id,
        lower(h.email) as email,
        trim(coalesce(h.first_name, '') || ' ' || coalesce(h.last_name, '')) as name,
        max(h.valid_to) as left_at
    from user_history h
    group by h.source, h.user_id
    having sum(h.valid_to is null) = 0
),
names as materialized (
    select actor, name, email, min(left_at) as left_at, group_concat(source) as left_lists
    from (
        select user_id as actor, name, email, left_at, source from gone
        union
        select email, name, email, left_at, source from gone where email is not null
    )
    group by actor
),
recent as materialized (
    select e.key, lower(e.actor) as actor from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
)
select
    e.time,
    e.source,
    e.actor,
    n.name,
    n.email,
    n.left_at,
    n.left_lists,
    e.action,
    e.target,
    e.ip
from recent r
join names n on n.actor = r.actor
join events e on e.key = r.key
where e.time > n.left_at
order by r.key desc
