-- What is kept beside events, so that questions about all of them need not read them all.
--
-- Why: SQLite reads ten million events in a second and sorts them in five. What auditors ask again and
-- again is by day, by action and by person; and who responds to an incident looks up one person or
-- one file. These tables are kept in the transaction of the events; whatever fails, they say what the
-- events say. None is promised to users.
--
-- * `day_action`, `day_actor`: events by day, once without the actors, which makes it a hundred times
--   smaller. `bytes` is null where no event has a size, and ends where 64 bits end.
-- * `hour_actor`: who works at which hours.
-- * `address`: from where everyone came.
-- * `column_word`: which texts a column has, where those are few among all words, so that a pattern
--   is matched with them instead of with every event.
-- * `person_event`: where the events lie in which somebody has a part, as themselves or as whom
--   somebody acted. Stretches of three days come first and people within, so that what is added at
--   once lies together: an index by person would be written all over.
-- * `file_package`: in which packages a file name is. Few, where the events of a name are many.

create table day_action (
    day        integer not null,            -- since 1970
    source     integer not null,
    event_type integer not null,
    action     integer not null,
    events     integer not null,
    bytes      integer,
    first_key  integer not null,
    last_key   integer not null,
    primary key (day, source, event_type, action)
) strict, without rowid;

create table day_actor (
    day        integer not null,
    source     integer not null,
    event_type integer not null,
    action     integer not null,
    actor      integer not null,
    events     integer not null,
    bytes      integer,
    primary key (day, source, event_type, action, actor)
) strict, without rowid;

-- Hours of the day, of all days together.
create table hour_actor (
    hour   integer not null,
    source integer not null,
    actor  integer not null,
    events integer not null,
    primary key (hour, source, actor)
) strict, without rowid;

create table address (
    ip        integer not null,
    actor     integer not null,
    source    integer not null,
    first_key integer not null,
    last_key  integer not null,
    events    integer not null,
    primary key (ip, actor, source)
) strict, without rowid;

create table column_word (
    name text not null,                     -- of the column
    word integer not null,
    primary key (name, word)
) strict, without rowid;

-- A key is `stretch << 48` and `place` from the middle of that: in six bytes instead of eight.
create table person_event (
    stretch integer not null,
    person  integer not null,
    place   integer not null,
    primary key (stretch, person, place)
) strict, without rowid;

create table file_package (
    file_name integer not null,
    package   integer not null,
    primary key (file_name, package)
) strict, without rowid;

-- Files without a package are listed under none.
insert into package_event select 0, key from event where package = 0 and file_name > 0;
insert into file_package select distinct file_name, package from event where file_name > 0;
insert into person_event
select key >> 48, person, (key & 281474976710655) - 140737488355328
from (
    select key, actor as person from event where actor > 0
    union select key, on_behalf_of from event where on_behalf_of > 0
)
order by 1, 2, 3;

-- By halves, for a sum beyond 64 bits would be an error.
insert into day_actor
select
    (key >> 20) / 86400000 - ((key >> 20) % 86400000 < 0),
    (select source from page where id = e.page), event_type, action, actor, count(*),
    iif(sum(file_size >> 32) >= 2000000000, 9223372036854775807,
        (sum(file_size >> 32) << 32) + sum(file_size & 4294967295))
from event e
group by 1, 2, 3, 4, 5;
insert into day_action
select
    (key >> 20) / 86400000 - ((key >> 20) % 86400000 < 0),
    (select source from page where id = e.page), event_type, action, count(*),
    iif(sum(file_size >> 32) >= 2000000000, 9223372036854775807,
        (sum(file_size >> 32) << 32) + sum(file_size & 4294967295)),
    min(key), max(key)
from event e
group by 1, 2, 3, 4;
insert into hour_actor
select
    ((key >> 20) % 86400000 + 86400000) % 86400000 / 3600000,
    (select source from page where id = e.page), actor, count(*)
from event e
group by 1, 2, 3;
insert into address
select ip, actor, (select source from page where id = e.page), min(key), max(key), count(*)
from event e
group by 1, 2, 3;
insert into column_word select 'event_type', event_type from event group by 2;
insert into column_word select 'action', action from event group by 2;
insert into column_word select 'actor', actor from event group by 2;
insert into column_word select 'on_behalf_of', on_behalf_of from event group by 2;
insert into column_word select 'ip', ip from event group by 2;

drop view daily;
create view daily as
select
    date(d.day * 86400, 'unixepoch') as day,
    (select name from source where id = d.source) as source,
    (select text from word where id = d.event_type) as event_type,
    (select text from word where id = d.action) as action,
    (select text from word where id = d.actor) as actor,
    d.events
from day_actor d;

-- First and last event of everyone from every address.
create view addresses as
select
    (select name from source where id = a.source) as source,
    (select text from word where id = a.actor) as actor,
    (select text from word where id = a.ip) as ip,
    strftime('%Y-%m-%dT%H:%M:%fZ', (a.first_key >> 20) / 1000.0, 'unixepoch') as first_seen,
    strftime('%Y-%m-%dT%H:%M:%fZ', (a.last_key >> 20) / 1000.0, 'unixepoch') as last_seen,
    a.events
from address a;
