-- Everybody on the users' lists with role and last activity, for an access review, by source and e-mail
-- tags: soc2-cc6.2 soc2-cc6.3 iso27001-a.5.15 iso27001-a.5.16 iso27001-a.5.18 hipaa-164.312a nist-ac-2 nist-ac-6
-- param role text = null  only this role (% stands for anything)
-- What somebody did counts under the user id of any source, and under the e-mail address.
with seen as (
    select lower(a.actor) as who, max(a.last_seen) as last_seen, sum(a.events) as events
    from actors a
    group by 1
)
select
    u.source,
    u.email,
    trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')) as name,
    u.role,
    u.authentication,
    u.active,
    (select min(h.valid_from) from user_history h
        where h.user_id = u.user_id and h.source = u.source) as known_since,
    u.last_login,
    nullif(max(coalesce(i.last_seen, ''), coalesce(m.last_seen, '')), '') as last_seen,
    coalesce(i.events, 0) + iif(m.who is i.who, 0, coalesce(m.events, 0)) as events,
    u.user_id
from users u
left join seen i on i.who = lower(u.user_id)
left join seen m on m.who = lower(u.email)
where u.present and (:role is null or u.role like :role)
order by u.source, u.email, u.user_id
