//! The laws with the ledger in them: vendors delay, repeat and lose events while syncs come at odd
//! times, break off and sleep for months, by clocks that may be wrong. What is claimed to be
//! complete is what the vendor held, the rest is told, and nothing is lost but what left the
//! vendor's window unread.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use trailkeep::coverage::{Coverage, Reach, Standing, State, Stretch};
use trailkeep::demo::{Faults, Options, Plan};
use trailkeep::event::{Period, Timestamp};
use trailkeep::fetch::clock::Clock;
use trailkeep::sync::{Ended, Outcome, Wishes};

use super::kept::complete;
use super::scenario::{BLEMISHES, faults, options, plans};
use super::{cases, claims, run};
use crate::support::rig::{Counted, Cut, Rig, START, UNCUT, counted};
use crate::support::simulated::{Shown, Simulated, simulated};

proptest! {
    #![proptest_config(cases(10))]

    #[test]
    fn what_is_claimed_is_what_the_vendor_held_and_the_rest_is_told(
        plan in plans(50..400),
        options in options(),
        steps in vec(steps(), 2..9),
    ) {
        run(sleep_and_wake(plan, options, &steps));
    }
}

#[test]
fn what_a_wrong_clock_gave_up_is_read_once_it_is_right() {
    run(give_up_too_soon());
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Clocks that differ by no more are taken to agree.
const SKEW_MAX: i64 = 5 * MINUTE;

/// A stretch of time, and a sync at its end.
#[derive(Clone)]
struct Step {
    after: Duration,
    events: usize,
    faults: Faults,
    cut: Cut,
    force: bool,
    /// So many hours are read again.
    since: Option<i64>,
    /// How far the client's clock is ahead, in milliseconds.
    skew: i64,
}

/// On one line, however it is asked for: a failure prints it whole.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Step {
            after,
            events,
            faults,
            cut,
            force,
            since,
            skew,
        } = self;
        write!(
            f,
            "after {after:?} {events} events, {faults:?} {cut:?} force {force} since {since:?} skew {skew}"
        )
    }
}

fn steps() -> impl Strategy<Value = Step> {
    let minutes = prop_oneof![
        3 => 1_u64..300,
        3 => 300_u64..6 * 1_440,
        2 => 1_440_u64..150 * 1_440,
        1 => 300 * 1_440_u64..420 * 1_440,
    ];
    let faults = prop_oneof![3 => Just(Faults::default()), 2 => faults()];
    let cut = prop_oneof![
        4 => Just(UNCUT),
        2 => (1_usize..30).prop_map(|request| Cut { request, ..UNCUT }),
        1 => (0_u32..40).prop_map(|pages| Cut { pages, ..UNCUT }),
    ];
    let skew = prop_oneof![
        4 => Just(0),
        2 => select(vec![-4 * MINUTE, 4 * MINUTE, -HOUR, HOUR, -10 * DAY, 10 * DAY]),
    ];
    let since = option::weighted(0.2, 1_i64..24 * 120);
    (
        minutes,
        0_usize..60,
        faults,
        cut,
        any::<bool>(),
        since,
        skew,
    )
        .prop_map(|(minutes, events, faults, cut, force, since, skew)| Step {
            after: Duration::from_secs(60 * minutes),
            events,
            faults,
            cut,
            force,
            since,
            skew,
        })
}

async fn sleep_and_wake(plan: Plan, options: Options, steps: &[Step]) {
    let mut watched = Watched::new(Rig::new(plan, BLEMISHES, options));
    for step in steps {
        watched.step(step).await;
    }
    watched.rig.vendors.set_faults(&Faults::default());
    watched.rig.settle();
    complete(&watched.sync(UNCUT, Wishes::default()).await);
    watched.hold();
    for of in simulated() {
        watched.only_what_was_never_read_is_lost(of).await;
        watched.nothing_is_made_up(of);
    }
}

/// By a clock ten days ahead, what happened 85 days ago has left a window of 90.
async fn give_up_too_soon() {
    let plan = Plan {
        seed: 85,
        events: 200,
        days: 20,
        now: START,
    };
    let mut watched = Watched::new(Rig::new(plan, BLEMISHES, Options::default()));
    complete(&watched.sync(UNCUT, Wishes::default()).await);
    let later = |days: i64, skew| Step {
        after: Duration::from_millis(u64::try_from(days * DAY).unwrap()),
        events: 400,
        faults: Faults::default(),
        cut: UNCUT,
        force: false,
        since: None,
        skew,
    };
    watched.step(&later(85, 10 * DAY)).await;
    let lost = "select count(*) from stretch where state = 'lost'";
    assert_eq!(watched.number(lost), 1);
    watched.step(&later(2, 0)).await;
    assert_eq!(watched.number(lost), 0);
    for of in simulated() {
        watched.only_what_was_never_read_is_lost(of).await;
    }
}

/// A rig, and what has been seen from outside of the archive so far.
struct Watched {
    rig: Rig,
    /// By kind: each event that its vendor has shown.
    ever: BTreeMap<&'static str, BTreeMap<Shown, usize>>,
    /// By kind: what a pass that ended well has read, whatever the ledger says.
    read: BTreeMap<&'static str, Vec<Period>>,
}

impl Watched {
    fn new(rig: Rig) -> Watched {
        Watched {
            rig,
            ever: BTreeMap::new(),
            read: BTreeMap::new(),
        }
    }

    async fn step(&mut self, step: &Step) {
        self.rig.live(step.after, step.events);
        self.rig.vendors.set_faults(&step.faults);
        self.rig.skew(step.skew);
        let hours = |hours: i64| self.rig.clock.now().plus_millis(-hours * HOUR);
        let (since, force) = (step.since.map(hours), step.force);
        let before = self.known().await;
        let pages = step.cut.pages.saturating_add(self.pages());
        let cut = Cut { pages, ..step.cut };
        let outcomes = self.sync(cut, Wishes { since, force }).await;
        if step.skew.abs() > SKEW_MAX {
            let done = |outcome: &Outcome| matches!(outcome.ending, Ok(Ended::Complete));
            assert!(!outcomes.iter().any(done), "{outcomes:?}");
            assert_eq!(before, self.known().await, "by a wrong clock");
        }
        self.rig.skew(0);
        self.hold();
    }

    async fn sync(&mut self, cut: Cut, wishes: Wishes) -> Vec<Outcome> {
        self.look();
        let mut known = Vec::new();
        for of in simulated() {
            known.push((of, self.rig.coverage(of).await));
        }
        let (batch, started) = (self.last_batch(), self.rig.clock.now());
        let jobs = self.rig.jobs(&simulated());
        let outcomes = self.rig.run_until(cut, jobs, wishes).await;
        self.look();
        for (of, (coverage, limits)) in &known {
            self.late_is_what_had_been_read(of, coverage, batch);
            let done = |outcome: &&Outcome| {
                outcome.source == of.source && matches!(outcome.ending, Ok(Ended::Complete))
            };
            if outcomes.iter().flatten().any(|outcome| done(&outcome)) {
                // A pass takes some hours if all goes wrong, and a report may be as old as a day.
                let from = limits.horizon(started).plus_millis(6 * HOUR);
                let to = match limits.reach {
                    Reach::Free | Reach::Whole => started,
                    Reach::LastDays => started.plus_millis(-DAY),
                };
                let read = self.read.entry(of.source).or_default();
                read.push(Period { from, to });
            }
        }
        // The disk may have been full already when the batches were to begin.
        outcomes.unwrap_or_default()
    }

    /// Notes what the vendors show just now.
    fn look(&mut self) {
        for of in simulated() {
            let mut shown: BTreeMap<Shown, usize> = BTreeMap::new();
            for event in self.rig.shown(of, self.rig.vendors.now()) {
                *shown.entry(event).or_default() += 1;
            }
            let ever = self.ever.entry(of.source).or_default();
            for (event, count) in shown {
                let most = ever.entry(event).or_default();
                *most = count.max(*most);
            }
        }
    }

    fn ever(&self, of: &Simulated) -> Vec<Shown> {
        let all = self.ever[of.source].iter();
        all.flat_map(|(event, count)| std::iter::repeat_n(event.clone(), *count))
            .collect()
    }

    #[track_caller]
    fn hold(&self) {
        claims::hold_of(&self.rig, SKEW_MAX, |of| self.ever(of));
    }

    /// What is known to have been read, of every kind.
    async fn known(&self) -> Vec<(Period, State, Timestamp)> {
        let mut known = Vec::new();
        for of in simulated() {
            let (coverage, _) = self.rig.coverage(of).await;
            let read = coverage
                .stretches()
                .iter()
                .filter(|one| one.state > State::Lost);
            known.extend(read.map(|one| (one.period, one.state, one.as_of)));
        }
        known
    }

    /// A batch counts as late what it adds to time that had been read before.
    #[track_caller]
    fn late_is_what_had_been_read(&self, of: &Simulated, known: &Coverage, after: i64) {
        let read = |time: i64| {
            let within = |one: &Period| one.from.millis() <= time && time < one.to.millis();
            let read = known
                .stretches()
                .iter()
                .filter(|one| one.state > State::Lost);
            read.map(|one| one.period).any(|period| within(&period))
        };
        let db = self.rig.archive();
        let sql = "select e.key >> 20 from event e join page p on p.id = e.page
                   join source s on s.id = p.source where s.name = ?1 and p.batch > ?2";
        let mut find = db.prepare(sql).unwrap();
        let times = find.query_map((of.source, after), |row| row.get(0));
        let late = times.unwrap().filter(|time| read(*time.as_ref().unwrap()));
        let sql = "select coalesce(sum(late), 0) from batches where source = ?1 and batch > ?2";
        let counted = db.query_row(sql, (of.source, after), |row| row.get::<_, i64>(0));
        let name = of.source;
        let late = i64::try_from(late.count()).unwrap();
        assert_eq!(late, counted.unwrap(), "{name}: late, of {known:?}");
    }

    /// Nothing is left that could be healed, and what is lost was past its vendor's horizon when
    /// that was found out, and had never been read.
    async fn only_what_was_never_read_is_lost(&self, of: &Simulated) {
        let (coverage, limits) = self.rig.coverage(of).await;
        let name = of.source;
        let sections = coverage.sections(&limits, self.rig.clock.now());
        let gaps = sections.iter().filter(|one| one.standing == Standing::Gap);
        assert_eq!(gaps.count(), 0, "{name}: {sections:?}");
        for pair in coverage.stretches().windows(2) {
            assert_eq!(
                pair[0].period.to, pair[1].period.from,
                "{name}: {coverage:?}"
            );
        }
        let now = self.rig.clock.now();
        let settled = now.before(limits.settle).plus_millis(-6 * HOUR);
        let within = |one: &&Stretch| one.period.to > limits.horizon(now);
        for stretch in coverage.stretches().iter().filter(within) {
            let is_young = stretch.period.from >= settled;
            assert!(
                stretch.state != State::Open || is_young,
                "{name}: {stretch:?}"
            );
        }
        let lost = coverage.stretches().iter();
        for lost in lost.filter(|one| one.state == State::Lost) {
            let horizon = limits.horizon(lost.as_of);
            assert!(lost.period.to <= horizon, "{name}: {lost:?} at {horizon}");
            for read in self.read.get(name).into_iter().flatten() {
                let apart = read.to <= lost.period.from || lost.period.to <= read.from;
                assert!(apart, "{name}: {lost:?}, and read: {read:?}");
            }
        }
    }

    /// No event is there that its vendor did not show, and none more often.
    fn nothing_is_made_up(&self, of: &Simulated) {
        let (shown, _): (Counted, _) = counted(self.ever(of));
        for (event, count) in self.rig.archived(of) {
            let most = shown.get(&event).copied().unwrap_or_default();
            assert!(count <= most, "{}: {count} of {most}: {event}", of.source);
        }
    }

    fn pages(&self) -> u32 {
        let size = "select page_count from pragma_page_count";
        self.number(size).try_into().unwrap()
    }

    fn last_batch(&self) -> i64 {
        self.number("select coalesce(max(id), 0) from batch")
    }

    fn number(&self, sql: &str) -> i64 {
        self.rig
            .archive()
            .query_row(sql, [], |row| row.get(0))
            .unwrap()
    }
}
