-- How much of the period is complete, open or lost, by source and feed
-- tags: soc2-cc7.2 iso27001-a.8.15 pci-dss-10.5 hipaa-164.312b nist-au-11 nist-au-12
-- chart: bar feed percent_complete
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
with period as (
    select :since as from_time, coalesce(:until, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) as to_time
),
parts as (
    select c.source, c.feed, c.state,
        julianday(min(c.to_time, p.to_time)) - julianday(max(c.from_time, p.from_time)) as days
    from period p
    join coverage c on c.to_time > p.from_time and c.from_time < p.to_time
),
feeds as (
    select source, feed, min(from_time) as since, max(to_time) as until from coverage group by 1, 2
)
select
    f.source,
    f.feed,
    f.since as read_from,
    f.until as read_to,
    round(coalesce(sum(iif(t.state = 'complete', t.days, 0)), 0), 2) as complete_days,
    round(coalesce(sum(iif(t.state = 'open', t.days, 0)), 0), 2) as open_days,
    round(coalesce(sum(iif(t.state = 'lost', t.days, 0)), 0), 2) as lost_days,
    round(julianday(p.to_time) - julianday(p.from_time), 2) as days,
    round(100 * coalesce(sum(iif(t.state = 'complete', t.days, 0)), 0)
        / (julianday(p.to_time) - julianday(p.from_time)), 1) as percent_complete
from feeds f
join period p
left join parts t on t.source = f.source and t.feed = f.feed
group by f.source, f.feed
order by f.source, f.feed
