//! What is known of a feed's time stays known, and what is not known is told.

use proptest::prelude::*;

use super::plan::{Plan, Why};
use super::*;

/// Hours stand for moments: long enough apart for the margins not to matter.
pub(super) const HOUR: i64 = 3_600_000;

pub(super) fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour * HOUR)
}

pub(super) fn period(from: i64, to: i64) -> Period {
    Period {
        from: at(from),
        to: at(to),
    }
}

pub(super) fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3_600)
}

/// Looks back 100 hours; events settle within 10.
pub(super) const LIMITS: Limits = Limits {
    look_back: Duration::from_secs(100 * 3_600 + 5 * 60),
    settle: Duration::from_secs(10 * 3_600),
    reach: Reach::Free,
    log: Log::Audit,
};

fn claim(coverage: &mut Coverage, from: i64, to: i64, as_of: i64, batch: i64) {
    let claim = Claim {
        period: period(from, to),
        as_of: at(as_of),
    };
    coverage.claim(claim, LIMITS.settle, batch);
}

/// `complete 0-90 #1-2`, one line a stretch.
fn stretches(coverage: &Coverage) -> Vec<String> {
    let line = |stretch: &Stretch| {
        let hour = |time: Timestamp| time.millis() / HOUR;
        let (from, to) = (hour(stretch.period.from), hour(stretch.period.to));
        let (first, last) = (stretch.first_batch, stretch.last_batch);
        format!("{} {from}-{to} #{first}-{last}", stretch.state.name())
    };
    coverage.stretches().iter().map(line).collect()
}

fn sections(coverage: &Coverage, now: i64) -> String {
    let line = |section: &Section| {
        let hour = |time: Timestamp| time.millis() / HOUR;
        let (from, to) = (hour(section.period.from), hour(section.period.to));
        format!("{} {from}-{to}", section.standing.name())
    };
    let sections = coverage.sections(&LIMITS, at(now));
    sections.iter().map(line).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_was_read_young_is_open_until_it_is_read_again() {
    let mut coverage = Coverage::default();
    claim(&mut coverage, 0, 100, 100, 1);
    assert_eq!(
        stretches(&coverage),
        ["complete 0-90 #1-1", "open 90-100 #1-1"]
    );
    claim(&mut coverage, 90, 105, 105, 2);
    assert_eq!(
        stretches(&coverage),
        ["complete 0-95 #1-2", "open 95-105 #2-2"]
    );
    claim(&mut coverage, 20, 30, 110, 3);
    assert_eq!(
        stretches(&coverage),
        ["complete 0-95 #1-3", "open 95-105 #2-2"]
    );
}

#[test]
fn a_later_read_never_takes_back_what_is_complete() {
    let mut coverage = Coverage::default();
    claim(&mut coverage, 0, 50, 100, 1);
    coverage.lose(period(-20, 58), at(60), 2);
    claim(&mut coverage, 40, 60, 61, 3);
    let expected = ["lost -20-0 #2-2", "complete 0-51 #1-3", "open 51-60 #3-3"];
    assert_eq!(stretches(&coverage), expected);
}

#[test]
fn a_stretch_is_lost_when_the_last_of_it_is_found_to_be() {
    let mut coverage = Coverage::default();
    coverage.lose(period(0, 50), at(150), 1);
    coverage.lose(period(50, 60), at(160), 2);
    assert_eq!(stretches(&coverage), ["lost 0-60 #1-2"]);
    assert_eq!(coverage.stretches()[0].as_of, at(160));
}

#[test]
fn what_a_clock_from_the_future_claimed_is_forgotten() {
    let mut coverage = Coverage::default();
    claim(&mut coverage, 0, 500, 500, 1);
    let plan = Plan::new(&coverage, &LIMITS, at(200), None);
    assert_eq!(plan.periods(), [period(100, 200)]);
    assert_eq!(plan.lost, []);
    claim(&mut coverage, 100, 200, 200, 2);
    let expected = ["complete 0-190 #1-2", "open 190-200 #2-2"];
    assert_eq!(stretches(&coverage), expected);
    let plan = Plan::new(&coverage, &LIMITS, at(200), None);
    assert_eq!(plan.periods(), [period(190, 200)]);
}

#[test]
fn what_a_clock_from_the_future_claimed_is_open_until_all_of_it_is_read_again() {
    let mut coverage = Coverage::default();
    claim(&mut coverage, 0, 500, 500, 1);
    claim(&mut coverage, 100, 120, 200, 2);
    let expected = ["complete 0-120 #1-2", "open 120-200 #1-1"];
    assert_eq!(stretches(&coverage), expected);
    let plan = Plan::new(&coverage, &LIMITS, at(201), None);
    assert_eq!(plan.periods(), [period(120, 201)]);
}

#[test]
fn a_stretch_past_its_moment_is_not_claimed() {
    let mut coverage = Coverage::default();
    claim(&mut coverage, 0, 50, 20, 1);
    assert_eq!(
        stretches(&coverage),
        ["complete 0-10 #1-1", "open 10-20 #1-1"]
    );
}

#[test]
fn how_time_stands_is_told_without_a_hole() {
    let mut coverage = Coverage::default();
    claim(&mut coverage, 0, 20, 40, 1);
    claim(&mut coverage, 60, 80, 80, 2);
    for (now, before, after) in [
        (80, "gap 20-60", "80"),
        // What is not read yet is open for 26 hours more.
        (116, "gap 20-60", "116"),
        (140, "lost 20-40, gap 40-60", "80, gap 80-104, open 104-140"),
        (
            200,
            "lost 20-60",
            "80, lost 80-100, gap 100-164, open 164-200",
        ),
    ] {
        let expected = format!("complete 0-20, {before}, complete 60-70, open 70-{after}");
        assert_eq!(sections(&coverage, now), expected, "{now}");
    }
    assert_eq!(sections(&Coverage::default(), 80), "");
}

#[test]
fn a_file_fills_gaps_and_promises_nothing_of_the_time_before() {
    let (mut coverage, mut file) = (Coverage::default(), Coverage::default());
    claim(&mut coverage, 0, 20, 40, 1);
    claim(&mut coverage, 60, 70, 80, 2);
    claim(&mut file, -50, 30, 100, 3);
    claim(&mut file, 50, 100, 100, 4);
    let helped = coverage.helped_by(&file);
    let expected = "complete 0-30, gap 30-50, complete 50-90, open 90-100";
    assert_eq!(sections(&helped, 100), expected);
    assert_eq!(Coverage::default().helped_by(&file), Coverage::default());
}

#[test]
fn how_late_an_event_was_is_known_from_when_its_time_was_read() {
    let mut coverage = Coverage::default();
    claim(&mut coverage, 0, 20, 25, 1);
    coverage.lose(period(30, 40), at(40), 2);
    let read = |hour| {
        coverage
            .read_at(at(hour))
            .map(|read| (read.state, read.as_of))
    };
    assert_eq!(read(-1), None);
    assert_eq!(read(0), Some((State::Complete, at(25))));
    assert_eq!(read(15), Some((State::Open, at(25))));
    for hour in [20, 35, 50] {
        assert_eq!(read(hour), None);
    }
}

/// What happens to a feed: it is read from an hour to another, at an hour.
#[derive(Debug, Clone)]
struct Happened {
    from: i64,
    length: i64,
    age: i64,
    lost: bool,
}

fn happened() -> impl Strategy<Value = Vec<Happened>> {
    let one = (0_i64..60, 0_i64..30, 0_i64..30, prop::bool::weighted(0.2));
    let one = one.prop_map(|(from, length, age, lost)| Happened {
        from,
        length,
        age,
        lost,
    });
    prop::collection::vec(one, 0..12)
}

proptest! {
    /// Hour by hour, the same as a table that says of each hour what is known best.
    #[test]
    fn stretches_are_what_is_known_best_of_each_hour(all in happened()) {
        let mut coverage = Coverage::default();
        let mut best: [Option<State>; 100] = [None; 100];
        for (batch, one) in (1..).zip(&all) {
            let (from, to) = (one.from, one.from + one.length);
            // No clock of this world runs backwards.
            let as_of = 90 + batch.min(9);
            let settled = as_of - 10 - one.age;
            let settle = hours(u64::try_from(as_of - settled).unwrap());
            if one.lost {
                coverage.lose(period(from, to), at(as_of), batch);
            } else {
                let claim = Claim { period: period(from, to), as_of: at(as_of) };
                coverage.claim(claim, settle, batch);
            }
            for hour in from..to {
                let state = match () {
                    () if one.lost => State::Lost,
                    () if hour < settled => State::Complete,
                    () => State::Open,
                };
                let known = &mut best[usize::try_from(hour).unwrap()];
                *known = (*known).max(Some(state));
            }
        }
        for (hour, best) in (0..).zip(best) {
            let known = coverage.stretches().iter().find(|one| {
                one.period.from <= at(hour) && at(hour) < one.period.to
            });
            prop_assert_eq!(known.map(|one| one.state), best, "hour {}", hour);
        }
        for pair in coverage.stretches().windows(2) {
            prop_assert!(pair[0].period.to <= pair[1].period.from);
            prop_assert!(!pair[0].clone().absorb(&pair[1]), "{:?} are one", pair);
        }
    }

    /// After a pass that reads all that was planned, nothing is left to be healed.
    #[test]
    fn a_plan_leaves_no_gap(all in happened(), ahead in 0_i64..200, since in prop::option::of(0_i64..150)) {
        let mut coverage = Coverage::default();
        for (batch, one) in (1..).zip(&all) {
            let claim = Claim {
                period: period(one.from, one.from + one.length),
                as_of: at(one.from + one.length + one.age),
            };
            coverage.claim(claim, LIMITS.settle, batch);
        }
        let now = at(120 + ahead);
        let before = coverage.clone();
        let plan = Plan::new(&coverage, &LIMITS, now, since.map(at));
        for lost in &plan.lost {
            prop_assert!(lost.to <= LIMITS.horizon(now));
            coverage.lose(*lost, now, 99);
        }
        for period in plan.periods() {
            prop_assert!(LIMITS.horizon(now) <= period.from && period.to <= now);
            coverage.claim(Claim { period, as_of: now }, LIMITS.settle, 99);
        }
        let gaps = coverage.sections(&LIMITS, now).into_iter().filter(|s| s.standing == Standing::Gap);
        prop_assert_eq!(gaps.count(), 0);
        for old in before.stretches().iter().filter(|old| old.state == State::Complete) {
            prop_assert!(without(old.period, &complete(&coverage)).is_empty(), "{:?} shrank", old);
        }
        let again = Plan::new(&coverage, &LIMITS, now, None);
        prop_assert_eq!(&again.lost, &[]);
        prop_assert!(again.reads.iter().all(|read| read.why == Why::Overlap), "{:?}", again);
    }
}

fn complete(coverage: &Coverage) -> Vec<Period> {
    let stretches = coverage.stretches().iter();
    let complete = stretches.filter(|stretch| stretch.state == State::Complete);
    complete.map(|stretch| stretch.period).collect()
}
