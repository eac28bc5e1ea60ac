-- Full-text search over file names and details: `search('invoice 2026')`.
--
-- Why: who is asked what became of a file knows a part of its name, or a word of what was said about
-- it. Without an index that is a look into every event.
--
-- * An entry stands for a part: 128 events that came in one page, found by `event_page`. So nothing
--   is kept for an event; of a part, which trigrams its texts have. Whoever searches looks up parts,
--   and reads their events to see which it was.
-- * What that costs, in bytes and microseconds of one core an event, with the rivals: FTS5's own
--   trigrams of each event, and of each distinct text with its events. 30,000 to 60,000 events of
--   SendSafely, of which three in four are of a file that was there before, and of SAFE; 6,000 to
--   12,000 of CloudTrail, with ids of their own each; pages of 10,000, in Python's sqlite3, by
--   `benches/search.py ARCHIVE` on one of the demo's:
--
--                       SendSafely (158 letters)    SAFE (46)      CloudTrail (536)
--       event, detail=full    435 B   20 us         201 B  5 us      1768 B  54 us
--       event, detail=none    188     16             49    3          389    28
--       text, detail=full     460     24             20    2         1824    71
--       text, detail=none     181     15             19    3          445    40
--       parts of 128, each
--       trigram as it comes    27      8              8    1           42    22
--       parts of 32            45      5             15    1           57     9
--       parts of 64            30      3             11    1           45     6
--       parts of 128           20      2              9    1           36     6
--       parts of 256           14      1              5    0           27     2
--
--   An archive takes 160 bytes an event without it. Where a text is in no event, a part in which all
--   its trigrams happen to be is read for nothing: larger parts would have more of that.
-- * FTS5 is given each trigram of a part once, as a word: the hexadecimal digits of its bytes. The
--   most of its own tokenizer's time went into those that it had already.
-- * detail=none knows of a trigram only where it is, not its place.
-- * FTS5 merges segments of its index when there are eight of a size, and not four: an entry of a large
--   one is moved two times where it was three.
-- * Texts are folded before they come here (`É` to `é`, letter by letter), and not by SQLite, whose
--   tables differ: so that what is looked up and what is compared is the same.
-- * It is kept with the events, in their transaction. `search_state` has its row when it is; there
--   stands how far events from before it was switched on are indexed: up to (page, key); all pages
--   after `until` were indexed as they came. What lies between is read by every search until the
--   next writer has indexed it.
-- * An archive that holds events already is switched on by the next writer, for that takes time.

create table search_part (
    id        integer primary key,          -- the row of `search_text`
    page      integer not null,
    first_key integer not null,             -- of the page's events in the part, in their order
    last_key  integer not null
) strict;

create virtual table search_text using fts5(
    trigrams, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);
insert into search_text (search_text, rank) values ('automerge', 8);

create table search_state (
    id    integer primary key check (id = 1),
    page  integer not null,
    key   integer not null,
    until integer not null
) strict;
insert into search_state select 1, 1, 0, 0 where not exists (select 1 from page);

-- As before, but that the time is computed as older versions of SQLite can, too. Before 3.42 there
-- was no 'subsec': the view had no rows then, whatever was missing.
drop view gaps;
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
    from feed, (
        select cast((julianday('now') - 2440587.5) * 86400000 as integer) as now
    ) t
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
