-- Accounts that were used from several networks within one hour, most networks first
-- tags: soc2-cc6.1 iso27001-a.5.16 iso27001-a.5.17 iso27001-a.8.16 pci-dss-10.2 hipaa-164.312a nist-au-6 nist-ac-2
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param networks integer = 3  least number of networks in one hour
-- A network is the first half of an IPv4 address (/16), or the first two groups of an IPv6 (/32).
-- Literals such as `Anonymous Recipient` stand for many people and are left out.
with recent as materialized (
    select e.source, e.actor, e.ip, substr(e.time, 1, 13) || ':00' as hour, count(*) as events
    from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
    group by 1, 2, 3, 4
),
placed as (
    select r.*, iif(r.ip like '%:%',
        substr(r.ip, 1, instr(r.ip, ':') + instr(substr(r.ip, instr(r.ip, ':') + 1), ':')),
        substr(r.ip, 1, instr(r.ip, '.') + instr(substr(r.ip, instr(r.ip, '.') + 1), '.'))
    ) as network
    from recent r
    where r.ip not glob '*[^0-9a-fA-F:.]*' and r.actor not like '% %'
)
select
    p.hour,
    p.source,
    p.actor,
    (select trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, ''))
        from users u
        where u.user_id = p.actor or lower(u.email) = lower(p.actor)
        order by u.present desc limit 1) as name,
    count(distinct p.network) as networks,
    count(distinct p.ip) as addresses,
    group_concat(distinct p.ip) as used,
    sum(p.events) as events
from placed p
group by p.hour, p.source, p.actor
having count(distinct p.network) >= :networks
order by networks desc, addresses desc, p.hour desc, p.actor
