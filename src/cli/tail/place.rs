//! Where a hand-over is: at a place of its own, or at a cursor that the archive keeps.

use std::path::Path;

use super::handed::Handed;
use crate::archive::ArchiveError;
use crate::archive::cursor::{Cursors, Position};
use crate::cli::failure::Failure;
use crate::fetch::clock::{Clock, SystemClock};

/// A place in the order of archiving.
pub(super) struct Place {
    position: Position,
    kept: Option<Kept>,
}

struct Kept {
    cursors: Cursors,
    name: String,
    handed: Handed,
}

impl Place {
    /// A place that nobody keeps.
    pub(super) fn free(position: Position) -> Place {
        Place {
            position,
            kept: None,
        }
    }

    /// Where the cursor of that name stands; a new one stands at `new`.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub(super) fn of_cursor(path: &Path, name: &str, new: Position) -> Result<Place, Failure> {
        let mut cursors = Cursors::open(path)?;
        let position = cursors.take(name, new, SystemClock.now())?;
        Ok(Place {
            position,
            kept: Some(Kept {
                cursors,
                name: name.to_owned(),
                handed: Handed::from(position),
            }),
        })
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// Everything up to `to` was written, and so many bytes for it.
    ///
    /// # Errors
    /// The cursor cannot be moved.
    pub(super) fn moved(&mut self, to: Position, bytes: u64) -> Result<(), Failure> {
        if let Some(kept) = &mut self.kept {
            kept.put(self.position, to)?;
            kept.handed.add(bytes, to);
        }
        self.position = to;
        Ok(())
    }

    /// Whoever read what was written has gone, and left unread what a pipe held: nothing more is
    /// handed over in this run.
    ///
    /// # Errors
    /// The cursor cannot be moved.
    pub(super) fn reader_gone(&mut self) -> Result<(), Failure> {
        if let Some(kept) = &mut self.kept
            && let Some(back) = kept.handed.surely_read()
        {
            kept.put(self.position, back)?;
        }
        Ok(())
    }
}

impl Kept {
    fn put(&mut self, from: Position, to: Position) -> Result<(), ArchiveError> {
        if from == to {
            return Ok(());
        }
        self.cursors.put(&self.name, from, to, SystemClock.now())
    }
}
