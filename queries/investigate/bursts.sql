-- Days on which somebody did far more than on their own days before, newest first
-- tags: soc2-cc7.2 iso27001-a.8.16 pci-dss-10.4 hipaa-164.312b nist-au-6 nist-ac-2
-- param since time = 7d  how far back to look
-- param until time = null  up to when; null for no end
-- param baseline time = 60d  how far back the usual is taken from
-- param factor number = 5  how many times the usual
-- param minimum integer = 20  least number of events on the day
-- param days integer = 5  least number of active days before
with days as (
    select e.source, e.actor, substr(e.time, 1, 10) as day, count(*) as events,
        max(e.key) as last_key
    from events e
    where e.time >= :baseline and e.time < coalesce(:until, '9')
    group by 1, 2, 3
),
judged as (
    select d.*, avg(d.events) over earlier as usual, count(*) over earlier as active_days
    from days d
    window earlier as (partition by d.source, d.actor order by d.day
        rows between unbounded preceding and 1 preceding)
)
select
    j.day,
    j.source,
    j.actor,
    a.actor_name as name,
    j.events,
    round(j.usual, 1) as usual,
    round(j.events / j.usual, 1) as times,
    j.active_days as days_before
from judged j
join activity a on a.key = j.last_key
where j.day >= substr(:since, 1, 10)
    and j.active_days >= :days
    and j.events >= :minimum
    and j.events >= :factor * j.usual
    and j.actor not like '% %'
order by j.day desc, times desc, j.actor
