//! Cursors: how far events were handed on, by the name of whom they were handed to.
//!
//! Like what was told of feeds ([`crate::archive::alerts`]) it is written beside the one writer:
//! each change is one short transaction, and events are only read.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::archive::beside::Beside;
use crate::archive::{ArchiveError, schema};
use crate::event::Timestamp;

/// A place in the order of archiving: that of an event, and of all before it. Later events come
/// after it, always: a page is committed whole, under an id greater than any before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Row of table `page`.
    pub page: i64,
    /// Key of the event.
    pub key: i64,
}

/// The cursors of an archive, by a connection of their own.
#[derive(Debug)]
pub struct Cursors(Beside);

/// How far events were handed on under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The name.
    pub name: String,
    /// When the last event that was handed on had been archived; none if none was.
    pub archived_to: Option<String>,
    /// How many events are archived that were not handed on.
    pub behind: u64,
    /// When it moved last.
    pub moved_at: String,
}

impl Position {
    /// Before every event.
    pub const START: Position = Position {
        page: 0,
        key: i64::MIN,
    };
}

impl Cursors {
    /// Opens the cursors of an archive.
    ///
    /// # Errors
    /// There is no archive, it is of an older schema, or it can only be read.
    pub fn open(path: &Path) -> Result<Cursors, ArchiveError> {
        Beside::open(path, schema::TAIL_VERSION).map(Cursors)
    }

    /// Where the cursor stands; if there is none of that name, one is made that stands at `new`.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn take(
        &mut self,
        name: &str,
        new: Position,
        now: Timestamp,
    ) -> Result<Position, ArchiveError> {
        self.0.write(|db| {
            db.execute(
                "insert into cursor values (?1, ?2, ?3, ?4) on conflict do nothing",
                params![name, new.page, new.key, now.millis()],
            )?;
            db.query_row(
                "select page, key from cursor where name = ?1",
                [name],
                |row| {
                    Ok(Position {
                        page: row.get(0)?,
                        key: row.get(1)?,
                    })
                },
            )
        })
    }

    /// Moves a cursor from where this run knows it to stand.
    ///
    /// # Errors
    /// It stands elsewhere, or SQLite fails.
    pub fn put(
        &mut self,
        name: &str,
        from: Position,
        to: Position,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let moved = self.0.write(|db| {
            db.execute(
                "update cursor set page = ?4, key = ?5, moved_at = ?6
                 where name = ?1 and page = ?2 and key = ?3",
                params![name, from.page, from.key, to.page, to.key, now.millis()],
            )
        })?;
        if moved == 1 {
            Ok(())
        } else {
            Err(ArchiveError::CursorMoved(name.to_owned()))
        }
    }

    /// Forgets a cursor; tells whether there was one.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn forget(&mut self, name: &str) -> Result<bool, ArchiveError> {
        let forgotten = self
            .0
            .write(|db| db.execute("delete from cursor where name = ?1", [name]));
        Ok(forgotten? > 0)
    }
}

/// Every cursor by its name.
pub(super) fn list(db: &Connection) -> rusqlite::Result<Vec<Cursor>> {
    let mut find =
        db.prepare("select cursor, archived_to, behind, moved_at from cursors order by 1")?;
    let cursors = find.query_map([], |row| {
        Ok(Cursor {
            name: row.get(0)?,
            archived_to: row.get(1)?,
            behind: row.get::<_, i64>(2)?.unsigned_abs(),
            moved_at: row.get(3)?,
        })
    })?;
    cursors.collect()
}

#[cfg(test)]
mod tests;
