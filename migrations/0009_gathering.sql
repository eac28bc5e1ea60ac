-- What belongs all over a large table gathers in a small one first, and moves over in its order.
--
-- Why: new identities come in no order, and neither do the packages and files that new events are
-- about. Put where they belong among ten million, ten thousand events had pages written all over: 12.5 kB
-- an event, most of what it took to add to a large archive. This way it is 3.9 kB to the journal, and at
-- most as much again when that is written back.
--
-- * Beside each of `identity`, `package_event` and `file_package` there is a table of the same form
--   for what came last; a row is in one of the two. It holds as many rows as the root of five thousand
--   times those of the large one: 224 thousand beside ten million.
-- * What exceeds that is moved with every page of events: the next stretch from `next` on, round and
--   round. Neighbours are many by then, and share the pages they are written to.

create table recent_identity (
    hash    integer primary key,
    key     integer not null,
    content integer not null
) strict;

create table recent_package_event (
    package integer not null,
    key     integer not null,
    primary key (package, key)
) strict, without rowid;

create table recent_file_package (
    file_name integer not null,
    package   integer not null,
    primary key (file_name, package)
) strict, without rowid;

create table gathering (
    name    text primary key,               -- of the large table
    settled integer not null,               -- its rows
    recent  integer not null,               -- those of the small one
    next    integer not null                -- where to go on
) strict;
insert into gathering select 'identity', count(*), 0, -9223372036854775808 from identity;
insert into gathering select 'package_event', count(*), 0, -9223372036854775808 from package_event;
insert into gathering select 'file_package', count(*), 0, -9223372036854775808 from file_package;
