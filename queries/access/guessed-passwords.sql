-- Sign-ins that followed many failures, of one account or from one address, newest first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.8.5 iso27001-a.8.16 pci-dss-10.2 pci-dss-10.4 nist-au-6 nist-ac-7
-- expect: no rows
-- severity: high
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param failures integer = 5  least number of failures before the sign-in
-- param minutes integer = 30  within how many minutes
with attempts as (
    select e.key, e.source, lower(e.actor) as actor, e.ip,
        julianday(e.time) * 1440 as minute,
        e.action like '%fail%' or e.action like '%denied%' or e.action like '%invalid%'
            or e.action like '%unsuccessful%' as failed
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and (e.action like '%login%' or e.action like '%logged in%' or e.action like '%log in%'
            or e.action like '%logon%' or e.action like '%signed in%' or e.action like '%sign in%')
),
counted as (
    select
        t.key,
        t.failed,
        iif(t.actor is null, 0, sum(t.failed) over (partition by t.source, t.actor
            order by t.minute range between :minutes preceding and current row)) as of_account,
        iif(t.ip is null, 0, sum(t.failed) over (partition by t.source, t.ip
            order by t.minute range between :minutes preceding and current row)) as from_address
    from attempts t
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.ip,
    c.of_account as failures_of_account,
    c.from_address as failures_from_address
from counted c
join activity a on a.key = c.key
where not c.failed and (c.of_account >= :failures or c.from_address >= :failures)
order by c.key desc
