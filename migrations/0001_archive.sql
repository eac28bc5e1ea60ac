-- The archive: events as received, who they are about, and how they came.
--
-- Why it looks like this:
-- * `event.key` is the time in its high bits, so that rows lie in order of time and a stretch of
--   time is a stretch of the table; no index on time is needed. The low 20 bits tell events of
--   one millisecond apart.
-- * Texts that recur (people, addresses, actions, packages) are kept once, in `word`.
-- * `identity` is what makes an event the same event: its primary key is why nothing is kept
--   twice, whatever a feed does. It is small and has no text in it, for it is the one structure
--   that is met in random order.
-- * A record's bytes are kept as a template (its form, with places for what the columns hold)
--   where filling in the places gives the same bytes again; else in a compressed block.
-- * Only the views at the end are promised to users; the tables may change.

create table source (
    id         integer primary key,
    name       text not null unique,
    kind       text not null,
    names_page integer                      -- the page that settled `identity_name`
) strict;

-- One run of one feed.
create table batch (
    id          integer primary key,
    source      integer not null references source,
    feed        text not null,
    started_at  integer not null,           -- milliseconds since 1970, as all times here
    ended_at    integer,
    outcome     text not null default 'running'
                check (outcome in ('running', 'complete', 'failed', 'interrupted')),
    error       text,
    received    integer not null default 0,
    added       integer not null default 0,
    duplicate   integer not null default 0, -- conflicts among them
    conflict    integer not null default 0,
    quarantined integer not null default 0,
    bytes       integer not null default 0, -- of the answers or the file, as received
    sha256      blob                        -- of the same bytes, one answer after another
) strict;

-- What was committed at once. Source and feed are repeated here so that an event leads to them
-- in one step.
create table page (
    id          integer primary key,
    batch       integer not null references batch,
    source      integer not null references source,
    feed        text not null,
    archived_at integer not null,
    header      integer                     -- the word that names the columns of CSV records
) strict;

-- Row 0 stands for no text.
create table word (
    id   integer primary key,
    text text unique
) strict;
insert into word (id, text) values (0, null);

create table template (
    id   integer primary key,
    form blob not null unique
) strict;

create table block (
    id      integer primary key,
    records blob not null                   -- zstd of many records, one after another
) strict;

create table event (
    key           integer primary key,      -- milliseconds since 1970 << 20 | 20 bits
    page          integer not null,
    id            any,                      -- the vendor's: 16 bytes if a UUID, else text
    event_type    integer not null,         -- words, from here on
    action        integer not null,
    actor         integer not null,
    on_behalf_of  integer not null,
    ip            integer not null,
    port          integer,
    target        integer not null,
    package       integer not null,
    package_type  integer not null,
    package_owner integer not null,
    file_name     integer not null,
    file_size     integer,
    details       text,                     -- JSON object of all that has no column
    template      integer,                  -- the record's form; or, where that is null,
    block         integer                   -- block << 10 | place in it
) strict;

-- The events of each package: a table of its own and no index, so that a page's entries can be
-- put in in their own order, which takes half the time.
create table package_event (
    package integer not null,               -- a word
    key     integer not null,
    primary key (package, key)
) strict, without rowid;

create table identity (
    hash    integer primary key,            -- 64 bits of SHA-256 of source and id
    key     integer not null,               -- of the event
    content integer not null                -- 47 bits of SHA-256 of all the event says
) strict;

-- An actor's first and last event, kept as events come in.
create table actor_span (
    actor     integer not null,
    source    integer not null,
    first_key integer not null,
    last_key  integer not null,
    events    integer not null,
    primary key (actor, source)
) strict, without rowid;

-- The same id with other content: what came later.
create table conflict (
    id      integer primary key,
    key     integer not null,               -- of the event that was first
    page    integer not null references page,
    content integer not null,
    differs text not null,                  -- names of the columns that differ
    record  blob not null,                  -- zstd of the later record
    unique (key, content)
) strict;

-- Records that were not understood. Equal ones of a source are kept once.
create table reject (
    id     integer primary key,
    source integer not null references source,
    page   integer not null references page,
    line   integer not null,
    reason text not null,
    record blob not null,
    sha256 blob not null,
    unique (source, sha256)
) strict;

create table checkpoint (
    source    integer not null references source,
    feed      text not null,
    partition text not null,
    json      text not null,
    page      integer not null references page,
    primary key (source, feed, partition)
) strict, without rowid;

-- Stretches of event time that were read whole: [from_time, to_time).
create table covered (
    source    integer not null references source,
    feed      text not null,
    from_time integer not null,
    to_time   integer not null,
    batch     integer not null references batch,
    primary key (source, feed, from_time)
) strict, without rowid;

-- Names of the details that count in the identity of a source's records without an id.
create table identity_name (
    source integer not null references source,
    name   text not null,
    primary key (source, name)
) strict, without rowid;

-- Every version of every user ever seen. A vanished user's last version is closed, not deleted.
create table user (
    id             integer primary key,
    source         integer not null references source,
    user_id        text not null,
    email          text,
    first_name     text,
    last_name      text,
    role           text,
    authentication text,
    last_login     integer,
    valid_from     integer not null,
    valid_to       integer,
    unique (user_id, source, valid_from)
) strict;
create index user_email on user (lower(email));

-- The views: what users may rely on. Scalar sub-selects, because SQLite leaves out those that a
-- query does not use, where it would run every join.

create view events as
select
    (select s.name from page p join source s on s.id = p.source where p.id = e.page) as source,
    (select feed from page where id = e.page) as feed,
    case typeof(e.id)
        when 'blob' then lower(substr(hex(e.id), 1, 8) || '-' || substr(hex(e.id), 9, 4) || '-'
            || substr(hex(e.id), 13, 4) || '-' || substr(hex(e.id), 17, 4) || '-'
            || substr(hex(e.id), 21, 12))
        else e.id
    end as event_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', (e.key >> 20) / 1000.0, 'unixepoch') as time,
    (select text from word where id = e.event_type) as event_type,
    (select text from word where id = e.action) as action,
    (select text from word where id = e.actor) as actor,
    (select text from word where id = e.on_behalf_of) as on_behalf_of,
    (select text from word where id = e.ip) as ip,
    e.port as port,
    (select text from word where id = e.target) as target,
    case when e.package_type + e.package_owner + e.file_name = 0 and e.file_size is null
        then e.details
        else '{' || ltrim(
            iif(e.package_type = 0, '', ',"packageType":'
                || json_quote((select text from word where id = e.package_type)))
            || iif(e.package_owner = 0, '', ',"packageOwner":'
                || json_quote((select text from word where id = e.package_owner)))
            || iif(e.file_name = 0, '', ',"fileName":'
                || json_quote((select text from word where id = e.file_name)))
            || iif(e.file_size is null, '', ',"fileSize":' || e.file_size)
            || iif(e.details is null, '', ',' || substr(e.details, 2, length(e.details) - 2)),
            ',') || '}'
    end as details,
    (select batch from page where id = e.page) as batch,
    (select strftime('%Y-%m-%dT%H:%M:%fZ', archived_at / 1000.0, 'unixepoch')
        from page where id = e.page) as archived_at,
    e.key as key
from event e;

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
    strftime('%Y-%m-%dT%H:%M:%fZ', u.valid_to / 1000.0, 'unixepoch') as valid_to
from user u;

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
    u.valid_to is null as present
from user u
where u.valid_from = (select max(valid_from) from user where user_id = u.user_id
    and source = u.source);

-- The user as of the event: the latest version known by then, or, for events from before the
-- first user list, the earliest. By the vendor's id within the source, else by e-mail anywhere.
create view activity as
select
    v.source, v.feed, v.event_id, v.time, v.event_type, v.action, v.actor,
    u.email as actor_email,
    nullif(trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')), '') as actor_name,
    u.role as actor_role,
    u.id is not null as actor_known,
    v.on_behalf_of, v.ip, v.port, v.target, v.details, v.batch, v.archived_at, v.key
from (
    select v.*, coalesce(
        (select id from (
            select h.id, (v.key >> 20) - h.valid_from as age
            from user h join source s on s.id = h.source
            where h.user_id = v.actor and s.name = v.source)
            order by iif(age >= 0, age, 1e15 - age) limit 1),
        (select id from (
            select h.id, (v.key >> 20) - h.valid_from as age
            from user h
            where lower(h.email) = lower(v.actor))
            order by iif(age >= 0, age, 1e15 - age) limit 1)) as version
    from events v
) v
left join user u on u.id = v.version;

-- First and last event of every actor of a source.
create view actors as
select
    (select name from source where id = a.source) as source,
    (select text from word where id = a.actor) as actor,
    strftime('%Y-%m-%dT%H:%M:%fZ', (a.first_key >> 20) / 1000.0, 'unixepoch') as first_seen,
    strftime('%Y-%m-%dT%H:%M:%fZ', (a.last_key >> 20) / 1000.0, 'unixepoch') as last_seen,
    a.events
from actor_span a;

create view daily as
select
    date(g.day * 86400, 'unixepoch') as day,
    (select name from source where id = g.source) as source,
    (select text from word where id = g.event_type) as event_type,
    (select text from word where id = g.action) as action,
    (select text from word where id = g.actor) as actor,
    g.events
from (
    select
        (e.key >> 20) / 86400000 as day,
        (select source from page where id = e.page) as source,
        e.event_type, e.action, e.actor, count(*) as events
    from event e
    group by 1, 2, 3, 4, 5
) g;

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
    b.bytes,
    lower(hex(b.sha256)) as sha256
from batch b;

create view quarantine as
select
    (select name from source where id = r.source) as source,
    p.feed,
    p.batch,
    r.line,
    r.reason,
    cast(r.record as text) as record,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.archived_at / 1000.0, 'unixepoch') as archived_at
from reject r join page p on p.id = r.page;

create view conflicts as
select
    v.source,
    v.event_id,
    v.time,
    c.differs,
    p.feed,
    p.batch,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.archived_at / 1000.0, 'unixepoch') as archived_at,
    c.key
from conflict c
join events v on v.key = c.key
join page p on p.id = c.page;

create view coverage as
select
    (select name from source where id = c.source) as source,
    c.feed,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.from_time / 1000.0, 'unixepoch') as from_time,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.to_time / 1000.0, 'unixepoch') as to_time,
    'complete' as state,
    c.batch
from covered c;

-- What lies between two complete stretches of a feed.
create view gaps as
select source, feed, from_time, to_time
from (
    select source, feed, to_time as from_time,
        lead(from_time) over (partition by source, feed order by from_time) as to_time
    from coverage
)
where from_time < to_time;

create view safe_events as
select
    v.source, v.feed, v.time, v.action,
    iif(v.actor like '________-____-____-____-____________', v.actor, null) as user_id,
    coalesce(v.details ->> '$.Username',
        iif(v.actor like '________-____-____-____-____________', null, v.actor)) as username,
    v.ip as source_ip, v.port as source_port, v.details, v.batch, v.archived_at, v.key
from events v
where v.source in (select name from source where kind = 'safe');

create view sendsafely_events as
select
    v.source, v.feed, v.event_id, v.time, v.event_type, v.action,
    v.actor as authenticated_user, v.on_behalf_of as impersonated_user, v.ip as ip_address,
    (select text from word where id = e.package) as package_id,
    (select text from word where id = e.package_type) as package_type,
    (select text from word where id = e.package_owner) as package_owner,
    (select text from word where id = e.file_name) as file_name,
    e.file_size,
    v.target, v.details, v.batch, v.archived_at, v.key
from event e
join events v on v.key = e.key
where e.page in (select p.id from page p join source s on s.id = p.source
    where s.kind = 'sendsafely');
