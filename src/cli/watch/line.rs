//! One line for each run of the daemon: text for people, JSON for programs.

use indicatif::HumanCount;
use serde_json::json;

use super::super::failure::{self, Failure};
use super::super::finding::counted;
use super::super::outcome::{self, OutputForm, seconds};
use crate::event::Timestamp;
use crate::sync::daemon::Turn;
use crate::sync::{Ended, Outcome, SyncError};
use crate::time::minute;

/// What came of a run.
pub(super) fn of(turn: &Turn, now: Timestamp, form: OutputForm) -> String {
    match form {
        OutputForm::Text => format!("{now} {}", text(turn)),
        OutputForm::Json => {
            let mut line = outcome::json(&turn.outcome);
            line["time"] = now.to_string().into();
            line["next"] = turn.next.to_string().into();
            line.to_string()
        }
    }
}

/// Something that happens to the daemon itself.
pub(super) fn event(event: &str, text: &str, form: OutputForm) -> String {
    match form {
        OutputForm::Text => format!("{event}: {text}"),
        OutputForm::Json => json!({ "event": event, "text": text }).to_string(),
    }
}

/// The same in a few words, for a line about all feeds.
pub(super) fn summary(turn: &Turn) -> String {
    let name = outcome::name(&turn.outcome);
    let word = match &turn.outcome.ending {
        Ok(Ended::Complete) => "ok",
        Ok(Ended::NotDue) => "not due",
        Err(SyncError::Interrupted) => "interrupted",
        Err(_) => "FAILED",
    };
    format!("{name} {word}, next {}", minute(turn.next))
}

fn text(turn: &Turn) -> String {
    let outcome = &turn.outcome;
    let (name, next) = (outcome::name(outcome), minute(turn.next));
    let mut line = match &outcome.ending {
        Ok(Ended::NotDue) => format!("{name}: not due; next {next}"),
        Ok(Ended::Complete) => format!("{name}: {}; next {next}", counts(outcome)),
        Err(SyncError::Interrupted) => format!("{name}: interrupted; {}", counts(outcome)),
        Err(error) => format!("{name}: failed: {}; again {next}", reasons(error)),
    };
    if !outcome.lost.is_empty() {
        let lost = Failure::lost(&name, &outcome.source, &outcome.lost);
        line.push_str(&format!("; LOST: {}", lost.error));
    }
    for notice in &outcome.notices {
        line.push_str(&format!("; {notice}"));
    }
    line
}

fn counts(outcome: &Outcome) -> String {
    let counts = &outcome.counts;
    if let Some(users) = outcome.users {
        let users = counted(users as u64, "user", "users");
        return format!("{users} in {}", seconds(outcome.took));
    }
    let mut text = format!(
        "{} added of {} received in {}",
        HumanCount(counts.added),
        HumanCount(counts.received),
        seconds(outcome.took)
    );
    for (count, what) in [(counts.quarantined, "quarantined"), (counts.late, "late")] {
        if count > 0 {
            text.push_str(&format!(", {} {what}", HumanCount(count)));
        }
    }
    text
}

/// The error and what caused it, on one line.
fn reasons(error: &SyncError) -> String {
    let mut reasons = vec![error.to_string()];
    reasons.extend(failure::reasons(error));
    reasons.join(": ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::archive::Ingested;
    use crate::event::Period;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn turn(ending: Result<Ended, SyncError>) -> Turn {
        Turn {
            outcome: Outcome {
                source: "acme".to_owned(),
                feed: "api".to_owned(),
                ending,
                counts: Ingested {
                    received: 1_234,
                    added: 12,
                    duplicate: 1_221,
                    quarantined: 1,
                    ..Ingested::default()
                },
                users: None,
                bytes: 5,
                took: Duration::from_millis(900),
                next: None,
                lost: Vec::new(),
                notices: Vec::new(),
            },
            next: NOW.after(Duration::from_secs(900)),
        }
    }

    #[test]
    fn a_run_is_one_line() {
        let unready = || SyncError::Unready("no secret".into());
        for (ending, expected) in [
            (
                Ok(Ended::Complete),
                "acme/api: 12 added of 1,234 received in 0.9 s, 1 quarantined; next 2026-09-21T14:28Z",
            ),
            (
                Ok(Ended::NotDue),
                "acme/api: not due; next 2026-09-21T14:28Z",
            ),
            (
                Err(unready()),
                "acme/api: failed: no secret; again 2026-09-21T14:28Z",
            ),
        ] {
            let line = of(&turn(ending), NOW, OutputForm::Text);
            assert_eq!(line, format!("{NOW} {expected}"));
        }
        let mut users = turn(Ok(Ended::Complete));
        (users.outcome.counts, users.outcome.users) = (Ingested::default(), Some(37));
        let line = of(&users, NOW, OutputForm::Text);
        assert!(
            line.ends_with("acme/api: 37 users in 0.9 s; next 2026-09-21T14:28Z"),
            "{line}"
        );
        let json = of(&turn(Err(unready())), NOW, OutputForm::Json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["error"], "no secret");
        assert_eq!(json["time"], NOW.to_string());
        assert_eq!(json["outcome"], "failed");
    }

    #[test]
    fn what_is_lost_is_loud() {
        let mut turn = turn(Ok(Ended::Complete));
        turn.outcome.lost.push(Period {
            from: NOW.before(Duration::from_secs(30 * 86_400)),
            to: NOW,
        });
        let line = of(&turn, NOW, OutputForm::Text);
        assert!(
            line.contains("; LOST: acme/api: 30 days are lost"),
            "{line}"
        );
    }
}
