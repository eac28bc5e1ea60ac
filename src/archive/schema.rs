//! Applies `migrations/` in order; SQLite's `user_version` says how far an archive has come.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// Every migration, oldest first. A released one is never changed.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../migrations/0001_archive.sql")),
    M::up(include_str!("../../migrations/0002_coverage.sql")),
    M::up(include_str!("../../migrations/0003_alert.sql")),
    M::up(include_str!("../../migrations/0004_feeds.sql")),
    M::up(include_str!("../../migrations/0005_tail.sql")),
    M::up(include_str!("../../migrations/0006_checks.sql")),
    M::up(include_str!("../../migrations/0007_rollups.sql")),
    M::up(include_str!("../../migrations/0008_search.sql")),
    M::up(include_str!("../../migrations/0009_gathering.sql")),
    M::up(include_str!("../../migrations/0010_actions.sql")),
];

/// How many migrations an archive of this program has been through.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// The first schema that has the order of archiving and cursors in it.
pub(super) const TAIL_VERSION: i64 = 5;

/// The first schema that has runs of checks in it.
pub(super) const CHECKS_VERSION: i64 = 6;

/// Brings an archive to the newest schema.
///
/// # Errors
/// The archive is newer than this program, or SQLite fails.
pub fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    Migrations::from_slice(MIGRATIONS).to_latest(connection)
}

/// Makes sure that a file which holds anything is an archive: the tables of another program's
/// file are left alone.
///
/// # Errors
/// It holds other tables, or SQLite fails.
pub(super) fn refuse_foreign(connection: &Connection) -> rusqlite::Result<()> {
    let is_empty = "select not exists (select 1 from sqlite_schema)";
    if connection.query_row(is_empty, [], |row| row.get(0))? {
        return Ok(());
    }
    recognise(connection)
}

/// Makes sure that the file holds our tables.
///
/// # Errors
/// It does not, or SQLite fails.
pub(super) fn recognise(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare("select key, page from event limit 0")
        .map(drop)
}

/// Brings an archive to an older schema, as an older program would have made it.
///
/// # Errors
/// SQLite fails.
#[cfg(test)]
pub(super) fn migrate_to(
    connection: &mut Connection,
    version: i64,
) -> Result<(), rusqlite_migration::Error> {
    let version = usize::try_from(version).unwrap_or_default();
    Migrations::from_slice(MIGRATIONS).to_version(connection, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Merging migrations moves them: then these numbers move, too.
    #[test]
    fn what_is_needed_is_there_from_its_migration_on() {
        for (version, sql) in [
            (TAIL_VERSION, "select name, page, key from cursor"),
            (CHECKS_VERSION, "select name, offence from check_told"),
        ] {
            let mut db = Connection::open_in_memory().unwrap();
            let mut is_there = |version: i64| {
                migrate_to(&mut db, version).unwrap();
                db.prepare(sql).is_ok()
            };
            assert!(!is_there(version - 1), "{sql}");
            assert!(is_there(version), "{sql}");
        }
    }
}
