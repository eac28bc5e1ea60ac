//! No more requests a minute than a vendor allows: a shared account of each host's next turn.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::event::Timestamp;

/// Whose turn it is on which host. Sources on the same host share its turns.
///
/// Who was idle may send a tenth of a minute's requests at once; what is left of the minute's is
/// spaced evenly, so that no stretch of a minute, wherever it begins, holds more than allowed.
#[derive(Debug, Default)]
pub struct Limits {
    /// For each host: the moment, in microseconds since 1970, up to which its turns are spent.
    spent_until: Mutex<HashMap<String, i64>>,
}

impl Limits {
    /// Takes the next turn on `host` (name and port), and says how long it is until then.
    pub fn take(&self, host: &str, requests_per_minute: u32, now: Timestamp) -> Duration {
        let per_minute = i64::from(requests_per_minute.max(1));
        let burst = (per_minute / BURST_SHARE).max(1);
        let interval = MINUTE_MICROS / (per_minute - (burst - 1));
        let now = now.millis().saturating_mul(1_000);

        let mut hosts = self
            .spent_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let spent_until = hosts.entry(host.to_owned()).or_insert(now);
        // A clock that was set back must not stop everything: no turn is further off than all
        // those that a minute holds.
        let ahead = spent_until.saturating_sub(now).clamp(0, AHEAD_MICROS_MAX);
        *spent_until = now.saturating_add(ahead).saturating_add(interval);
        let wait = ahead.saturating_sub((burst - 1) * interval);
        Duration::from_micros(u64::try_from(wait).unwrap_or(0))
    }
}

/// A minute in microseconds, and a millisecond more, for the clock knows nothing smaller.
const MINUTE_MICROS: i64 = 60_001_000;
/// One in so many of a minute's requests may be sent at once.
const BURST_SHARE: i64 = 10;
/// Turns are taken one by one by a handful of feeds: an hour ahead can only be a clock set back.
const AHEAD_MICROS_MAX: i64 = 60 * MINUTE_MICROS;

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    /// The moments, in milliseconds, of `count` requests in a row that each wait for their turn.
    fn turns(per_minute: u32, count: usize) -> Vec<i64> {
        let limits = Limits::default();
        let mut now = START;
        let turn = |_| {
            now = now.after(limits.take("host:443", per_minute, now));
            now.millis() - START.millis()
        };
        (0..count).map(turn).collect()
    }

    #[test]
    fn turns_are_spaced_over_the_minute_after_a_tenth_at_once() {
        for (per_minute, expected) in [
            (60, vec![0, 0, 0, 0, 0, 0, 1, 2, 3]),
            (21, vec![0, 0, 3, 6, 9]),
            (1, vec![0, 60, 120]),
            (0, vec![0, 60]),
        ] {
            let turns = turns(per_minute, expected.len());
            let seconds: Vec<i64> = turns.iter().map(|turn| turn / 1_000).collect();
            assert_eq!(seconds, expected, "{per_minute} a minute");
        }
    }

    #[test]
    fn no_minute_holds_more_than_allowed_and_ten_hold_nearly_all() {
        for per_minute in [1, 7, 60, 600, 1_200] {
            let count = per_minute as usize;
            let turns = turns(per_minute, 10 * count);
            for window in turns.windows(count + 1) {
                let (first, last) = (window[0], window[count]);
                assert!(last - first >= 60_000, "{per_minute} from {first}");
            }
            let last = turns[turns.len() - 1];
            assert!(last < 660_000, "{per_minute} a minute take {last}");
        }
    }

    #[test]
    fn a_host_is_shared_and_hosts_are_apart() {
        let limits = Limits::default();
        assert_eq!(limits.take("a:443", 1, START), Duration::ZERO);
        assert_eq!(limits.take("b:443", 1, START), Duration::ZERO);
        assert_eq!(limits.take("a:443", 1, START).as_secs(), 60);
    }

    #[test]
    fn a_clock_set_back_stops_nothing_for_long() {
        let limits = Limits::default();
        limits.take("a:443", 60, START);
        let year_before = START.plus_millis(-365 * 86_400_000);
        let wait = limits.take("a:443", 60, year_before);
        assert!(wait <= Duration::from_secs(3_600), "{wait:?}");
    }

    #[test]
    fn idle_time_buys_no_more_than_the_burst() {
        let limits = Limits::default();
        limits.take("a:443", 21, START);
        let waits = [(); 3].map(|()| limits.take("a:443", 21, START.plus_millis(86_400_000)));
        assert_eq!(waits.map(|wait| wait.as_secs()), [0, 0, 3]);
    }
}
