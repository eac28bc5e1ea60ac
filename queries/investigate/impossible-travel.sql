-- People who came from two networks within minutes, whichever vendor saw it, newest first
-- tags: soc2-cc6.1 soc2-cc7.2 iso27001-a.8.16 pci-dss-10.4 nist-au-6 nist-ac-2
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- param minutes integer = 10  within how many minutes
-- A network is the first half of an IPv4 address (/16), or the first two groups of an IPv6 (/32).
-- IPv4 and IPv6 are compared among themselves, for one line may have both.
with recent as materialized (
    select e.key, e.time, e.source, e.actor, e.ip from events e
    where e.time >= :since and e.time < coalesce(:until, '9')
),
people as materialized (
    select r.actor, coalesce(
        (select lower(h.email) from user_history h
            where h.user_id = r.actor order by h.valid_from desc limit 1),
        lower(r.actor)) as person
    from (select distinct actor from recent) r
),
placed as (
    select
        r.key, r.time, r.source, r.ip, p.person, r.ip like '%:%' as is_v6,
        iif(r.ip like '%:%',
            substr(r.ip, 1, instr(r.ip, ':') + instr(substr(r.ip, instr(r.ip, ':') + 1), ':')),
            substr(r.ip, 1, instr(r.ip, '.') + instr(substr(r.ip, instr(r.ip, '.') + 1), '.'))
        ) as network
    from recent r
    join people p on p.actor = r.actor
    where r.ip not glob '*[^0-9a-fA-F:.]*' and r.actor not like '% %'
),
steps as (
    select
        p.*,
        lag(p.network) over earlier as network_before,
        lag(p.ip) over earlier as ip_before,
        lag(p.source) over earlier as source_before,
        lag(p.time) over earlier as time_before
    from placed p
    window earlier as (partition by p.person, p.is_v6 order by p.key)
)
select
    s.time,
    s.person,
    a.actor_name as name,
    round((julianday(s.time) - julianday(s.time_before)) * 1440, 1) as minutes,
    s.ip_before,
    s.ip,
    s.source_before,
    s.source,
    a.action
from steps s
join activity a on a.key = s.key
where s.network <> s.network_before
    and (julianday(s.time) - julianday(s.time_before)) * 1440 <= :minutes
order by s.key desc
