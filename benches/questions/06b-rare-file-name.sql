-- Who touched files by a part of a name that few have
-- param part text  what stands in the name
select time, authenticated_user, action, file_name, package_id
from sendsafely_events
where file_name like '%' || :part || '%'
order by time
