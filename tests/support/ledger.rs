//! Archives of which nothing is known but their coverage, relative to today's midnight.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use trailkeep::archive::{Archive, ArchiveError, Ending, Run};
use trailkeep::coverage::{Limits, Log, Reach};
use trailkeep::event::Timestamp;
use trailkeep::fetch::clock::{Clock, SystemClock};

use super::sandbox::Sandbox;

const DAY_MILLIS: i64 = 86_400_000;

/// A feed, and what is known of its time: from so many days ago to so many days ago, and how it
/// stands; to 0 days ago is to now.
pub(crate) struct Ledger<'a> {
    pub(crate) source: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) feed: &'a str,
    pub(crate) every: Duration,
    pub(crate) stretches: &'a [(i64, i64, &'a str)],
}

impl Ledger<'_> {
    /// Puts the feed into the sandbox's archive, as if a run had just ended.
    pub(crate) fn keep(&self, sandbox: &Sandbox) {
        let now = SystemClock.now();
        let path = sandbox.path("trailkeep.db");
        let run = Run {
            source: self.source,
            kind: self.kind,
            feed: self.feed,
            limits: self.limits(),
            every: self.every,
            lost: &[],
        };
        let mut archive = open(&path);
        let batch = archive.begin(&run, now).unwrap();
        let nothing = (0, [0; 32]);
        archive
            .end(&batch, &Ending::Complete, nothing, now)
            .unwrap();
        let db = Connection::open(path).unwrap();
        for (from, to, state) in self.stretches {
            let to = if *to == 0 { now } else { midnight(*to, now) };
            db.execute(
                "insert into stretch values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                params![
                    batch.source,
                    self.feed,
                    midnight(*from, now).millis(),
                    to.millis(),
                    state,
                    now.millis(),
                    batch.id
                ],
            )
            .unwrap();
        }
    }

    /// The vendor looks back 90 days, events settle within two; of files there are no limits.
    fn limits(&self) -> Option<Limits> {
        (self.feed != "file").then_some(Limits {
            look_back: Duration::from_secs(90 * 86_400),
            settle: Duration::from_secs(2 * 86_400),
            reach: Reach::Free,
            log: Log::Audit,
        })
    }
}

/// The archive, for writing. A program that another test starts holds every lock of this process for the moment until it is a
/// program of its own, so a lock is tried for a while.
pub(crate) fn open(path: &Path) -> Archive {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match Archive::open(path, "a test") {
            Err(ArchiveError::Locked { .. }) if Instant::now() < deadline => {
                std::thread::yield_now();
            }
            opened => return opened.unwrap(),
        }
    }
}

fn midnight(days_ago: i64, now: Timestamp) -> Timestamp {
    let today = now.millis().div_euclid(DAY_MILLIS) * DAY_MILLIS;
    Timestamp::from_millis(today - days_ago * DAY_MILLIS)
}
