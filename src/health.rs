//! How a feed is: fresh or stale, whole or with gaps, and how long until something is lost. Pure,
//! and the same for `status` as for who is to be notified.

use std::time::Duration;

use crate::archive::reader::{FeedRecord, Late};
use crate::coverage::{Limits, Section, Standing};
use crate::event::{Period, Timestamp};

/// From when on something is worth a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// A feed is stale when its next run is overdue by this.
    pub stale: Duration,
    /// A loss is near when the vendor forgets something that is missing within this.
    pub loss: Duration,
}

/// How a feed is at a moment; by default nothing is due and nothing wrong, as with files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// From when on the vendor may be asked again; none before its first complete run.
    pub due: Option<Timestamp>,
    /// The oldest moment of which events may be missing that the vendor still has.
    pub oldest_missing: Option<Timestamp>,
    /// When the vendor begins to forget that moment, if it ever does.
    pub lost_from: Option<Timestamp>,
    /// What is not well, the gravest first; none if all is.
    pub findings: Vec<Finding>,
}

/// Something that is not well with a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The vendor is about to forget what is not archived.
    Loss {
        /// From this moment on something is missing.
        missing: Timestamp,
        /// When the vendor begins to forget it.
        lost_from: Timestamp,
    },
    /// Its last runs failed.
    Failure {
        /// How many in a row.
        runs: u64,
        /// Why the last did.
        error: String,
    },
    /// It has not run to its end for too long.
    Stale {
        /// When the last complete run began; none if there was none.
        last: Option<Timestamp>,
    },
    /// Stretches were left out that the vendor still has. What happened since the last run is
    /// none: the next run reads it, and whether that is overdue is for `Stale` to say.
    Gap {
        /// The stretches.
        gaps: Vec<Period>,
    },
    /// Events come almost as late as is allowed for, or later.
    Late {
        /// The latest, and how many.
        late: Late,
        /// For how long they are waited for.
        settle: Duration,
    },
}

impl Default for Thresholds {
    /// Who syncs once a day is not stale; two weeks are time enough to mend what is broken.
    fn default() -> Thresholds {
        Thresholds {
            stale: Duration::from_secs(26 * 3_600),
            loss: Duration::from_secs(14 * 86_400),
        }
    }
}

impl Health {
    /// How a feed is now that is expected to run. Of one that brings users only, nothing can be
    /// missing: it fails, it is stale, or all is well.
    pub fn new(feed: &FeedRecord, thresholds: &Thresholds, now: Timestamp) -> Health {
        let due = feed.last_complete.map(|last| last.after(feed.every));
        let (failure, stale) = (failure(feed), stale(feed, thresholds, now));
        let Some(limits) = feed.limits else {
            return Health {
                due,
                findings: [failure, stale].into_iter().flatten().collect(),
                ..Health::default()
            };
        };
        let sections = feed.coverage.sections(&limits, now);
        let oldest_missing = oldest_missing(&sections, limits.horizon(now));
        let lost_from = oldest_missing.and_then(|missing| limits.lost_from(missing));
        let findings = [
            loss(oldest_missing, lost_from, thresholds, now),
            failure,
            stale,
            gap(feed, &sections),
            late(feed, &limits),
        ];
        Health {
            due,
            oldest_missing,
            lost_from,
            findings: findings.into_iter().flatten().collect(),
        }
    }
}

impl Finding {
    /// In one word: `loss`, `failure`, `stale`, `gap` or `late`.
    pub fn name(&self) -> &'static str {
        match self {
            Finding::Loss { .. } => "loss",
            Finding::Failure { .. } => "failure",
            Finding::Stale { .. } => "stale",
            Finding::Gap { .. } => "gap",
            Finding::Late { .. } => "late",
        }
    }
}

fn oldest_missing(sections: &[Section], horizon: Timestamp) -> Option<Timestamp> {
    let may_miss = |section: &&Section| matches!(section.standing, Standing::Gap | Standing::Open);
    let still_there = |section: &&Section| section.period.to > horizon;
    let first = sections.iter().filter(may_miss).find(still_there)?;
    Some(first.period.from.max(horizon))
}

fn loss(
    missing: Option<Timestamp>,
    lost_from: Option<Timestamp>,
    thresholds: &Thresholds,
    now: Timestamp,
) -> Option<Finding> {
    let (missing, lost_from) = (missing?, lost_from?);
    let is_near = lost_from < now.after(thresholds.loss);
    is_near.then_some(Finding::Loss { missing, lost_from })
}

fn failure(feed: &FeedRecord) -> Option<Finding> {
    (feed.failures > 0).then(|| Finding::Failure {
        runs: feed.failures,
        error: feed.error.clone().unwrap_or_default(),
    })
}

fn stale(feed: &FeedRecord, thresholds: &Thresholds, now: Timestamp) -> Option<Finding> {
    let last = feed.last_complete;
    let overdue = |last: Timestamp| last.after(feed.every).after(thresholds.stale) < now;
    last.is_none_or(overdue).then_some(Finding::Stale { last })
}

fn gap(feed: &FeedRecord, sections: &[Section]) -> Option<Finding> {
    let end = feed.coverage.end()?;
    let gaps: Vec<Period> = sections
        .iter()
        .filter(|section| section.standing == Standing::Gap && section.period.from < end)
        .map(|section| section.period)
        .collect();
    (!gaps.is_empty()).then_some(Finding::Gap { gaps })
}

/// Half of the time is a warning: how late an event was is known only up to the run before.
fn late(feed: &FeedRecord, limits: &Limits) -> Option<Finding> {
    let (late, settle) = (feed.late, limits.settle);
    let is_near = late.events > 0 && late.by * 2 >= settle;
    is_near.then_some(Finding::Late { late, settle })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::{Coverage, Log, Reach};
    use crate::event::Claim;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);
    const LIMITS: Limits = Limits {
        look_back: Duration::from_secs(90 * 24 * 3_600),
        settle: Duration::from_secs(48 * 3_600),
        reach: Reach::Free,
        log: Log::Audit,
    };

    fn ago(hours: u32) -> Timestamp {
        NOW.before(HOUR * hours)
    }

    /// Read at those hours ago, from so many hours ago on.
    fn feed(reads: &[(u32, u32)]) -> FeedRecord {
        let mut coverage = Coverage::default();
        for (from, to) in reads {
            let period = Period {
                from: ago(*from),
                to: ago(*to),
            };
            let claim = Claim {
                period,
                as_of: ago(*to),
            };
            coverage.claim(claim, LIMITS.settle, 1);
        }
        FeedRecord {
            source: "acme".to_owned(),
            kind: "sendsafely".to_owned(),
            feed: "api".to_owned(),
            limits: Some(LIMITS),
            every: HOUR,
            coverage,
            last_complete: reads.last().map(|(_, to)| ago(*to)),
            last_run: None,
            failures: 0,
            error: None,
            events: 0,
            bytes: 5_000,
            late: Late::default(),
        }
    }

    fn found(feed: &FeedRecord) -> Vec<&'static str> {
        let health = Health::new(feed, &Thresholds::default(), NOW);
        health.findings.iter().map(Finding::name).collect()
    }

    #[test]
    fn what_is_not_well_is_found_and_nothing_else() {
        assert_eq!(found(&feed(&[(2_000, 1)])), [""; 0]);
        assert_eq!(found(&feed(&[])), ["stale"]);
        assert_eq!(found(&feed(&[(2_000, 27)])), [""; 0]);
        assert_eq!(found(&feed(&[(2_000, 28)])), ["stale"]);
        assert_eq!(found(&feed(&[(2_000, 1_000), (900, 1)])), ["gap"]);
        assert_eq!(found(&feed(&[(2_000, 1_900)])), ["loss", "stale"]);
        // Every feed that waits for longer than events come late has such an end.
        let mut weekly = feed(&[(2_000, 100)]);
        weekly.every = HOUR * 7 * 24;
        assert_eq!(found(&weekly), [""; 0]);
        let mut failing = feed(&[(2_000, 1)]);
        (failing.failures, failing.error) = (3, Some("no answer".to_owned()));
        assert_eq!(found(&failing), ["failure"]);
        for (hours, findings) in [(23, vec![]), (24, vec!["late"])] {
            let mut feed = feed(&[(2_000, 1)]);
            let by = HOUR * hours;
            feed.late = Late { events: 1, by };
            assert_eq!(found(&feed), findings, "{hours} h");
        }
    }

    #[test]
    fn a_feed_of_users_is_stale_by_how_often_it_runs_and_misses_nothing() {
        let users = |hours_ago: Option<u32>, failures| FeedRecord {
            limits: None,
            coverage: Coverage::default(),
            every: HOUR * 24,
            last_complete: hours_ago.map(ago),
            failures,
            late: Late {
                events: 1,
                by: HOUR * 99,
            },
            ..feed(&[])
        };
        for (last, failures, findings) in [
            (Some(1), 0, vec![]),
            (Some(50), 0, vec![]),
            (Some(51), 0, vec!["stale"]),
            (None, 0, vec!["stale"]),
            (Some(3), 2, vec!["failure"]),
            (Some(90), 1, vec!["failure", "stale"]),
        ] {
            assert_eq!(
                found(&users(last, failures)),
                findings,
                "{last:?} {failures}"
            );
        }
        let health = Health::new(&users(Some(3), 0), &Thresholds::default(), NOW);
        assert_eq!(health.due, Some(NOW.after(HOUR * 21)));
        assert_eq!((health.oldest_missing, health.lost_from), (None, None));
    }

    #[test]
    fn the_time_to_loss_is_that_of_the_oldest_moment_that_may_miss_events() {
        let day = Duration::from_secs(86_400);
        let margin = Duration::from_secs(300);
        for (reads, missing, days) in [
            (vec![(2_000, 1)], 49, 90 * 24 - 49),
            (vec![(2_000, 1_000), (900, 1)], 1_048, 90 * 24 - 1_048),
        ] {
            let health = Health::new(&feed(&reads), &Thresholds::default(), NOW);
            assert_eq!(health.oldest_missing, Some(ago(missing)));
            let lost_from = NOW.after(day / 24 * days).before(margin);
            assert_eq!(health.lost_from, Some(lost_from));
        }
        // What lies in a bucket stays there.
        let mut bucket = feed(&[(2_000, 1)]);
        bucket.limits = bucket.limits.map(|limits| Limits {
            reach: Reach::Whole,
            ..limits
        });
        let health = Health::new(&bucket, &Thresholds::default(), NOW);
        assert_eq!(health.oldest_missing, Some(ago(49)));
        assert_eq!(health.lost_from, None);
        // What is beyond the horizon already is lost and no longer at risk.
        let health = Health::new(&feed(&[(5_000, 4_000)]), &Thresholds::default(), NOW);
        assert_eq!(health.oldest_missing, Some(LIMITS.horizon(NOW)));
    }
}
