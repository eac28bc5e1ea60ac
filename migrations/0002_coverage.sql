-- What is known of each feed's time.
--
-- Why: "no rows" is an answer only where the stretch that was asked for is known to be complete.
-- Until now a stretch was either read or not. But events come late: what was read soon after it
-- happened is not sure to be all, and what the vendor forgot before it was read is gone. Both are
-- facts that somebody will ask for in years, when nothing else is left that tells them.
--
-- * `stretch` takes the place of `covered`. What was covered becomes open: how long it had
--   settled when it was read is not on record, and the next pass finds out.
-- * `feed` holds what the vendor allows, as of the last pass, so that gaps can be told from what
--   is lost without asking the program.
-- * A batch counts events that came late, so that one can see whether the settle time suffices.

create table feed (
    source    integer not null references source,
    feed      text not null,
    look_back integer not null,             -- how far back the vendor lets us look, milliseconds
    reach     text not null                 -- any stretch of that, or only the days up to now
              check (reach in ('free', 'last_days')),
    settle    integer not null,             -- for how long events may come late, milliseconds
    every     integer not null,             -- least time between two passes, milliseconds
    primary key (source, feed)
) strict, without rowid;

-- [from_time, to_time), no two of a feed overlapping.
create table stretch (
    source      integer not null references source,
    feed        text not null,
    from_time   integer not null,
    to_time     integer not null,
    state       text not null check (state in ('complete', 'open', 'lost')),
    as_of       integer not null,           -- what the vendor showed then is archived
    first_batch integer not null references batch,
    last_batch  integer not null references batch,
    primary key (source, feed, from_time)
) strict, without rowid;

insert into stretch
select c.source, c.feed, c.from_time, c.to_time, 'open', b.started_at, c.batch, c.batch
from covered c join batch b on b.id = c.batch;

-- Events that were not there when their time had been read before, and how late the latest was
-- at least, in milliseconds.
alter table batch add column late integer not null default 0;
alter table batch add column late_by integer not null default 0;

-- The runs of a feed, the last first.
create index batch_feed on batch (source, feed, id);

drop view gaps;
drop view coverage;
drop table covered;

create view coverage as
select
    (select name from source where id = s.source) as source,
    s.feed,
    strftime('%Y-%m-%dT%H:%M:%fZ', s.from_time / 1000.0, 'unixepoch') as from_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', s.to_time / 1000.0, 'unixepoch') as to_time,
    s.state,
    strftime('%Y-%m-%dT%H:%M:%fZ', s.as_of / 1000.0, 'unixepoch') as as_of,
    s.first_batch,
    s.last_batch as batch
from stretch s;

-- What of a feed's time has not been read though it has settled: a `gap` while the vendor has it,
-- else `lost`. What happened since the last run is none for 26 hours more. What a file is said to cover fills the gaps of the source's feeds. `lost_from`
-- is when the vendor begins to forget a gap.
create view gaps as
with
f as (
    select
        feed.source, feed.feed, t.now - settle as settled,
        t.now - settle - 93600000 as young,
        t.now - look_back + 300000 as horizon, -- the last five minutes of it are not asked for
        look_back - 300000 as asked_back,
        (select min(from_time) from stretch s
            where s.source = feed.source and s.feed = feed.feed) as begin
    from feed, (select cast(unixepoch('subsec') * 1000 as integer) as now) t
),
known as (
    select f.source, f.feed, s.from_time, s.to_time
    from f join stretch s on s.source = f.source
    where (s.feed = f.feed and s.state <> 'lost') or (s.feed = 'file' and s.state = 'complete')
    union all select source, feed, begin, begin from f
),
ends as (
    select source, feed, from_time, to_time from known
    union all
    select f.source, f.feed, young, young
    from f join (
        select source, feed, max(to_time) as last from known group by 1, 2
    ) k on k.source = f.source and k.feed = f.feed
    where young > k.last
),
hole as (
    select
        source, feed,
        max(to_time) over (partition by source, feed order by from_time, to_time) as from_time,
        lead(from_time) over (partition by source, feed order by from_time, to_time) as to_time
    from ends
),
part as (
    select h.source, h.feed, h.from_time, min(h.to_time, f.horizon) as to_time, 'lost' as state,
        null as lost_from
    from hole h join f on f.source = h.source and f.feed = h.feed
    union all
    select h.source, h.feed, max(h.from_time, f.horizon), h.to_time, 'gap',
        max(h.from_time, f.horizon) + f.asked_back
    from hole h join f on f.source = h.source and f.feed = h.feed
)
select
    (select name from source where id = p.source) as source,
    p.feed,
    strftime('%Y-%m-%dT%H:%M:%fZ', max(p.from_time, f.begin) / 1000.0, 'unixepoch') as from_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', min(p.to_time, f.settled) / 1000.0, 'unixepoch') as to_time,
    p.state,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.lost_from / 1000.0, 'unixepoch') as lost_from
from part p join f on f.source = p.source and f.feed = p.feed
where max(p.from_time, f.begin) < min(p.to_time, f.settled);

drop view batches;
create view batches as
select
    b.id as batch,
    (select name from source where id = b.source) as source,
    b.feed,
    strftime('%Y-%m-%dT%H:%M:%fZ', b.started_at / 1000.0, 'unixepoch') as started_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', b.ended_at / 1000.0, 'unixepoch') as ended_at,
    b.outcome,
    b.error,
    b.received,
    b.added,
    b.duplicate,
    b.conflict as conflicts,
    b.quarantined,
    b.late,
    b.late_by / 1000.0 as late_by_seconds,
    b.bytes,
    lower(hex(b.sha256)) as sha256
from batch b;
