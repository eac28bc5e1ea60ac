-- How much was moved on each day
select substr(time, 1, 10) as day, count(*) as events, sum(file_size) as bytes
from sendsafely_events
group by day
order by day
