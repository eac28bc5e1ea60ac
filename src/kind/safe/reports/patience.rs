//! How long a report is waited for, and how often it is asked for meanwhile.

use std::time::Duration;

use crate::event::Timestamp;

/// The first pause between two questions; the pause before a new link is asked for.
pub(super) const PAUSE_FIRST: Duration = Duration::from_secs(5);

/// How pauses grow, and the longest.
const PAUSE_GROWTH: f64 = 1.5;
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Waiting for one report.
#[derive(Debug)]
pub(super) struct Patience {
    since: Option<Timestamp>,
    pause: Duration,
}

impl Patience {
    pub(super) fn new() -> Patience {
        Patience {
            since: None,
            pause: PAUSE_FIRST,
        }
    }

    /// How long to pause now; none if the whole wait would exceed `wait`.
    pub(super) fn pause(&mut self, now: Timestamp, wait: Duration) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let pause = self.pause;
        self.pause = pause.mul_f64(PAUSE_GROWTH).min(PAUSE_MAX);
        let total = elapsed(since, now).saturating_add(pause);
        (total <= wait).then_some(pause)
    }
}

/// How long it is since then; nothing if the clock was set back.
pub(super) fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    let millis = now.millis().saturating_sub(since.millis());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_minute_and_end_in_time() {
        let wait = Duration::from_secs(300);
        let mut now = Timestamp::from_millis(0);
        let mut patience = Patience::new();
        let mut pauses = Vec::new();
        while let Some(pause) = patience.pause(now, wait) {
            now = now.plus_millis(i64::try_from(pause.as_millis()).unwrap());
            pauses.push(pause.as_millis());
        }
        let expected = [
            5_000, 7_500, 11_250, 16_875, 25_312, 37_968, 56_953, 60_000, 60_000,
        ];
        assert_eq!(pauses, expected);
    }
}
