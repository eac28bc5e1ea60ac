//! What was handed over in a run, as far back as a pipe may still hold it.

use std::collections::VecDeque;

use crate::archive::cursor::Position;

/// Most that a pipe holds of what nobody has read yet. Linux gives one 64 KiB unless somebody asks
/// for more, macOS at most as much.
const PIPE_BYTES: u64 = 64 << 10;

/// Places that were reached, each with the bytes that were written up to there.
pub(super) struct Handed {
    written: u64,
    places: VecDeque<(u64, Position)>,
}

impl Handed {
    /// Nothing yet, from this place on.
    pub(super) fn from(position: Position) -> Handed {
        Handed {
            written: 0,
            places: VecDeque::from([(0, position)]),
        }
    }

    /// So many bytes were written, and that place was reached.
    pub(super) fn add(&mut self, bytes: u64, position: Position) {
        self.written += bytes;
        self.places.push_back((self.written, position));
        while self.places.len() > 1 && self.is_read(self.places[1].0) {
            self.places.pop_front();
        }
    }

    /// The last place up to which everything has left the pipe for sure.
    pub(super) fn surely_read(&self) -> Option<Position> {
        self.places.front().map(|(_, position)| *position)
    }

    fn is_read(&self, written: u64) -> bool {
        written.saturating_add(PIPE_BYTES) <= self.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(key: i64) -> Position {
        Position { page: 1, key }
    }

    #[test]
    fn what_a_pipe_may_still_hold_is_not_surely_read() {
        let mut handed = Handed::from(at(0));
        for (bytes, key, read) in [
            (10, 1, 0),
            (PIPE_BYTES - 11, 2, 0),
            // One byte short of ten and a pipe.
            (10, 3, 0),
            (1, 4, 1),
            (0, 5, 1),
            (PIPE_BYTES, 6, 5),
            (3 * PIPE_BYTES, 7, 6),
        ] {
            handed.add(bytes, at(key));
            assert_eq!(handed.surely_read(), Some(at(read)), "{key}");
        }
    }

    #[test]
    fn no_more_is_remembered_than_a_pipe_holds() {
        let mut handed = Handed::from(at(0));
        for key in 1..10_000 {
            handed.add(1_000, at(key));
        }
        assert!(handed.places.len() <= 67, "{}", handed.places.len());
    }
}
