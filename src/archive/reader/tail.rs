//! Events in the order in which they were archived, a stretch at a time.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, named_params, params};

use super::Reader;
use crate::archive::cursor::{self, Cursor, Position};
use crate::archive::{ArchiveError, schema};
use crate::event::{Archived, Timestamp};

/// Which events are wanted: all but for what is said here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// Of this source.
    pub source: Option<String>,
    /// That this feed brought first.
    pub feed: Option<String>,
    /// With their records as received.
    pub with_raw: bool,
}

/// Events that were archived one after another.
#[derive(Debug)]
pub struct Stretch {
    /// The events, in the order of archiving.
    pub events: Vec<Archived>,
    /// Where they end: no event up to here is missing that was wanted.
    pub end: Position,
    /// Nothing more was archived when this was read.
    pub is_last: bool,
}

/// Most events of a stretch, and the bytes at which it ends early: it is held in memory while it
/// is written, and a stretch that was not written whole is written again.
const EVENTS_MAX: usize = 500;
const BYTES_MAX: usize = 256 << 10;

impl Reader {
    /// What was archived after a place.
    ///
    /// # Errors
    /// The archive is of an older schema, or SQLite fails.
    pub fn after(&self, place: Position, only: &Only) -> Result<Stretch, ArchiveError> {
        self.must_have_order()?;
        read_after(&self.connection, place, only).map_err(|error| self.failure(error))
    }

    /// The place after everything that is archived.
    ///
    /// # Errors
    /// The archive is of an older schema, or SQLite fails.
    pub fn end(&self) -> Result<Position, ArchiveError> {
        self.must_have_order()?;
        end(&self.connection).map_err(|error| self.failure(error))
    }

    /// The place before the last so many events that are wanted.
    ///
    /// # Errors
    /// The archive is of an older schema, or SQLite fails.
    pub fn before_last(&self, events: u64, only: &Only) -> Result<Position, ArchiveError> {
        self.must_have_order()?;
        let sql = format!(
            "select page, key from event where {WANTED} order by page desc, key desc
             limit 1 offset :events"
        );
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        let found = self
            .connection
            .prepare(&sql)
            .and_then(|mut find| {
                let values = named_params! {
                    ":source": only.source, ":feed": only.feed, ":after": 0, ":events": events
                };
                find.query_row(values, position).optional()
            })
            .map_err(|error| self.failure(error))?;
        Ok(found.unwrap_or(Position::START))
    }

    /// Every cursor by its name.
    ///
    /// # Errors
    /// The archive is of an older schema, or SQLite fails.
    pub fn cursors(&self) -> Result<Vec<Cursor>, ArchiveError> {
        self.must_have_order()?;
        cursor::list(&self.connection).map_err(|error| self.failure(error))
    }

    /// A number that changes when another connection has changed the archive.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn data_version(&self) -> Result<i64, ArchiveError> {
        let sql = "select data_version from pragma_data_version";
        let version = self.connection.query_row(sql, [], |row| row.get(0));
        version.map_err(|error| self.failure(error))
    }

    fn must_have_order(&self) -> Result<(), ArchiveError> {
        if self.version < schema::TAIL_VERSION {
            return Err(ArchiveError::Older(self.path.clone()));
        }
        Ok(())
    }
}

fn read_after(db: &Connection, place: Position, only: &Only) -> rusqlite::Result<Stretch> {
    // Known before anything is read: what is archived meanwhile is not part of this stretch.
    let last = end(db)?.max(place);
    let mut places = Places::new(db, only, last)?;
    let mut find = db.prepare_cached(EVENT)?;
    let mut stretch = Stretch {
        events: Vec::new(),
        end: place,
        is_last: false,
    };
    let mut bytes = 0;
    let mut whole = false;
    while !whole && stretch.events.len() < EVENTS_MAX && bytes < BYTES_MAX {
        let next = places.after(stretch.end, EVENTS_MAX - stretch.events.len())?;
        whole = next.is_empty();
        for place in next {
            let event = find.query_row(params![place.key, only.with_raw], archived)?;
            bytes += size(&event);
            stretch.events.push(event);
            stretch.end = place;
            if bytes >= BYTES_MAX {
                break;
            }
        }
    }
    if whole {
        // What was not wanted is passed over for good.
        stretch.end = last;
        stretch.is_last = true;
    }
    Ok(stretch)
}

fn end(db: &Connection) -> rusqlite::Result<Position> {
    let sql = "select page, key from event order by page desc, key desc limit 1";
    let found = db.query_row(sql, [], position).optional()?;
    Ok(found.unwrap_or(Position::START))
}

/// Finds the places of wanted events. SQLite seeks to a page, and to a key within a page, but not
/// to both at once: comparing `(page, key)` would read a page from its beginning each time.
struct Places<'a> {
    in_page: CachedStatement<'a>,
    in_later: CachedStatement<'a>,
    only: &'a Only,
    last: Position,
}

/// Pages whose events are wanted, after some page.
const WANTED: &str = "page in (select p.id from page p join source s on s.id = p.source
    where p.id >= :after and (:source is null or s.name = :source)
        and (:feed is null or p.feed = :feed))";

impl<'a> Places<'a> {
    fn new(db: &'a Connection, only: &'a Only, last: Position) -> rusqlite::Result<Places<'a>> {
        Ok(Places {
            in_page: db.prepare_cached(&Places::in_page())?,
            in_later: db.prepare_cached(&Places::in_later())?,
            only,
            last,
        })
    }

    fn in_page() -> String {
        format!(
            "select page, key from event where page = :after and {WANTED} and key > :key
             order by key limit :most"
        )
    }

    fn in_later() -> String {
        format!("select page, key from event where {WANTED} order by page, key limit :most")
    }

    /// At most so many, after a place and up to the last.
    fn after(&mut self, place: Position, most: usize) -> rusqlite::Result<Vec<Position>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let (source, feed) = (&self.only.source, &self.only.feed);
        let rest = named_params! {
            ":source": source, ":feed": feed, ":after": place.page, ":key": place.key,
            ":most": most
        };
        let mut places = self.within(rest, true)?;
        if places.is_empty() {
            let later = named_params! {
                ":source": source, ":feed": feed, ":after": place.page.saturating_add(1),
                ":most": most
            };
            places = self.within(later, false)?;
        }
        places.retain(|place| *place <= self.last);
        Ok(places)
    }

    fn within(
        &mut self,
        values: &[(&str, &dyn rusqlite::ToSql)],
        in_page: bool,
    ) -> rusqlite::Result<Vec<Position>> {
        let find = if in_page {
            &mut self.in_page
        } else {
            &mut self.in_later
        };
        find.query_map(values, position)?.collect()
    }
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    Ok(Position {
        page: row.get(0)?,
        key: row.get(1)?,
    })
}

const EVENT: &str = "
select
    v.key, v.source, (select kind from source where name = v.source), v.feed, v.event_id,
    v.event_type, v.action, v.actor, v.actor_email, v.actor_name, v.actor_role, v.on_behalf_of,
    v.ip, v.port, v.target, (select text from word where id = e.file_name), e.file_size,
    v.details, v.batch, (select archived_at from page where id = e.page),
    iif(?2, cast(raw(v.key) as blob), null)
from activity v join event e on e.key = v.key
where v.key = ?1";

fn archived(row: &Row<'_>) -> rusqlite::Result<Archived> {
    let key: i64 = row.get(0)?;
    let raw: Option<Vec<u8>> = row.get(20)?;
    Ok(Archived {
        key,
        source: row.get(1)?,
        kind: row.get(2)?,
        feed: row.get(3)?,
        event_id: row.get(4)?,
        time: Timestamp::from_millis(key >> crate::archive::ingest::KEY_SHIFT),
        event_type: row.get(5)?,
        action: row.get(6)?,
        actor: row.get(7)?,
        actor_email: row.get(8)?,
        actor_name: row.get(9)?,
        actor_role: row.get(10)?,
        on_behalf_of: row.get(11)?,
        ip: row.get(12)?,
        port: row.get(13)?,
        target: row.get(14)?,
        file_name: row.get(15)?,
        file_size: row.get(16)?,
        details: row.get(17)?,
        batch: row.get(18)?,
        archived_at: row.get(19).map(Timestamp::from_millis)?,
        raw: raw.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    })
}

/// About how many bytes of memory an event takes.
fn size(event: &Archived) -> usize {
    let long = [&event.details, &event.raw, &event.action, &event.file_name];
    let long = long.into_iter().flatten().map(String::len).sum::<usize>();
    size_of::<Archived>() + long
}

#[cfg(test)]
mod tests;
