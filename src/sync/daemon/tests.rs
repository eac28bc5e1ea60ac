//! The daemon on a clock that stands still but for sleeping: what runs when, and what is left.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::*;
use crate::archive::{Archive, ArchiveError};
use crate::event::Page;
use crate::feed::{Feed, FeedError, Response, Step};
use crate::fetch::clock::TestClock;
use crate::sync::{Supply, Tally};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

/// Feeds that are watched until so many runs have been told.
struct Rig {
    clock: Arc<TestClock>,
    told: Mutex<Vec<(String, bool, Timestamp)>>,
    runs: usize,
    stop: watch::Sender<bool>,
    folder: tempfile::TempDir,
}

impl Rig {
    fn new(runs: usize) -> Arc<Rig> {
        Arc::new(Rig {
            clock: Arc::new(TestClock::at(NOW)),
            told: Mutex::default(),
            runs,
            stop: watch::channel(false).0,
            folder: tempfile::tempdir().unwrap(),
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("archive.db")
    }

    fn hear(&self, turn: &Turn) {
        let ended = turn.outcome.ending.is_ok();
        let mut told = self.told.lock().unwrap();
        told.push((turn.outcome.feed.clone(), ended, turn.next));
        if told.len() >= self.runs {
            self.stop.send_replace(true);
        }
    }

    /// The runs of a feed: whether each ended well, and when the next was to be.
    fn turns(&self, feed: &str) -> Vec<(bool, Timestamp)> {
        let told = self.told.lock().unwrap();
        let of_feed = told.iter().filter(|(name, _, _)| name == feed);
        of_feed.map(|(_, ended, next)| (*ended, *next)).collect()
    }

    async fn watch(self: &Arc<Rig>, lists: Vec<Vec<Watched>>) {
        let (send, feeds) = mpsc::channel(8);
        for list in lists {
            send.send(list).await.unwrap();
        }
        let rig = self.clone();
        let around = Circumstances {
            clock: self.clock.clone(),
            report: Arc::new(move |turn| rig.hear(&turn)),
            stop: self.stop.subscribe(),
        };
        watch((self.path(), "a test".to_owned()), feeds, around).await;
    }
}

/// A feed that fails, or has a page of nothing.
struct Stub {
    fails: bool,
    kept: bool,
}

impl Feed for Stub {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        if self.fails {
            let (why, hint) = ("it fails".to_owned(), None);
            return Err(FeedError::Unreadable { why, hint });
        }
        if !self.kept {
            self.kept = true;
            return Ok(Step::Keep(Box::default()));
        }
        Ok(Step::Done)
    }

    fn read(&mut self, _answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        Ok(())
    }
}

/// A feed that runs every so many minutes; `fails` says whether it does this time.
fn watched(
    feed: &'static str,
    minutes: u32,
    fails: impl Fn() -> bool + Send + Sync + 'static,
) -> Watched {
    let every = MINUTE * minutes;
    Watched {
        source: "acme".to_owned(),
        feed: feed.to_owned(),
        every,
        ready: Box::new(move || {
            let fails = fails();
            Ok(Job {
                source: "acme".to_owned(),
                kind: "stub",
                feed: feed.to_owned(),
                interval: every,
                limits: None,
                covers: None,
                open: Box::new(move |_| Ok(Box::new(Stub { fails, kept: false }))),
                supply: Supply::File(Tally::default()),
            })
        }),
    }
}

fn never() -> bool {
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_comes_back_later_and_later_alone() {
    let rig = Rig::new(40);
    let lists = vec![vec![
        watched("well", 15, never),
        watched("failing", 240, || true),
    ]];
    rig.watch(lists).await;
    let failing = rig.turns("failing");
    assert!(failing.len() > 3 && failing.iter().all(|(ended, _)| !ended));
    let pauses: Vec<u64> = failing
        .windows(2)
        .map(|pair| pair[1].1.since(pair[0].1).as_secs())
        .collect();
    // Other feeds' sleep moves the clock as well; but the longest pause is an hour and its jitter.
    assert!(pauses[0] < 1_800, "{pauses:?}");
    assert!(
        pauses.iter().skip(6).all(|pause| *pause >= 3_600),
        "{pauses:?}"
    );
    let well = rig.turns("well");
    // The last may have been stopped in the middle.
    let (_, before) = well.split_last().unwrap();
    assert!(before.len() > 3, "{well:?}");
    assert!(before.iter().all(|(ended, _)| *ended), "{well:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_success_it_is_on_its_own_time_again() {
    let rig = Rig::new(6);
    let runs = AtomicU32::new(0);
    let fails_twice = move || runs.fetch_add(1, Ordering::Relaxed) < 2;
    rig.watch(vec![vec![watched("flaky", 15, fails_twice)]])
        .await;
    let ended: Vec<bool> = rig.turns("flaky").iter().map(|turn| turn.0).collect();
    assert_eq!(ended, [false, false, true, true, true, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_slept_runs_once_and_goes_on() {
    let rig = Rig::new(5);
    let clock = rig.clock.clone();
    let runs = AtomicU32::new(0);
    let jump = move || {
        // While the second run begins, the lid is closed for a month.
        if runs.fetch_add(1, Ordering::Relaxed) == 1 {
            clock.advance(30 * 24 * 60 * MINUTE);
        }
        false
    };
    rig.watch(vec![vec![watched("api", 15, jump)]]).await;
    let turns = rig.turns("api");
    let pauses: Vec<u64> = turns
        .windows(2)
        .map(|pair| pair[1].1.since(pair[0].1).as_secs() / 60)
        .collect();
    assert!(pauses[0] > 29 * 24 * 60, "{pauses:?}");
    assert!(
        pauses[1..].iter().all(|pause| (15..19).contains(pause)),
        "{pauses:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_back_stops_nothing() {
    let rig = Rig::new(5);
    let clock = rig.clock.clone();
    let runs = AtomicU32::new(0);
    let set_back = move || {
        if runs.fetch_add(1, Ordering::Relaxed) == 1 {
            clock.set(NOW.before(24 * 60 * MINUTE));
        }
        false
    };
    rig.watch(vec![vec![watched("api", 15, set_back)]]).await;
    let db = rusqlite::Connection::open(rig.path()).unwrap();
    let sql = "select count(*) from batch where outcome = 'complete'";
    let ran: i64 = db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(ran, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_list_takes_the_place_of_the_one_before() {
    let rig = Rig::new(8);
    let lists = vec![
        vec![watched("old", 15, never), watched("both", 15, never)],
        vec![watched("both", 15, never), watched("new", 15, never)],
    ];
    rig.watch(lists).await;
    assert!(rig.turns("old").len() <= 1);
    assert!(rig.turns("both").len() > 1 && rig.turns("new").len() > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_runs_others_may_write_and_who_finds_it_locked_tries_again() {
    let rig = Rig::new(3);
    let (path, clock) = (rig.path(), rig.clock.clone());
    let other: Mutex<Option<Archive>> = Mutex::default();
    let was_free = Arc::new(AtomicBool::new(false));
    let seen = was_free.clone();
    let take_and_give_back = move || {
        let mut other = other.lock().unwrap();
        if other.take().is_none() && clock.now() == NOW {
            *other = Some(Archive::open(&path, "another").unwrap());
            seen.store(true, Ordering::Relaxed);
        }
        false
    };
    rig.watch(vec![vec![watched("api", 15, take_and_give_back)]])
        .await;
    assert!(was_free.load(Ordering::Relaxed));
    let ended: Vec<bool> = rig.turns("api").iter().map(|turn| turn.0).collect();
    assert_eq!(ended, [false, true, true]);
    let again = Archive::open(&rig.path(), "afterwards");
    assert!(!matches!(again, Err(ArchiveError::Locked { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_in_the_middle_it_keeps_what_was_kept_and_says_so() {
    let rig = Rig::new(usize::MAX);
    let stop = rig.stop.clone();
    let feed = Watched {
        ready: Box::new(move || {
            let stop = stop.clone();
            let mut job = (watched("slow", 15, never).ready)()?;
            job.open = Box::new(move |_| {
                let mut pages = 0;
                Ok(Box::new(Endless(move || {
                    pages += 1;
                    if pages == 3 {
                        stop.send_replace(true);
                    }
                })))
            });
            Ok(job)
        }),
        ..watched("slow", 15, never)
    };
    rig.watch(vec![vec![feed]]).await;
    assert_eq!(rig.turns("slow").len(), 1);
    let db = rusqlite::Connection::open(rig.path()).unwrap();
    let sql = "select outcome, (select count(*) from page) from batch";
    let (outcome, pages): (String, i64) = db
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!((outcome.as_str(), pages), ("interrupted", 3));
}

/// A feed that keeps pages for ever.
struct Endless<F>(F);

impl<F: FnMut() + Send> Feed for Endless<F> {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        (self.0)();
        Ok(Step::Keep(Box::<Page>::default()))
    }

    fn read(&mut self, _answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_made_ready_is_told_and_tried_again() {
    let rig = Rig::new(3);
    let feed = Watched {
        ready: Box::new(|| Err(SyncError::Unready("no secret".into()))),
        ..watched("api", 15, never)
    };
    rig.watch(vec![vec![feed]]).await;
    let turns = rig.turns("api");
    assert_eq!(turns.len(), 3);
    assert!(turns.iter().all(|(ended, _)| !ended));
}
