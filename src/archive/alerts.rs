//! What was told of feeds that are not well: the one thing that others than the writer write.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior, params};

use crate::archive::{Archive, ArchiveError, schema};
use crate::event::Timestamp;

/// The alerts of an archive, by a connection of its own, so that they can be read and written
/// while a sync has the archive: each change is one short transaction.
pub struct Alerts {
    db: Connection,
    path: PathBuf,
}

/// Something that is not well with a feed, as it was told one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The source.
    pub source: String,
    /// The feed.
    pub feed: String,
    /// What it is, in one word.
    pub what: String,
    /// When it was first found.
    pub since: Timestamp,
    /// When it was told; none while it is not.
    pub told_at: Option<Timestamp>,
    /// When it was over, and that was told; none while it is not.
    pub ended_at: Option<Timestamp>,
    /// Of what is lost: up to where it was told.
    pub lost_to: Option<Timestamp>,
}

impl Alerts {
    /// Opens the alerts of an archive, which is made or brought to the newest schema if need be;
    /// for that alone it must not be locked. `holder` is as in [`Archive::open`].
    ///
    /// # Errors
    /// The archive cannot be opened.
    pub fn open(path: &Path, holder: &str) -> Result<Alerts, ArchiveError> {
        if !is_current(path) {
            Archive::open(path, holder)?;
        }
        let opened = connect(path).map_err(|error| ArchiveError::opening(path, error))?;
        Ok(Alerts {
            db: opened,
            path: path.to_owned(),
        })
    }

    /// What was told this way.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn told(&mut self, way: &str) -> Result<Vec<Alert>, ArchiveError> {
        let read = |db: &Connection| -> rusqlite::Result<Vec<Alert>> {
            let mut find = db.prepare(
                "select source, feed, what, since, told_at, ended_at, lost_to
                 from alert where way = ?1 order by 1, 2, 3",
            )?;
            find.query_map([way], alert)?.collect()
        };
        read(&self.db).map_err(|error| ArchiveError::reading(&self.path, error))
    }

    /// Keeps alerts of a way, in the place of those that were, and forgets others: all or none.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn change(
        &mut self,
        way: &str,
        keep: &[Alert],
        forget: &[Alert],
    ) -> Result<(), ArchiveError> {
        if keep.is_empty() && forget.is_empty() {
            return Ok(());
        }
        write(&mut self.db, way, keep, forget)
            .map_err(|error| ArchiveError::writing(&self.path, error))
    }
}

/// Whether there is an archive that needs nothing done before its alerts can be read.
fn is_current(path: &Path) -> bool {
    let version = connect(path).and_then(|db| {
        let sql = "select user_version from pragma_user_version";
        db.query_row(sql, [], |row| row.get::<_, i64>(0))
    });
    version.is_ok_and(|version| version == schema::VERSION)
}

/// The journal is synced at every commit, for what was told must not be told again.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(Duration::from_secs(30))?;
    db.pragma_update(None, "synchronous", "full")?;
    Ok(db)
}

fn write(db: &mut Connection, way: &str, keep: &[Alert], forget: &[Alert]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for alert in forget {
        transaction.execute(
            "delete from alert where way = ?1 and source = ?2 and feed = ?3 and what = ?4",
            params![way, alert.source, alert.feed, alert.what],
        )?;
    }
    for alert in keep {
        transaction.execute(
            "insert or replace into alert values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                way,
                alert.source,
                alert.feed,
                alert.what,
                alert.since.millis(),
                alert.told_at.map(Timestamp::millis),
                alert.ended_at.map(Timestamp::millis),
                alert.lost_to.map(Timestamp::millis),
            ],
        )?;
    }
    transaction.commit()
}

fn alert(row: &Row<'_>) -> rusqlite::Result<Alert> {
    let moment = |column| {
        let millis: Option<i64> = row.get(column)?;
        Ok::<_, rusqlite::Error>(millis.map(Timestamp::from_millis))
    };
    Ok(Alert {
        source: row.get(0)?,
        feed: row.get(1)?,
        what: row.get(2)?,
        since: row.get(3).map(Timestamp::from_millis)?,
        told_at: moment(4)?,
        ended_at: moment(5)?,
        lost_to: moment(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Ending, Run};

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn alert(what: &str, told_at: Option<Timestamp>) -> Alert {
        Alert {
            source: "acme".to_owned(),
            feed: "api".to_owned(),
            what: what.to_owned(),
            since: NOW,
            told_at,
            ended_at: None,
            lost_to: None,
        }
    }

    #[test]
    fn each_way_keeps_its_own_and_an_archive_is_made_if_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        let mut alerts = Alerts::open(&path, "a test").unwrap();
        let (gap, lost) = (alert("gap", None), alert("lost", Some(NOW)));
        alerts
            .change("url", &[gap.clone(), lost.clone()], &[])
            .unwrap();
        assert_eq!(alerts.told("command").unwrap(), []);
        assert_eq!(alerts.told("url").unwrap(), [gap.clone(), lost.clone()]);
        let over = Alert {
            ended_at: Some(NOW.plus_millis(1)),
            lost_to: Some(NOW.plus_millis(2)),
            ..lost.clone()
        };
        alerts
            .change("url", std::slice::from_ref(&over), &[gap])
            .unwrap();
        let mut again = Alerts::open(&path, "a test").unwrap();
        assert_eq!(again.told("url").unwrap(), [over]);
    }

    #[test]
    fn alerts_are_written_while_a_sync_has_the_archive() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        let mut archive = Archive::open(&path, "a sync").unwrap();
        let run = Run {
            source: "acme",
            kind: "sendsafely",
            feed: "api",
            limits: None,
            every: Duration::ZERO,
            lost: &[],
        };
        let batch = archive.begin(&run, NOW).unwrap();
        let mut alerts = Alerts::open(&path, "a test").unwrap();
        let gap = alert("gap", None);
        alerts
            .change("url", std::slice::from_ref(&gap), &[])
            .unwrap();
        archive
            .end(&batch, &Ending::Complete, (0, [0; 32]), NOW)
            .unwrap();
        assert_eq!(alerts.told("url").unwrap(), [gap]);
    }

    #[test]
    fn an_archive_of_before_there_were_alerts_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        let mut old = Connection::open(&path).unwrap();
        schema::migrate_to(&mut old, 2).unwrap();
        drop(old);
        let mut alerts = Alerts::open(&path, "a test").unwrap();
        assert_eq!(alerts.told("url").unwrap(), []);
        drop(alerts);
        std::fs::write(&path, "time,actor\n".repeat(1_000)).unwrap();
        assert!(Alerts::open(&path, "a test").is_err());
    }
}
