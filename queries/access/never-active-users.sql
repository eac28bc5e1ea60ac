-- Users who never signed in nor did anything, the longest known first
-- tags: soc2-cc6.2 soc2-cc6.3 iso27001-a.5.16 iso27001-a.5.18 hipaa-164.312a nist-ac-2
-- param since time = 30d  whoever is known for no longer than this may yet begin
select
    u.source,
    u.email,
    trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')) as name,
    u.role,
    u.active,
    (select min(h.valid_from) from user_history h
        where h.user_id = u.user_id and h.source = u.source) as known_since,
    u.user_id
from users u
where u.present
    and u.last_login is null
    and lower(u.user_id) not in (select lower(a.actor) from actors a where a.actor is not null)
    and coalesce(lower(u.email), '') not in (
        select lower(a.actor) from actors a where a.actor is not null)
    and known_since < :since
order by known_since, u.source, u.email
