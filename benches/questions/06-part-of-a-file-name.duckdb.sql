select file_name, count(*) as events, count(distinct authenticated_user) as people
from sendsafely_events
where file_name ilike '%merger%'
group by file_name
order by events desc, file_name
limit 50
