//! The archive: one SQLite file, and the only writer of it.
//!
//! [`Archive::ingest`] keeps a page in one transaction: its events, quarantined records, users,
//! checkpoint, coverage and counts, or on an error none of them. Reading is [`reader`]'s.
//!
//! **Invariant:** nothing here knows a vendor, a request or a file format, and no event that is
//! in the archive is ever changed or deleted.

pub mod alerts;
mod beside;
pub mod checks;
mod conflict;
mod coverage;
pub mod cursor;
pub mod draft;
mod error;
mod gathering;
mod identities;
pub mod identity;
mod ingest;
mod ingested;
mod lists;
mod lock;
mod objects;
mod occurrence;
mod quarantine;
pub mod reader;
pub mod record;
mod rollups;
pub mod schema;
mod search;
mod sift;
mod sighting;
mod template;
mod users;
mod vendor_id;
mod words;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::coverage::{Coverage, Limits, State};
use crate::event::{Checkpoint, Period, Timestamp};

pub use coverage::FILE_FEED;
pub use draft::Draft;
pub use error::ArchiveError;
pub use ingested::Ingested;

/// An archive opened for writing; nobody else has it so.
pub struct Archive {
    db: Connection,
    path: PathBuf,
    words: words::Words,
    _lock: lock::Lock,
}

/// One run of one feed.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Row of table `batch`.
    pub id: i64,
    /// Row of table `source`.
    pub source: i64,
    /// The source's name.
    pub name: String,
    /// The feed.
    pub feed: String,
    /// For how long after it happened an event of this feed may still turn up.
    pub settle: Duration,
    /// What was known of the feed's time when the batch began.
    pub known: Arc<Coverage>,
}

/// A run of a feed that is to begin.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The source.
    pub source: &'a str,
    /// The source's kind.
    pub kind: &'a str,
    /// The feed.
    pub feed: &'a str,
    /// What the feed can have from its vendor; none for a file.
    pub limits: Option<Limits>,
    /// Least time between two passes.
    pub every: Duration,
    /// What cannot be had any longer, and is to be on record as lost.
    pub lost: &'a [Period],
}

/// How a batch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Everything there was has been kept.
    Complete,
    /// It could not go on, for this reason.
    Failed(String),
    /// The user or the system ended it.
    Interrupted,
}

impl Batch {
    /// How late a new event of that time is at least; none if its time was not read before.
    fn late_by(&self, time: Timestamp) -> Option<Duration> {
        let read = self.known.read_at(time)?;
        Some(match read.state {
            State::Complete => self.settle,
            State::Open | State::Lost => read.as_of.since(time),
        })
    }
}

impl Archive {
    /// Opens the archive for writing, makes it if there is none, and brings it to the newest
    /// schema. `holder` says who we are, for others that find it locked.
    ///
    /// # Errors
    /// Another run has it, it is newer than this program, damaged, or cannot be written.
    pub fn open(path: &Path, holder: &str) -> Result<Archive, ArchiveError> {
        let lock = lock::Lock::take(path, holder)?;
        let io = |source| ArchiveError::Io {
            path: path.to_owned(),
            source,
        };
        lock::private().open(path).map_err(io)?;
        let opening = |error| ArchiveError::opening(path, error);
        let mut db = Connection::open(path).map_err(opening)?;
        schema::refuse_foreign(&db).map_err(opening)?;
        configure(&db).map_err(opening)?;
        schema::migrate(&mut db).map_err(|error| ArchiveError::migrating(path, error))?;
        let archive = Archive {
            db,
            path: path.to_owned(),
            words: words::Words::default(),
            _lock: lock,
        };
        archive.run("update batch set outcome = 'interrupted' where outcome = 'running'")?;
        Ok(archive)
    }

    /// Begins a run of a feed; names the source's kind the first time it is seen.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn begin(&mut self, run: &Run<'_>, now: Timestamp) -> Result<Batch, ArchiveError> {
        let known = Arc::new(self.coverage(run.source, run.feed)?);
        self.write(|db| {
            db.execute(
                "insert into source (name, kind) values (?1, ?2) on conflict do nothing",
                [run.source, run.kind],
            )?;
            let find = "select id from source where name = ?1";
            let source: i64 = db.query_row(find, [run.source], |row| row.get(0))?;
            db.execute(
                "insert into batch (source, feed, started_at) values (?1, ?2, ?3)",
                params![source, run.feed, now.millis()],
            )?;
            let batch = Batch {
                id: db.last_insert_rowid(),
                source,
                name: run.source.to_owned(),
                feed: run.feed.to_owned(),
                settle: run.limits.map_or(Duration::ZERO, |limits| limits.settle),
                known,
            };
            coverage::note_limits(db, &batch, run)?;
            coverage::lose(db, &batch, run.lost, now)?;
            Ok(batch)
        })
    }

    /// Ends a run of a feed. `bytes` and `sha256` are of all answers or the file, as received.
    ///
    /// # Errors
    /// SQLite fails, or the file was removed meanwhile: SQLite would write on without a word, and
    /// all of it would be gone with the handle.
    pub fn end(
        &mut self,
        batch: &Batch,
        ending: &Ending,
        (bytes, sha256): (u64, [u8; 32]),
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let (outcome, error) = match ending {
            Ending::Complete => ("complete", None),
            Ending::Failed(why) => ("failed", Some(why.as_str())),
            Ending::Interrupted => ("interrupted", None),
        };
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.write(|db| {
            db.execute(
                "update batch set ended_at = ?2, outcome = ?3, error = ?4, bytes = ?5, sha256 = ?6
                 where id = ?1",
                params![batch.id, now.millis(), outcome, error, bytes, sha256],
            )?;
            Ok(())
        })?;
        if self.path.exists() {
            Ok(())
        } else {
            Err(ArchiveError::Removed(self.path.clone()))
        }
    }

    /// The kind of a source; `None` before its first run.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn kind(&self, source: &str) -> Result<Option<String>, ArchiveError> {
        self.read(|db| {
            let sql = "select kind from source where name = ?1";
            db.query_row(sql, [source], |row| row.get(0)).optional()
        })
    }

    /// Where the last run of a feed left off, by partition.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn checkpoints(&self, source: &str, feed: &str) -> Result<Vec<Checkpoint>, ArchiveError> {
        self.read(|db| {
            let mut find = db.prepare(
                "select c.partition, c.json from checkpoint c join source s on s.id = c.source
                 where s.name = ?1 and c.feed = ?2 order by 1",
            )?;
            find.query_map([source, feed], |row| {
                Ok(Checkpoint {
                    partition: row.get(0)?,
                    json: row.get(1)?,
                })
            })?
            .collect()
        })
    }

    /// What is known of a feed's time.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn coverage(&self, source: &str, feed: &str) -> Result<Coverage, ArchiveError> {
        self.read(|db| coverage::of_feed(db, source, feed))
    }

    /// The same with what the user vouches for in files of the source.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn coverage_with_files(&self, source: &str, feed: &str) -> Result<Coverage, ArchiveError> {
        self.read(|db| coverage::with_files(db, source, feed))
    }

    /// See [`crate::event::Page::identity_names`]; `None` before the source's first record
    /// without an id.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn identity_names(&self, source: &str) -> Result<Option<Vec<String>>, ArchiveError> {
        self.read(|db| {
            let settled: Option<Option<i64>> = db
                .query_row(
                    "select names_page from source where name = ?1",
                    [source],
                    |row| row.get(0),
                )
                .optional()?;
            if settled.flatten().is_none() {
                return Ok(None);
            }
            let mut find = db.prepare(
                "select n.name from identity_name n join source s on s.id = n.source
                 where s.name = ?1 order by 1",
            )?;
            find.query_map([source], |row| row.get(0))?
                .collect::<Result<_, _>>()
                .map(Some)
        })
    }

    /// When the last complete run of a feed began.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn last_complete(
        &self,
        source: &str,
        feed: &str,
    ) -> Result<Option<Timestamp>, ArchiveError> {
        self.read(|db| {
            db.query_row(
                "select b.started_at from batch b join source s on s.id = b.source
                 where s.name = ?1 and b.feed = ?2 and b.outcome = 'complete'
                 order by b.id desc limit 1",
                [source, feed],
                |row| row.get::<_, i64>(0),
            )
            .optional()
        })
        .map(|millis| millis.map(Timestamp::from_millis))
    }

    /// Moves what is still in the write-ahead log into the archive's file. What was kept is kept all
    /// the same: that this fails can wait for the next run.
    pub fn settle(&self) {
        let _ = self.run("pragma wal_checkpoint(truncate); pragma optimize");
    }

    /// Lets the archive grow to so many pages only, so that tests can fill the disk.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn limit_pages(&self, pages: u32) -> Result<(), ArchiveError> {
        self.run(&format!("pragma max_page_count = {pages}"))
    }

    /// One transaction: all of it, or nothing.
    fn write<T>(
        &mut self,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ArchiveError> {
        let transaction = self
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate);
        transaction
            .and_then(|transaction| {
                let value = body(&transaction)?;
                transaction.commit()?;
                Ok(value)
            })
            .map_err(|error| ArchiveError::writing(&self.path, error))
    }

    fn read<T>(
        &self,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ArchiveError> {
        body(&self.db).map_err(|error| ArchiveError::reading(&self.path, error))
    }

    fn run(&self, sql: &str) -> Result<(), ArchiveError> {
        self.db
            .execute_batch(sql)
            .map_err(|error| ArchiveError::writing(&self.path, error))
    }
}

/// Settings of a connection that writes. The journal is synced at every commit (`full`): it costs
/// little, and what was said to be kept stays kept when the power fails. It grows to 96 MiB before
/// it is written back: what many pages of events change is written back once.
fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::from_secs(30))?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch(
        "pragma page_size = 8192;
         pragma journal_mode = wal;
         pragma synchronous = full;
         pragma wal_autocheckpoint = 12000;
         pragma cache_size = -65536;
         pragma foreign_keys = on;
         create temp table occurrence (
             batch integer not null, content blob not null, seen integer not null,
             primary key (batch, content)
         ) without rowid;",
    )
}
