-- Changes of configuration at night and on weekends (UTC), newest first
-- tags: soc2-cc7.1 soc2-cc7.2 iso27001-a.8.9 iso27001-a.8.16 iso27001-a.8.32 pci-dss-10.4 nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param from_hour integer = 20  hour at which the quiet hours begin, 0 to 23
-- param to_hour integer = 6  hour at which they end
-- Packages are what the tools are for and no settings of theirs, and so are risk scenarios and
-- questionnaires.
with recent as materialized (
    select e.key, e.action from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.actor_role as role,
    a.action,
    a.target,
    a.ip
from recent r
join activity a on a.key = r.key
where (r.action like '%creat%' or r.action like '%add%' or r.action like '%set up%'
        or r.action like '%updat%' or r.action like '%chang%' or r.action like '%modif%'
        or r.action like '%edit%' or r.action like '%delet%' or r.action like '%remov%'
        or r.action like '%enable%' or r.action like '%disable%' or r.action like '%activat%'
        or r.action like '%start%' or r.action like '%stop%' or r.action like '%grant%'
        or r.action like '%revok%' or r.action like '%put%' or r.action like '%attach%'
        or r.action like '%authorize%')
    and r.action not like '%package%' and r.action not like '%workspace%'
    and r.action not like '%input%' and r.action not like '%risk scenario%'
    and r.action not like '%questionnaire%'
    and not coalesce(a.details ->> '$.readOnly', 0)
    and (strftime('%w', a.time) in ('0', '6')
        or case
            when :from_hour <= :to_hour
                then cast(substr(a.time, 12, 2) as integer) >= :from_hour
                    and cast(substr(a.time, 12, 2) as integer) < :to_hour
            else cast(substr(a.time, 12, 2) as integer) >= :from_hour
                or cast(substr(a.time, 12, 2) as integer) < :to_hour
        end)
order by a.key desc
