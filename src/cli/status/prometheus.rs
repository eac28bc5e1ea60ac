//! The status in Prometheus's text format, version 0.0.4, as node_exporter's textfile collector
//! reads it (documented: Prometheus, Exposition formats).
//!
//! Of a feed that is not watched there is nothing but its events: no alert on it would be right.

use std::fmt::Write;
use std::time::Duration;

use super::overview::{FeedStatus, Overview};
use crate::event::Timestamp;

/// A metric of each feed.
struct FeedMetric {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    value: fn(&FeedStatus, Timestamp) -> Option<f64>,
}

/// What a metric is.
#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

const EVENTS: FeedMetric = FeedMetric {
    name: "trailkeep_events_total",
    kind: Kind::Counter,
    help: "Events that the feed has added to the archive.",
    value: |feed, _| Some(feed.record.events as f64),
};

/// Of a feed that is watched.
const WATCHED: &[FeedMetric] = &[
    FeedMetric {
        name: "trailkeep_last_success_timestamp_seconds",
        kind: Kind::Gauge,
        help: "When the last complete run of the feed began.",
        value: |feed, _| feed.record.last_complete.map(epoch),
    },
    FeedMetric {
        name: "trailkeep_next_run_timestamp_seconds",
        kind: Kind::Gauge,
        help: "From when on the vendor may be asked again.",
        value: |feed, _| feed.health.due.map(epoch),
    },
    FeedMetric {
        name: "trailkeep_lag_seconds",
        kind: Kind::Gauge,
        help: "How old the newest moment is up to which the feed has been read.",
        value: |feed, now| feed.lag(now).map(seconds),
    },
    FeedMetric {
        name: "trailkeep_failures",
        kind: Kind::Gauge,
        help: "Runs of the feed that failed since its last complete one.",
        value: |feed, _| Some(feed.record.failures as f64),
    },
    FeedMetric {
        name: "trailkeep_gap_seconds",
        kind: Kind::Gauge,
        help: "How much time was left out that the vendor still has.",
        value: |feed, _| of_events(feed, FeedStatus::gap),
    },
    FeedMetric {
        name: "trailkeep_lost_seconds",
        kind: Kind::Gauge,
        help: "How much time was not read and cannot be had any longer.",
        value: |feed, _| of_events(feed, |feed| feed.lost),
    },
    FeedMetric {
        name: "trailkeep_seconds_to_loss",
        kind: Kind::Gauge,
        help: "How long until the vendor forgets something that may be missing.",
        value: |feed, now| feed.to_loss(now).map(seconds),
    },
    FeedMetric {
        name: "trailkeep_late_seconds",
        kind: Kind::Gauge,
        help: "How late the latest event of the last 30 days was, as far as is known.",
        value: |feed, _| of_events(feed, |feed| feed.record.late.by),
    },
];

/// What a feed may be found with, each a sample of `trailkeep_finding`.
const FINDINGS: [&str; 5] = ["loss", "failure", "stale", "gap", "late"];

/// All metrics.
pub(super) fn text(overview: &Overview) -> String {
    let mut text = String::new();
    for metric in WATCHED {
        feeds(&mut text, metric, overview.watched(), overview.now);
    }
    feeds(&mut text, &EVENTS, overview.feeds.iter(), overview.now);
    findings(&mut text, overview);
    archive(&mut text, overview);
    text
}

fn feeds<'a>(
    text: &mut String,
    metric: &FeedMetric,
    feeds: impl Iterator<Item = &'a FeedStatus>,
    now: Timestamp,
) {
    let value = |feed: &'a FeedStatus| Some((feed, (metric.value)(feed, now)?));
    let samples: Vec<_> = feeds.filter_map(value).collect();
    if samples.is_empty() {
        return;
    }
    head(text, metric.name, metric.kind, metric.help);
    for (feed, value) in samples {
        sample(text, metric.name, &labels(feed), value);
    }
}

fn findings(text: &mut String, overview: &Overview) {
    let name = "trailkeep_finding";
    if overview.watched().next().is_none() {
        return;
    }
    head(
        text,
        name,
        Kind::Gauge,
        "Whether this is found not to be well with the feed: 1 or 0.",
    );
    for feed in overview.watched() {
        let found = &feed.health.findings;
        for finding in FINDINGS {
            let is_found = found.iter().any(|one| one.name() == finding);
            let mut labels = labels(feed).to_vec();
            labels.push(("finding", finding));
            sample(text, name, &labels, f64::from(u8::from(is_found)));
        }
    }
}

fn archive(text: &mut String, overview: &Overview) {
    let Some(figures) = &overview.figures else {
        return;
    };
    for (name, help, value) in [
        (
            "trailkeep_archive_bytes",
            "Size of the archive on disk, its write-ahead log with it.",
            figures.bytes,
        ),
        (
            "trailkeep_quarantined_records",
            "Records that were not understood.",
            figures.quarantined,
        ),
        (
            "trailkeep_conflicts",
            "Events that came again with other content.",
            figures.conflicts,
        ),
    ] {
        head(text, name, Kind::Gauge, help);
        sample(text, name, &[], value as f64);
    }
}

/// A feed that brings users only has no time of which anything could be missing.
fn of_events(feed: &FeedStatus, length: fn(&FeedStatus) -> Duration) -> Option<f64> {
    let brings_events = feed.record.brings_events();
    brings_events.then(|| seconds(length(feed)))
}

fn labels(feed: &FeedStatus) -> [(&'static str, &str); 2] {
    [("source", &feed.record.source), ("feed", &feed.record.feed)]
}

fn head(text: &mut String, name: &str, kind: Kind, help: &str) {
    let kind = match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
    };
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}").expect(TEXT);
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: f64) {
    let label = |(label, value): &(&str, &str)| format!("{label}=\"{}\"", escaped(value));
    let labels: Vec<String> = labels.iter().map(label).collect();
    let labels = match labels.as_slice() {
        [] => String::new(),
        labels => format!("{{{}}}", labels.join(",")),
    };
    writeln!(text, "{name}{labels} {value}").expect(TEXT);
}

const TEXT: &str = "writing to a String cannot fail";

/// In a label's value, a backslash, a quote and the end of a line are escaped.
fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    value.replace('\n', "\\n")
}

fn epoch(moment: Timestamp) -> f64 {
    moment.millis() as f64 / 1_000.0
}

fn seconds(length: Duration) -> f64 {
    length.as_secs() as f64
}
