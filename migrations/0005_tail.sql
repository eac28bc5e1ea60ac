-- What was handed on to others, and in which order.
--
-- Why: a log that goes on to a SIEM must go on without a hole. Events come late and in any order of
-- time, so time is no measure of what was handed on already; the order in which they were archived
-- is. A page is committed whole, its id is greater than every one before it, and there is one
-- writer: so nothing can ever appear before a place (page, key) that was reached once.
--
-- * `event_page` finds the events of a page. Within a page SQLite has them by their key, which
--   makes its order the archive's. New entries go to its right end, where a tree grows without
--   splitting; it costs 17.8 bytes an event (measured with 150,000 events in 945 pages, which take
--   178 each in all). Without it the least poll would read the whole table, for events lie in order
--   of time there.
-- * `cursor` stands here and not in a file beside: an archive that is restored from a backup knows
--   less than what was handed on, and its cursors know so, too.
-- * A cursor's page need not be there any longer, and its key need not be an event's.

create index event_page on event (page);

create table cursor (
    name     text primary key,
    page     integer not null,              -- of the last event that was handed on
    key      integer not null,
    moved_at integer not null
) strict, without rowid;

create view cursors as
select
    c.name as cursor,
    (select strftime('%Y-%m-%dT%H:%M:%fZ', archived_at / 1000.0, 'unixepoch')
        from page where id = c.page) as archived_to,
    (select count(*) from event where page = c.page and key > c.key)
        + (select count(*) from event where page > c.page) as behind,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.moved_at / 1000.0, 'unixepoch') as moved_at
from cursor c;
