//! The one writer: begins runs, takes pages from all feeds, one after another, and answers what
//! became of each.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::archive::{Archive, ArchiveError, Batch, Draft, Ending, Ingested};
use crate::event::{Object, Timestamp};
use crate::fetch::clock::Clock;
use crate::sync::begin::{self, Begun};
use crate::sync::{Job, Wishes};

/// Pages that may wait for the writer: one, so that it never idles and memory stays bounded.
const WAITING_MAX: usize = 1;

/// What a feed sends.
pub(super) enum Message {
    /// Begin a run of this job, if it is due.
    Begin(Box<Job>, Wishes, oneshot::Sender<Answer<Begun>>),
    /// Keep this page.
    Keep(Batch, Box<Draft>, oneshot::Sender<Answer<Ingested>>),
    /// Say which of these objects are not archived yet.
    Sift(Batch, Vec<Object>, oneshot::Sender<Answer<Vec<Object>>>),
    /// The batch is over: how, and the bytes received with their SHA-256.
    End(Batch, Ending, (u64, [u8; 32]), oneshot::Sender<Answer<()>>),
}

/// What became of what was sent.
pub(super) type Answer<T> = Result<T, Arc<ArchiveError>>;

/// The way to the writer.
pub(super) type Pages = mpsc::Sender<Message>;

/// When the archive is open, and with it closed to all other writers.
pub(super) enum Hold {
    /// From now on until every feed is over.
    Throughout(Archive),
    /// While a run is under way.
    DuringRuns {
        /// The archive's file.
        path: PathBuf,
        /// Who we are, for others that find it locked.
        holder: String,
        /// The archive, while it is open.
        open: Option<Archive>,
    },
}

impl Hold {
    /// The archive, where it is open.
    pub(super) fn archive(self) -> Option<Archive> {
        match self {
            Hold::Throughout(archive) => Some(archive),
            Hold::DuringRuns { open, .. } => open,
        }
    }
}

/// Begins to write on a thread of its own, until nobody sends any more; then what it holds comes back.
pub(super) fn start(hold: Hold, clock: Arc<dyn Clock>) -> (Pages, JoinHandle<Hold>) {
    let (pages, inbox) = mpsc::channel(WAITING_MAX);
    let writer = Writer {
        hold,
        running: 0,
        broken: HashMap::new(),
        clock,
    };
    let writing = tokio::task::spawn_blocking(|| writer.serve(inbox));
    (pages, writing)
}

struct Writer {
    hold: Hold,
    running: usize,
    /// Batches of which a page could not be kept, and why.
    broken: HashMap<i64, Arc<ArchiveError>>,
    clock: Arc<dyn Clock>,
}

impl Writer {
    fn serve(mut self, mut inbox: mpsc::Receiver<Message>) -> Hold {
        while let Some(message) = inbox.blocking_recv() {
            // A feed that no longer listens was interrupted; what it sent is kept all the same.
            match message {
                Message::Begin(job, wishes, reply) => {
                    let begun = self.begin(*job, wishes);
                    let _ = reply.send(begun.map_err(Arc::new));
                }
                Message::Keep(batch, draft, reply) => {
                    let _ = reply.send(self.keep(&batch, &draft));
                }
                Message::Sift(batch, objects, reply) => {
                    let new = self.with(|archive, _| archive.unseen(&batch, objects));
                    let _ = reply.send(new.map_err(Arc::new));
                }
                Message::End(batch, ending, received, reply) => {
                    let end =
                        |archive: &mut Archive, now| archive.end(&batch, &ending, received, now);
                    let ended = self.with(end);
                    self.broken.remove(&batch.id);
                    self.running = self.running.saturating_sub(1);
                    self.rest();
                    let _ = reply.send(ended.map_err(Arc::new));
                }
            }
        }
        self.hold
    }

    fn begin(&mut self, job: Job, wishes: Wishes) -> Result<Begun, ArchiveError> {
        let begun = self.with(|archive, now| begin::begin(archive, job, wishes, now));
        match &begun {
            Ok(Begun::Pass(_)) => self.running += 1,
            Ok(Begun::NotDue(_)) | Err(_) => self.rest(),
        }
        begun
    }

    /// Keeps a page. After one that could not be kept, none of its batch is: a smaller one might
    /// find room and claim what was in the one before.
    fn keep(&mut self, batch: &Batch, draft: &Draft) -> Answer<Ingested> {
        if let Some(why) = self.broken.get(&batch.id) {
            return Err(why.clone());
        }
        let kept = self.with(|archive, now| archive.ingest(batch, draft, now));
        kept.map_err(|error| {
            let why = Arc::new(error);
            self.broken.insert(batch.id, why.clone());
            why
        })
    }

    /// Does something with the archive, which is opened if need be.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Archive, Timestamp) -> Result<T, ArchiveError>,
    ) -> Result<T, ArchiveError> {
        let now = self.clock.now();
        let archive = match &mut self.hold {
            Hold::Throughout(archive) => archive,
            Hold::DuringRuns { path, holder, open } => match open {
                Some(archive) => archive,
                None => open.insert(Archive::open(path, holder)?),
            },
        };
        work(archive, now)
    }

    /// Lets others write while no run is under way.
    fn rest(&mut self) {
        if let (0, Hold::DuringRuns { open, .. }) = (self.running, &mut self.hold) {
            open.take().iter_mut().for_each(settle);
        }
    }
}

/// Steps of an index that is to be built which a run ends with: about a second.
const INDEX_STEPS: usize = 4;

/// The pages are committed; that moving them out of the journal fails can wait for the next run, and
/// so can what an index lacks of the years before it.
fn settle(archive: &mut Archive) {
    for _ in 0..INDEX_STEPS {
        if !archive.build_search().is_ok_and(|built| built > 0) {
            break;
        }
    }
    archive.settle();
}
