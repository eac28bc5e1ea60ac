//! The first line of `status --check`, as Nagios and its kin read it, and the exit code.
//!
//! A finding exits with 1, however grave: the exit codes are those of every other command.

use std::time::Duration;

use super::overview::{FeedStatus, Overview};
use crate::cli::failure::Exit;
use crate::cli::finding::{Severity, brief, counted, severity};
use crate::event::Timestamp;
use crate::time::describe;

/// What the shell is told: whether anything was found that is more than a notice.
pub(super) fn exit(overview: &Overview) -> Exit {
    match overview.severity() {
        None | Some(Severity::Notice) => Exit::Ok,
        Some(Severity::Warning | Severity::Critical) => Exit::Findings,
    }
}

/// In one word, as Nagios has it.
pub(super) fn word(severity: Option<Severity>) -> &'static str {
    match severity {
        None | Some(Severity::Notice) => "OK",
        Some(Severity::Warning) => "WARNING",
        Some(Severity::Critical) => "CRITICAL",
    }
}

/// `WARNING - acme/api: gap of 4 days | …`, what stands behind the bar being figures.
pub(super) fn line(overview: &Overview, loss: Duration) -> String {
    let found: Vec<String> = overview
        .watched()
        .filter_map(|feed| found(feed, overview.now))
        .collect();
    let said = if found.is_empty() {
        well(overview)
    } else {
        found.join("; ")
    };
    let word = word(overview.severity());
    format!("{word} - {said} | {}", figures(overview, loss).join(" "))
}

/// What is not well with a feed, in few words.
fn found(feed: &FeedStatus, now: Timestamp) -> Option<String> {
    let findings = feed.health.findings.iter();
    let counted = findings.filter(|finding| severity(finding) > Severity::Notice);
    let words: Vec<String> = counted.map(|finding| brief(finding, now)).collect();
    (!words.is_empty()).then(|| format!("{}: {}", feed.name(), words.join(", ")))
}

fn well(overview: &Overview) -> String {
    let feeds = overview.watched().count();
    let feeds = u64::try_from(feeds).unwrap_or(u64::MAX);
    let feeds = counted(feeds, "feed", "feeds");
    let events = counted(events(overview), "event", "events");
    let left = overview.watched().filter_map(|f| f.to_loss(overview.now));
    match left.min() {
        Some(left) => format!("{feeds}, {events}, next loss in {}", describe(left)),
        None => format!("{feeds}, {events}"),
    }
}

/// Of the feeds that are shown.
fn events(overview: &Overview) -> u64 {
    overview.feeds.iter().map(|feed| feed.record.events).sum()
}

/// `'label'=value[unit];warning;critical`; `60:` is a range that begins at 60.
fn figures(overview: &Overview, loss: Duration) -> Vec<String> {
    let mut figures = vec![format!("events={}", events(overview))];
    if let Some(archive) = &overview.figures {
        figures.push(format!("bytes={}B", archive.bytes));
    }
    for feed in overview.watched() {
        let name = feed.name();
        if let Some(lag) = feed.lag(overview.now) {
            figures.push(format!("'{name} lag'={}s", lag.as_secs()));
        }
        if let Some(left) = feed.to_loss(overview.now) {
            let (left, loss) = (left.as_secs(), loss.as_secs());
            figures.push(format!("'{name} loss'={left}s;;{loss}:"));
        }
    }
    figures
}
