-- Users on the vendor's list who did nothing for long, the longest inactive first
-- tags: soc2-cc6.2 soc2-cc6.3 iso27001-a.5.16 iso27001-a.5.18 hipaa-164.312a nist-ac-2
-- param since time = 90d  whoever did something after this moment is active
with seen as (
    select lower(actor) as who, max(last_seen) as last_seen
    from actors
    group by 1
)
select
    u.source,
    u.user_id,
    u.email,
    trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')) as name,
    u.role,
    u.last_login,
    nullif(max(coalesce(i.last_seen, ''), coalesce(m.last_seen, '')), '') as last_seen
from users u
left join seen i on i.who = lower(u.user_id)
left join seen m on m.who = lower(u.email)
where u.present
    and coalesce(i.last_seen, '') < coalesce(:since, '9')
    and coalesce(m.last_seen, '') < coalesce(:since, '9')
    and coalesce(u.last_login, '') < coalesce(:since, '9')
order by last_seen, u.email
