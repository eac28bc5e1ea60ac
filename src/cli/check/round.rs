//! What came of a round of checks, for whoever is told of it.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::archive::checks::{Asked, CheckRun, Offence};
use crate::check::{Answer, INCOMPLETE, Listener, News, Outcome, UNANSWERED};
use crate::cli::failure::{Exit, Failure};
use crate::cli::finding::counted;
use crate::cli::query::coverage::Known;
use crate::event::Timestamp;
use crate::query::{Expect, Query};

/// Checks that were run, in their order.
pub(super) struct Round {
    /// Where the archive is.
    pub(super) archive: String,
    pub(super) ran_at: Timestamp,
    /// Whether only what is new was to alarm.
    pub(super) asks_for_new: bool,
    pub(super) checks: Vec<Checked>,
}

/// A check that was run.
pub(super) struct Checked {
    pub(super) asked: Asked,
    /// Empty where its header cannot be read.
    pub(super) query: Query,
    pub(super) answer: Result<Answer, Failure>,
    /// What is known of the time it asks for; none where it asks for none.
    pub(super) coverage: Option<Known>,
    /// Who hears of it: the screen first, then the hooks.
    pub(super) listeners: Vec<Listener>,
    pub(super) took: Duration,
}

/// The first of the listeners.
pub(super) const SCREEN: usize = 0;

/// The order in which outcomes are counted up.
const OUTCOMES: [Outcome; 4] = [
    Outcome::Error,
    Outcome::Alarm,
    Outcome::Known,
    Outcome::Pass,
];

impl Round {
    /// What the shell is told: the worst.
    pub(super) fn exit(&self) -> Exit {
        let exits = self.checks.iter().map(Checked::exit);
        exits.fold(Exit::Ok, Exit::or_graver)
    }

    /// The worst outcome.
    pub(super) fn outcome(&self) -> Outcome {
        let outcomes = self.checks.iter().map(|check| check.outcome(SCREEN));
        outcomes.max().unwrap_or(Outcome::Pass)
    }

    /// How many checks came out so.
    pub(super) fn count(&self, outcome: Outcome) -> usize {
        let outcomes = self.checks.iter().map(|check| check.outcome(SCREEN));
        outcomes.filter(|one| *one == outcome).count()
    }

    /// `3 checks: 1 alarm, 2 pass`
    pub(super) fn sum(&self) -> String {
        let counts = OUTCOMES.map(|outcome| (self.count(outcome), outcome.name()));
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        let checks = counted(self.checks.len() as u64, "check", "checks");
        format!("{checks}: {}", counts.join(", "))
    }

    pub(super) fn took(&self) -> Duration {
        self.checks.iter().map(|check| check.took).sum()
    }
}

impl Checked {
    /// What came of it for one of its listeners.
    pub(super) fn outcome(&self, listener: usize) -> Outcome {
        match (&self.answer, self.listeners.get(listener)) {
            (Ok(answer), Some(listener)) => answer.outcome(listener),
            _ => Outcome::Error,
        }
    }

    /// Whether a listener has not heard of it.
    pub(super) fn is_news(&self, listener: usize) -> bool {
        let known = |one: &Listener| one.known.contains(&UNANSWERED);
        match self.outcome(listener) {
            Outcome::Alarm => true,
            Outcome::Error => !self.listeners.get(listener).is_some_and(known),
            Outcome::Pass | Outcome::Known => false,
        }
    }

    /// What is new to a listener; nothing where there is no alarm.
    pub(super) fn news(&self, listener: usize) -> Option<&News> {
        let news = self.answer.as_ref().ok()?.news.get(listener)?;
        (self.outcome(listener) == Outcome::Alarm).then_some(news)
    }

    /// In a few words: `3 rows, 1 new; expected no rows`
    pub(super) fn said(&self, listener: usize) -> String {
        let answer = match &self.answer {
            Ok(answer) => answer,
            Err(failure) => {
                let said = failure.to_string();
                return said.lines().next().unwrap_or_default().to_owned();
            }
        };
        let mut said = rows(answer.rows);
        let old = self
            .listeners
            .get(listener)
            .map_or(0, |one| one.known.len());
        let news = answer.news.get(listener).map_or(0, |news| news.rows);
        match self.outcome(listener) {
            Outcome::Known => said += ", told before",
            Outcome::Alarm if old > 0 && news < answer.rows => said += &format!(", {news} new"),
            _ => {}
        }
        match self.query.expect {
            Some(Expect::NoRows) if answer.rows == 0 => {}
            Some(expect) => said += &format!("; expected {expect}"),
            None => {}
        }
        if answer.offences.contains(&INCOMPLETE) {
            said += "; its time is not complete";
        }
        said
    }

    /// Why there is no answer and what to do about it, line by line; nothing where there is one.
    pub(super) fn explained(&self) -> Vec<String> {
        let Err(failure) = &self.answer else {
            return Vec::new();
        };
        let reasons = failure.reasons().into_iter();
        let reasons = reasons.map(|reason| format!("caused by: {reason}"));
        let hints = failure.hints.iter().map(|hint| format!("hint: {hint}"));
        reasons.chain(hints).collect()
    }

    /// What is known of its time, line by line, where something is wrong with it.
    pub(super) fn flaws(&self) -> &[String] {
        match &self.coverage {
            Some(known) if !known.is_whole => &known.lines,
            _ => &[],
        }
    }

    /// How it is asked again, all of its rows being shown.
    pub(super) fn query_command(&self) -> String {
        let given: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.asked.parameters).unwrap_or_default();
        let given = given.iter().map(|(name, value)| {
            let text = value.as_str().unwrap_or_default();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:@".contains(c);
            if text.chars().all(is_plain) {
                format!(" -p {name}={text}")
            } else {
                format!(" -p {name}='{}'", text.replace('\'', "'\\''"))
            }
        });
        format!(
            "trailkeep query {}{}",
            self.asked.name,
            given.collect::<String>()
        )
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.query.sql.as_bytes()).into()
    }

    /// Whether its time is complete; none where it asks for none.
    pub(super) fn is_complete(&self) -> Option<bool> {
        self.coverage.as_ref().map(|known| known.is_whole)
    }

    /// What is to be on record for a listener once it was told.
    pub(super) fn told(&self, listener: usize) -> Vec<Offence> {
        if let Ok(answer) = &self.answer {
            return answer.offences.clone();
        }
        // Without an answer nobody knows what still offends.
        let known = self
            .listeners
            .get(listener)
            .into_iter()
            .flat_map(|one| &one.known);
        known.copied().chain([UNANSWERED]).collect()
    }

    /// As the archive keeps it; none where nobody knows whether it is a check.
    pub(super) fn on_record(&self, ran_at: Timestamp, asks_for_new: bool) -> Option<CheckRun<'_>> {
        let answer = self.answer.as_ref();
        let new_rows = || self.news(SCREEN).map_or(0, |news| news.rows);
        Some(CheckRun {
            asked: &self.asked,
            expect: self.query.expect?.to_string(),
            severity: self.query.severity.map(crate::query::Severity::name),
            sha256: self.sha256(),
            ran_at,
            outcome: self.outcome(SCREEN).name(),
            rows: answer.ok().map(|answer| answer.rows),
            new_rows: (asks_for_new && answer.is_ok()).then(new_rows),
            is_complete: self.is_complete(),
            error: answer.err().map(ToString::to_string),
        })
    }

    fn exit(&self) -> Exit {
        match (&self.answer, self.outcome(SCREEN)) {
            (Err(failure), _) => failure.exit,
            (_, Outcome::Alarm) => Exit::Findings,
            _ => Exit::Ok,
        }
    }
}

/// `no rows`, `1 row`, `1,234 rows`
fn rows(count: u64) -> String {
    match count {
        0 => "no rows".to_owned(),
        count => counted(count, "row", "rows"),
    }
}
