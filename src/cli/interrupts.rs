//! Ctrl-C stops a query, and not the program that shows its answer.

use tokio::runtime::Runtime;

use super::failure::Failure;
use super::jobs;
use super::signals;
use crate::archive::reader::Reader;

/// As long as this is there, Ctrl-C stops what a reader is at.
pub(super) struct Interrupts {
    /// Where it is listened for.
    _runtime: Runtime,
}

impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn listen(reader: &Reader) -> Result<Interrupts, Failure> {
        let runtime = jobs::runtime()?;
        let mut pressed = runtime.block_on(async { signals::Interrupts::listen() })?;
        let interrupter = reader.interrupter();
        runtime.spawn(async move {
            loop {
                pressed.next().await;
                interrupter.interrupt();
            }
        });
        Ok(Interrupts { _runtime: runtime })
    }
}
