//! How every feed is at a moment: what is configured and what is on record, put together. Pure.

use std::time::Duration;

use crate::archive::FILE_FEED;
use crate::archive::reader::{FeedRecord, Figures, Late};
use crate::cli::finding::{Severity, severity};
use crate::config::{Source, SourceFeed};
use crate::coverage::{Coverage, Standing};
use crate::event::Timestamp;
use crate::health::{Finding, Health, Thresholds};

/// How the archive and its feeds are.
pub(super) struct Overview {
    /// When it is so.
    pub(super) now: Timestamp,
    /// The archive's path, as it is configured.
    pub(super) path: String,
    /// The archive as a whole; none if there is no archive yet.
    pub(super) figures: Option<Figures>,
    /// Events of all feeds, shown or not.
    pub(super) events: u64,
    /// The feeds that are shown.
    pub(super) feeds: Vec<FeedStatus>,
}

/// How a feed is.
pub(super) struct FeedStatus {
    /// What is on record of it.
    pub(super) record: FeedRecord,
    /// Why it is shown.
    pub(super) role: Role,
    /// How it is; of a feed that is not watched, nothing is said.
    pub(super) health: Health,
    /// How much was not read and cannot be had any longer.
    pub(super) lost: Duration,
}

/// Why a feed is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It is configured: it is expected to run.
    Watched,
    /// Files that are imported when somebody has them.
    Files,
    /// It is on record and no longer configured.
    Vanished,
}

/// The feeds of these sources in their order, then what else is on record.
pub(super) fn feeds(
    sources: &[Source],
    mut records: Vec<FeedRecord>,
    thresholds: &Thresholds,
    now: Timestamp,
) -> Vec<FeedStatus> {
    let mut feeds = Vec::new();
    for source in sources {
        for feed in &source.feeds {
            let name = feed.kind.name;
            let is_it = |one: &FeedRecord| one.source == source.name && one.feed == name;
            let known = records.iter().position(is_it).map(|at| records.remove(at));
            let record = current(known, source, feed);
            feeds.push(FeedStatus::new(record, Role::Watched, thresholds, now));
        }
    }
    let rest = records.into_iter().map(|record| {
        let is_file = record.feed == FILE_FEED;
        let role = if is_file { Role::Files } else { Role::Vanished };
        FeedStatus::new(record, role, thresholds, now)
    });
    feeds.extend(rest);
    feeds
}

/// What is on record, with the limits of today's configuration: an overlap that was raised since
/// the last run needs no raising.
fn current(known: Option<FeedRecord>, source: &Source, feed: &SourceFeed) -> FeedRecord {
    let limits = feed.kind.limits(&feed.section.settings);
    match known {
        Some(record) => FeedRecord {
            limits,
            ..record.or_every(feed.every())
        },
        None => FeedRecord {
            source: source.name.clone(),
            kind: source.kind.name.to_owned(),
            feed: feed.kind.name.to_owned(),
            limits,
            every: feed.every(),
            coverage: Coverage::default(),
            last_complete: None,
            last_run: None,
            failures: 0,
            error: None,
            events: 0,
            bytes: 0,
            late: Late::default(),
        },
    }
}

impl FeedStatus {
    fn new(
        mut record: FeedRecord,
        role: Role,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> FeedStatus {
        let health = if role == Role::Watched {
            Health::new(&record, thresholds, now)
        } else {
            // Nobody will ask the vendor: nothing is due, stale or about to be lost.
            record.limits = None;
            Health::default()
        };
        FeedStatus {
            lost: lost(&record, now),
            record,
            role,
            health,
        }
    }

    /// `acme/api`
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.record.source, self.record.feed)
    }

    /// Whether `SOURCE` or `SOURCE/FEED` means it.
    pub(super) fn is_called(&self, name: &str) -> bool {
        name == self.record.source || name == self.name()
    }

    /// Whether it is expected to run.
    pub(super) fn is_watched(&self) -> bool {
        self.role == Role::Watched
    }

    /// How old the newest moment is up to which it has been read; only of a feed that is watched.
    pub(super) fn lag(&self, now: Timestamp) -> Option<Duration> {
        let end = self.record.coverage.end()?;
        self.is_watched().then(|| now.since(end))
    }

    /// How much was left out that the vendor still has.
    pub(super) fn gap(&self) -> Duration {
        let gaps = self.health.findings.iter().map(|finding| match finding {
            Finding::Gap { gaps } => gaps.as_slice(),
            _ => &[],
        });
        gaps.flatten().map(|gap| gap.length()).sum()
    }

    /// How long until the vendor forgets something that may be missing.
    pub(super) fn to_loss(&self, now: Timestamp) -> Option<Duration> {
        self.health.lost_from.map(|from| from.since(now))
    }
}

impl Overview {
    /// The gravest finding of all; none if all is well.
    pub(super) fn severity(&self) -> Option<Severity> {
        let findings = self.feeds.iter().flat_map(|feed| &feed.health.findings);
        findings.map(severity).max()
    }

    /// The feeds that are expected to run.
    pub(super) fn watched(&self) -> impl Iterator<Item = &FeedStatus> {
        self.feeds.iter().filter(|feed| feed.is_watched())
    }
}

fn lost(record: &FeedRecord, now: Timestamp) -> Duration {
    let Some(limits) = &record.limits else {
        return Duration::ZERO;
    };
    let sections = record.coverage.sections(limits, now).into_iter();
    let lost = sections.filter(|section| section.standing == Standing::Lost);
    lost.map(|section| section.period.length()).sum()
}
