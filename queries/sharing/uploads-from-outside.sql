-- Files that people outside the own domains put in, newest first
-- tags: soc2-cc6.6 soc2-cc6.7 iso27001-a.5.14 hipaa-164.312b nist-au-6 nist-ac-4
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- The own domains are those of the users on the vendors' lists.
with own as materialized (
    select distinct lower(substr(h.email, instr(h.email, '@') + 1)) as domain
    from user_history h where h.email like '%@%'
)
select
    e.time,
    e.source,
    e.authenticated_user as actor,
    e.package_id,
    e.package_type,
    e.package_owner,
    e.file_name,
    e.file_size,
    e.ip_address as ip
from sendsafely_events e
where e.time >= :since and e.time < coalesce(:until, '9')
    and e.action like '%upload%'
    and (e.authenticated_user is null or e.authenticated_user not like '%@%'
        or lower(substr(e.authenticated_user, instr(e.authenticated_user, '@') + 1))
            not in (select domain from own))
order by e.key desc
