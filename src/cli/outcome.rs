//! What came of each feed: as a table with failures beside it, or as JSON.

use std::io;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{DecimalBytes, HumanCount};
use serde::Serialize;

use super::Session;
use super::failure::{Exit, Failure};
use super::screen::{Screen, column_widths};
use crate::event::Period;
use crate::sync::{Ended, Outcome, SyncError};
use crate::time::{describe, minute};

/// The form of a summary on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputForm {
    /// A table; none with --quiet.
    Text,
    /// One array with an object for each feed or file; of `status` and `report verify`, one object
    /// with all.
    Json,
}

/// Shows what came of each feed, and says what that means for the shell: the gravest of all.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn show(
    session: &Session,
    outcomes: Vec<Outcome>,
    form: OutputForm,
) -> Result<Exit, Failure> {
    let named = outcomes
        .into_iter()
        .map(|outcome| (name(&outcome), outcome));
    show_named(session, named.collect(), FEED, form)
}

/// The same for files, each with its name.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn show_files(
    session: &Session,
    outcomes: Vec<(String, Outcome)>,
    form: OutputForm,
) -> Result<Exit, Failure> {
    show_named(session, outcomes, FILE, form)
}

/// What the first column of a table names.
const FEED: &str = "FEED";
const FILE: &str = "FILE";

fn show_named(
    session: &Session,
    outcomes: Vec<(String, Outcome)>,
    what: &'static str,
    form: OutputForm,
) -> Result<Exit, Failure> {
    match form {
        OutputForm::Text if session.screen.quiet() => {}
        OutputForm::Text => session.screen.table(&rows(&outcomes, what))?,
        OutputForm::Json => write_json(&session.screen, &outcomes, what)?,
    }
    let exits = outcomes
        .into_iter()
        .map(|(name, outcome)| remark(&session.screen, &name, outcome));
    Ok(exits.fold(Exit::Ok, Exit::or_graver))
}

/// Says on standard error what there is to say of a feed besides its numbers.
fn remark(screen: &Screen, name: &str, outcome: Outcome) -> Exit {
    for notice in &outcome.notices {
        screen.warning(format_args!("{name}: {notice}"));
    }
    if let Some(warning) = quarantined(outcome.counts.quarantined) {
        screen.warning(format_args!("{name}: {warning}"));
    }
    let lost = match outcome.lost.as_slice() {
        [] => Exit::Ok,
        lost => screen.failure(&Failure::lost(name, &outcome.source, lost)),
    };
    let exit = match (outcome.ending, outcome.next) {
        (Ok(Ended::NotDue), Some(due)) => {
            let until = minute(due);
            screen.note(format_args!(
                "{name}: not due until {until}; --force asks all the same"
            ));
            Exit::Ok
        }
        (Ok(_), _) => Exit::Ok,
        (Err(error), _) => screen.failure(&Failure::from(error).of(name)),
    };
    lost.or_graver(exit)
}

/// What was not understood is no event, and no query shows it with the others.
fn quarantined(records: u64) -> Option<String> {
    let what = match records {
        0 => return None,
        1 => "1 record was not understood".to_owned(),
        many => format!("{} records were not understood", HumanCount(many)),
    };
    Some(format!(
        "{what}; why: trailkeep query 'select * from quarantine'"
    ))
}

fn rows(outcomes: &[(String, Outcome)], what: &'static str) -> Vec<Vec<String>> {
    let also = Also::of(outcomes);
    let mut header = vec![what, "RECEIVED", "ADDED", "DUPLICATE", "QUARANTINED"];
    header.extend(also.conflicts.then_some("CONFLICTS"));
    header.extend(also.users.then_some("USERS"));
    let last = if what == FILE { "OUTCOME" } else { "NEXT" };
    header.extend(["BYTES", "TOOK", last]);
    let header = header.into_iter().map(str::to_owned).collect();
    let rows = outcomes.iter().map(|(name, outcome)| {
        let mut row = row(name, outcome, also);
        row.push(match what {
            FILE => ending(outcome).to_owned(),
            _ => next(outcome),
        });
        row
    });
    let mut rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    align_numbers(&mut rows);
    rows
}

/// Columns that are there only where there is something to show in them.
#[derive(Clone, Copy)]
struct Also {
    conflicts: bool,
    users: bool,
}

impl Also {
    fn of(outcomes: &[(String, Outcome)]) -> Also {
        let any = |shows: fn(&Outcome) -> bool| outcomes.iter().any(|(_, one)| shows(one));
        Also {
            conflicts: any(|outcome| outcome.counts.conflict > 0),
            users: any(|outcome| outcome.users.is_some()),
        }
    }
}

fn row(name: &str, outcome: &Outcome, also: Also) -> Vec<String> {
    let counts = &outcome.counts;
    let mut numbers = vec![
        counts.received,
        counts.added,
        counts.duplicate,
        counts.quarantined,
    ];
    numbers.extend(also.conflicts.then_some(counts.conflict));
    let users = outcome.users.unwrap_or_default();
    numbers.extend(also.users.then_some(users as u64));
    let numbers = numbers
        .into_iter()
        .map(|number| HumanCount(number).to_string());
    let mut row = vec![name.to_owned()];
    row.extend(numbers);
    row.push(DecimalBytes(outcome.bytes).to_string());
    row.push(seconds(outcome.took));
    row
}

/// Everything between the first column and the last is a number, and stands on the right.
pub(super) fn align_numbers(rows: &mut [Vec<String>]) {
    let widths = column_widths(rows);
    for row in rows {
        let between = row.len().saturating_sub(2);
        for (cell, width) in row.iter_mut().zip(&widths).skip(1).take(between) {
            *cell = format!("{cell:>width$}");
        }
    }
}

/// `acme/api`
pub(super) fn name(outcome: &Outcome) -> String {
    format!("{}/{}", outcome.source, outcome.feed)
}

/// A length of time, short ones to the tenth of a second.
pub(super) fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(120) {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        describe(duration)
    }
}

/// When it is due, or why it is due at once.
fn next(outcome: &Outcome) -> String {
    match (&outcome.ending, outcome.next) {
        (Ok(_), Some(due)) => minute(due),
        (Ok(_), None) => String::new(),
        (Err(_), _) => format!("({})", ending(outcome)),
    }
}

fn ending(outcome: &Outcome) -> &'static str {
    match &outcome.ending {
        Ok(Ended::Complete) => "complete",
        Ok(Ended::NotDue) => "not_due",
        Err(SyncError::Interrupted) => "interrupted",
        Err(_) => "failed",
    }
}

/// One feed in JSON. `received` = `added` + `duplicate` + `quarantined`; conflicts are among the
/// duplicates.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a String>,
    source: &'a str,
    feed: &'a str,
    outcome: &'static str,
    received: u64,
    added: u64,
    duplicate: u64,
    conflicts: u64,
    quarantined: u64,
    late: u64,
    late_by_ms: u64,
    /// Of a feed that brings users only.
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<usize>,
    bytes: u64,
    took_ms: u64,
    next: Option<String>,
    lost: Vec<JsonPeriod>,
    notices: &'a [String],
    error: Option<String>,
}

/// One feed in JSON.
pub(super) fn json(outcome: &Outcome) -> serde_json::Value {
    serde_json::to_value(Json::of(None, outcome)).expect("its keys are texts")
}

/// A stretch of time, half-open.
#[derive(Serialize)]
pub(super) struct JsonPeriod {
    from: String,
    to: String,
}

impl JsonPeriod {
    pub(super) fn of(period: &Period) -> JsonPeriod {
        JsonPeriod {
            from: period.from.to_string(),
            to: period.to.to_string(),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Json<'_> {
    fn of<'a>(file: Option<&'a String>, outcome: &'a Outcome) -> Json<'a> {
        Json {
            file,
            source: &outcome.source,
            feed: &outcome.feed,
            outcome: ending(outcome),
            received: outcome.counts.received,
            added: outcome.counts.added,
            duplicate: outcome.counts.duplicate,
            conflicts: outcome.counts.conflict,
            quarantined: outcome.counts.quarantined,
            late: outcome.counts.late,
            late_by_ms: millis(outcome.counts.late_by),
            users: outcome.users,
            bytes: outcome.bytes,
            took_ms: millis(outcome.took),
            next: outcome.next.map(|next| next.to_string()),
            lost: outcome.lost.iter().map(JsonPeriod::of).collect(),
            notices: &outcome.notices,
            error: outcome.ending.as_ref().err().map(ToString::to_string),
        }
    }
}

fn write_json(screen: &Screen, outcomes: &[(String, Outcome)], what: &str) -> io::Result<()> {
    let file = |name| (what == FILE).then_some(name);
    let objects: Vec<Json<'_>> = outcomes
        .iter()
        .map(|(name, outcome)| Json::of(file(name), outcome))
        .collect();
    screen.json(&objects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Ingested;
    use crate::event::Timestamp;

    fn outcome(conflict: u64) -> Outcome {
        let counts = Ingested {
            received: 12_345,
            added: 12_300,
            duplicate: 44,
            conflict,
            quarantined: 1,
            ..Ingested::default()
        };
        Outcome {
            source: "acme".to_owned(),
            feed: "api".to_owned(),
            ending: Ok(Ended::Complete),
            counts,
            users: None,
            bytes: 5_000_000,
            took: Duration::from_millis(1_250),
            next: Some(Timestamp::from_millis(1_790_000_000_000)),
            lost: Vec::new(),
            notices: Vec::new(),
        }
    }

    fn lines(outcomes: impl IntoIterator<Item = Outcome>) -> Vec<String> {
        let named = outcomes.into_iter();
        let named: Vec<_> = named
            .map(|outcome| ("acme/api".to_owned(), outcome))
            .collect();
        let rows = rows(&named, FEED).into_iter();
        rows.map(|row| row.join("|")).collect()
    }

    #[test]
    fn numbers_stand_below_each_other() {
        let lines = lines([outcome(0)]);
        assert_eq!(
            lines,
            [
                "FEED|RECEIVED| ADDED|DUPLICATE|QUARANTINED|  BYTES| TOOK|NEXT",
                "acme/api|  12,345|12,300|       44|          1|5.00 MB|1.2 s|2026-09-21T14:13Z",
            ]
        );
    }

    #[test]
    fn conflicts_have_a_column_where_there_are_any() {
        let lines = lines([outcome(0), outcome(3)]);
        assert!(lines[0].contains("|QUARANTINED|CONFLICTS|"), "{lines:?}");
        assert!(lines[1].contains("|          1|        0|"), "{lines:?}");
        assert!(lines[2].contains("|          1|        3|"), "{lines:?}");
    }

    #[test]
    fn users_have_a_column_where_a_feed_brings_nothing_else() {
        let directory = Outcome {
            counts: Ingested::default(),
            users: Some(1_037),
            ..outcome(0)
        };
        let lines = lines([outcome(0), directory]);
        assert!(lines[0].contains("|QUARANTINED|USERS|"), "{lines:?}");
        assert!(lines[1].contains("|          1|    0|"), "{lines:?}");
        assert!(lines[2].contains("|          0|1,037|"), "{lines:?}");
        assert_eq!(json(&outcome(0)).get("users"), None);
    }

    #[test]
    fn of_several_endings_each_has_its_word() {
        let failed = |error| Outcome {
            ending: Err(error),
            ..outcome(0)
        };
        let not_due = Outcome {
            ending: Ok(Ended::NotDue),
            ..outcome(0)
        };
        let interrupted = failed(SyncError::Interrupted);
        let unready = failed(SyncError::Unready("no secret".into()));
        for (outcome, word, last) in [
            (outcome(0), "complete", "2026-09-21T14:13Z"),
            (not_due, "not_due", "2026-09-21T14:13Z"),
            (interrupted, "interrupted", "(interrupted)"),
            (unready, "failed", "(failed)"),
        ] {
            assert_eq!((ending(&outcome), next(&outcome).as_str()), (word, last));
        }
    }
}
