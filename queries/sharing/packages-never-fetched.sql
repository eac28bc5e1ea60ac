-- Packages that were sent and that nobody downloaded, oldest first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.10 nist-au-6
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
with sent as materialized (
    select
        e.source,
        e.package_id,
        max(e.package_type) as package_type,
        max(e.package_owner) as package_owner,
        min(e.time) as sent_at
    from sendsafely_events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.action like '%finalize%' or e.action like '%sent%')
        and e.package_id is not null
    group by e.source, e.package_id
)
select
    s.sent_at,
    s.source,
    s.package_id,
    s.package_type,
    s.package_owner,
    (select count(distinct f.file_name) from sendsafely_events f
        where f.package_id = s.package_id and f.source = s.source and f.time >= :since) as files
from sent s
where not exists (
    select 1 from sendsafely_events e
    where e.package_id = s.package_id and e.source = s.source and e.time >= :since
        and (e.action like '%download%' or e.action like '%delet%' or e.action like '%expire%'))
order by s.sent_at, s.package_id
