//! Reads an archive and cannot write it: a read-only handle with every door shut that SQLite has.
//!
//! What a query may say on top of that is for `query::guard` to judge.

mod extent;
mod feeds;
mod figures;
mod functions;
mod kept;
mod key;
mod provenance;
mod raw;
mod search;
mod tail;
mod written;

pub use extent::Extent;
pub use feeds::{FeedRecord, Late, joint};
pub use figures::Figures;
pub(crate) use functions::local_time::{UNKNOWN as UNKNOWN_ZONE, zones};
pub use functions::{FUNCTIONS, Function};
pub use provenance::{Frozen, Reached, Share};
pub(crate) use search::SEARCHED_TEXT;
pub use tail::{Only, Stretch};

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, InterruptHandle, OpenFlags};

use crate::archive::{ArchiveError, schema};

/// An archive open for reading. Others may read and one may write it meanwhile.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
    version: i64,
}

impl Reader {
    /// Opens an archive for reading.
    ///
    /// # Errors
    /// There is none, it is no archive, or a newer trailkeep wrote it.
    pub fn open(path: &Path) -> Result<Reader, ArchiveError> {
        if !path.exists() {
            return Err(ArchiveError::Missing(path.to_owned()));
        }
        let damaged = |source| unreadable(path, source);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(damaged)?;
        read_in_place(&connection).map_err(damaged)?;
        key::register(&connection).map_err(damaged)?;
        kept::register(&connection, path).map_err(damaged)?;
        written::register(&connection).map_err(damaged)?;
        connection.execute_batch(CODED_VIEWS).map_err(damaged)?;
        lock_down(&connection).map_err(damaged)?;
        functions::register(&connection, path).map_err(damaged)?;
        let version: i64 = connection
            .query_row("select user_version from pragma_user_version", [], |row| {
                row.get(0)
            })
            .map_err(damaged)?;
        if version > schema::VERSION {
            return Err(ArchiveError::Newer(path.to_owned()));
        }
        schema::recognise(&connection).map_err(damaged)?;
        Ok(Reader {
            connection,
            path: path.to_owned(),
            version,
        })
    }

    /// What stops it from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.connection.get_interrupt_handle())
    }

    /// The handle, for the other readers of the archive.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What it means for the archive that SQLite failed to read it.
    pub(crate) fn failure(&self, source: rusqlite::Error) -> ArchiveError {
        unreadable(&self.path, source)
    }
}

/// Views that live with the handle.
const CODED_VIEWS: &str = include_str!("reader/coded.sql");
/// Stops a reader at whatever it does for a query, from another thread.
pub struct Interrupter(InterruptHandle);

impl Interrupter {
    /// Stops what is under way; nothing, if nothing is.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// KiB of the archive that a reader keeps in its own memory; and how much of the file it reads where
/// the system has it, without a copy: as much as SQLite allows, which is 2 GiB.
const CACHED_KIB: i64 = 65_536;
const MAPPED_BYTES: i64 = 1 << 31;

/// A question about all events reads the whole file, and looks up texts all over it: without copies
/// that takes a fifth less time. Only readers do so: where the disk fails, the system ends a process
/// that reads this way, which costs a reader nothing but its answer.
fn read_in_place(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", -CACHED_KIB)?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES)
}

/// Most bytes of one text or blob, and so of what one expression of a query can build up.
const VALUE_BYTES_MAX: i32 = 256 << 20;

/// A read-only handle still lets `VACUUM INTO` and `ATTACH` make files; no attached database
/// means neither can. Text in double quotes that names no column is an error, not a string.
fn lock_down(connection: &Connection) -> rusqlite::Result<()> {
    use DbConfig::{
        SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_DQS_DDL, SQLITE_DBCONFIG_DQS_DML,
        SQLITE_DBCONFIG_TRUSTED_SCHEMA,
    };
    connection.set_db_config(SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)?;
    connection.pragma_update(None, "query_only", true)
}

/// A handle for functions, which must not use the one that calls them. It reads at once, so that it
/// has all its files open should others take their place.
fn own_handle(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let own = Connection::open_with_flags(path, flags)?;
    lock_down(&own)?;
    own.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
    Ok(own)
}

fn unreadable(path: &Path, source: rusqlite::Error) -> ArchiveError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::SystemIoFailure,
        ) => ArchiveError::Io {
            path,
            source: std::io::Error::other(source),
        },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => {
            ArchiveError::Damaged { path, source }
        }
        _ => ArchiveError::Sqlite {
            doing: "read",
            source,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::sample;

    fn integer(reader: &Reader, sql: &str) -> i64 {
        reader
            .connection()
            .query_row(sql, [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn what_is_no_archive_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        assert!(matches!(Reader::open(&path), Err(ArchiveError::Missing(_))));
        std::fs::write(&path, "time,actor\n".repeat(1000)).unwrap();
        assert!(matches!(
            Reader::open(&path),
            Err(ArchiveError::Damaged { .. })
        ));
        std::fs::write(&path, "").unwrap();
        assert!(matches!(
            Reader::open(&path),
            Err(ArchiveError::Damaged { .. })
        ));
        assert!(matches!(
            Reader::open(folder.path()),
            Err(ArchiveError::Io { .. })
        ));
    }

    #[test]
    fn an_archive_of_a_newer_program_is_refused() {
        let sample = sample::archive(1);
        let ahead = schema::VERSION + 1;
        sample
            .writer
            .pragma_update(None, "user_version", ahead)
            .unwrap();
        assert!(matches!(
            Reader::open(&sample.path()),
            Err(ArchiveError::Newer(_))
        ));
    }

    #[test]
    fn reading_goes_on_while_another_writes() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let sql = "select count(*) from source";
        let before = integer(&reader, sql);
        sample
            .writer
            .execute_batch(
                "begin immediate; insert into source (id, name, kind) values (9, 'x', 'safe')",
            )
            .unwrap();
        assert_eq!(integer(&reader, sql), before);
        sample.writer.execute_batch("commit").unwrap();
        assert_eq!(integer(&reader, sql), before + 1);
    }

    #[test]
    fn the_handle_itself_cannot_write() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let leak = sample.path().with_extension("leak");
        for sql in [
            "insert into source (id, name, kind) values (9, 'x', 'safe')".to_owned(),
            "attach ':memory:' as other".to_owned(),
            format!("vacuum into '{}'", leak.display()),
        ] {
            assert!(reader.connection().execute_batch(&sql).is_err(), "{sql}");
        }
        assert!(!leak.exists());
    }
}
