-- Who came onto a users' list or went from it, newest first
-- tags: soc2-cc6.2 iso27001-a.5.16 iso27001-a.5.18 hipaa-164.312a nist-ac-2
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
-- The first list of a source says who was there, and not who came; a list that was read later says
-- so by the day it was read. Who is gone and comes back has come again.
with versions as (
    select
        h.*,
        lag(h.valid_to) over versions_of_user as was_valid_to,
        lead(h.valid_from) over versions_of_user as next_from,
        min(h.valid_from) over (partition by h.source) as first_list
    from user_history h
    window versions_of_user as (partition by h.source, h.user_id order by h.valid_from)
),
changes as (
    select v.valid_from as time, 'joined' as change, v.* from versions v
    where v.valid_from > v.first_list and v.was_valid_to is not v.valid_from
    union all
    select v.valid_to, 'left', v.* from versions v
    where v.valid_to is not null and v.next_from is not v.valid_to
)
select
    c.time,
    c.change,
    c.source,
    c.email,
    trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')) as name,
    c.role,
    c.last_login,
    c.user_id
from changes c
where c.time >= :since and c.time < coalesce(:until, '9')
order by c.time desc, c.source, c.email
