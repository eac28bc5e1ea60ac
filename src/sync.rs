//! The one loop that joins feeds, fetch and archive.
//!
//! Each feed runs as a task of its own ([`pass`]): it asks, reads and makes pages, which go
//! through a bounded channel to the one writer ([`writer`]). What came of each is an [`Outcome`].
//!
//! **Invariant:** nothing here knows a vendor, and nothing prints.

mod begin;
pub mod daemon;
pub mod decision;
mod pass;
mod tally;
mod writer;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinError;

use crate::archive::{Archive, ArchiveError, Ingested};
use crate::coverage::Limits;
use crate::event::{Period, Timestamp};
use crate::feed::{Feed, FeedError, Start};
use crate::fetch::clock::Clock;
use crate::fetch::{Fetch, FetchError};
use crate::kind::SettingsError;
use crate::sync::begin::Begun;
use crate::sync::writer::Hold;

pub use tally::Tally;

/// One feed that is to run.
pub struct Job {
    /// The source it belongs to.
    pub source: String,
    /// The source's kind.
    pub kind: &'static str,
    /// The feed.
    pub feed: String,
    /// Least time between two complete passes, unless forced; zero for none.
    pub interval: Duration,
    /// What the feed can have from its vendor; none for a file, and for a feed that brings users
    /// only.
    pub limits: Option<Limits>,
    /// What the user says that a file covers.
    pub covers: Option<Period>,
    /// Begins the pass.
    pub open: Open,
    /// What performs its requests, or counts the bytes of a file.
    pub supply: Supply,
}

/// Begins a pass; the settings may not suffice.
pub type Open = Box<dyn FnOnce(&Start) -> Result<Box<dyn Feed>, SettingsError> + Send>;

/// Where the bytes of a feed come from.
pub enum Supply {
    /// The network.
    Fetch(Box<Fetch>),
    /// A file or pipe that the feed holds already; its bytes are counted here.
    File(Tally),
}

/// What the user asked of a sync.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// Read again everything since then.
    pub since: Option<Timestamp>,
    /// Ask even where the vendor should not be asked again so soon.
    pub force: bool,
}

/// What came of one feed.
#[derive(Debug)]
pub struct Outcome {
    /// The source.
    pub source: String,
    /// The feed.
    pub feed: String,
    /// How it ended.
    pub ending: Result<Ended, SyncError>,
    /// What became of the records, also of a pass that failed.
    pub counts: Ingested,
    /// How many users the vendor lists, as told by a feed that brings users only.
    pub users: Option<usize>,
    /// Bytes of the answers or the file, as received.
    pub bytes: u64,
    /// How long it took.
    pub took: Duration,
    /// From when on the vendor may be asked again; none for a file.
    pub next: Option<Timestamp>,
    /// What left the vendor's window before it was read: found out by this pass.
    pub lost: Vec<Period>,
    /// Things the user should hear of.
    pub notices: Vec<String>,
}

impl Outcome {
    /// Of a feed that asked nobody: it is not due, or could not begin.
    pub fn idle(source: &str, feed: &str, ending: Result<Ended, SyncError>) -> Outcome {
        Outcome {
            source: source.to_owned(),
            feed: feed.to_owned(),
            ending,
            counts: Ingested::default(),
            users: None,
            bytes: 0,
            took: Duration::ZERO,
            next: None,
            lost: Vec::new(),
            notices: Vec::new(),
        }
    }
}

/// How a feed ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything there was has been kept.
    Complete,
    /// It was not asked: it is not due yet.
    NotDue,
}

/// Why a feed did not end well.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The feed could not go on.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// A request was not answered.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A page could not be kept.
    #[error(transparent)]
    Archive(#[from] Arc<ArchiveError>),
    /// The source's settings do not suffice.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The feed could not be made ready to run, say for want of a secret.
    #[error(transparent)]
    Unready(Box<dyn Error + Send + Sync>),
    /// The user or the system ended it.
    #[error("interrupted")]
    Interrupted,
}

/// Something that happens while a sync runs, for whoever shows progress.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Which job.
    pub job: usize,
    /// What happens.
    pub stage: Stage,
}

/// What happens in a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It asks for this.
    Asking(String),
    /// It waits so long before it asks again.
    Waiting(Duration),
    /// A page was kept; the counts so far.
    Kept(Ingested),
    /// It is over.
    Over,
}

/// Shows progress. Called from several threads.
pub type Watch = Arc<dyn Fn(Progress) + Send + Sync>;

/// Runs jobs side by side, one writer for all. A job that fails stops no other. Ends early, with
/// what has been kept kept, when `stop` turns true. The archive comes back with the outcomes, for
/// whatever is to be written next.
///
/// # Errors
/// The archive cannot be read, so that nothing could begin.
pub async fn sync(
    mut archive: Archive,
    jobs: Vec<Job>,
    wishes: Wishes,
    clock: Arc<dyn Clock>,
    progress: Watch,
    stop: watch::Receiver<bool>,
) -> Result<(Archive, Vec<Outcome>), ArchiveError> {
    let mut passes = Vec::new();
    let mut outcomes = Vec::new();
    let mut begun = Vec::new();
    for (number, job) in jobs.into_iter().enumerate() {
        match begin::begin(&mut archive, job, wishes, clock.now())? {
            Begun::NotDue(outcome) => outcomes.push((number, *outcome)),
            Begun::Pass(beginning) => begun.push((number, *beginning)),
        }
    }
    let (pages, writing) = writer::start(Hold::Throughout(archive), clock.clone());
    for (number, beginning) in begun {
        let show = progress.clone();
        let context = pass::Context {
            pages: pages.clone(),
            clock: clock.clone(),
            progress: Arc::new(move |stage| show(Progress { job: number, stage })),
            stop: stop.clone(),
        };
        passes.push((number, tokio::spawn(pass::run(beginning, context))));
    }
    drop(pages);
    for (number, pass) in passes {
        outcomes.push((number, pass.await.unwrap_or_else(rethrow)));
    }
    let hold = writing.await.unwrap_or_else(rethrow);
    outcomes.sort_by_key(|(number, _)| *number);
    let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    let archive = hold.archive().expect("it was held throughout");
    Ok((archive, outcomes))
}

/// A panic of a task is a bug of ours: it goes on in whoever waits for the task.
fn rethrow<T>(failed: JoinError) -> T {
    std::panic::resume_unwind(failed.into_panic())
}
