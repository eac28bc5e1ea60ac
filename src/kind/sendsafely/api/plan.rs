//! Which stretches of time a pass of the API feed walks.

use std::collections::VecDeque;
use std::time::Duration;

use crate::event::{Period, millis};
use crate::feed::Start;
use crate::kind::slices;

/// A stretch that is asked for at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    /// The stretch.
    pub(super) period: Period,
    /// The whole of which it is a part: its neighbours in it are asked for as well.
    pub(super) window: Period,
}

/// What is to be read in slices of that length, oldest first. The portal is asked for so much more
/// at either end, but for nothing that it has forgotten or that is still to come.
pub(super) fn slices(
    start: &Start,
    look_back: Duration,
    margin: i64,
    length: Duration,
) -> VecDeque<Slice> {
    let horizon = start.now.before(look_back);
    let wider = |read: &Period| Period {
        from: read.from.plus_millis(-margin).max(horizon.min(read.from)),
        to: read.to.plus_millis(margin).min(start.now),
    };
    let windows = start.reads.iter().map(wider);
    windows.flat_map(|window| cut(window, length)).collect()
}

fn cut(window: Period, length: Duration) -> impl Iterator<Item = Slice> {
    let periods = slices::cut(window, length).into_iter();
    periods.map(move |period| Slice { period, window })
}

/// The two halves of a slice, cut at a whole second; none where it is too short to be cut.
pub(super) fn halves(slice: Period) -> Option<[Period; 2]> {
    let length = slice.to.millis().saturating_sub(slice.from.millis());
    if length <= millis(slices::LEAST) {
        return None;
    }
    let middle = slice.from.plus_millis(length / 2);
    let middle = middle.plus_millis(-middle.millis().rem_euclid(1_000));
    Some([
        Period {
            to: middle,
            ..slice
        },
        Period {
            from: middle,
            ..slice
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);
    const HOUR: i64 = 3_600_000;

    #[test]
    fn slices_leave_nothing_out_and_overlap_nowhere() {
        let week = Duration::from_secs(7 * 86_400);
        for (hours, length, count) in [
            (0, week, 0),
            (1, week, 1),
            (168, week, 1),
            (169, week, 2),
            (1, Duration::ZERO, 60),
        ] {
            let window = Period {
                from: NOW.plus_millis(-hours * HOUR),
                to: NOW,
            };
            let slices: Vec<Slice> = cut(window, length).collect();
            assert_eq!(slices.len(), count, "{hours} h");
            let mut at = window.from;
            for slice in slices {
                assert_eq!((slice.period.from, slice.window), (at, window));
                assert!(!slice.period.is_empty());
                at = slice.period.to;
            }
            assert_eq!(at, window.to);
        }
    }

    #[test]
    fn a_margin_reaches_neither_beyond_the_horizon_nor_into_the_future() {
        let ago = |hours: i64| NOW.plus_millis(-hours * HOUR);
        let read = |from, to| Period {
            from: ago(from),
            to: ago(to),
        };
        let start = Start {
            reads: vec![read(95, 80), read(50, 40), read(10, 0)],
            ..Start::of("acme", NOW)
        };
        let day = Duration::from_secs(86_400);
        let windows: Vec<Period> = slices(&start, 4 * day, 14 * HOUR, 4 * day)
            .into_iter()
            .map(|slice| slice.period)
            .collect();
        assert_eq!(windows, [read(96, 66), read(64, 26), read(24, 0)]);
    }

    #[test]
    fn halving_ends_at_a_minute() {
        let mut slice = Period {
            from: NOW.plus_millis(-7 * 24 * HOUR),
            to: NOW,
        };
        let mut times = 0;
        while let Some([first, second]) = halves(slice) {
            assert_eq!(
                (first.from, first.to, second.to),
                (slice.from, second.from, slice.to)
            );
            assert!(first.from < first.to && second.from < second.to);
            assert_eq!(first.to.millis() % 1_000, 0);
            (slice, times) = (second, times + 1);
        }
        assert_eq!(times, 14);
    }
}
