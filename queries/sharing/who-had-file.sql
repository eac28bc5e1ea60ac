-- Who could have seen a file (% stands for anything): whoever had to do with it or with its packages
-- tags: soc2-cc6.7 soc2-cc7.3 soc2-cc7.4 iso27001-a.5.14 iso27001-a.5.26 iso27001-a.8.3 pci-dss-10.2 hipaa-164.312b nist-au-6
-- param file text  the file's name, or a pattern: %.pdf
-- param since time = 365d  how far back to look
-- param until time = null  up to when; null for no end
with packages as materialized (
    select distinct e.source, e.package_id, e.package_owner
    from sendsafely_events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and e.file_name like :file and e.package_id is not null
),
happened as materialized (
    select
        e.key, e.source, e.package_id, lower(e.authenticated_user) as who, e.ip_address as ip,
        e.action, e.file_name like :file as is_file
    from sendsafely_events e
    where e.time >= :since and e.time < coalesce(:until, '9')
        and e.package_id in (select package_id from packages)
),
had as (
    select h.key, h.source, h.package_id, h.who, h.ip,
        case when h.is_file and h.action like '%download%' then 1
            when h.is_file then 2
            else 3
        end as rank
    from happened h
    union all
    select h.key, h.source, h.package_id, lower(e.on_behalf_of), h.ip, 4
    from happened h
    join events e on e.key = h.key
    where e.on_behalf_of is not null
    union all
    select null, p.source, p.package_id, lower(p.package_owner), null, 5 from packages p
    where p.package_owner is not null
),
people as (
    select source, package_id, who, min(rank) as rank, count(key) as events,
        group_concat(distinct ip) as addresses, min(key) as first_key, max(key) as last_key
    from had
    group by source, package_id, who
)
select
    p.source,
    p.package_id,
    p.who,
    (select trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, ''))
        from users u where lower(u.email) = p.who order by u.present desc limit 1) as name,
    case p.rank when 1 then 'downloaded it' when 2 then 'put it there or changed it'
        when 3 then 'was in its package' when 4 then 'was acted for in its package'
        else 'owns its package' end as how,
    p.events,
    p.addresses,
    f.time as first_seen,
    l.time as last_seen
from people p
left join events f on f.key = p.first_key
left join events l on l.key = p.last_key
order by p.rank, last_seen desc, p.who, p.package_id
