-- Packages by what was put into them, the largest first
-- tags: soc2-cc6.7 iso27001-a.5.14 iso27001-a.8.12 nist-au-6
-- chart: bar package_id bytes
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param count integer = 50  how many to show
-- A file that is put in again under its name counts once, as large as it ever was.
with uploads as materialized (
    select e.source, e.package_id, e.package_type, e.package_owner, e.file_name,
        max(e.file_size) as bytes, min(e.time) as first_upload, max(e.time) as last_upload
    from sendsafely_events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and e.action like '%upload%' and e.package_id is not null
    group by e.source, e.package_id, e.file_name
)
select
    u.source,
    u.package_id,
    max(u.package_type) as package_type,
    max(u.package_owner) as package_owner,
    count(*) as files,
    sum(u.bytes) as bytes,
    min(u.first_upload) as first_upload,
    max(u.last_upload) as last_upload
from uploads u
group by u.source, u.package_id
order by bytes desc, u.package_id
limit :count
