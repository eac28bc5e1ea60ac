//! Checks: every run of one, and which offending rows were told to whom.
//!
//! Like a cursor it is written beside the one writer ([`crate::archive::cursor`]), and events are
//! only read.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::{Connection, params};

use crate::archive::beside::Beside;
use crate::archive::{ArchiveError, schema};
use crate::event::Timestamp;

/// What an offending row is known by: a hash of it.
pub type Offence = [u8; 32];

/// What is on record of the checks of an archive, by a connection of its own.
#[derive(Debug)]
pub struct Checks(Beside);

/// A check, and what was given for its parameters: what was told of one way of asking says nothing
/// of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The saved query's name.
    pub name: String,
    /// What was given, as a JSON object in order of names.
    pub parameters: String,
}

/// A run of a check, for those who want to know that it was run.
#[derive(Debug, Clone)]
pub struct CheckRun<'a> {
    /// What was asked.
    pub asked: &'a Asked,
    /// What was expected, in the header's words.
    pub expect: String,
    /// How bad it is if it is not met.
    pub severity: Option<&'static str>,
    /// SHA-256 of the query's text.
    pub sha256: [u8; 32],
    /// When.
    pub ran_at: Timestamp,
    /// What came of it, in one word.
    pub outcome: &'static str,
    /// Rows of the answer; none if it could not be had.
    pub rows: Option<u64>,
    /// How many of them were new, where that was asked.
    pub new_rows: Option<u64>,
    /// Whether the time asked for is complete; none where it asks for none.
    pub is_complete: Option<bool>,
    /// Why it could not be answered.
    pub error: Option<String>,
}

/// What was told of a check, and is to be on record.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// What was asked.
    pub asked: &'a Asked,
    /// The way of telling, in one word.
    pub way: &'static str,
    /// What was on record.
    pub before: &'a HashSet<Offence>,
    /// What offends now: all else is forgotten.
    pub now: &'a [Offence],
}

impl Checks {
    /// Opens what is on record of checks.
    ///
    /// # Errors
    /// There is no archive, it is of an older schema, or it can only be read.
    pub fn open(path: &Path) -> Result<Checks, ArchiveError> {
        Beside::open(path, schema::CHECKS_VERSION).map(Checks)
    }

    /// What was told this way.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn told(&self, asked: &Asked, way: &str) -> Result<HashSet<Offence>, ArchiveError> {
        self.0.read(|db| {
            let mut find = db.prepare(
                "select offence from check_told where way = ?1 and name = ?2 and parameters = ?3",
            )?;
            let offences =
                find.query_map(params![way, asked.name, asked.parameters], |row| row.get(0))?;
            offences.collect()
        })
    }

    /// Keeps runs, and what was told of them: all or nothing.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn keep(&mut self, runs: &[CheckRun<'_>], told: &[Told<'_>]) -> Result<(), ArchiveError> {
        self.0.write(|db| {
            runs.iter().try_for_each(|run| keep_run(db, run))?;
            told.iter().try_for_each(|told| keep_told(db, told))
        })
    }
}

fn keep_run(db: &Connection, run: &CheckRun<'_>) -> rusqlite::Result<()> {
    let Asked { name, parameters } = run.asked;
    let version = env!("CARGO_PKG_VERSION");
    db.execute(
        "insert into checked (name, parameters, expect, severity, version, sha256)
         values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing",
        params![
            name,
            parameters,
            run.expect,
            run.severity,
            version,
            run.sha256
        ],
    )?;
    db.execute(
        "insert into check_run (checked, ran_at, outcome, rows, new_rows, complete, error)
         select id, ?5, ?6, ?7, ?8, ?9, ?10 from checked
         where name = ?1 and parameters = ?2 and version = ?3 and sha256 = ?4",
        params![
            name,
            parameters,
            version,
            run.sha256,
            run.ran_at.millis(),
            run.outcome,
            run.rows.map(whole),
            run.new_rows.map(whole),
            run.is_complete,
            run.error,
        ],
    )?;
    Ok(())
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Writes what has changed, which is mostly nothing.
fn keep_told(db: &Connection, told: &Told<'_>) -> rusqlite::Result<()> {
    let Asked { name, parameters } = told.asked;
    let mut forget = db.prepare_cached(
        "delete from check_told
         where way = ?1 and name = ?2 and parameters = ?3 and offence = ?4",
    )?;
    let now: HashSet<&Offence> = told.now.iter().collect();
    for offence in told.before.iter().filter(|one| !now.contains(one)) {
        forget.execute(params![told.way, name, parameters, offence])?;
    }
    let mut keep =
        db.prepare_cached("insert into check_told values (?1, ?2, ?3, ?4) on conflict do nothing")?;
    for offence in now.into_iter().filter(|one| !told.before.contains(*one)) {
        keep.execute(params![told.way, name, parameters, offence])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Archive;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn asked(name: &str, parameters: &str) -> Asked {
        Asked {
            name: name.to_owned(),
            parameters: parameters.to_owned(),
        }
    }

    fn run<'a>(asked: &'a Asked, minute: i64, outcome: &'static str) -> CheckRun<'a> {
        CheckRun {
            asked,
            expect: "no rows".to_owned(),
            severity: Some("high"),
            sha256: [0xab; 32],
            ran_at: NOW.plus_millis(minute * 60_000),
            outcome,
            rows: Some(3),
            new_rows: None,
            is_complete: Some(false),
            error: None,
        }
    }

    fn made() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        drop(Archive::open(&path, "a test").unwrap());
        (folder, path)
    }

    fn lines(path: &Path, sql: &str) -> Vec<String> {
        let db = Connection::open(path).unwrap();
        let mut find = db.prepare(sql).unwrap();
        let lines = find.query_map([], |row| row.get(0)).unwrap();
        lines.map(Result::unwrap).collect()
    }

    #[test]
    fn every_run_is_on_record_and_the_last_of_each_is_found() {
        let (_folder, path) = made();
        let mut checks = Checks::open(&path).unwrap();
        let (mfa, mfa_of_acme) = (asked("mfa", "{}"), asked("mfa", r#"{"source":"acme"}"#));
        checks.keep(&[run(&mfa, 0, "alarm")], &[]).unwrap();
        let edited = CheckRun {
            sha256: [0xcd; 32],
            severity: None,
            ..run(&mfa, 1, "pass")
        };
        checks
            .keep(&[edited, run(&mfa_of_acme, 2, "error")], &[])
            .unwrap();
        checks.keep(&[run(&mfa, 3, "known")], &[]).unwrap();
        let all = "select substr(ran_at, 15, 2) || ' ' || outcome || ' ' || rows || ' ' || complete
            || ' ' || substr(sha256, 1, 4) || coalesce(' ' || severity, '') from check_runs order by 1";
        assert_eq!(
            lines(&path, all),
            [
                "13 alarm 3 0 abab high",
                "14 pass 3 0 cdcd",
                "15 error 3 0 abab high",
                "16 known 3 0 abab high",
            ]
        );
        let last = "select name || ' ' || parameters || ' ' || outcome from checks order by 1";
        let last = lines(&path, last);
        assert_eq!(last, [r#"mfa {"source":"acme"} error"#, "mfa {} known"]);
        assert_eq!(
            lines(
                &path,
                "select sha256 from check_runs group by name, parameters, sha256"
            )
            .len(),
            3
        );
    }

    #[test]
    fn what_was_told_is_kept_for_each_way_and_question_and_what_is_over_is_forgotten() {
        let (_folder, path) = made();
        let mut checks = Checks::open(&path).unwrap();
        let (one, other) = (asked("one", "{}"), asked("one", r#"{"since":"7d"}"#));
        let mut tell = |asked: &Asked, way: &'static str, now: &[Offence]| {
            let before = checks.told(asked, way).unwrap();
            let told = Told {
                asked,
                way,
                before: &before,
                now,
            };
            checks.keep(&[], &[told]).unwrap();
            let mut after: Vec<u8> = checks
                .told(asked, way)
                .unwrap()
                .iter()
                .map(|one| one[0])
                .collect();
            after.sort_unstable();
            after
        };
        let row = |number: u8| [number; 32];
        assert_eq!(tell(&one, "screen", &[row(1), row(2)]), [1, 2]);
        assert_eq!(tell(&one, "url", &[row(7)]), [7]);
        assert_eq!(tell(&other, "screen", &[row(9)]), [9]);
        assert_eq!(tell(&one, "screen", &[row(2), row(3), row(3)]), [2, 3]);
        assert_eq!(tell(&one, "screen", &[]), [0_u8; 0]);
        assert_eq!(tell(&one, "url", &[row(7)]), [7]);
        assert_eq!(tell(&other, "screen", &[row(9)]), [9]);
    }

    #[test]
    fn an_archive_of_before_there_were_checks_is_left_to_a_sync() {
        let (_folder, path) = made();
        let old = Connection::open(&path).unwrap();
        let before = schema::CHECKS_VERSION - 1;
        old.pragma_update(None, "user_version", before).unwrap();
        assert!(matches!(Checks::open(&path), Err(ArchiveError::Older(_))));
    }
}
