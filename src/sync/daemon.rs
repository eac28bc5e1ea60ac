//! Runs feeds again and again, each on its own time, until it is stopped.
//!
//! Each feed has a task of its own, which sleeps until the feed is due, runs it, and reports. One
//! that fails comes back later and later, alone. The archive is open only while a run is under
//! way, so that an import by hand finds it free in between.

mod timetable;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::event::Timestamp;
use crate::fetch::clock::Clock;
use crate::sync::begin::Begun;
use crate::sync::writer::{self, Hold, Message, Pages};
use crate::sync::{Job, Outcome, SyncError, Wishes, pass, rethrow};

/// A feed that is to run again and again.
pub struct Watched {
    /// The source.
    pub source: String,
    /// The feed.
    pub feed: String,
    /// How often.
    pub every: Duration,
    /// Makes a run ready: secrets are read anew each time.
    pub ready: Ready,
}

/// Makes a run ready.
pub type Ready = Box<dyn Fn() -> Result<Job, SyncError> + Send + Sync>;

/// What came of one run, and when the next is.
#[derive(Debug)]
pub struct Turn {
    /// What came of it.
    pub outcome: Outcome,
    /// When the feed runs again.
    pub next: Timestamp,
}

/// Hears of each run. Called from several threads.
pub type Report = Arc<dyn Fn(Turn) + Send + Sync>;

/// What all feeds share.
#[derive(Clone)]
pub struct Circumstances {
    /// The time, and who waits.
    pub clock: Arc<dyn Clock>,
    /// Hears of each run.
    pub report: Report,
    /// Ends it all when it turns true, what was kept being kept.
    pub stop: watch::Receiver<bool>,
}

/// Runs the feeds that come through `feeds`, from the first list on. A later list takes the place
/// of the one before: what runs meanwhile runs to its end. Returns when it is stopped.
pub async fn watch(
    (archive, holder): (PathBuf, String),
    mut feeds: mpsc::Receiver<Vec<Watched>>,
    around: Circumstances,
) {
    let hold = Hold::DuringRuns {
        path: archive,
        holder,
        open: None,
    };
    let (pages, writing) = writer::start(hold, around.clock.clone());
    let mut tasks = Tasks::default();
    let mut stop = around.stop.clone();
    loop {
        tokio::select! {
            Some(list) = feeds.recv() => tasks.replace(list, &pages, &around),
            stopped = stop.wait_for(|stop| *stop) => {
                drop(stopped);
                break;
            }
        }
    }
    tasks.join().await;
    drop(pages);
    writing.await.unwrap_or_else(rethrow);
}

/// The tasks of the feeds, by source and feed.
#[derive(Default)]
struct Tasks {
    running: BTreeMap<(String, String), JoinHandle<()>>,
    /// Tells the tasks of the last list to end after the run they are in.
    retire: Option<watch::Sender<bool>>,
}

impl Tasks {
    fn replace(&mut self, list: Vec<Watched>, pages: &Pages, around: &Circumstances) {
        let (retire, retired) = watch::channel(false);
        if let Some(before) = self.retire.replace(retire) {
            before.send_replace(true);
        }
        for feed in list {
            let name = (feed.source.clone(), feed.feed.clone());
            let before = self.running.remove(&name);
            let follower = Follower {
                feed,
                pages: pages.clone(),
                around: around.clone(),
                retired: retired.clone(),
                failures: 0,
            };
            let task = tokio::spawn(async move {
                // No feed runs twice at once.
                if let Some(before) = before {
                    before.await.unwrap_or_else(rethrow);
                }
                follower.follow().await;
            });
            self.running.insert(name, task);
        }
    }

    async fn join(self) {
        for (_, task) in self.running {
            task.await.unwrap_or_else(rethrow);
        }
    }
}

/// Runs one feed again and again.
struct Follower {
    feed: Watched,
    pages: Pages,
    around: Circumstances,
    retired: watch::Receiver<bool>,
    /// How many runs failed in a row.
    failures: u32,
}

impl Follower {
    async fn follow(mut self) {
        while !self.is_over() {
            let outcome = match self.run().await {
                Ok(outcome) => outcome,
                Err(error) => Outcome::idle(&self.feed.source, &self.feed.feed, Err(error)),
            };
            let ended = timetable::Ended::of(&outcome, &mut self.failures);
            let now = self.around.clock.now();
            let next = timetable::next(&ended, self.feed.every, now, fastrand::f64());
            (self.around.report)(Turn { outcome, next });
            self.sleep_until(next).await;
        }
    }

    fn is_over(&self) -> bool {
        *self.retired.borrow() || *self.around.stop.borrow()
    }

    async fn run(&self) -> Result<Outcome, SyncError> {
        let job = Box::new((self.feed.ready)()?);
        let (reply, answer) = oneshot::channel();
        let message = Message::Begin(job, Wishes::default(), reply);
        let sent = self.pages.send(message).await;
        sent.map_err(|_| SyncError::Interrupted)?;
        let begun = answer.await.map_err(|_| SyncError::Interrupted)?;
        Ok(match begun? {
            Begun::NotDue(outcome) => *outcome,
            Begun::Pass(beginning) => {
                let context = pass::Context {
                    pages: self.pages.clone(),
                    clock: self.around.clock.clone(),
                    progress: Arc::new(|_| {}),
                    stop: self.around.stop.clone(),
                };
                pass::run(*beginning, context).await
            }
        })
    }

    /// Sleeps until that moment by the clock on the wall, or until it is over. The machine may
    /// sleep meanwhile, and its clock be set: so it is looked at again and again.
    async fn sleep_until(&mut self, moment: Timestamp) {
        let longest = moment.since(self.around.clock.now());
        while !self.is_over() {
            let left = moment.since(self.around.clock.now());
            if left.is_zero() || left > longest {
                return;
            }
            let (clock, stop) = (&self.around.clock, &mut self.around.stop);
            tokio::select! {
                () = clock.sleep(left.min(timetable::LOOK_EVERY)) => {}
                _ = stop.wait_for(|stop| *stop) => return,
                _ = self.retired.wait_for(|retired| *retired) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests;
