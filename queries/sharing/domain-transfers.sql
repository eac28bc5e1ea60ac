-- Packages that people of one domain had to do with: what they sent and what they fetched, newest first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.12 hipaa-164.312b nist-au-6 nist-ac-4
-- param domain text  the domain: contoso.example; its subdomains count too
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
with theirs as materialized (
    select e.key, e.source, e.time, e.actor, e.action
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.actor like '%@' || :domain or e.actor like '%.' || :domain)
)
select
    p.source,
    p.package_id,
    max(p.package_owner) as package_owner,
    count(distinct lower(t.actor)) as people,
    group_concat(distinct lower(t.actor)) as who,
    sum(t.action like '%upload%') as uploads,
    sum(t.action like '%download%') as downloads,
    sum(iif(t.action like '%download%', p.file_size, 0)) as bytes_downloaded,
    min(t.time) as first_seen,
    max(t.time) as last_seen
from theirs t
join sendsafely_events p on p.key = t.key
where p.package_id is not null
group by p.source, p.package_id
order by last_seen desc, p.package_id
