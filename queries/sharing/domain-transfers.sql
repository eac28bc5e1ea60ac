-- Packages that people of one domain had to do with: what they sent and what they fetched, newest first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.12 hipaa-164.312b nist-au-6 nist-ac-4
-- param domain text  the domain: contoso.example; its subdomains count too
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    e.source,
    e.package_id,
    max(e.package_owner) as package_owner,
    count(distinct lower(e.authenticated_user)) as people,
    group_concat(distinct lower(e.authenticated_user)) as who,
    sum(e.action like '%upload%') as uploads,
    sum(e.action like '%download%') as downloads,
    sum(iif(e.action like '%download%', e.file_size, 0)) as bytes_downloaded,
    min(e.time) as first_seen,
    max(e.time) as last_seen
from sendsafely_events e
where e.time >= :since and e.time < coalesce(:until, '9')
    and (e.authenticated_user like '%@' || :domain or e.authenticated_user like '%.' || :domain)
    and e.package_id is not null
group by e.source, e.package_id
order by last_seen desc, e.package_id
