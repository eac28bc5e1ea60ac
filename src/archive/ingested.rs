//! What became of records, in numbers.

use std::time::Duration;

use rusqlite::Connection;

use crate::archive::Batch;

/// What became of a page's records: received = added + duplicate + quarantined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Records of the page.
    pub received: u64,
    /// Events that are new.
    pub added: u64,
    /// Events that were in the archive already, conflicts among them.
    pub duplicate: u64,
    /// Events whose id was in the archive with other content: kept on record.
    pub conflict: u64,
    /// Records that were not understood: kept with the reason.
    pub quarantined: u64,
    /// New events that were not there when their time had been read before.
    pub late: u64,
    /// How late the latest of them was at least: it was not there that long after it happened.
    pub late_by: Duration,
}

impl Ingested {
    /// Adds them to those of the batch.
    pub(super) fn keep(&self, db: &Connection, batch: &Batch) -> rusqlite::Result<()> {
        let columns = [
            self.received,
            self.added,
            self.duplicate,
            self.conflict,
            self.quarantined,
            self.late,
            u64::try_from(self.late_by.as_millis()).unwrap_or(u64::MAX),
        ];
        let [
            received,
            added,
            duplicate,
            conflict,
            quarantined,
            late,
            late_by,
        ] = columns.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        db.prepare_cached(
            "update batch set received = received + ?2, added = added + ?3,
                     duplicate = duplicate + ?4, conflict = conflict + ?5,
                     quarantined = quarantined + ?6, late = late + ?7,
                     late_by = max(late_by, ?8)
                 where id = ?1",
        )?
        .execute([
            batch.id,
            received,
            added,
            duplicate,
            conflict,
            quarantined,
            late,
            late_by,
        ])
        .map(drop)
    }
}

impl std::ops::AddAssign for Ingested {
    fn add_assign(&mut self, more: Ingested) {
        self.received += more.received;
        self.added += more.added;
        self.duplicate += more.duplicate;
        self.conflict += more.conflict;
        self.quarantined += more.quarantined;
        self.late += more.late;
        self.late_by = self.late_by.max(more.late_by);
    }
}
