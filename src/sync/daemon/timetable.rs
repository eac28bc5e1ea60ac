//! When a feed runs next: a pure function of how its last run ended.

use std::time::Duration;

use crate::event::Timestamp;
use crate::fetch::FetchError;
use crate::sync::{Outcome, SyncError};

/// How often the clock on the wall is looked at while a feed sleeps.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A run comes later than it might by up to this part of the time between two, so that many who
/// watch one vendor do not all ask at once.
const JITTER: f64 = 0.1;

/// First and longest pause after failures.
const PAUSE_FIRST: Duration = Duration::from_secs(60);
const PAUSE_MAX: Duration = Duration::from_secs(3_600);

/// How a run ended, as far as that decides when the next is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Well: the vendor may be asked again from then on.
    Well(Option<Timestamp>),
    /// It failed, this often in a row.
    Failed(u32),
    /// The vendor does not want to be asked before then.
    Until(Timestamp),
}

impl Ended {
    /// Of a run; counts failures in a row.
    pub(super) fn of(outcome: &Outcome, failures: &mut u32) -> Ended {
        match &outcome.ending {
            Ok(_) => {
                *failures = 0;
                return Ended::Well(outcome.next);
            }
            Err(SyncError::Fetch(FetchError::Throttled { until, .. })) => {
                return Ended::Until(*until);
            }
            Err(_) => *failures = failures.saturating_add(1),
        }
        Ended::Failed(*failures)
    }
}

/// When the feed runs next. `random` lies in `[0, 1)`. After a failure the pause doubles from a
/// minute to an hour, but is no longer than between two runs that end well.
pub(super) fn next(ended: &Ended, every: Duration, now: Timestamp, random: f64) -> Timestamp {
    let jittered = |pause: Duration| pause + pause.mul_f64(JITTER * random.clamp(0.0, 1.0));
    match ended {
        Ended::Well(due) => {
            let due = due.unwrap_or_else(|| now.after(every)).max(now);
            due.after(jittered(every).saturating_sub(every))
        }
        Ended::Failed(times) => {
            let doubled = PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(times.saturating_sub(1)));
            now.after(jittered(doubled.min(PAUSE_MAX).min(every.max(PAUSE_FIRST))))
        }
        Ended::Until(until) => until.max(&now.after(PAUSE_FIRST)).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_run_follows_when_it_is_due_or_a_little_later() {
        let (quarter, day) = (15 * MINUTE, 24 * 60 * MINUTE);
        let later = |minutes: u32| NOW.after(MINUTE * minutes);
        for (ended, every, random, expected) in [
            (Ended::Well(Some(later(15))), quarter, 0.0, later(15)),
            (
                Ended::Well(Some(later(10))),
                quarter,
                1.0,
                later(10).after(MINUTE * 3 / 2),
            ),
            (Ended::Well(None), quarter, 0.0, later(15)),
            // It ran for longer than between two runs.
            (Ended::Well(Some(NOW.before(day))), quarter, 0.0, NOW),
            (Ended::Failed(1), quarter, 0.0, later(1)),
            (Ended::Failed(3), quarter, 0.0, later(4)),
            (
                Ended::Failed(3),
                quarter,
                1.0,
                later(4).after(MINUTE * 4 / 10),
            ),
            (Ended::Failed(5), quarter, 0.0, later(15)),
            (Ended::Failed(6), day, 0.0, later(32)),
            (Ended::Failed(u32::MAX), day, 0.0, later(60)),
            (Ended::Failed(9), Duration::ZERO, 0.0, later(1)),
            (Ended::Until(later(90)), quarter, 1.0, later(90)),
            (Ended::Until(NOW), quarter, 0.0, later(1)),
        ] {
            let next = next(&ended, every, NOW, random);
            assert_eq!(next, expected, "{ended:?} every {every:?}");
        }
    }
}
