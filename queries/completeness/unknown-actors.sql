-- Actors whom no list of users knows, most events first
-- tags: soc2-cc6.1 iso27001-a.5.16 hipaa-164.312a hipaa-164.312d nist-au-6 nist-au-10 nist-ac-2
-- param since time = 90d  whoever did something after this moment
-- param own flag = no  only those of the own domains, which are those of known users
with known as materialized (
    select lower(h.user_id) as name from user_history h
    union select lower(h.email) from user_history h where h.email is not null
),
own as materialized (
    select distinct lower(substr(h.email, instr(h.email, '@') + 1)) as domain
    from user_history h where h.email like '%@%'
)
select
    a.source,
    a.actor,
    case
        when a.actor is null then 'nobody is named'
        when a.actor not like '%@%' then 'no address'
        when lower(substr(a.actor, instr(a.actor, '@') + 1)) in (select domain from own)
            then 'own domain'
        else 'outside'
    end as kind,
    a.first_seen,
    a.last_seen,
    a.events
from actors a
where a.last_seen >= :since
    and (a.actor is null or lower(a.actor) not in (select name from known))
    and (not coalesce(:own, 0) or lower(substr(a.actor, instr(a.actor, '@') + 1))
        in (select domain from own))
order by a.events desc, a.actor
