//! Which feeds have brought an event, besides the one that was first.

use rusqlite::{Connection, params};

use crate::archive::Batch;

/// Whether another feed of the source has run or is running. Looked for on both sides of the name,
/// so that the index need not be walked through all runs of this feed.
pub(super) fn has_siblings(db: &Connection, batch: &Batch) -> rusqlite::Result<bool> {
    let sql = "select exists (select 1 from batch where source = ?1 and feed < ?2)
        or exists (select 1 from batch where source = ?1 and feed > ?2)";
    db.prepare_cached(sql)?
        .query_row(params![batch.source, batch.feed], |row| row.get(0))
}

/// Notes that the event of that key has come by this batch's feed, if another was first.
pub(super) fn note(db: &Connection, batch: &Batch, key: i64, page: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "insert into sighting (key, feed, page)
         select ?1, ?2, ?3
         where ?2 <> (select p.feed from event e join page p on p.id = e.page where e.key = ?1)
         on conflict do nothing",
    )?
    .execute(params![key, batch.feed, page])
    .map(drop)
}
