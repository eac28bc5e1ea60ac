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

-- As before, but for the plus sign: the index is for the order of archiving, and no way to all events
-- of a kind of vendor.
drop view sendsafely_events;
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
where +e.page in (select p.id from page p join source s on s.id = p.source
    where s.kind = 'sendsafely');
