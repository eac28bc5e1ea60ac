//! The one writer: takes pages from all feeds, one after another, and answers what became of each.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::archive::{Archive, ArchiveError, Batch, Draft, Ending, Ingested};
use crate::fetch::clock::Clock;

/// Pages that may wait for the writer: one, so that it never idles and memory stays bounded.
const WAITING_MAX: usize = 1;

/// What a feed sends.
pub(super) enum Message {
    /// Keep this page.
    Keep(Batch, Box<Draft>, oneshot::Sender<Answer>),
    /// The batch is over: how, and the bytes received with their SHA-256.
    End(
        Batch,
        Ending,
        (u64, [u8; 32]),
        oneshot::Sender<Result<(), Arc<ArchiveError>>>,
    ),
}

/// What became of a page.
pub(super) type Answer = Result<Ingested, Arc<ArchiveError>>;

/// The way to the writer.
pub(super) type Pages = mpsc::Sender<Message>;

/// A channel to a writer.
pub(super) fn channel() -> (Pages, mpsc::Receiver<Message>) {
    mpsc::channel(WAITING_MAX)
}

/// Writes on a thread of its own until every feed is over.
pub(super) fn run(
    mut archive: Archive,
    mut inbox: mpsc::Receiver<Message>,
    clock: Arc<dyn Clock>,
) -> JoinHandle<()> {
    tokio::task::spawn_blocking(move || {
        while let Some(message) = inbox.blocking_recv() {
            // A feed that no longer listens was interrupted; what it sent is kept all the same.
            match message {
                Message::Keep(batch, draft, reply) => {
                    let answer = archive.ingest(&batch, &draft, clock.now());
                    let _ = reply.send(answer.map_err(Arc::new));
                }
                Message::End(batch, ending, received, reply) => {
                    let ended = archive.end(&batch, &ending, received, clock.now());
                    let _ = reply.send(ended.map_err(Arc::new));
                }
            }
        }
        // The pages are committed; moving them out of the journal can wait for the next run.
        let _ = archive.settle();
    })
}
