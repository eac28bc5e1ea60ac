//! Both vendors, an archive and one clock for all: syncs take no longer than their requests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use tokio::sync::watch;
use trailkeep::archive::{Archive, ArchiveError};
use trailkeep::coverage::{self, Coverage};
use trailkeep::demo::{
    Blemishes, EXPORT_LATE_MAX_MILLIS, LATE_MAX_MILLIS, Options, Plan, TRAIL_LATE_MAX_MILLIS,
    Vendors, World,
};
use trailkeep::event::Timestamp;
use trailkeep::feed::{Body, Stream};
use trailkeep::fetch::Fetch;
use trailkeep::fetch::clock::{Clock, TestClock};
use trailkeep::fetch::limit::Limits;
use trailkeep::kind::Settings;
use trailkeep::secret::Secret;
use trailkeep::sync::{Ended, Job, Outcome, Stage, Supply, SyncError, Tally, Wishes, sync};

use super::recorder::Recorder;
use super::simulated::{SettingText, Shown, Simulated, simulated};

/// When worlds begin to be watched: 2026-09-21T14:13:20Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// A world under watch.
pub(crate) struct Rig {
    pub(crate) vendors: Vendors,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) wire: Arc<Recorder>,
    pub(crate) options: Options,
    /// How far the client's clock is ahead of the vendors', in milliseconds.
    skew: Arc<AtomicI64>,
    said: Arc<Mutex<String>>,
    folder: TempDir,
}

/// What cuts a sync off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// The pages that the archive may grow to.
    pub(crate) pages: u32,
    /// The request before which the user ends it, from 1.
    pub(crate) request: usize,
}

/// Nothing does.
pub(crate) const UNCUT: Cut = Cut {
    pages: u32::MAX,
    request: usize::MAX,
};

/// Events by what they say, and how many of each.
pub(crate) type Counted = BTreeMap<String, i64>;

impl Rig {
    pub(crate) fn new(plan: Plan, blemishes: Blemishes, options: Options) -> Rig {
        let world = World::with_blemishes(plan, blemishes);
        let vendors = Vendors::start(world, options.clone()).unwrap();
        let clock = Arc::new(TestClock::at(plan.now));
        let skew = Arc::new(AtomicI64::new(0));
        let (ours, ahead) = (clock.clone(), skew.clone());
        vendors.set_clock(move || ours.now().plus_millis(-ahead.load(Ordering::Relaxed)));
        Rig {
            vendors,
            clock,
            skew,
            wire: Arc::default(),
            options,
            said: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Lets time pass, and so many events happen in it.
    pub(crate) fn live(&self, duration: Duration, events: usize) {
        // What happens from here on comes after what syncs before it have seen.
        let advance = |events| {
            let now = self.vendors.now();
            self.vendors.world().advance(now, events);
        };
        advance(0);
        self.clock.advance(duration);
        advance(events);
    }

    /// Sets the client's clock so many milliseconds ahead of the vendors', which stays right.
    pub(crate) fn skew(&self, millis: i64) {
        let now = self.vendors.now();
        self.skew.store(millis, Ordering::Relaxed);
        self.clock.set(now.plus_millis(millis));
    }

    /// Lets time pass until every event is visible and every feed is due.
    pub(crate) fn settle(&self) {
        let most = simulated().into_iter();
        let interval = most.map(|of| of.feed().interval).max().unwrap_or_default();
        let late = [
            LATE_MAX_MILLIS + EXPORT_LATE_MAX_MILLIS,
            TRAIL_LATE_MAX_MILLIS,
        ];
        let late = late.into_iter().max().unwrap().unsigned_abs() + 3_600_000;
        self.live(interval + Duration::from_millis(late), 0);
    }

    /// Syncs every feed of every kind.
    pub(crate) async fn sync(&self, wishes: Wishes) -> Vec<Outcome> {
        let jobs = self.jobs(&simulated());
        self.run(jobs, wishes).await
    }

    /// Runs jobs, and holds every outcome to account.
    pub(crate) async fn run(&self, jobs: Vec<Job>, wishes: Wishes) -> Vec<Outcome> {
        let outcomes = self.run_within(u32::MAX, jobs, wishes).await.unwrap();
        self.account_for(&outcomes);
        outcomes
    }

    /// Runs jobs while the archive may grow to so many pages.
    pub(crate) async fn run_within(
        &self,
        pages: u32,
        jobs: Vec<Job>,
        wishes: Wishes,
    ) -> Result<Vec<Outcome>, ArchiveError> {
        let request = usize::MAX;
        self.run_until(Cut { pages, request }, jobs, wishes).await
    }

    /// Runs jobs until something cuts them off.
    pub(crate) async fn run_until(
        &self,
        cut: Cut,
        jobs: Vec<Job>,
        wishes: Wishes,
    ) -> Result<Vec<Outcome>, ArchiveError> {
        let archive = self.open().await?;
        archive.limit_pages(cut.pages)?;
        let (stop, stopped) = watch::channel(false);
        let clock: Arc<dyn Clock> = self.clock.clone();
        let (said, asked) = (self.said.clone(), AtomicUsize::new(0));
        let progress = Arc::new(move |progress: trailkeep::sync::Progress| {
            note(&said, &progress);
            let asking = usize::from(matches!(progress.stage, Stage::Asking(_)));
            if asked.fetch_add(asking, Ordering::Relaxed) + asking >= cut.request {
                stop.send_replace(true);
            }
        });
        let synced = sync(archive, jobs, wishes, clock, progress, stopped).await;
        synced.map(|(_, outcomes)| outcomes)
    }

    /// The archive, for writing. A program that another test starts holds every lock of this
    /// process for the moment until it is a program of its own, so a lock is tried for a while.
    pub(crate) async fn open(&self) -> Result<Archive, ArchiveError> {
        for _ in 0..200 {
            match Archive::open(&self.path(), "the laws") {
                Err(ArchiveError::Locked { .. }) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                opened => return opened,
            }
        }
        Archive::open(&self.path(), "the laws")
    }

    /// The jobs of these feeds, for one run of the program.
    pub(crate) fn jobs(&self, kinds: &[&'static Simulated]) -> Vec<Job> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        self.jobs_by(&clock, kinds)
    }

    /// The same by another clock.
    pub(crate) fn jobs_by(&self, clock: &Arc<dyn Clock>, kinds: &[&'static Simulated]) -> Vec<Job> {
        let limits: Arc<Limits> = Arc::default();
        let job = |of: &&'static Simulated| self.job(of, &limits, clock);
        kinds.iter().map(job).collect()
    }

    /// What is known of this feed's time, and what it can have.
    pub(crate) async fn coverage(&self, of: &Simulated) -> (Coverage, coverage::Limits) {
        let feed = of.feed();
        let archive = self.open().await.unwrap();
        let coverage = archive.coverage(of.source, feed.name).unwrap();
        (coverage, feed.limits(&self.settings(of)).unwrap())
    }

    fn job(&self, of: &'static Simulated, limits: &Arc<Limits>, clock: &Arc<dyn Clock>) -> Job {
        let feed = of.feed();
        let settings = self.settings(of);
        let credentials = (of.access().credentials)(&settings).unwrap();
        let fetch = Fetch::new(
            self.wire.clone(),
            clock.clone(),
            limits.clone(),
            (of.access().root)(&settings).unwrap(),
            credentials,
            settings.requests_per_minute(),
        );
        let said = self.said.clone();
        let fetch = fetch.heard_by(Arc::new(move |progress| note(&said, &progress)));
        Job {
            source: of.source.to_owned(),
            kind: of.kind.name,
            feed: feed.name.to_owned(),
            interval: feed.interval,
            limits: feed.limits(&settings),
            covers: None,
            open: Box::new(move |start| (feed.open)(&settings, start)),
            supply: Supply::Fetch(Box::new(fetch)),
        }
    }

    /// The job that imports a file of this kind.
    pub(crate) fn import(&self, of: &'static Simulated, file: Vec<u8>) -> Job {
        let settings = Settings::defaults(&of.kind.access, of.source, None);
        let tally = Tally::default();
        let reader = tally.over(std::io::Cursor::new(file));
        Job {
            source: of.source.to_owned(),
            kind: of.kind.name,
            feed: "file".to_owned(),
            interval: Duration::ZERO,
            limits: None,
            covers: None,
            open: Box::new(move |start| {
                let body = Body::Stream(Stream(Box::new(reader)));
                Ok((of.kind.import)(&settings, start, body))
            }),
            supply: Supply::File(tally),
        }
    }

    fn settings(&self, of: &Simulated) -> Settings {
        let url = (of.url)(&self.vendors).parse().unwrap();
        let mut settings = Settings::defaults(of.access(), of.source, Some(url));
        for (key, text) in (of.settings)(&self.vendors) {
            match text {
                SettingText::Text(text) => drop(settings.texts.insert(key.to_owned(), text)),
                SettingText::Duration(text) => {
                    let duration = trailkeep::time::parse_duration(text).unwrap();
                    settings.durations.insert(key.to_owned(), duration);
                }
                SettingText::Flag => drop(settings.flags.insert(key.to_owned())),
            }
        }
        for (key, secret) in (of.secrets)(self.vendors.credentials()) {
            let secret = Secret::new(secret);
            settings.secrets.insert(key.to_owned(), secret);
        }
        settings
    }

    /// All progress so far, as it was told.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Forgets what went over the wire and what was told.
    pub(crate) fn forget(&self) {
        self.wire.take();
        self.vendors.clear_requests();
        self.said.lock().unwrap().clear();
    }

    /// Lets both clocks, which went another way, go on from this moment.
    pub(crate) fn resume(&self, now: Timestamp) {
        self.clock.set(now);
        let ours = self.clock.clone();
        self.vendors.set_clock(move || ours.now());
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("trail.db")
    }

    /// The archive, for reading.
    pub(crate) fn archive(&self) -> Connection {
        Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    /// What the archive holds of this kind's events.
    pub(crate) fn archived(&self, of: &Simulated) -> Counted {
        let sql = format!(
            "select {}, count(*) from events where source = ?1 group by 1",
            of.archived
        );
        let db = self.archive();
        let mut find = db.prepare(&sql).unwrap();
        let rows = find.query_map([of.source], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// What the archive holds in quarantine of this kind.
    pub(crate) fn quarantined(&self, of: &Simulated) -> BTreeSet<String> {
        let db = self.archive();
        let mut find = db
            .prepare("select record from quarantine where source = ?1")
            .unwrap();
        let records = find.query_map([of.source], |row| row.get::<_, String>(0));
        records
            .unwrap()
            .map(|record| (of.rejected)(&record.unwrap()))
            .collect()
    }

    /// What this kind's vendor shows at a moment: events, and what belongs in quarantine.
    pub(crate) fn truth(&self, of: &Simulated, now: Timestamp) -> (Counted, BTreeSet<String>) {
        counted(self.shown(of, now))
    }

    /// The same, one by one.
    pub(crate) fn shown(&self, of: &Simulated, now: Timestamp) -> Vec<Shown> {
        (of.truth)(&self.vendors.world(), now, &self.options)
    }

    /// The law of being loud: an outcome adds up, a pass that failed is on record as one, and
    /// what it says is what the archive says.
    pub(crate) fn account_for(&self, outcomes: &[Outcome]) {
        let db = self.archive();
        for outcome in outcomes {
            let counts = outcome.counts;
            let sum = counts.added + counts.duplicate + counts.quarantined;
            assert_eq!(counts.received, sum, "{outcome:?}");
            let expected = match &outcome.ending {
                Ok(Ended::NotDue) => continue,
                Ok(Ended::Complete) => "complete",
                Err(SyncError::Interrupted) => "interrupted",
                Err(_) => "failed",
            };
            let last = db.query_row(
                "select outcome, received, added, duplicate, quarantined from batches
                 where source = ?1 and feed = ?2 order by batch desc limit 1",
                [&outcome.source, &outcome.feed],
                |row| {
                    let numbers = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                    Ok((row.get::<_, String>(0)?, numbers))
                },
            );
            let (ending, numbers) = last.unwrap();
            let said = [sum, counts.added, counts.duplicate, counts.quarantined];
            let said = said.map(|count| i64::try_from(count).unwrap());
            assert_eq!((ending.as_str(), numbers), (expected, said), "{outcome:?}");
        }
    }
}

/// Events and how many of each, and what belongs in quarantine.
pub(crate) fn counted(all: impl IntoIterator<Item = Shown>) -> (Counted, BTreeSet<String>) {
    let (mut events, mut garbage) = (Counted::new(), BTreeSet::new());
    for shown in all {
        if shown.garbage {
            garbage.insert(shown.event);
        } else {
            *events.entry(shown.event).or_default() += 1;
        }
    }
    (events, garbage)
}

fn note(said: &Mutex<String>, progress: &impl fmt::Debug) {
    said.lock().unwrap().push_str(&format!("{progress:?}\n"));
}
