-- Who outside the own domains had to do with a package: recipients, visitors and guests, by address
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.3 iso27001-a.8.12 hipaa-164.312b nist-au-6 nist-ac-4
-- param package text  the package's id
-- The own domains are those of the users on the vendors' lists.
-- Where an event names recipients is not documented: every address in its details counts.
with own as materialized (
    select distinct lower(substr(h.email, instr(h.email, '@') + 1)) as domain
    from user_history h where h.email like '%@%'
),
package as materialized (
    select e.time, e.action, e.authenticated_user as actor, e.ip_address as ip, e.details
    from sendsafely_events e
    where e.package_id = :package
),
people as (
    select p.time, p.action, p.actor as who, p.ip, 'did it' as how from package p
    union all
    select p.time, p.action, t.atom, null, 'is named'
    from package p, json_tree(p.details) t
    where t.type = 'text' and t.key is not 'packageOwner' and t.atom like '%_@_%._%'
        and t.atom not like '% %'
)
select
    w.who,
    group_concat(distinct w.how) as how,
    min(w.time) as first_seen,
    max(w.time) as last_seen,
    sum(w.action like '%download%' and w.how = 'did it') as downloads,
    group_concat(distinct w.ip) as addresses
from people w
where w.who not like '%@%'
    or lower(substr(w.who, instr(w.who, '@') + 1)) not in (select domain from own)
group by lower(w.who)
order by lower(w.who)
