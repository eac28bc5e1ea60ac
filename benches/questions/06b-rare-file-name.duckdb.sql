select time, authenticated_user, action, file_name, package_id
from sendsafely_events
where file_name ilike '%' || $part || '%'
order by time
