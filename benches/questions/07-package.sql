-- All that happened to a package
-- param package text  its id
select time, event_type, action, authenticated_user, ip_address, file_name
from sendsafely_events
where package_id = :package
order by time
