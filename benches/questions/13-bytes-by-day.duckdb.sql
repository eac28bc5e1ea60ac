select strftime(time::date, '%Y-%m-%d') as day, count(*) as events, sum(file_size) as bytes
from sendsafely_events
group by time::date
order by 1
