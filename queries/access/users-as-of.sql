-- The users' lists as they were at a moment, by source and e-mail
-- tags: soc2-cc6.2 iso27001-a.5.16 iso27001-a.5.18 hipaa-164.312a nist-ac-2
-- param at time = 30d  the moment
-- Who was there before the first list of users was read is taken to have been there as it says:
-- what is `assumed` was listed later for the first time.
with first_list as (
    select h.source, min(h.valid_from) as valid_from from user_history h group by h.source
)
select
    h.source,
    h.email,
    trim(coalesce(h.first_name, '') || ' ' || coalesce(h.last_name, '')) as name,
    h.role,
    h.authentication,
    h.active,
    h.valid_from,
    h.valid_to,
    h.user_id,
    iif(h.valid_from > :at, 'yes', null) as assumed
from user_history h
join first_list f on f.source = h.source
where (h.valid_from <= :at or h.valid_from = f.valid_from)
    and (h.valid_to > :at or h.valid_to is null)
order by h.source, h.email, h.user_id
