-- Who touched a file
-- param file text  its name
select time, authenticated_user, action, ip_address, package_id
from sendsafely_events
where file_name = :file
order by time
