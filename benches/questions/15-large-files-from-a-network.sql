-- Large files that went to a network
select count(*) as events, sum(file_size) as bytes, max(file_size) as largest
from sendsafely_events
where file_size > 50000000 and ip_address like '10.1.%'
