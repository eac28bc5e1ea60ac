//! A connection beside the writer's, for what is kept for those who read: each change is one short
//! transaction, and a sync may have the archive meanwhile.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::archive::{ArchiveError, schema};

/// A connection that may write.
#[derive(Debug)]
pub(super) struct Beside {
    db: Connection,
    path: PathBuf,
}

impl Beside {
    /// Opens an archive of at least that schema.
    ///
    /// # Errors
    /// There is none, it is of an older schema, or it can only be read.
    pub(super) fn open(path: &Path, schema: i64) -> Result<Beside, ArchiveError> {
        if !path.exists() {
            return Err(ArchiveError::Missing(path.to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)
            .map_err(|error| ArchiveError::opening(path, error))?;
        Beside::over(db, path, schema)
    }

    /// The same by a connection that is at hand.
    ///
    /// # Errors
    /// As those of [`Beside::open`].
    pub(super) fn over(db: Connection, path: &Path, schema: i64) -> Result<Beside, ArchiveError> {
        let opening = |error| ArchiveError::opening(path, error);
        configure(&db).map_err(opening)?;
        schema::recognise(&db).map_err(opening)?;
        let sql = "select user_version from pragma_user_version";
        let version: i64 = db.query_row(sql, [], |row| row.get(0)).map_err(opening)?;
        if version < schema {
            return Err(ArchiveError::Older(path.to_owned()));
        }
        // SQLite opens what is write-protected for reading, without a word.
        if db.is_readonly("main").map_err(opening)? {
            return Err(ArchiveError::ReadOnly(path.to_owned()));
        }
        let path = path.to_owned();
        Ok(Beside { db, path })
    }

    /// Reads something.
    ///
    /// # Errors
    /// SQLite fails.
    pub(super) fn read<T>(
        &self,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ArchiveError> {
        body(&self.db).map_err(|error| ArchiveError::reading(&self.path, error))
    }

    /// One transaction: all of it, or nothing. It takes the write lock when it begins, so that
    /// it does not find in its midst that another was faster.
    ///
    /// # Errors
    /// SQLite fails.
    pub(super) fn write<T>(
        &mut self,
        body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ArchiveError> {
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate);
        transaction
            .and_then(|transaction| {
                let value = body(&transaction)?;
                transaction.commit()?;
                Ok(value)
            })
            .map_err(|error| ArchiveError::writing(&self.path, error))
    }
}

/// The writer's pages are short, so waiting for one is. The journal is synced at every commit: what
/// falls back would be handed on or told once more.
fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::from_secs(30))?;
    db.pragma_update(None, "synchronous", "full")
}
