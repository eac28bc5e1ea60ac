-- Sign-ins, addresses and failures of everybody, most sign-ins first
-- tags: soc2-cc6.1 iso27001-a.8.5 iso27001-a.8.15 hipaa-164.312b hipaa-164.312d nist-au-6
-- chart: bar actor logins
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
with people as (
    select
        e.source,
        e.actor,
        count(*) as attempts,
        sum(e.action like '%fail%' or e.action like '%denied%' or e.action like '%invalid%'
            or e.action like '%unsuccessful%') as failures,
        count(distinct e.ip) as addresses,
        max(e.key) as last_key
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.action like '%login%' or e.action like '%logged in%' or e.action like '%log in%'
            or e.action like '%logon%' or e.action like '%signed in%' or e.action like '%sign in%')
    group by e.source, e.actor
)
select
    p.source,
    p.actor,
    a.actor_name as name,
    a.actor_email as email,
    p.attempts - p.failures as logins,
    p.failures,
    p.addresses,
    a.time as last_attempt
from people p
join activity a on a.key = p.last_key
order by logins desc, p.failures desc, p.actor
