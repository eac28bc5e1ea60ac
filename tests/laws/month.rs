//! A month of the daemon: all feeds on their own time over real HTTP, on a clock that moves on
//! only while everybody sleeps. Nothing is lost, and memory is flat.
//!
//! It runs in a process of its own, for memory is a process's. By default it is two days of it;
//! `TRAILKEEP_RUNS=10000 cargo test --test all laws::month` makes it more than a month.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, mpsc, watch};
use trailkeep::demo::{Blemishes, Fault, Faults, Options, Plan, Purpose};
use trailkeep::event::Timestamp;
use trailkeep::fetch::clock::Clock;
use trailkeep::sync::Wishes;
use trailkeep::sync::daemon::{self, Circumstances, Turn, Watched};

use super::kept::{complete, nothing_is_lost};
use super::{claims, run};
use crate::support::rig::{Rig, START};
use crate::support::simulated::{Simulated, simulated};

/// So many runs of the feeds that run most often make two days.
const RUNS: usize = 600;

/// No feed runs more often.
const EVERY_MIN: Duration = Duration::from_secs(300);

/// So much may be held at the end more than after the first tenth: the vendors and their world
/// grow in the same process.
const MORE_KIB_MAX: u64 = 12 << 10;

/// Every so many runs something happens, and every so many runs something goes wrong for a while.
const EVENTS_EVERY: usize = 25;
const FAULTS_EVERY: usize = 160;
const FAULTY_FOR: usize = 12;

#[test]
fn a_daemon_that_runs_for_days_loses_nothing_in_the_memory_of_its_first() {
    let myself = std::env::current_exe().unwrap();
    let name = "laws::month::the_month";
    let output = Command::new(myself)
        .args(["--exact", name, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{wrong}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "runs in a process of its own, which the test above begins"]
#[expect(
    clippy::disallowed_methods,
    reason = "how long it is, whoever runs the tests decides"
)]
fn the_month() {
    let runs = std::env::var("TRAILKEEP_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    run(live_through(runs));
}

async fn live_through(runs: usize) {
    let month = Arc::new(Month::new(runs));
    let (send, feeds) = mpsc::channel(1);
    let watched = simulated().into_iter().map(|of| month.watched(of));
    send.send(watched.collect()).await.ok().unwrap();
    let hears = month.clone();
    let around = Circumstances {
        clock: month.clock.clone(),
        report: Arc::new(move |turn| hears.hear(&turn)),
        stop: month.stop.subscribe(),
    };
    let archive = (month.rig.path(), "the laws".to_owned());
    daemon::watch(archive, feeds, around).await;
    month.look_back().await;
}

struct Month {
    rig: Rig,
    clock: Arc<Metronome>,
    runs: usize,
    told: Mutex<Told>,
    stop: watch::Sender<bool>,
}

/// What was told so far.
#[derive(Default)]
struct Told {
    /// Runs of each feed.
    turns: BTreeMap<String, usize>,
    /// Those that failed, and that something went wrong then.
    failed: usize,
    /// Those that failed though nothing did.
    unexpected: Vec<String>,
    /// What the process held after the first tenth, and at the end.
    held_kib: Vec<u64>,
}

impl Month {
    fn new(runs: usize) -> Month {
        let plan = Plan {
            seed: 30,
            events: 100,
            days: 30,
            now: START,
        };
        let blemishes = Blemishes {
            late: 0.1,
            ..Blemishes::default()
        };
        let rig = Rig::new(plan, blemishes, Options::default());
        let clock = Arc::new(Metronome::new(START, simulated().len()));
        let theirs = clock.clone();
        rig.vendors.set_clock(move || theirs.now());
        Month {
            rig,
            clock,
            runs,
            told: Mutex::default(),
            stop: watch::channel(false).0,
        }
    }

    fn watched(self: &Arc<Month>, of: &'static Simulated) -> Watched {
        let feed = of.feed();
        let month = self.clone();
        let clock: Arc<dyn Clock> = self.clock.clone();
        Watched {
            source: of.source.to_owned(),
            feed: feed.name.to_owned(),
            every: feed.interval.max(EVERY_MIN),
            ready: Box::new(move || {
                let jobs = month.rig.jobs_by(&clock, &[of]);
                Ok(jobs.into_iter().next().unwrap())
            }),
        }
    }

    fn hear(&self, turn: &Turn) {
        let mut told = self.told.lock().unwrap();
        let turns = told.turns.entry(turn.outcome.feed.clone()).or_default();
        *turns += 1;
        let number = *told.turns.values().max().unwrap();
        if turn.outcome.ending.is_err() {
            let faulty = number > FAULTS_EVERY && number % FAULTS_EVERY <= FAULTY_FOR;
            if faulty {
                told.failed += 1;
            } else {
                told.unexpected.push(format!("{number}: {turn:?}"));
            }
        }
        // What is recorded of every exchange would grow without an end.
        self.rig.forget();
        if self.go_on(number) && [self.runs / 10, self.runs].contains(&number) {
            told.held_kib.push(resident_kib());
            self.stop.send_replace(number == self.runs);
        }
    }

    /// Lets the world go on, once for each run of the feed that runs most often.
    fn go_on(&self, number: usize) -> bool {
        static LAST: AtomicI64 = AtomicI64::new(0);
        let number_now = i64::try_from(number).unwrap();
        if LAST.swap(number_now, Ordering::Relaxed) == number_now {
            return false;
        }
        if number.is_multiple_of(EVENTS_EVERY) {
            // Ahead of the clock, so that nothing happens in time that was read already.
            let tomorrow = self.clock.now().plus_millis(86_400_000);
            self.rig.vendors.world().advance(tomorrow, 5);
        }
        match number % FAULTS_EVERY {
            0 => self.rig.vendors.set_faults(&outage(number)),
            FAULTY_FOR => self.rig.vendors.set_faults(&Faults::default()),
            _ => {}
        }
        true
    }

    #[expect(clippy::print_stdout, reason = "what was measured is of interest")]
    async fn look_back(&self) {
        {
            let told = self.told.lock().unwrap();
            assert!(told.unexpected.is_empty(), "{:#?}", told.unexpected);
            assert_eq!(told.turns.len(), simulated().len(), "{:?}", told.turns);
            assert!(
                told.failed > 0 || self.runs <= FAULTS_EVERY,
                "nothing went wrong"
            );
            let held: [u64; 2] = told.held_kib.clone().try_into().unwrap();
            let [first, last] = held;
            println!("{:?}, {} failed, {held:?} KiB", told.turns, told.failed);
            assert!(
                last < first + MORE_KIB_MAX,
                "{first} KiB, and {last} KiB at the end"
            );
        }
        self.rig.vendors.set_faults(&Faults::default());
        self.rig.resume(self.clock.now());
        claims::hold(&self.rig);
        self.rig.settle();
        complete(&self.rig.sync(Wishes::default()).await);
        for of in simulated() {
            nothing_is_lost(&self.rig, of);
        }
    }
}

/// Much goes wrong, but nothing that leaves an order in doubt.
fn outage(number: usize) -> Faults {
    Faults {
        seed: number as u64,
        rate: 0.8,
        kinds: vec![Fault::Drop, Fault::Cut, Fault::Status(500), Fault::Html],
        purposes: vec![Purpose::AuditLog, Purpose::ReportPoll, Purpose::Users],
        in_a_row: 20,
        ..Faults::default()
    }
}

/// What the process holds in memory.
fn resident_kib() -> u64 {
    let sizes = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = sizes.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4
}

/// A clock that stands still while anybody is awake, and else moves on to when the first wakes.
struct Metronome {
    sleepers_max: usize,
    time: Mutex<Time>,
    moved: Notify,
}

struct Time {
    now: Timestamp,
    /// When each wakes.
    asleep: BTreeMap<u64, Timestamp>,
    names: u64,
}

impl Metronome {
    fn new(now: Timestamp, sleepers_max: usize) -> Metronome {
        Metronome {
            sleepers_max,
            time: Mutex::new(Time {
                now,
                asleep: BTreeMap::new(),
                names: 0,
            }),
            moved: Notify::new(),
        }
    }

    fn lie_down(&self, duration: std::time::Duration) -> Sleeper<'_> {
        let mut time = self.time.lock().unwrap();
        let (name, wakes) = (time.names, time.now.after(duration));
        time.names += 1;
        time.asleep.insert(name, wakes);
        Sleeper {
            clock: self,
            name,
            wakes,
        }
    }

    /// Moves on if everybody sleeps; tells whether that moment has come.
    fn has_come(&self, moment: Timestamp) -> bool {
        let mut time = self.time.lock().unwrap();
        let first = time.asleep.values().min().copied();
        if let Some(first) = first.filter(|first| *first > time.now)
            && time.asleep.len() >= self.sleepers_max
        {
            time.now = first;
            self.moved.notify_waiters();
        }
        time.now >= moment
    }
}

impl Clock for Metronome {
    fn now(&self) -> Timestamp {
        self.time.lock().unwrap().now
    }

    fn sleep(&self, duration: std::time::Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let sleeper = self.lie_down(duration);
            loop {
                let moved = self.moved.notified();
                tokio::pin!(moved);
                moved.as_mut().enable();
                if self.has_come(sleeper.wakes) {
                    return;
                }
                moved.await;
            }
        })
    }
}

/// Somebody asleep, until it is dropped.
struct Sleeper<'a> {
    clock: &'a Metronome,
    name: u64,
    wakes: Timestamp,
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.clock.time.lock().unwrap().asleep.remove(&self.name);
    }
}
