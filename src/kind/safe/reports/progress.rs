//! What the reports feed notes for its next pass, and how many days that pass must ask for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::patience::elapsed;
use crate::event::{Period, Timestamp};

/// Most days a report may span: the in-app export offers up to 12 months (documented); the limit
/// of the API is not documented.
pub(super) const DAYS_MAX: i64 = 365;

const DAY_MILLIS: i64 = 86_400_000;

/// A report that is older than this is not waited for any longer: how long SAFE keeps one is not
/// documented, and by then another may be asked for anyway.
const REPORT_LASTS_MILLIS: i64 = DAY_MILLIS;

/// A time noted for later than this from now comes from a clock that was wrong, and says nothing.
const SKEW_MAX_MILLIS: i64 = 3_600_000;

/// What the feed notes. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    /// When the last report that was read whole was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_complete: Option<i64>,
    /// The report that was asked for and not yet read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<Report>,
}

/// A report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    /// The vendor's id for it.
    pub(super) uuid: String,
    /// When the request for it went out.
    pub(super) asked_at: i64,
    /// When the vendor had confirmed it.
    pub(super) answered_at: i64,
    /// How many days it spans.
    pub(super) days: i64,
    /// Whether the user list was read along with it.
    #[serde(default)]
    pub(super) users_done: bool,
}

/// For so long after a report that was read whole none is ordered, whatever failed beside it:
/// less than the day between two passes, which do not begin on the second.
const FRESH_MILLIS: i64 = 23 * 3_600_000;

impl Progress {
    /// Whether it is too early to order another report.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        let age = |last: i64| now.millis().saturating_sub(last);
        self.last_complete
            .is_some_and(|last| (-SKEW_MAX_MILLIS..FRESH_MILLIS).contains(&age(last)))
    }

    /// Notes that the pending report was read whole, and says what is complete with it.
    pub(super) fn complete(&mut self) -> Option<Period> {
        let report = self.pending.take()?;
        self.last_complete = Some(report.asked_at);
        Some(report.covers()).filter(|period| period.from < period.to)
    }
}

impl Report {
    /// How long ago it was asked for.
    pub(super) fn age(&self, now: Timestamp) -> Duration {
        elapsed(Timestamp::from_millis(self.asked_at), now)
    }

    /// The stretch of time that it holds for sure. It ends when the vendor took the request,
    /// which was after it was sent and before it was confirmed.
    pub(super) fn covers(&self) -> Period {
        let span = self.days.saturating_mul(DAY_MILLIS);
        let from = Timestamp::from_millis(self.answered_at).plus_millis(span.saturating_neg());
        Period {
            from,
            to: Timestamp::from_millis(self.asked_at),
        }
    }

    /// Whether it is worth waiting for, rather than to ask for another.
    pub(super) fn serves(&self, now: Timestamp, since: Option<Timestamp>) -> bool {
        let age = now.millis().saturating_sub(self.asked_at);
        let reaches = self.days >= DAYS_MAX || since.is_none_or(|t| self.covers().from <= t);
        (-SKEW_MAX_MILLIS..REPORT_LASTS_MILLIS).contains(&age) && reaches
    }
}

/// How many days to ask for: back to the last complete report, and a day more for what came late;
/// at first all there is. `since` can only add to it.
pub(super) fn days_to_ask(
    now: Timestamp,
    last_complete: Option<i64>,
    since: Option<Timestamp>,
) -> i64 {
    let back_to = |then: i64| days_since(then, now).saturating_add(1);
    let last = last_complete.filter(|last| last.saturating_sub(now.millis()) < SKEW_MAX_MILLIS);
    let due = last.map_or(DAYS_MAX, back_to);
    let wanted = since.map_or(1, |since| back_to(since.millis()));
    due.max(wanted).clamp(1, DAYS_MAX)
}

/// Days since then, a day begun counting as one.
fn days_since(then: i64, now: Timestamp) -> i64 {
    let millis = now.millis().saturating_sub(then).max(0);
    millis / DAY_MILLIS + i64::from(millis % DAY_MILLIS > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HOUR: i64 = 3_600_000;

    #[test]
    fn days_reach_back_to_the_last_report_and_a_day_more() {
        for (hours_since_last, hours_wanted, days) in [
            (None, None, 365),
            (None, Some(24), 365),
            (Some(0), None, 1),
            (Some(-5), None, 365),
            (Some(1), None, 2),
            (Some(24), None, 2),
            (Some(25), None, 3),
            (Some(24 * 363), None, 364),
            (Some(24 * 364), None, 365),
            (Some(24 * 4_000), None, 365),
            (Some(24), Some(24 * 30), 31),
            (Some(24), Some(24 * 3_000), 365),
            (Some(24 * 10), Some(1), 11),
        ] {
            let then = |hours: i64| NOW.plus_millis(-hours * HOUR);
            let last = hours_since_last.map(|hours| then(hours).millis());
            let since = hours_wanted.map(then);
            assert_eq!(
                days_to_ask(NOW, last, since),
                days,
                "{hours_since_last:?} {hours_wanted:?}"
            );
        }
    }

    #[test]
    fn a_report_covers_what_it_holds_for_sure() {
        let covers = report(1, 5, 2).covers();
        assert_eq!(covers.from, NOW.plus_millis(-HOUR + 5 - 48 * HOUR));
        assert_eq!(covers.to, NOW.plus_millis(-HOUR));
    }

    #[test]
    fn a_report_serves_for_a_day_and_if_it_reaches_back_far_enough() {
        let since = |hours: i64| Some(NOW.plus_millis(-hours * HOUR));
        assert!(report(23, 0, 2).serves(NOW, None));
        assert!(!report(24, 0, 2).serves(NOW, None));
        assert!(!report(-5, 0, 2).serves(NOW, None));
        assert!(report(1, 0, 2).serves(NOW, since(49)));
        assert!(!report(1, 0, 2).serves(NOW, since(50)));
        assert!(report(1, 0, DAYS_MAX).serves(NOW, since(24 * 3_000)));
    }

    fn report(hours_ago: i64, took: i64, days: i64) -> Report {
        let asked_at = NOW.plus_millis(-hours_ago * HOUR).millis();
        let uuid = "r1".to_owned();
        Report {
            uuid,
            asked_at,
            answered_at: asked_at + took,
            days,
            users_done: false,
        }
    }
}
