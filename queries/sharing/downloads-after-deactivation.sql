-- Downloads by accounts that had been deactivated before, newest first
-- tags: soc2-cc6.2 soc2-cc6.7 iso27001-a.5.18 iso27001-a.8.16 hipaa-164.312a hipaa-164.312b nist-au-6 nist-ac-2
-- expect: no rows
-- severity: critical
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- Of an account that was activated again since, the last word counts.
with switched as materialized (
    select
        e.key, e.time, e.source, lower(e.target) as account, e.actor as by_whom,
        e.action like '%deactivat%' or e.action like '%disable%' or e.action like '%suspend%'
            or e.action like '%delet%' or e.action like '%remov%' as is_off
    from events e
    where e.time < coalesce(:until, '9')
        and (e.action like '%user%' or e.action like '%account%')
        and (e.action like '%activat%' or e.action like '%enable%' or e.action like '%disable%'
            or e.action like '%suspend%' or e.action like '%delet%' or e.action like '%remov%')
        and e.action not like '%2fa%' and e.action not like '%mfa%' and e.action not like '%factor%'
),
downloads as materialized (
    select e.key, e.source, lower(e.actor) as actor from events e
    where e.time >= :since and e.time < coalesce(:until, '9') and e.action like '%download%'
),
states as (
    select d.key, s.is_off, max(s.key) as last_switch, s.time as deactivated_at, s.by_whom
    from downloads d
    join switched s on s.account = d.actor and s.source = d.source
    where s.key < d.key
    group by d.key
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    s.deactivated_at,
    s.by_whom as deactivated_by,
    a.action,
    a.target as package_id,
    a.details ->> '$.fileName' as file_name,
    a.ip
from states s
join activity a on a.key = s.key
where s.is_off
order by s.key desc
