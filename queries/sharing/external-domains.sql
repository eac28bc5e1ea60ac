-- What went to which domain outside: people, packages and bytes, most downloads first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.12 hipaa-164.312b nist-au-6 nist-ac-4
-- chart: bar domain downloads
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- The own domains are those of the users on the vendors' lists.
with own as materialized (
    select distinct lower(substr(h.email, instr(h.email, '@') + 1)) as domain
    from user_history h where h.email like '%@%'
),
downloads as materialized (
    select
        e.time, lower(e.actor) as actor, e.target as package,
        e.details ->> '$.fileName' as file, e.details ->> '$.fileSize' as bytes
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9') and e.action like '%download%'
        and e.actor like '%@%'
)
select
    substr(d.actor, instr(d.actor, '@') + 1) as domain,
    count(distinct d.actor) as people,
    count(distinct d.package) as packages,
    count(distinct d.file) as files,
    count(*) as downloads,
    sum(d.bytes) as bytes,
    min(d.time) as first_download,
    max(d.time) as last_download
from downloads d
where substr(d.actor, instr(d.actor, '@') + 1) not in (select domain from own)
group by 1
order by downloads desc, domain
