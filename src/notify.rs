//! What is to be told of feeds that are not well, once each, and that they are well again. Pure:
//! the archive keeps what was told, and the command line does the telling.
//!
//! - What begins is told when it is first found, and again only once it was over.
//! - What is over is told once, `lost` aside, which never is. A gap or a loss that is over only
//!   because the vendor has forgotten is not: then it is the loss that is told.
//! - What begins again within [`QUIET`] of its end is told only if it is still there after that:
//!   a feed that fails every other run is two notices, not two a run.
//! - Events lost are told when they are found to be, and while the same stretch grows, at most
//!   once in [`LOST_AGAIN`].

mod decision;
mod message;

use std::time::Duration;

use serde_json::Value;

use crate::archive::alerts::Alert;
use crate::archive::reader::FeedRecord;
use crate::coverage::{Limits, Standing};
use crate::event::{Period, Timestamp};
use crate::health::{Finding, Health, Thresholds};

pub use decision::{Decision, decide};
pub use message::{of_check, trial};

/// For how long after its end what begins again is not told.
pub const QUIET: Duration = Duration::from_secs(3_600);

/// How long until it is told again that a stretch of lost events has grown.
pub const LOST_AGAIN: Duration = Duration::from_secs(86_400);

/// What may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The last run failed.
    Failure,
    /// Stretches were not read that the vendor still has.
    Gap,
    /// The vendor is about to forget what is not archived.
    Loss,
    /// The vendor has forgotten what is not archived.
    Lost,
    /// It has not run to its end for too long.
    Stale,
    /// One of these, lost events aside, is over.
    Recovery,
    /// A check found what should not be there. It is of no feed: what was told of it is on record
    /// with the checks ([`crate::archive::checks`]).
    Check,
}

/// A feed as it is at a moment.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The source.
    pub source: String,
    /// The feed.
    pub feed: String,
    /// Whether it was just tried, or found to be not due: else that no failure is on record does
    /// not say that it works.
    pub tried: bool,
    /// What it can have from its vendor; none before its first run.
    pub limits: Option<Limits>,
    /// What is not well.
    pub findings: Vec<Finding>,
    /// What cannot be had any longer.
    pub lost: Vec<Period>,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What it is.
    pub occasion: Occasion,
    /// The source.
    pub source: String,
    /// The feed.
    pub feed: String,
    /// When it was first found; of a recovery, what is over.
    pub since: Timestamp,
    /// One sentence for people, and what to do.
    pub message: String,
    /// The same for programs: an object.
    pub details: Value,
    /// The alert as it is to be on record once this was told.
    pub told: Alert,
}

impl Watched {
    /// A feed of which nothing is known.
    pub fn unknown(source: &str, feed: &str) -> Watched {
        Watched {
            source: source.to_owned(),
            feed: feed.to_owned(),
            tried: false,
            limits: None,
            findings: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// A feed as the archive knows it.
    pub fn of(record: &FeedRecord, thresholds: &Thresholds, now: Timestamp) -> Watched {
        let sections = record
            .limits
            .map(|limits| record.coverage.sections(&limits, now));
        let sections = sections.into_iter().flatten();
        let lost = sections.filter(|section| section.standing == Standing::Lost);
        Watched {
            limits: record.limits,
            findings: Health::new(record, thresholds, now).findings,
            lost: lost.map(|section| section.period).collect(),
            ..Watched::unknown(&record.source, &record.feed)
        }
    }

    /// The same, having just failed for this reason. The archive may not know, where nothing
    /// could begin or be written.
    #[must_use]
    pub fn failing(mut self, why: &str) -> Watched {
        self.tried = true;
        let known = |finding: &Finding| matches!(finding, Finding::Failure { .. });
        if !self.findings.iter().any(known) {
            let error = why.to_owned();
            self.findings.push(Finding::Failure { runs: 1, error });
        }
        self
    }

    /// Whether it fails.
    pub fn fails(&self) -> bool {
        self.finding(Occasion::Failure).is_some()
    }

    fn finding(&self, what: Occasion) -> Option<&Finding> {
        let is_it = |finding: &&Finding| finding.name() == what.name();
        self.findings.iter().find(is_it)
    }
}

impl Occasion {
    /// All there are.
    pub const ALL: [Occasion; 7] = [
        Occasion::Failure,
        Occasion::Gap,
        Occasion::Loss,
        Occasion::Lost,
        Occasion::Stale,
        Occasion::Recovery,
        Occasion::Check,
    ];

    /// In one word, as the config file and the archive have it.
    pub fn name(self) -> &'static str {
        match self {
            Occasion::Failure => "failure",
            Occasion::Gap => "gap",
            Occasion::Loss => "loss",
            Occasion::Lost => "lost",
            Occasion::Stale => "stale",
            Occasion::Recovery => "recovery",
            Occasion::Check => "check",
        }
    }

    /// The occasion of that name.
    pub fn find(name: &str) -> Option<Occasion> {
        Occasion::ALL.into_iter().find(|one| one.name() == name)
    }
}

#[cfg(test)]
mod tests;
