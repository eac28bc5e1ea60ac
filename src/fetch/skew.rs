//! Whether this machine's clock agrees with the vendor's. What is complete, and what has left the
//! vendor's window, is worked out by our clock: a wrong one would claim what was never read.

use std::fmt;
use std::time::Duration;

use chrono::DateTime;

use crate::event::Timestamp;
use crate::time::describe;

/// How this machine's clock differs from the vendor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skew {
    /// Whether it is ahead; else it is behind.
    pub ahead: bool,
    /// By how much.
    pub by: Duration,
}

/// Clocks that differ by less are taken to agree: no more than what is left unasked at the far
/// end of a vendor's window.
const SKEW_MAX: Duration = Duration::from_secs(5 * 60);

impl Skew {
    /// The difference, if it is too large, between our clock and the vendor's when it answered
    /// with this header `Date` what was sent and came at these moments. What is no date says
    /// nothing.
    pub(super) fn of(date: &str, sent: Timestamp, came: Timestamp) -> Option<Skew> {
        let date: Timestamp = DateTime::parse_from_rfc2822(date).ok()?.to_utc().into();
        let (behind, ahead) = (date.since(came), sent.since(date));
        let by = ahead.max(behind);
        let ahead = by == ahead;
        (by > SKEW_MAX).then_some(Skew { ahead, by })
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.ahead { "ahead of" } else { "behind" };
        write!(f, "{} {way}", describe(self.by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mon, 21 Sep 2026 14:13:20 GMT
    const DATE: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    #[test]
    fn a_clock_that_is_minutes_off_is_wrong_however_long_the_answer_took() {
        for (sent, came, expected) in [
            (0, 0, None),
            (-3_000, 9_000, None),
            (300, 300, None),
            (-300, -300, None),
            (301, 310, Some("5 min ahead of")),
            (-310, -301, Some("5 min behind")),
            (10 * 86_400, 10 * 86_400 + 20, Some("10 days ahead of")),
            (-3_700, -3_600, Some("60 min behind")),
        ] {
            let at = |seconds: i64| DATE.plus_millis(seconds * 1_000);
            let skew = Skew::of("Mon, 21 Sep 2026 14:13:20 GMT", at(sent), at(came));
            let said = skew.map(|skew| skew.to_string());
            assert_eq!(said.as_deref(), expected, "{sent} to {came}");
        }
        assert_eq!(Skew::of("yesterday", DATE, DATE), None);
    }
}
