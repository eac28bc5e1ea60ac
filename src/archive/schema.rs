//! Applies `migrations/` in order; SQLite's `user_version` says how far an archive has come.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

/// Every migration, oldest first. A released one is never changed.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../migrations/0001_archive.sql")),
    M::up(include_str!("../../migrations/0002_coverage.sql")),
    M::up(include_str!("../../migrations/0003_alert.sql")),
    M::up(include_str!("../../migrations/0004_feeds.sql")),
];

/// How many migrations an archive of this program has been through.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings an archive to the newest schema.
///
/// # Errors
/// The archive is newer than this program, or SQLite fails.
pub fn migrate(connection: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    Migrations::from_slice(MIGRATIONS).to_latest(connection)
}

/// Brings an empty file to an older schema.
#[cfg(test)]
pub(super) fn migrate_to(connection: &mut Connection, version: usize) {
    let migrations = Migrations::from_slice(MIGRATIONS);
    migrations.to_version(connection, version).unwrap();
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
