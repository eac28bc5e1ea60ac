-- From where sign-ins failed
select ip, count(*) as failures, count(distinct actor) as people
from events
where action = 'LOGIN_FAILED'
group by ip
order by failures desc, ip
limit 50
