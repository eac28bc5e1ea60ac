//! The one place where what is not well with a feed becomes words, and what to do about it.

use std::time::Duration;

use crate::archive::reader::{FeedRecord, Late};
use crate::event::{Period, Timestamp};
use crate::health::Finding;
use crate::time::{describe, minute, write_duration};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// Nothing is missing: there is something to set right some day.
    Notice,
    /// What is missing can still be had.
    Warning,
    /// What is missing is about to be lost, or is being lost.
    Critical,
}

/// A finding in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    /// What is not well, and with which feed.
    pub(super) text: String,
    /// What to do about it.
    pub(super) hint: String,
}

/// Most stretches that are listed one by one.
const LISTED_MAX: usize = 3;

/// How grave it is.
pub(super) fn severity(finding: &Finding) -> Severity {
    match finding {
        Finding::Loss { .. } => Severity::Critical,
        Finding::Failure { .. } | Finding::Stale { .. } | Finding::Gap { .. } => Severity::Warning,
        Finding::Late { .. } => Severity::Notice,
    }
}

/// What is not well with a feed, and what to do about it.
pub(super) fn remark(feed: &FeedRecord, finding: &Finding, now: Timestamp) -> Remark {
    let name = format!("{}/{}", feed.source, feed.feed);
    let sync = format!("`trailkeep sync {name}`");
    let (text, hint) = match finding {
        Finding::Loss { missing, lost_from } => (
            loss(*missing, *lost_from, now),
            format!("{sync} reads it while it is there"),
        ),
        Finding::Failure { runs, error } => (
            failure(*runs, error),
            format!("{sync} tries again, `trailkeep sources --test` the credentials"),
        ),
        Finding::Stale { last } => (
            stale(*last, now),
            format!("is the schedule running? {sync} runs it now"),
        ),
        Finding::Gap { gaps } => (gap(gaps), format!("{sync} reads what is missing")),
        Finding::Late { late, settle } => (
            self::late(*late, *settle),
            format!(
                "raise source.{}.overlap, now {}",
                feed.source,
                write_duration(*settle)
            ),
        ),
    };
    Remark {
        text: format!("{name}: {text}"),
        hint,
    }
}

/// The same in two or three words, without the feed's name.
pub(super) fn brief(finding: &Finding, now: Timestamp) -> String {
    match finding {
        Finding::Loss { lost_from, .. } if *lost_from <= now => "losing events now".to_owned(),
        Finding::Loss { lost_from, .. } => format!("loss in {}", describe(lost_from.since(now))),
        Finding::Failure { runs, .. } => counted(*runs, "failure", "failures"),
        Finding::Stale { last: None } => "never succeeded".to_owned(),
        Finding::Stale { last: Some(last) } => {
            format!("last success {} ago", describe(now.since(*last)))
        }
        Finding::Gap { gaps } => format!("gap of {}", describe(length(gaps))),
        Finding::Late { late, .. } => format!("events {} late", describe(late.by)),
    }
}

/// `1 feed`, `2 feeds`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", indicatif::HumanCount(number))
}

fn loss(missing: Timestamp, lost_from: Timestamp, now: Timestamp) -> String {
    let when = if lost_from <= now {
        "is being lost now".to_owned()
    } else {
        let (from, left) = (minute(lost_from), describe(lost_from.since(now)));
        format!("is lost from {from} on, in {left}")
    };
    let missing = minute(missing);
    format!("what is missing since {missing} {when}: the vendor forgets it")
}

fn failure(runs: u64, error: &str) -> String {
    match (runs, error) {
        (1, "") => "its last run failed".to_owned(),
        (runs, "") => format!("its last {runs} runs failed"),
        (1, error) => format!("its last run failed: {error}"),
        (runs, error) => format!("its last {runs} runs failed, the last so: {error}"),
    }
}

fn stale(last: Option<Timestamp>, now: Timestamp) -> String {
    match last {
        None => "has never run to its end".to_owned(),
        Some(last) => format!(
            "stale: its last complete run was {} ago, at {}",
            describe(now.since(last)),
            minute(last)
        ),
    }
}

fn gap(gaps: &[Period]) -> String {
    let range = |gap: &Period| format!("{} to {}", minute(gap.from), minute(gap.to));
    let listed: Vec<String> = gaps.iter().take(LISTED_MAX).map(range).collect();
    let more = match gaps.len().saturating_sub(LISTED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{} not read that the vendor still has: {}{more}",
        describe(length(gaps)),
        listed.join(", ")
    )
}

fn late(late: Late, settle: Duration) -> String {
    format!(
        "{} came late, the latest by {} at least; such are waited for {}",
        counted(late.events, "event", "events"),
        describe(late.by),
        describe(settle)
    )
}

fn length(gaps: &[Period]) -> Duration {
    gaps.iter().map(|gap| gap.length()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Coverage;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z
    const HOUR: Duration = Duration::from_secs(3_600);

    fn feed() -> FeedRecord {
        FeedRecord {
            source: "acme".to_owned(),
            kind: "sendsafely".to_owned(),
            feed: "api".to_owned(),
            limits: None,
            every: HOUR,
            coverage: Coverage::default(),
            last_complete: None,
            last_run: None,
            failures: 0,
            error: None,
            events: 0,
            bytes: 5_000,
            late: Late::default(),
        }
    }

    fn gaps(number: u32) -> Finding {
        let gap = |n| Period {
            from: NOW.before(HOUR * (200 - 10 * n)),
            to: NOW.before(HOUR * (199 - 10 * n)),
        };
        Finding::Gap {
            gaps: (0..number).map(gap).collect(),
        }
    }

    fn loss(hours: u32) -> Finding {
        Finding::Loss {
            missing: NOW.before(HOUR * 2_000),
            lost_from: NOW.after(HOUR * hours),
        }
    }

    fn failure(runs: u64, error: &str) -> Finding {
        let error = error.to_owned();
        Finding::Failure { runs, error }
    }

    fn late(events: u64) -> Finding {
        Finding::Late {
            late: Late {
                events,
                by: HOUR * 30,
            },
            settle: HOUR * 48,
        }
    }

    fn stale(hours: Option<u32>) -> Finding {
        let last = hours.map(|hours| NOW.before(HOUR * hours));
        Finding::Stale { last }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one snapshot")]
    fn each_finding_says_what_is_wrong_and_what_to_do() {
        let findings = [
            loss(100),
            loss(0),
            failure(1, "no answer"),
            failure(3, "no answer"),
            failure(1, ""),
            stale(Some(50)),
            stale(None),
            gaps(1),
            gaps(5),
            late(1),
            late(12),
        ];
        let words = findings.iter().map(|finding| {
            let Remark { text, hint } = remark(&feed(), finding, NOW);
            let severity = severity(finding);
            let brief = brief(finding, NOW);
            format!("{text}\n  {hint}\n  {severity:?}: {brief}\n")
        });
        insta::assert_snapshot!(words.collect::<String>(), @"
        acme/api: what is missing since 2026-06-30T06:13Z is lost from 2026-09-25T18:13Z on, in 4 days: the vendor forgets it
          `trailkeep sync acme/api` reads it while it is there
          Critical: loss in 4 days
        acme/api: what is missing since 2026-06-30T06:13Z is being lost now: the vendor forgets it
          `trailkeep sync acme/api` reads it while it is there
          Critical: losing events now
        acme/api: its last run failed: no answer
          `trailkeep sync acme/api` tries again, `trailkeep sources --test` the credentials
          Warning: 1 failure
        acme/api: its last 3 runs failed, the last so: no answer
          `trailkeep sync acme/api` tries again, `trailkeep sources --test` the credentials
          Warning: 3 failures
        acme/api: its last run failed
          `trailkeep sync acme/api` tries again, `trailkeep sources --test` the credentials
          Warning: 1 failure
        acme/api: stale: its last complete run was 50 h ago, at 2026-09-19T12:13Z
          is the schedule running? `trailkeep sync acme/api` runs it now
          Warning: last success 50 h ago
        acme/api: has never run to its end
          is the schedule running? `trailkeep sync acme/api` runs it now
          Warning: never succeeded
        acme/api: 60 min not read that the vendor still has: 2026-09-13T06:13Z to 2026-09-13T07:13Z
          `trailkeep sync acme/api` reads what is missing
          Warning: gap of 60 min
        acme/api: 5 h not read that the vendor still has: 2026-09-13T06:13Z to 2026-09-13T07:13Z, 2026-09-13T16:13Z to 2026-09-13T17:13Z, 2026-09-14T02:13Z to 2026-09-14T03:13Z and 2 more
          `trailkeep sync acme/api` reads what is missing
          Warning: gap of 5 h
        acme/api: 1 event came late, the latest by 30 h at least; such are waited for 48 h
          raise source.acme.overlap, now 48h
          Notice: events 30 h late
        acme/api: 12 events came late, the latest by 30 h at least; such are waited for 48 h
          raise source.acme.overlap, now 48h
          Notice: events 30 h late
        ");
    }
}
