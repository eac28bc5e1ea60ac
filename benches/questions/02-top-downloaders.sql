-- Who downloaded most in the last 90 days
select authenticated_user, count(*) as downloads, sum(file_size) as bytes
from sendsafely_events
where time >= '2026-08-22' and action = 'PACKAGE_FILE_DOWNLOAD'
group by authenticated_user
order by bytes desc, authenticated_user
limit 20
