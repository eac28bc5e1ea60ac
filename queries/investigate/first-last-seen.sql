-- First and last event of everyone, most recently seen first
-- tags: soc2-cc7.3 iso27001-a.5.16 iso27001-a.5.26 nist-au-6 nist-ac-2
-- param actor text = null  only actors of this name (% stands for anything)
select
    a.source,
    a.actor,
    (select trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, ''))
        from users u
        where u.user_id = a.actor or lower(u.email) = lower(a.actor)
        order by u.present desc limit 1) as name,
    a.first_seen,
    a.last_seen,
    a.events
from actors a
where :actor is null or a.actor like :actor
order by a.last_seen desc, a.actor
