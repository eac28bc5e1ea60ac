-- Changes of configuration at night and on weekends (UTC), newest first
-- tags: soc2-cc7.1 soc2-cc7.2 iso27001-a.8.9 iso27001-a.8.16 iso27001-a.8.32 pci-dss-10.4 nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param from_hour integer = 20  hour at which the quiet hours begin, 0 to 23
-- param to_hour integer = 6  hour at which they end
-- Packages are what the tools are for and no settings of theirs, and so are risk scenarios and
-- questionnaires.
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
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%creat%' or a.action like '%add%' or a.action like '%set up%'
        or a.action like '%updat%' or a.action like '%chang%' or a.action like '%modif%'
        or a.action like '%edit%' or a.action like '%delet%' or a.action like '%remov%'
        or a.action like '%enable%' or a.action like '%disable%' or a.action like '%activat%'
        or a.action like '%start%' or a.action like '%stop%' or a.action like '%grant%'
        or a.action like '%revok%' or a.action like '%put%' or a.action like '%attach%'
        or a.action like '%authorize%')
    and a.action not like '%package%' and a.action not like '%workspace%'
    and a.action not like '%input%' and a.action not like '%risk scenario%'
    and a.action not like '%questionnaire%'
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
