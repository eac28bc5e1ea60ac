//! From the config to jobs, and from jobs to outcomes: what `sync`, `import` and `demo` share.

use std::path::Path;
use std::process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::SecondsFormat;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

use super::failure::Failure;
use super::progress::{Board, Event};
use super::screen::Screen;
use super::search;
use super::signals::{Signals, end_at_once};
use crate::archive::Archive;
use crate::fetch::clock::{Clock, SystemClock};
use crate::sync::{Job, Outcome, Progress, Supply, Wishes, sync};

/// What is to be pulled, and what cannot be.
#[derive(Default)]
pub(super) struct Plan {
    /// The jobs that can begin.
    pub(super) jobs: Vec<Job>,
    /// What comes of feeds that cannot begin, and where they stand among all.
    pub(super) unready: Vec<(usize, Outcome)>,
}

/// How a plan is carried out.
pub(super) struct Run<'a> {
    /// The archive.
    pub(super) archive: &'a Path,
    /// The command, for others that find the archive locked.
    pub(super) command: &'a str,
    /// Whether an index for full-text search is kept.
    pub(super) search: bool,
    /// What the user asked.
    pub(super) wishes: Wishes,
    /// What time it is.
    pub(super) clock: Arc<dyn Clock>,
}

impl Run<'_> {
    /// Opens the archive to be written, with the index for search or without, as the config says.
    ///
    /// # Errors
    /// It cannot be opened or written.
    pub(super) fn open(&self, screen: &Screen) -> Result<Archive, Failure> {
        let mut archive = Archive::open(self.archive, &holder(self.command))?;
        search::bring_up(&mut archive, self.search, screen)?;
        Ok(archive)
    }
}

/// `timeout` and some shells send a signal to a process and to its group: that is asked once.
pub(super) const SAME_SIGNAL: Duration = Duration::from_millis(300);

/// Threads for the feeds and the writer.
///
/// # Errors
/// The system gives none.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// Carries a plan out with progress, and ends it early, all that was kept being kept, when the
/// user or the system says so.
///
/// # Errors
/// The archive cannot be opened or read, so that nothing could begin.
pub(super) fn run(
    screen: &Screen,
    runtime: &Runtime,
    run: &Run<'_>,
    plan: Plan,
) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    if !plan.jobs.is_empty() {
        let archive = run.open(screen)?;
        let (archive, synced) = runtime.block_on(watched(screen, archive, plan.jobs, run))?;
        archive.settle();
        outcomes = synced;
    }
    for (at, outcome) in plan.unready {
        outcomes.insert(at.min(outcomes.len()), outcome);
    }
    Ok(outcomes)
}

/// `trailkeep sync, process 123, since 2026-11-22T10:00:00Z`
pub(super) fn holder(command: &str) -> String {
    let since = SystemClock.now().datetime();
    let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "trailkeep {command}, process {}, since {since}",
        process::id()
    )
}

/// Runs the jobs, shows what happens and listens for signals, all on this thread: what the feeds
/// do, they do on others.
///
/// # Errors
/// As for [`sync`].
pub(super) async fn watched(
    screen: &Screen,
    archive: Archive,
    mut jobs: Vec<Job>,
    run: &Run<'_>,
) -> Result<(Archive, Vec<Outcome>), Failure> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let names = jobs
        .iter()
        .map(|job| format!("{}/{}", job.source, job.feed));
    let mut board = Board::new(screen, names.collect());
    jobs = listened_to(jobs, &tell);
    let (stop, stopped) = watch::channel(false);
    let mut signals = Signals::listen()?;
    // That nobody listens any more is no loss.
    let show = move |Progress { job, stage }| drop(tell.send((job, Event::Stage(stage))));
    let clock = run.clock.clone();
    let syncing = sync(archive, jobs, run.wishes, clock, Arc::new(show), stopped);
    tokio::pin!(syncing);
    let mut asked: Option<Instant> = None;
    let synced = loop {
        tokio::select! {
            synced = &mut syncing => break synced?,
            Some((job, event)) = told.recv() => board.show(job, &event),
            () = signals.next() => match asked {
                Some(first) if first.elapsed() > SAME_SIGNAL => end_at_once(),
                Some(_) => {}
                None => {
                    asked = Some(Instant::now());
                    stop.send_replace(true);
                    board.aside(|screen| screen.note("ending; once more ends at once"));
                }
            },
        }
    };
    while let Ok((job, event)) = told.try_recv() {
        board.show(job, &event);
    }
    Ok(synced)
}

/// The same jobs, their requests heard.
fn listened_to(jobs: Vec<Job>, tell: &mpsc::UnboundedSender<(usize, Event)>) -> Vec<Job> {
    let heard = |(number, job): (usize, Job)| {
        let Supply::Fetch(fetch) = job.supply else {
            return job;
        };
        let tell = tell.clone();
        let listener = move |event| drop(tell.send((number, Event::Request(event))));
        let fetch = Box::new(fetch.heard_by(Arc::new(listener)));
        Job {
            supply: Supply::Fetch(fetch),
            ..job
        }
    };
    jobs.into_iter().enumerate().map(heard).collect()
}
