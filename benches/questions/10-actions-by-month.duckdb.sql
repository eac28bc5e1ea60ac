select strftime(date_trunc('month', time), '%Y-%m') as month, action, count(*) as events
from events
group by date_trunc('month', time), action
order by 1, 2
