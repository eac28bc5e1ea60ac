-- Packages that were sent and that nobody downloaded, oldest first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.10 nist-au-6
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
with packages as materialized (
    select
        e.source,
        e.package_id,
        max(e.package_owner) as package_owner,
        max(e.package_type) as package_type,
        min(iif(e.action like '%finalize%' or e.action like '%sent%', e.time, null)) as sent_at,
        count(distinct e.file_name) as files,
        sum(e.action like '%download%') as downloads,
        sum(e.action like '%delet%' or e.action like '%expire%') as ended
    from sendsafely_events e
    where e.time >= :since and e.package_id is not null
    group by e.source, e.package_id
)
select
    p.sent_at,
    p.source,
    p.package_id,
    p.package_type,
    p.package_owner,
    p.files
from packages p
where p.sent_at < coalesce(:until, '9') and p.downloads = 0 and p.ended = 0
order by p.sent_at, p.package_id
