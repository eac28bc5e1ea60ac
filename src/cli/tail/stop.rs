//! The user or the system asks a hand-over to end, which may at that moment wait for events, or for
//! whoever reads them.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::cli::failure::Failure;
use crate::cli::jobs::{self, SAME_SIGNAL};
use crate::cli::signals::{Signals, end_at_once};

/// How long a line may take to be written once we were asked to end. Nobody may be reading: then
/// the program ends where it is, and the cursor stays where it was.
const PATIENCE: Duration = Duration::from_secs(3);

/// Hears that the hand-over is to end.
pub(super) struct Stop {
    asked: Receiver<()>,
    /// Where it is listened for.
    _runtime: Runtime,
}

impl Stop {
    /// Begins to listen.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn listen() -> Result<Stop, Failure> {
        let runtime = jobs::runtime()?;
        let signals = runtime.block_on(async { Signals::listen() })?;
        let (ask, asked) = channel();
        runtime.spawn(pass_on(signals, ask));
        Ok(Stop {
            asked,
            _runtime: runtime,
        })
    }

    /// Whether it is to end now.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.try_recv().is_ok()
    }

    /// Waits so long; whether it is to end.
    pub(super) fn is_asked_within(&self, duration: Duration) -> bool {
        self.asked.recv_timeout(duration) != Err(RecvTimeoutError::Timeout)
    }
}

async fn pass_on(mut signals: Signals, ask: Sender<()>) {
    signals.next().await;
    // It may have ended by itself meanwhile.
    let _ = ask.send(());
    tokio::time::sleep(SAME_SIGNAL).await;
    tokio::select! {
        () = signals.next() => end_at_once(),
        () = tokio::time::sleep(PATIENCE) => end_at_once(),
    }
}
