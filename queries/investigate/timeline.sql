-- All that one person did, oldest first
-- tags: soc2-cc7.3 soc2-cc7.4 iso27001-a.5.26 iso27001-a.5.28 pci-dss-10.2 hipaa-164.312b nist-au-6
-- param who text  the actor, or an e-mail address or user id of theirs
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
with names as (
    select lower(:who) as name
    union select lower(h.user_id) from user_history h where lower(h.email) = lower(:who)
    union select lower(h.email) from user_history h where lower(h.user_id) = lower(:who)
)
select
    e.time,
    e.source,
    e.event_type,
    e.action,
    e.target,
    e.ip,
    e.on_behalf_of,
    e.details,
    e.event_id
from events e
where e.time >= :since and e.time < coalesce(:until, '9')
    and (lower(e.actor) in (select name from names)
        or lower(e.on_behalf_of) in (select name from names))
order by e.key
