//! What is told, in words for people and as JSON for programs.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Notice, Occasion, Watched};
use crate::event::{Period, Timestamp};
use crate::health::Finding;
use crate::time::describe;

/// What goes to a command or a URL.
#[derive(Serialize)]
struct Body<'a> {
    event: &'a str,
    source: &'a str,
    feed: &'a str,
    since: String,
    message: &'a str,
    /// The same once more, for the chats that show the member of this name.
    text: &'a str,
    details: &'a Value,
    archive: &'a str,
    version: &'a str,
}

impl Notice {
    /// The notice as one JSON object; `archive` is where the archive is.
    pub fn json(&self, archive: &str) -> String {
        Body {
            event: self.occasion.name(),
            source: &self.source,
            feed: &self.feed,
            since: self.since.to_string(),
            message: &self.message,
            text: &self.message,
            details: &self.details,
            archive,
            version: env!("CARGO_PKG_VERSION"),
        }
        .json()
    }
}

/// What is told to try whether telling works: a notice of the event `test`, of no feed.
pub fn trial(archive: &str, now: Timestamp) -> String {
    let message = "trailkeep tells here what is not well: this is a test; nothing is to be done";
    of_no_feed("test", archive, now, message, &json!({}))
}

/// What is told of a check that found something, in a sentence and as an object.
pub fn of_check(archive: &str, now: Timestamp, message: &str, details: &Value) -> String {
    of_no_feed(Occasion::Check.name(), archive, now, message, details)
}

fn of_no_feed(
    event: &str,
    archive: &str,
    now: Timestamp,
    message: &str,
    details: &Value,
) -> String {
    Body {
        event,
        source: "",
        feed: "",
        since: now.to_string(),
        message,
        text: message,
        details,
        archive,
        version: env!("CARGO_PKG_VERSION"),
    }
    .json()
}

impl Body<'_> {
    fn json(&self) -> String {
        serde_json::to_string(self).expect("texts and JSON values can be written as JSON")
    }
}

/// Of something that is not well.
pub(super) fn finding(feed: &Watched, finding: &Finding) -> (String, Value) {
    (words(&name(feed), finding), details(finding))
}

fn words(name: &str, finding: &Finding) -> String {
    match finding {
        Finding::Failure { runs, error } => {
            let failed = failed(*runs);
            format!("{name} {failed}: {error}; `trailkeep sync {name}` tries again")
        }
        Finding::Gap { gaps } => format!(
            "{name} has not read {}, which the vendor still has; `trailkeep sync {name}` reads it",
            periods(gaps)
        ),
        Finding::Loss { missing, lost_from } => format!(
            "{name} may miss events since {}, which the vendor begins to forget on {}; \
             `trailkeep sync {name}` reads them",
            minute(*missing),
            minute(*lost_from)
        ),
        Finding::Stale { last } => {
            let since = last.map_or("yet".to_owned(), |last| format!("since {}", minute(last)));
            format!(
                "{name} has not run to its end {since}; is the schedule still running? \
                 `trailkeep sync {name}` says what is wrong"
            )
        }
        Finding::Late { late, settle } => {
            let (by, settle) = (describe(late.by), describe(*settle));
            format!("{name}: events come {by} late, and are waited for {settle}")
        }
    }
}

fn details(finding: &Finding) -> Value {
    match finding {
        Finding::Failure { runs, error } => json!({ "runs": runs, "error": error }),
        Finding::Gap { gaps } => json!({ "gaps": of_periods(gaps) }),
        Finding::Loss { missing, lost_from } => {
            json!({ "missing": missing.to_string(), "lost_from": lost_from.to_string() })
        }
        Finding::Stale { last } => json!({ "last": last.map(|last| last.to_string()) }),
        Finding::Late { late, .. } => {
            json!({ "events": late.events, "late_by_seconds": late.by.as_secs() })
        }
    }
}

/// Of events that the vendor has no longer.
pub(super) fn lost(feed: &Watched, lost: &[Period]) -> (String, Value) {
    let (name, source) = (name(feed), &feed.source);
    let message = format!(
        "{name} has lost {}, which the vendor no longer has; whoever has an export of it: \
         `trailkeep import FILE --source {source} --covers FROM..TO`",
        periods(lost)
    );
    (message, json!({ "lost": of_periods(lost) }))
}

/// Of something that is over.
pub(super) fn recovery(
    feed: &Watched,
    what: Occasion,
    since: Timestamp,
    now: Timestamp,
) -> (String, Value) {
    let (name, lasted) = (name(feed), now.since(since));
    let is_well = match what {
        Occasion::Failure => "syncs again",
        Occasion::Gap => "has no gap any more",
        Occasion::Loss => "is about to lose nothing any more",
        _ => "is up to date again",
    };
    let message = format!(
        "{name} {is_well}, after {}; nothing is to be done",
        describe(lasted)
    );
    let details = json!({ "recovered": what.name(), "lasted_seconds": lasted.as_secs() });
    (message, details)
}

fn name(feed: &Watched) -> String {
    format!("{}/{}", feed.source, feed.feed)
}

fn failed(runs: u64) -> String {
    match runs {
        0 | 1 => "failed".to_owned(),
        _ => format!("failed {runs} times in a row"),
    }
}

/// `3 days in 2 stretches, from 2026-09-01T00:00Z to 2026-09-09T00:00Z`
fn periods(periods: &[Period]) -> String {
    let length = describe(periods.iter().map(|period| period.length()).sum());
    let from = periods.iter().map(|period| period.from).min();
    let to = periods.iter().map(|period| period.to).max();
    let (Some(from), Some(to)) = (from, to) else {
        return length;
    };
    let stretches = match periods.len() {
        1 => String::new(),
        many => format!(" in {many} stretches"),
    };
    format!(
        "{length}{stretches}, from {} to {}",
        minute(from),
        minute(to)
    )
}

fn of_periods(periods: &[Period]) -> Vec<Value> {
    let of =
        |period: &Period| json!({ "from": period.from.to_string(), "to": period.to.to_string() });
    periods.iter().map(of).collect()
}

fn minute(moment: Timestamp) -> String {
    moment.datetime().format("%Y-%m-%dT%H:%MZ").to_string()
}
