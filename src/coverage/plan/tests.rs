//! What is read when, as a table.

use super::*;
use crate::coverage::tests::{LIMITS, at, period};
use crate::coverage::{Coverage, Stretch};

type Case = (
    &'static str,
    i64,
    Option<i64>,
    &'static str,
    &'static str,
    &'static str,
);

/// What is known, the hour it is, the hour since when the user wants everything; then what is
/// read and why, as which stretches it is asked for, and what is found lost.
const TABLE: [Case; 9] = [
    ("", 100, None, "new 0-100", "0-100", ""),
    ("", 100, Some(90), "new 0-100, since 90-100", "0-100", ""),
    (
        "complete 0-90, open 90-100",
        101,
        None,
        "overlap 90-100, new 100-101",
        "90-101",
        "",
    ),
    (
        "complete 0-90, open 90-100",
        101,
        Some(50),
        "overlap 90-100, new 100-101, since 50-101",
        "50-101",
        "",
    ),
    (
        "complete 0-20, complete 40-90, open 90-100",
        101,
        None,
        "gap 20-40, overlap 90-100, new 100-101",
        "20-40, 90-101",
        "",
    ),
    // Half of the gap has left the window.
    (
        "complete 0-20, complete 40-90, open 90-100",
        130,
        None,
        "gap 30-40, overlap 90-100, new 100-130",
        "30-40, 90-130",
        "20-30",
    ),
    // Slept for longer than the vendor remembers.
    (
        "complete 0-90, open 90-100",
        250,
        None,
        "new 150-250",
        "150-250",
        "100-150",
    ),
    // What is lost is told once.
    (
        "complete 0-90, open 90-100, lost 100-150, complete 150-240, open 240-250",
        251,
        None,
        "overlap 240-250, new 250-251",
        "240-251",
        "",
    ),
    // Nothing has passed since.
    (
        "complete 0-90, open 90-100",
        100,
        None,
        "overlap 90-100",
        "90-100",
        "",
    ),
];

#[test]
fn gaps_come_first_then_what_is_open_then_what_is_new() {
    for (stretches, now, since, reads, asked, lost) in TABLE {
        let plan = Plan::new(&known(stretches), &LIMITS, at(now), since.map(at));
        let why = |read: &Read| format!("{} {}", read.why.name(), hours(&read.period));
        let all: Vec<String> = plan.reads.iter().map(why).collect();
        assert_eq!(all.join(", "), reads, "{stretches} at {now}");
        assert_eq!(listed(&plan.periods()), asked, "{stretches} at {now}");
        assert_eq!(listed(&plan.lost), lost, "{stretches} at {now}");
    }
}

#[test]
fn who_gives_only_the_last_days_is_asked_for_all_of_them() {
    let last_days = Limits {
        reach: Reach::LastDays,
        log: crate::coverage::Log::Audit,
        ..LIMITS
    };
    let known = known("complete 0-20, complete 40-90, open 90-100");
    let plan = Plan::new(&known, &last_days, at(101), None);
    assert_eq!(plan.reads.len(), 3);
    assert_eq!(plan.periods(), [period(20, 101)]);
}

fn known(text: &str) -> Coverage {
    let words = text.split(", ").filter(|text| !text.is_empty());
    let stretch = |text: &str| {
        let (state, hours) = text.split_once(' ').unwrap();
        let (from, to) = hours.split_once('-').unwrap();
        let period = period(from.parse().unwrap(), to.parse().unwrap());
        Stretch {
            period,
            state: State::find(state).unwrap(),
            as_of: period.to,
            first_batch: 1,
            last_batch: 1,
        }
    };
    Coverage::new(words.map(stretch).collect())
}

fn hours(period: &Period) -> String {
    let hour = |time: Timestamp| time.millis() / 3_600_000;
    format!("{}-{}", hour(period.from), hour(period.to))
}

fn listed(periods: &[Period]) -> String {
    periods.iter().map(hours).collect::<Vec<_>>().join(", ")
}
