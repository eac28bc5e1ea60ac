//! One pass of one feed, from its checkpoint to its last page.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::archive::{Batch, Draft, Ending, Ingested};
use crate::event::{Object, Page, Period, Timestamp};
use crate::feed::{Feed, Request, Start, Step};
use crate::fetch::FetchError;
use crate::fetch::clock::Clock;
use crate::sync::writer::{Answer, Message, Pages};
use crate::sync::{Ended, Job, Outcome, Stage, Supply, SyncError, rethrow};
use crate::time::minute;

/// Pages that may be under way to the archive while the feed makes the next.
const UNDER_WAY_MAX: usize = 2;

/// What a pass has besides its job.
pub(super) struct Context {
    pub(super) pages: Pages,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) progress: Arc<dyn Fn(Stage) + Send + Sync>,
    pub(super) stop: watch::Receiver<bool>,
}

/// A pass that may begin.
pub(super) struct Beginning {
    pub(super) job: Job,
    pub(super) start: Start,
    pub(super) batch: Batch,
    /// Found out to be lost when the pass was planned.
    pub(super) lost: Vec<Period>,
    /// When it would have been due, where the user did not want to wait.
    pub(super) early: Option<Timestamp>,
}

/// Runs a feed and says what came of it.
pub(super) async fn run(beginning: Beginning, context: Context) -> Outcome {
    let Beginning {
        job,
        start,
        batch,
        lost,
        early,
    } = beginning;
    let Job {
        source,
        feed,
        interval,
        open,
        supply,
        limits,
        ..
    } = job;
    let started = start.now;
    let mut pass = Pass::new(batch, supply, context);
    pass.notices.extend(early.map(before_its_time));
    let ran = match open(&start) {
        Ok(mut feed) => pass.drive(feed.as_mut()).await,
        Err(error) => Err(error.into()),
    };
    let settled = pass.settle().await;
    let ran = pass.end(ran.and(settled)).await;
    (pass.context.progress)(Stage::Over);
    Outcome {
        source,
        feed,
        next: next(&ran, &pass.supply, interval, started),
        ending: ran.map(|()| Ended::Complete),
        counts: pass.counts,
        users: pass.users.filter(|_| limits.is_none()),
        bytes: pass.received().0,
        took: pass.context.clock.now().since(started),
        lost,
        notices: pass.notices,
    }
}

/// From when on the vendor may be asked again: at once after a pass that failed.
fn next(
    ran: &Result<(), SyncError>,
    supply: &Supply,
    interval: Duration,
    started: Timestamp,
) -> Option<Timestamp> {
    matches!((ran, supply), (Ok(()), Supply::Fetch(_))).then(|| started.after(interval))
}

fn before_its_time(due: Timestamp) -> String {
    format!(
        "asked before its time: the vendor wants to be left alone until {}",
        minute(due)
    )
}

struct Pass {
    batch: Batch,
    supply: Supply,
    context: Context,
    sending: Option<JoinHandle<Result<(), SyncError>>>,
    under_way: VecDeque<oneshot::Receiver<Answer<Ingested>>>,
    counts: Ingested,
    /// How many users were listed.
    users: Option<usize>,
    notices: Vec<String>,
}

impl Pass {
    fn new(batch: Batch, supply: Supply, context: Context) -> Pass {
        Pass {
            batch,
            supply,
            context,
            sending: None,
            under_way: VecDeque::new(),
            counts: Ingested::default(),
            users: None,
            notices: Vec::new(),
        }
    }

    /// Does what the feed wants, until it wants nothing more.
    async fn drive(&mut self, feed: &mut dyn Feed) -> Result<(), SyncError> {
        loop {
            if *self.context.stop.borrow() {
                return Err(SyncError::Interrupted);
            }
            let now = self.context.clock.now();
            // Reading a page of a large export takes a while; other feeds go on meanwhile.
            match tokio::task::block_in_place(|| feed.next(now))? {
                Step::Ask(request) => self.ask(feed, vec![request]).await?,
                Step::AskAll(requests) => self.ask(feed, requests).await?,
                Step::Sift(objects) => self.sift(feed, objects).await?,
                Step::Wait(duration) => self.wait(duration).await?,
                Step::Keep(page) => self.keep(*page).await?,
                Step::Done => return self.settle().await,
            }
        }
    }

    /// Sends requests, once everything before them is in the archive: a report's id, say, before
    /// it is asked for. Their answers are read in their order.
    async fn ask(&mut self, feed: &mut dyn Feed, requests: Vec<Request>) -> Result<(), SyncError> {
        self.settle().await?;
        let Supply::Fetch(fetch) = &mut self.supply else {
            return Ok(());
        };
        let purposes: Vec<String> = requests.iter().map(|one| one.purpose.clone()).collect();
        let mut answers = fetch.send_all(requests);
        for purpose in purposes {
            (self.context.progress)(Stage::Asking(purpose));
            let sent = unless_stopped(&mut self.context.stop, answers.next()).await?;
            let now = self.context.clock.now();
            match sent {
                Some(Ok(answer)) => tokio::task::block_in_place(|| feed.read(answer, now))?,
                Some(Err(error)) => return self.give_up(feed, error).await,
                None => break,
            }
        }
        Ok(())
    }

    /// Ends a pass whose request has no answer; what the feed makes of that is kept.
    async fn give_up(&mut self, feed: &mut dyn Feed, error: FetchError) -> Result<(), SyncError> {
        let now = self.context.clock.now();
        if let Some(page) = feed.given_up(error.is_doubtful(), now) {
            self.keep(page).await?;
        }
        Err(error.into())
    }

    /// Asks the archive which objects it does not have; those on their way there it has.
    async fn sift(&mut self, feed: &mut dyn Feed, objects: Vec<Object>) -> Result<(), SyncError> {
        self.settle().await?;
        let (reply, answer) = oneshot::channel();
        let message = Message::Sift(self.batch.clone(), objects, reply);
        let sent = self.context.pages.send(message).await;
        sent.map_err(|_| SyncError::Interrupted)?;
        feed.sifted(answer.await.map_err(|_| SyncError::Interrupted)??);
        Ok(())
    }

    async fn wait(&mut self, duration: Duration) -> Result<(), SyncError> {
        self.settle().await?;
        (self.context.progress)(Stage::Waiting(duration));
        let clock = self.context.clock.clone();
        unless_stopped(&mut self.context.stop, clock.sleep(duration)).await
    }

    async fn keep(&mut self, mut page: Page) -> Result<(), SyncError> {
        for notice in page.notices.drain(..) {
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        self.users = page.users.as_ref().map(Vec::len).or(self.users);
        self.sent().await?;
        let (reply, answer) = oneshot::channel();
        let (batch, pages) = (self.batch.clone(), self.context.pages.clone());
        self.sending = Some(tokio::spawn(send(page, batch, reply, pages)));
        self.under_way.push_back(answer);
        self.hear(UNDER_WAY_MAX).await
    }

    /// Waits until every page is in the archive.
    async fn settle(&mut self) -> Result<(), SyncError> {
        self.sent().await?;
        self.hear(0).await
    }

    /// Waits until the page before is with the writer: pages stay in their order.
    async fn sent(&mut self) -> Result<(), SyncError> {
        match self.sending.take() {
            Some(sending) => sending.await.unwrap_or_else(rethrow),
            None => Ok(()),
        }
    }

    /// Hears what became of pages, until no more than so many are under way to the archive.
    async fn hear(&mut self, under_way_max: usize) -> Result<(), SyncError> {
        while self.under_way.len() > under_way_max {
            let Some(answer) = self.under_way.pop_front() else {
                break;
            };
            self.counts += answer.await.map_err(|_| SyncError::Interrupted)??;
            (self.context.progress)(Stage::Kept(self.counts));
        }
        Ok(())
    }

    async fn end(&mut self, ran: Result<(), SyncError>) -> Result<(), SyncError> {
        let ending = match &ran {
            Ok(()) => Ending::Complete,
            Err(SyncError::Interrupted) => Ending::Interrupted,
            Err(error) => Ending::Failed(error.to_string()),
        };
        let (reply, answer) = oneshot::channel();
        let message = Message::End(self.batch.clone(), ending, self.received(), reply);
        let sent = self.context.pages.send(message).await;
        let ended = match sent {
            Ok(()) => answer
                .await
                .map_err(|_| SyncError::Interrupted)?
                .map_err(SyncError::from),
            Err(_) => Err(SyncError::Interrupted),
        };
        ran.and(ended)
    }

    fn received(&self) -> (u64, [u8; 32]) {
        match &self.supply {
            Supply::Fetch(fetch) => fetch.received(),
            Supply::File(tally) => tally.total(),
        }
    }
}

/// Makes a page ready and sends it to the writer, while the feed makes the next.
async fn send(
    page: Page,
    batch: Batch,
    reply: oneshot::Sender<Answer<Ingested>>,
    pages: Pages,
) -> Result<(), SyncError> {
    let source = batch.source;
    let draft = tokio::task::spawn_blocking(move || Box::new(Draft::new(page, source)));
    let draft = draft.await.unwrap_or_else(rethrow);
    let message = Message::Keep(batch, draft, reply);
    let sent = pages.send(message).await;
    sent.map_err(|_| SyncError::Interrupted)
}

/// Runs a future to its end, or until the user or the system ends the sync.
async fn unless_stopped<T>(
    stop: &mut watch::Receiver<bool>,
    work: impl Future<Output = T>,
) -> Result<T, SyncError> {
    tokio::select! {
        value = work => Ok(value),
        () = stopped(stop) => Err(SyncError::Interrupted),
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Where nobody can stop the sync any more, it runs to its end.
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests;
