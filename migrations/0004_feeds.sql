-- Feeds of many kinds: buckets of objects, logs in the user's own AWS account, user directories.
--
-- Why:
-- * What a feed has read of a bucket is a fact to be kept, object by object: a bucket's keys need
--   not sort by time, so no single place in it says what is behind and what is ahead. The list also
--   tells in years from which object evidence came.
-- * An event may come by two feeds of one source. It stays one event, with the feed that was first;
--   that the other brought it too is on record here. Two independent ways that agree are the best
--   proof that neither leaves anything out.
-- * A vendor may keep several logs. A file of one fills no gap of another.
-- * Directories tell whether somebody may sign in at all.

create table object (
    hash     integer primary key,           -- 64 bits of SHA-256 of feed, bucket, key, etag and size
    folder   integer not null,              -- a word: `s3://bucket/a/b/`
    name     text not null,                 -- the rest of the key
    etag     text not null,
    size     integer not null,              -- bytes
    modified integer not null,              -- by the bucket's clock
    page     integer not null references page
) strict;

-- Events that came by another feed than the one that was first.
create table sighting (
    key  integer not null,                  -- of the event
    feed text not null,
    page integer not null references page,  -- with which it came the first time
    primary key (key, feed)
) strict, without rowid;

alter table user add column active integer; -- 1 or 0; null where the vendor does not tell

drop view gaps;
create table feed_of_log (
    source    integer not null references source,
    feed      text not null,
    look_back integer not null,             -- how far back the vendor lets us look, milliseconds
    reach     text not null                 -- any stretch of that, only the days up to now, or
              check (reach in ('free', 'last_days', 'whole')), -- all of it as it comes
    settle    integer not null,             -- for how long events may come late, milliseconds
    every     integer not null,             -- least time between two passes, milliseconds
    log       text not null check (log in ('audit', 'infrastructure')),
    primary key (source, feed)
) strict, without rowid;
insert into feed_of_log
select source, feed, look_back, reach, settle, every, 'audit' from feed;
drop table feed;
alter table feed_of_log rename to feed;

-- As before; but a file fills the gaps of the audit log only, and nobody begins to forget what lies
-- in a bucket.
create view gaps as
with
f as (
    select
        feed.source, feed.feed, feed.log, feed.reach, t.now - settle as settled,
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
    where (s.feed = f.feed and s.state <> 'lost') or (s.feed = 'file' and s.state = 'complete' and f.log = 'audit')
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
        iif(f.reach = 'whole', null, max(h.from_time, f.horizon) + f.asked_back)
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


drop view user_history;
create view user_history as
select
    (select name from source where id = u.source) as source,
    u.user_id,
    u.email,
    u.first_name,
    u.last_name,
    u.role,
    u.authentication,
    strftime('%Y-%m-%dT%H:%M:%fZ', u.last_login / 1000.0, 'unixepoch') as last_login,
    strftime('%Y-%m-%dT%H:%M:%fZ', u.valid_from / 1000.0, 'unixepoch') as valid_from,
    strftime('%Y-%m-%dT%H:%M:%fZ', u.valid_to / 1000.0, 'unixepoch') as valid_to,
    u.active
from user u;

drop view users;
create view users as
select
    (select name from source where id = u.source) as source,
    u.user_id,
    u.email,
    u.first_name,
    u.last_name,
    u.role,
    u.authentication,
    strftime('%Y-%m-%dT%H:%M:%fZ', u.last_login / 1000.0, 'unixepoch') as last_login,
    u.valid_to is null as present,
    u.active
from user u
where u.valid_from = (select max(valid_from) from user where user_id = u.user_id
    and source = u.source);

-- The objects of buckets that have been read.
create view objects as
select
    (select s.name from page p join source s on s.id = p.source where p.id = o.page) as source,
    (select feed from page where id = o.page) as feed,
    (select text from word where id = o.folder) || o.name as object,
    o.etag,
    o.size,
    strftime('%Y-%m-%dT%H:%M:%fZ', o.modified / 1000.0, 'unixepoch') as modified,
    (select batch from page where id = o.page) as batch,
    (select strftime('%Y-%m-%dT%H:%M:%fZ', archived_at / 1000.0, 'unixepoch')
        from page where id = o.page) as archived_at
from object o;

-- Every feed by which an event came, each with the batch that brought it first.
create view sightings as
select v.source, v.feed, v.event_id, v.time, v.batch, v.archived_at, v.key
from events v
union all
select
    v.source, s.feed, v.event_id, v.time,
    (select batch from page where id = s.page),
    (select strftime('%Y-%m-%dT%H:%M:%fZ', archived_at / 1000.0, 'unixepoch')
        from page where id = s.page),
    s.key
from sighting s join events v on v.key = s.key;

-- What happened to the infrastructure, in CloudTrail's own words; `safe_events` is SAFE's audit log
-- alone.
drop view safe_events;
create view safe_events as
select
    v.source, v.feed, v.time, v.action,
    iif(v.actor like '________-____-____-____-____________', v.actor, null) as user_id,
    coalesce(v.details ->> '$.Username',
        iif(v.actor like '________-____-____-____-____________', null, v.actor)) as username,
    v.ip as source_ip, v.port as source_port, v.details, v.batch, v.archived_at, v.key
from events v
where v.source in (select name from source where kind = 'safe') and v.feed <> 'cloudtrail';

create view cloudtrail_events as
select
    v.source, v.event_id, v.time,
    v.action as event_name,
    v.details ->> '$.eventSource' as event_source,
    v.details ->> '$.awsRegion' as aws_region,
    v.details ->> '$.recipientAccountId' as account_id,
    v.details ->> '$.userIdentity.type' as user_type,
    v.details ->> '$.userIdentity.arn' as user_arn,
    coalesce(v.ip, v.details ->> '$.sourceIPAddress') as source_ip, -- or the name of a service
    v.details ->> '$.userAgent' as user_agent,
    v.details ->> '$.errorCode' as error_code,
    v.details ->> '$.errorMessage' as error_message,
    v.details ->> '$.readOnly' as read_only,
    v.details ->> '$.requestID' as request_id,
    nullif(v.details -> '$.resources', 'null') as resources,
    nullif(v.details -> '$.requestParameters', 'null') as request_parameters,
    nullif(v.details -> '$.responseElements', 'null') as response_elements,
    v.details, v.batch, v.archived_at, v.key
from events v
where v.feed = 'cloudtrail';
