//! Numbers equal records without an id within the window they were fetched in.

use rusqlite::{CachedStatement, Connection, params};

use crate::archive::Batch;
use crate::event::Window;

/// Numbers equal records without an id from the first page of their window to the last. The
/// counts lie in a temporary table, for a window may hold millions of records.
pub(super) struct Occurrences<'a> {
    batch: i64,
    next: CachedStatement<'a>,
}

impl<'a> Occurrences<'a> {
    /// `window` says whether counting begins anew.
    pub(super) fn open(
        db: &'a Connection,
        batch: &Batch,
        window: Window,
    ) -> rusqlite::Result<Occurrences<'a>> {
        if window == Window::Opens {
            db.prepare_cached("delete from temp.occurrence where batch = ?1")?
                .execute([batch.id])?;
        }
        let next = db.prepare_cached(
            "insert into temp.occurrence (batch, content, seen) values (?1, ?2, 1)
             on conflict do update set seen = seen + 1 returning seen - 1",
        )?;
        Ok(Occurrences {
            batch: batch.id,
            next,
        })
    }

    /// The number of a record among those equal to it: 0 for the first.
    pub(super) fn next(&mut self, content: &[u8; 32]) -> rusqlite::Result<u32> {
        self.next
            .query_row(params![self.batch, content], |row| row.get(0))
    }
}
