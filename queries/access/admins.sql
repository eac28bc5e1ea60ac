-- Administrators as of a moment, by source and e-mail
-- tags: soc2-cc6.3 iso27001-a.5.18 iso27001-a.8.2 hipaa-164.312a nist-ac-2 nist-ac-6
-- param at time = 0d  the moment; 0d is now
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
    h.valid_from as in_this_role_since,
    h.valid_to as until,
    h.user_id,
    iif(h.valid_from > :at, 'yes', null) as assumed
from user_history h
join first_list f on f.source = h.source
where h.role like '%admin%'
    and (h.valid_from <= :at or h.valid_from = f.valid_from)
    and (h.valid_to > :at or h.valid_to is null)
order by h.source, h.email, h.user_id
