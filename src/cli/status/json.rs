//! The status as one JSON object. Names are a promise; lengths of time are whole seconds.

use std::time::Duration;

use serde::Serialize;

use super::check;
use super::overview::{FeedStatus, Overview, Role};
use crate::archive::reader::Figures;
use crate::cli::finding::{Severity, remark, severity};
use crate::cli::outcome::JsonPeriod;
use crate::event::Timestamp;
use crate::health::Finding;

/// All of it.
#[derive(Serialize)]
pub(super) struct Json<'a> {
    now: String,
    /// `ok`, `warning` or `critical`
    check: String,
    archive: JsonArchive<'a>,
    feeds: Vec<JsonFeed<'a>>,
}

#[derive(Serialize)]
struct JsonArchive<'a> {
    path: &'a str,
    exists: bool,
    events: u64,
    bytes: u64,
    quarantined: u64,
    conflicts: u64,
    schema: Option<i64>,
}

#[derive(Serialize)]
struct JsonFeed<'a> {
    source: &'a str,
    feed: &'a str,
    kind: &'a str,
    /// `watched`, `files` or `vanished`
    role: &'static str,
    last_success: Option<String>,
    last_run: Option<String>,
    next: Option<String>,
    events: u64,
    received_bytes: u64,
    covered_to: Option<String>,
    lag_seconds: Option<u64>,
    failures: u64,
    error: Option<&'a str>,
    oldest_missing: Option<String>,
    lost_from: Option<String>,
    seconds_to_loss: Option<u64>,
    gap_seconds: u64,
    lost_seconds: u64,
    late_events: u64,
    late_by_seconds: u64,
    overlap_seconds: Option<u64>,
    findings: Vec<JsonFinding>,
}

#[derive(Serialize)]
struct JsonFinding {
    /// `loss`, `failure`, `stale`, `gap` or `late`
    finding: &'static str,
    /// `notice`, `warning` or `critical`
    severity: &'static str,
    text: String,
    hint: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<JsonPeriod>,
}

impl Json<'_> {
    /// The same in JSON.
    pub(super) fn of(overview: &Overview) -> Json<'_> {
        let feeds = overview.feeds.iter();
        Json {
            now: overview.now.to_string(),
            check: check::word(overview.severity()).to_lowercase(),
            archive: archive(overview),
            feeds: feeds.map(|one| feed(one, overview.now)).collect(),
        }
    }
}

fn archive(overview: &Overview) -> JsonArchive<'_> {
    let figures = overview.figures.as_ref();
    let count = |count: fn(&Figures) -> u64| figures.map_or(0, count);
    JsonArchive {
        path: &overview.path,
        exists: figures.is_some(),
        events: overview.events,
        bytes: count(|figures| figures.bytes),
        quarantined: count(|figures| figures.quarantined),
        conflicts: count(|figures| figures.conflicts),
        schema: figures.map(|figures| figures.schema),
    }
}

fn feed(feed: &FeedStatus, now: Timestamp) -> JsonFeed<'_> {
    let (record, health) = (&feed.record, &feed.health);
    let moment = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
    let seconds = |length: Option<Duration>| length.map(|length| length.as_secs());
    let findings = health.findings.iter();
    JsonFeed {
        source: &record.source,
        feed: &record.feed,
        kind: &record.kind,
        role: role(feed.role),
        last_success: moment(record.last_complete),
        last_run: moment(record.last_run),
        next: moment(health.due),
        events: record.events,
        received_bytes: record.bytes,
        covered_to: moment(record.coverage.end()),
        lag_seconds: seconds(feed.lag(now)),
        failures: record.failures,
        error: record.error.as_deref(),
        oldest_missing: moment(health.oldest_missing),
        lost_from: moment(health.lost_from),
        seconds_to_loss: seconds(feed.to_loss(now)),
        gap_seconds: feed.gap().as_secs(),
        lost_seconds: feed.lost.as_secs(),
        late_events: record.late.events,
        late_by_seconds: record.late.by.as_secs(),
        overlap_seconds: seconds(record.limits.map(|limits| limits.settle)),
        findings: findings.map(|one| finding(feed, one, now)).collect(),
    }
}

fn finding(feed: &FeedStatus, finding: &Finding, now: Timestamp) -> JsonFinding {
    let remark = remark(&feed.record, finding, now);
    let gaps = match finding {
        Finding::Gap { gaps } => gaps.as_slice(),
        _ => &[],
    };
    JsonFinding {
        finding: finding.name(),
        severity: match severity(finding) {
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        },
        text: remark.text,
        hint: remark.hint,
        gaps: gaps.iter().map(JsonPeriod::of).collect(),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Watched => "watched",
        Role::Files => "files",
        Role::Vanished => "vanished",
    }
}
