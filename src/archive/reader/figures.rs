//! What an archive is as a whole, without reading its events.

use std::fs;
use std::path::{Path, PathBuf};

use super::Reader;
use crate::archive::ArchiveError;

/// An archive as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// How many migrations it has been through.
    pub schema: i64,
    /// Bytes on disk, the write-ahead log among them.
    pub bytes: u64,
    /// Records that were not understood.
    pub quarantined: u64,
    /// Events that came again with other content.
    pub conflicts: u64,
}

impl Reader {
    /// What the archive is as a whole, of whatever schema it is.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn figures(&self) -> Result<Figures, ArchiveError> {
        let number = |sql: &str| -> Result<i64, ArchiveError> {
            let number = self.connection.query_row(sql, [], |row| row.get(0));
            number.map_err(|error| self.failure(error))
        };
        let count = |sql: &str| number(sql).map(i64::unsigned_abs);
        Ok(Figures {
            schema: number("select user_version from pragma_user_version")?,
            bytes: bytes(&self.path),
            quarantined: count("select count(*) from reject")?,
            conflicts: count("select count(*) from conflict")?,
        })
    }
}

fn bytes(archive: &Path) -> u64 {
    let mut log = archive.as_os_str().to_owned();
    log.push("-wal");
    let files = [archive.to_owned(), PathBuf::from(log)];
    // The log comes and goes as others write.
    let lengths = files.iter().filter_map(|file| fs::metadata(file).ok());
    lengths.map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::*;
    use crate::archive::schema;
    use crate::event::Timestamp;
    use crate::query::sample;

    #[test]
    fn an_archive_is_counted_with_its_log() {
        let sample = sample::archive(10);
        sample
            .writer
            .execute_batch(
                "insert into page (id, batch, source, feed, archived_at) values (900, 1, 1, 'api', 0);
                 insert into reject (source, page, line, reason, record, sha256)
                     values (1, 900, 1, 'no time', x'00', x'00'), (1, 900, 2, 'no time', x'01', x'01');
                 insert into conflict (key, page, content, differs, record)
                     values (1, 900, 0, 'ip', x'00')",
            )
            .unwrap();
        let figures = Reader::open(&sample.path()).unwrap().figures().unwrap();
        let length = |path: PathBuf| fs::metadata(path).unwrap().len();
        let log = length(sample.path().with_extension("db-wal"));
        assert!(log > 0);
        let expected = Figures {
            schema: schema::VERSION,
            bytes: length(sample.path()) + log,
            quarantined: 2,
            conflicts: 1,
        };
        assert_eq!(figures, expected);
    }

    /// There may be hundreds of millions.
    #[test]
    fn no_event_is_read_to_say_how_an_archive_is() {
        let sample = sample::archive(10);
        let reader = Reader::open(&sample.path()).unwrap();
        let no_event = |context: AuthContext<'_>| match context.action {
            AuthAction::Read { table_name, .. }
                if ["event", "identity", "package_event"].contains(&table_name) =>
            {
                Authorization::Deny
            }
            _ => Authorization::Allow,
        };
        reader.connection().authorizer(Some(no_event)).unwrap();
        let refused = reader.connection().prepare("select count(*) from event");
        assert!(refused.is_err());
        assert!(reader.figures().is_ok());
        let feeds = reader.feeds(Timestamp::from_millis(0));
        assert!(!feeds.unwrap().is_empty());
    }
}
