//! Which archive this is, how far it had come, and which batches brought the events of a period:
//! what evidence names, so that somebody else can find the same again.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};

use super::Reader;
use crate::archive::ArchiveError;
use crate::archive::ingest::{KEY_SHIFT, MILLIS_MAX};
use crate::event::{Period, Timestamp};

/// How far an archive had come. Whatever is archived later has a greater page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The last batch that had begun; 0 if there is none.
    pub batch: i64,
    /// The last page that was committed; 0 if there is none.
    pub page: i64,
    /// When that page was archived.
    pub archived_at: Option<Timestamp>,
}

/// What one batch brought of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The batch.
    pub batch: i64,
    /// Its source.
    pub source: String,
    /// Its feed.
    pub feed: String,
    /// When it began.
    pub started_at: Timestamp,
    /// SHA-256 of all that it received, in hexadecimal; none while it runs, and of a run that was
    /// cut off.
    pub sha256: Option<String>,
    /// How many events of the period it brought first.
    pub events: u64,
}

/// An archive in one state: whatever is asked until this is dropped, it is of the same moment.
pub struct Frozen<'r>(
    #[expect(dead_code, reason = "it is held, so that the transaction lasts")] Transaction<'r>,
);

impl Reader {
    /// Holds the archive in the state that it is in, whoever writes it meanwhile.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn freeze(&self) -> Result<Frozen<'_>, ArchiveError> {
        let begin = || {
            let transaction = self.connection.unchecked_transaction()?;
            // The state is that of the first read.
            transaction.query_row("select count(*) from source", [], |_| Ok(()))?;
            Ok(Frozen(transaction))
        };
        begin().map_err(|error| self.failure(error))
    }

    /// What tells this archive from any other, copies of it aside: a SHA-256 in hexadecimal of how
    /// its first batch began, as JSON, `["safe-us","safe","reports",1795176000000]` (source, kind,
    /// feed, milliseconds since 1970). It never changes. An archive without a batch has none.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn archive_id(&self) -> Result<Option<String>, ArchiveError> {
        let sql = "select json_array(s.name, s.kind, b.feed, b.started_at)
            from batch b join source s on s.id = b.source order by b.id limit 1";
        let begun: Option<String> = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .optional()
            .map_err(|error| self.failure(error))?;
        Ok(begun.map(|json| hex(&Sha256::digest(json))))
    }

    /// How far the archive has come.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn reached(&self) -> Result<Reached, ArchiveError> {
        let sql = "select (select coalesce(max(id), 0) from batch),
            (select coalesce(max(id), 0) from page),
            (select archived_at from page order by id desc limit 1)";
        let reached = self.connection.query_row(sql, [], |row| {
            Ok(Reached {
                batch: row.get(0)?,
                page: row.get(1)?,
                archived_at: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_millis),
            })
        });
        reached.map_err(|error| self.failure(error))
    }

    /// Every source and its kind, by name.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn sources(&self) -> Result<Vec<(String, String)>, ArchiveError> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            let sql = "select name, kind from source order by name";
            let mut find = self.connection.prepare(sql)?;
            let sources = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            sources.collect()
        };
        read().map_err(|error| self.failure(error))
    }

    /// The batches that brought events of a period, by their ids, as far as `page`.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn shares(&self, period: Period, page: i64) -> Result<Vec<Share>, ArchiveError> {
        let read = || -> rusqlite::Result<Vec<Share>> {
            let mut find = self.connection.prepare(SHARES)?;
            let (from, to) = (key(period.from), key(period.to));
            find.query_map(params![from, to, page], share)?.collect()
        };
        read().map_err(|error| self.failure(error))
    }

    /// How many events of a period were archived after a page.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn archived_after(&self, page: i64, period: Period) -> Result<u64, ArchiveError> {
        let sql = "select count(*) from event where key >= ?1 and key < ?2 and +page > ?3";
        let values = params![key(period.from), key(period.to), page];
        let count = self.connection.query_row(sql, values, |row| row.get(0));
        let count: i64 = count.map_err(|error| self.failure(error))?;
        Ok(count.unsigned_abs())
    }
}

const SHARES: &str = "
select b.id, s.name, b.feed, b.started_at, lower(hex(b.sha256)), sum(e.events)
from (
    select page, count(*) as events from event
    where key >= ?1 and key < ?2 and +page <= ?3
    group by page
) e
join page p on p.id = e.page
join batch b on b.id = p.batch
join source s on s.id = b.source
group by b.id
order by b.id";

fn share(row: &Row<'_>) -> rusqlite::Result<Share> {
    let sha256: Option<String> = row.get(4)?;
    Ok(Share {
        batch: row.get(0)?,
        source: row.get(1)?,
        feed: row.get(2)?,
        started_at: Timestamp::from_millis(row.get(3)?),
        sha256: sha256.filter(|sha256| !sha256.is_empty()),
        events: row.get::<_, i64>(5)?.unsigned_abs(),
    })
}

/// The least key of a moment, or of the nearest one that has keys.
fn key(moment: Timestamp) -> i64 {
    let most = i64::try_from(MILLIS_MAX).unwrap_or(i64::MAX);
    moment.millis().clamp(-most, most) << KEY_SHIFT
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::sample::{self, NOW};

    const DAY: i64 = 86_400_000;

    const ALL: Period = Period {
        from: Timestamp::from_millis(i64::MIN),
        to: Timestamp::from_millis(i64::MAX),
    };

    #[test]
    fn an_archive_keeps_its_id_and_shares_it_with_none() {
        let sample = sample::archive(10);
        let reader = Reader::open(&sample.path()).unwrap();
        let id = reader.archive_id().unwrap().unwrap();
        let json = r#"["safe-us","safe","reports",1795176000000]"#;
        assert_eq!(id, hex(&Sha256::digest(json)));
        let change = |sql: &str| {
            sample.writer.execute_batch(sql).unwrap();
            reader.archive_id().unwrap()
        };
        let later = "insert into batch (source, feed, started_at) values (2, 'api', 1);
            update batch set sha256 = x'00', ended_at = 7";
        assert_eq!(change(later).as_ref(), Some(&id));
        assert_ne!(
            change("update batch set started_at = 8 where id = 1"),
            Some(id)
        );
        assert_eq!(change("pragma foreign_keys = off; delete from batch"), None);
    }

    #[test]
    fn the_batches_of_a_period_are_found_as_far_as_a_page() {
        let sample = sample::archive(100);
        let reader = Reader::open(&sample.path()).unwrap();
        let events = |period, page| -> Vec<(i64, u64)> {
            let shares = reader.shares(period, page).unwrap();
            shares.iter().map(|one| (one.batch, one.events)).collect()
        };
        assert_eq!(events(ALL, 2), [(1, 50), (2, 50)]);
        assert_eq!(events(ALL, 1), [(1, 50)]);
        let week = Period {
            from: NOW.plus_millis(-7 * DAY),
            to: NOW,
        };
        let count = |period| events(period, 2).iter().map(|one| one.1).sum::<u64>();
        let before = Period {
            to: week.from,
            ..ALL
        };
        assert!(count(week) > 0 && count(week) < 50, "{}", count(week));
        assert_eq!(count(week) + count(before), 100);
        assert_eq!(reader.archived_after(0, week).unwrap(), count(week));
        assert_eq!(reader.archived_after(1, ALL).unwrap(), 50);
        assert_eq!(reader.archived_after(2, ALL).unwrap(), 0);
        let share = &reader.shares(ALL, 1).unwrap()[0];
        assert_eq!(
            (share.source.as_str(), share.feed.as_str()),
            ("safe-us", "reports")
        );
        assert_eq!((share.started_at, &share.sha256), (NOW, &None));
    }

    #[test]
    fn a_frozen_archive_stands_still() {
        let sample = sample::archive(10);
        let reader = Reader::open(&sample.path()).unwrap();
        let frozen = reader.freeze().unwrap();
        let before = reader.reached().unwrap();
        assert_eq!((before.batch, before.page), (2, 2));
        let page =
            "insert into page (id, batch, source, feed, archived_at) values (3, 2, 2, 'api', 1)";
        sample.writer.execute_batch(page).unwrap();
        assert_eq!(reader.reached().unwrap(), before);
        drop(frozen);
        assert_eq!(reader.reached().unwrap().page, 3);
        let names = reader.sources().unwrap();
        assert_eq!(names[0], ("acme".to_owned(), "sendsafely".to_owned()));
    }
}
