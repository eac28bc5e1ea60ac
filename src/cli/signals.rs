//! The user or the system asks the program to end: Ctrl-C or SIGTERM.

use std::io;

use super::failure::Exit;

/// Asked to end for the second time, the program ends here and now. The archive is none the worse
/// for it: what is not committed was never kept.
#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "whoever asks twice does not want to wait for what runs"
)]
pub(super) fn end_at_once() -> ! {
    std::process::exit(Exit::Interrupted as i32)
}

/// The signals from now on; until then they end the program.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen, within a tokio runtime.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn listen() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The next time that we are asked to end.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C alone: what is under way is to be stopped, and not the program.
#[cfg(unix)]
pub(super) struct Interrupts(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Interrupts {
    /// Begins to listen, within a tokio runtime.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn listen() -> io::Result<Interrupts> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Interrupts(signal(SignalKind::interrupt())?))
    }

    /// The next time that it is pressed.
    pub(super) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Ctrl-C alone: what is under way is to be stopped, and not the program.
#[cfg(not(unix))]
pub(super) struct Interrupts;

#[cfg(not(unix))]
impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    /// None on this system.
    pub(super) fn listen() -> io::Result<Interrupts> {
        Ok(Interrupts)
    }

    /// The next time that it is pressed.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// SIGHUP: the config file is to be read again.
#[cfg(unix)]
pub(super) struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    /// Begins to listen, within a tokio runtime.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn listen() -> io::Result<Hangups> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Hangups(signal(SignalKind::hangup())?))
    }

    /// The next time that it comes.
    pub(super) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// There is no such signal here.
#[cfg(not(unix))]
pub(super) struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    /// Begins to listen for what never comes.
    ///
    /// # Errors
    /// None on this system.
    pub(super) fn listen() -> io::Result<Hangups> {
        Ok(Hangups)
    }

    /// Never.
    pub(super) async fn next(&mut self) {
        std::future::pending().await
    }
}

/// The signals from now on; until then they end the program.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Begins to listen, within a tokio runtime.
    ///
    /// # Errors
    /// None on this system.
    pub(super) fn listen() -> io::Result<Signals> {
        Ok(Signals)
    }

    /// The next time that we are asked to end.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
