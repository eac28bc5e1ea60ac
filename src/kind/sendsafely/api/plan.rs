//! Which stretches of time a pass of the API feed walks.

use std::collections::VecDeque;
use std::time::Duration;

use crate::event::{Period, Timestamp};

/// How far back the portal looks: "only the past 90 days" (documented).
pub(super) const LOOK_BACK: Duration = Duration::from_secs(90 * 86_400);

/// What is left unasked at the far end, for the horizon moves on while a pass runs and an answer
/// to a question from beyond it is not documented.
const HORIZON_MARGIN: Duration = Duration::from_secs(5 * 60);

/// An end noted for later than this from now comes from a clock that was wrong, and says nothing.
const SKEW_MAX_MILLIS: i64 = 3_600_000;

/// A slice is not made shorter than this.
pub(super) const SLICE_MIN_MILLIS: i64 = 60_000;

/// From where to where a pass reads: from the last one's end less the overlap, or from `since`,
/// or at first from the horizon; never from beyond the horizon.
pub(super) fn window(
    now: Timestamp,
    complete_to: Option<i64>,
    overlap: Duration,
    since: Option<Timestamp>,
) -> Period {
    let horizon = now.plus_millis(-millis(LOOK_BACK.saturating_sub(HORIZON_MARGIN)));
    let due = complete_to.map_or(horizon, |to| {
        Timestamp::from_millis(to.min(now.millis())).plus_millis(millis(overlap).saturating_neg())
    });
    let from = since.map_or(due, |since| since.min(due)).max(horizon);
    Period { from, to: now }
}

/// How far the log is complete, as far as what was noted can be believed.
pub(super) fn believed(noted: Option<i64>, now: Timestamp) -> Option<i64> {
    noted.filter(|to| to.saturating_sub(now.millis()) < SKEW_MAX_MILLIS)
}

/// The window in slices of that length, oldest first.
pub(super) fn slices(window: Period, length: Duration) -> VecDeque<Period> {
    let length = millis(length).max(SLICE_MIN_MILLIS);
    let mut slices = VecDeque::new();
    let mut from = window.from;
    while from < window.to {
        let to = from.plus_millis(length).min(window.to);
        slices.push_back(Period { from, to });
        from = to;
    }
    slices
}

/// The two halves of a slice, cut at a whole second; none where it is too short to be cut.
pub(super) fn halves(slice: Period) -> Option<[Period; 2]> {
    let length = slice.to.millis().saturating_sub(slice.from.millis());
    if length <= SLICE_MIN_MILLIS {
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

/// The same in milliseconds; the most that there can be, where that is less.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);
    const HOUR: i64 = 3_600_000;
    const OVERLAP: Duration = Duration::from_secs(48 * 3_600);

    #[test]
    fn a_window_reaches_back_as_far_as_is_due_and_no_farther_than_the_portal_looks() {
        let horizon = 90 * 24 * HOUR - 5 * 60_000;
        for (complete, since, back) in [
            (None, None, horizon),
            (None, Some(24 * HOUR), horizon),
            (Some(0), None, 48 * HOUR),
            (Some(HOUR), None, 49 * HOUR),
            (Some(1 - HOUR), None, 48 * HOUR),
            (Some(-HOUR), None, horizon),
            (Some(HOUR), Some(HOUR), 49 * HOUR),
            (Some(HOUR), Some(100 * HOUR), 100 * HOUR),
            (Some(HOUR), Some(9_999 * HOUR), horizon),
            (Some(9_999 * HOUR), None, horizon),
        ] {
            let ago = |millis: i64| NOW.plus_millis(-millis);
            let to = complete.map(|millis| ago(millis).millis());
            let window = window(NOW, believed(to, NOW), OVERLAP, since.map(ago));
            assert_eq!(
                window,
                Period {
                    from: ago(back),
                    to: NOW
                },
                "{complete:?} {since:?}"
            );
        }
    }

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
            let slices = slices(window, length);
            assert_eq!(slices.len(), count, "{hours} h");
            let mut at = window.from;
            for slice in slices {
                assert_eq!(slice.from, at);
                assert!(slice.from < slice.to);
                at = slice.to;
            }
            assert_eq!(at, window.to);
        }
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
