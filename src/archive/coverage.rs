//! Stretches of event time that were read whole. They merge; a later read widens, never shrinks.

use rusqlite::{Connection, params};

use crate::archive::Batch;
use crate::event::Period;

/// Adds a stretch, together with all it touches.
pub(super) fn cover(db: &Connection, batch: &Batch, period: Period) -> rusqlite::Result<()> {
    let (mut from, mut to) = (period.from.millis(), period.to.millis());
    if from >= to {
        return Ok(());
    }
    let mut take = db.prepare_cached(
        "delete from covered where source = ?1 and feed = ?2 and from_time <= ?4 and to_time >= ?3
         returning from_time, to_time",
    )?;
    let mut touched = take.query(params![batch.source, batch.feed, from, to])?;
    while let Some(row) = touched.next()? {
        from = from.min(row.get(0)?);
        to = to.max(row.get(1)?);
    }
    drop(touched);
    db.prepare_cached("insert into covered values (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![batch.source, batch.feed, from, to, batch.id])?;
    Ok(())
}
