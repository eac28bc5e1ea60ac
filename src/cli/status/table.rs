//! The status as a table, a row a feed, and beneath it what there is to say of the archive.

use indicatif::{DecimalBytes, HumanCount};

use super::overview::{FeedStatus, Overview, Role};
use crate::archive::reader::Figures;
use crate::cli::outcome::align_numbers;
use crate::event::Timestamp;
use crate::time::describe;

const HEADER: [&str; 8] = [
    "FEED", "SUCCESS", "NEXT", "EVENTS", "BYTES", "LAG", "FAILED", "LOSS IN",
];

/// Where there is nothing to say.
const NOTHING: &str = "-";

/// A row for each feed, beneath a header.
pub(super) fn feeds(overview: &Overview) -> Vec<Vec<String>> {
    let header = HEADER.map(str::to_owned).to_vec();
    let rows = overview.feeds.iter().map(|feed| row(feed, overview.now));
    let mut rows: Vec<_> = std::iter::once(header).chain(rows).collect();
    align_numbers(&mut rows);
    rows
}

/// What there is to say of the archive as a whole, in rows of two cells; the first is empty, to
/// stand apart from the feeds.
pub(super) fn archive(overview: &Overview) -> Vec<Vec<String>> {
    let mut rows = vec![("", String::new()), ("archive", overview.path.clone())];
    if let Some(figures) = &overview.figures {
        rows.extend(sizes(figures, overview.events));
    }
    rows.extend(lost(overview));
    rows.extend(vanished(overview));
    let cells = |(key, value): (&str, String)| vec![key.to_owned(), value];
    rows.into_iter().map(cells).collect()
}

fn row(feed: &FeedStatus, now: Timestamp) -> Vec<String> {
    let last = feed.record.last_complete;
    let nothing = || NOTHING.to_owned();
    vec![
        feed.name(),
        last.map_or("never".to_owned(), |last| {
            format!("{} ago", describe(now.since(last)))
        }),
        next(feed, now),
        HumanCount(feed.record.events).to_string(),
        DecimalBytes(feed.record.bytes).to_string(),
        feed.lag(now).map_or_else(nothing, describe),
        HumanCount(feed.record.failures).to_string(),
        feed.to_loss(now).map_or_else(nothing, |left| {
            if left.is_zero() {
                "now".to_owned()
            } else {
                describe(left)
            }
        }),
    ]
}

fn next(feed: &FeedStatus, now: Timestamp) -> String {
    match feed.health.due {
        _ if !feed.is_watched() => NOTHING.to_owned(),
        Some(due) if due > now => format!("in {}", describe(due.since(now))),
        _ => "due now".to_owned(),
    }
}

fn sizes(figures: &Figures, events: u64) -> [(&'static str, String); 2] {
    let size = DecimalBytes(figures.bytes);
    let [events, quarantined, conflicts] =
        [events, figures.quarantined, figures.conflicts].map(HumanCount);
    [
        ("size", format!("{size}, schema {}", figures.schema)),
        (
            "events",
            format!("{events}, {quarantined} quarantined, {conflicts} conflicts"),
        ),
    ]
}

/// What is lost is no finding: nothing brings it back, and who asks every minute knows it by now.
fn lost(overview: &Overview) -> impl Iterator<Item = (&'static str, String)> {
    let feeds = overview.feeds.iter().filter(|feed| !feed.lost.is_zero());
    feeds.map(|feed| {
        let length = describe(feed.lost);
        ("lost", format!("{}: {length}, for good", feed.name()))
    })
}

fn vanished(overview: &Overview) -> impl Iterator<Item = (&'static str, String)> {
    let feeds = overview.feeds.iter();
    let vanished = feeds.filter(|feed| feed.role == Role::Vanished);
    vanished.map(|feed| {
        let name = feed.name();
        (
            "vanished",
            format!("{name}: no longer configured, not watched"),
        )
    })
}
