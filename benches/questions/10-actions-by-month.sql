-- How often everything happened in each month
select substr(time, 1, 7) as month, action, count(*) as events
from events
group by month, action
order by month, action
