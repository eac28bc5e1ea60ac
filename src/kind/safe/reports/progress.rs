//! What the reports feed notes for its next pass, and how many days that pass must ask for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::api::Api;
use super::patience::elapsed;
use crate::event::{Claim, Period, Timestamp};

/// Most days a report may span: the in-app export offers up to 12 months (documented); the limit
/// of the API is not documented.
pub(super) const DAYS_MAX: i64 = 365;

const DAY_MILLIS: i64 = 86_400_000;

/// A report that is older than this is not waited for any longer: how long SAFE keeps one is not
/// documented, and by then another may be asked for anyway.
const REPORT_LASTS_MILLIS: i64 = DAY_MILLIS;

/// A time noted for later than this from now comes from a clock that was wrong, and says nothing.
const SKEW_MAX_MILLIS: i64 = 3_600_000;

/// SAFE takes an order within so long of when it is made, or is asked for a day too few.
const ORDER_TAKES_MILLIS: i64 = 10 * 60_000;

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
    /// When an order went out that was neither confirmed nor refused so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ordering_at: Option<i64>,
}

/// A report that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    /// The vendor's id for it.
    pub(super) uuid: String,
    /// The API at which it was ordered, and which alone knows it.
    #[serde(default, skip_serializing_if = "Api::is_default")]
    pub(super) api: Api,
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

    /// Until when no other report is ordered, because one may have been a day ago or less.
    pub(super) fn in_doubt_until(&self, now: Timestamp) -> Option<Timestamp> {
        let age = |at: i64| now.millis().saturating_sub(at);
        let recent = |at: &i64| (-SKEW_MAX_MILLIS..DAY_MILLIS).contains(&age(*at));
        let ordered = self.ordering_at.filter(recent)?;
        Some(Timestamp::from_millis(ordered).plus_millis(DAY_MILLIS))
    }

    /// Notes that the pending report was read whole, and says what is complete with it.
    pub(super) fn complete(&mut self) -> Option<Claim> {
        let report = self.pending.take()?;
        self.last_complete = Some(report.asked_at);
        let (period, as_of) = (report.covers(), Timestamp::from_millis(report.asked_at));
        (!period.is_empty()).then_some(Claim { period, as_of })
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

    /// Whether it is worth waiting for, rather than to ask for another that reaches back so far.
    pub(super) fn serves(&self, now: Timestamp, from: Timestamp) -> bool {
        let age = now.millis().saturating_sub(self.asked_at);
        let reaches = self.days >= DAYS_MAX || self.covers().from <= from;
        (-SKEW_MAX_MILLIS..REPORT_LASTS_MILLIS).contains(&age) && reaches
    }
}

/// How many days to ask for to reach back to that moment. They count from when SAFE takes the
/// order, which is a little later than now.
pub(super) fn days_to_ask(now: Timestamp, from: Timestamp) -> i64 {
    let back = now.millis().saturating_sub(from.millis()).max(0);
    let days = back.saturating_add(ORDER_TAKES_MILLIS) / DAY_MILLIS + 1;
    days.min(DAYS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HOUR: i64 = 3_600_000;

    #[test]
    fn days_reach_back_far_enough_though_the_order_takes_a_while() {
        for (hours, days) in [
            (0, 1),
            (1, 1),
            (23, 1),
            (24, 2),
            (25, 2),
            (24 * 2, 3),
            (24 * 364 - 1, 364),
            (24 * 364, 365),
            (24 * 4_000, 365),
            (-5, 1),
        ] {
            let from = NOW.plus_millis(-hours * HOUR);
            assert_eq!(days_to_ask(NOW, from), days, "{hours} h");
        }
        let almost_a_day = NOW.plus_millis(1_000 - DAY_MILLIS);
        assert_eq!(days_to_ask(NOW, almost_a_day), 2);
    }

    #[test]
    fn a_report_covers_what_it_holds_for_sure() {
        let covers = report(1, 5, 2).covers();
        assert_eq!(covers.from, NOW.plus_millis(-HOUR + 5 - 48 * HOUR));
        assert_eq!(covers.to, NOW.plus_millis(-HOUR));
    }

    #[test]
    fn a_report_serves_for_a_day_and_if_it_reaches_back_far_enough() {
        let from = |hours: i64| NOW.plus_millis(-hours * HOUR);
        assert!(report(23, 0, 2).serves(NOW, from(24)));
        assert!(!report(24, 0, 2).serves(NOW, from(24)));
        assert!(!report(-5, 0, 2).serves(NOW, from(24)));
        assert!(report(1, 0, 2).serves(NOW, from(49)));
        assert!(!report(1, 0, 2).serves(NOW, from(50)));
        assert!(report(1, 0, DAYS_MAX).serves(NOW, from(24 * 3_000)));
    }

    #[test]
    fn a_note_of_before_there_was_a_choice_means_reports() {
        let noted = r#"{"uuid":"r1","asked_at":1,"answered_at":2,"days":3,"users_done":false}"#;
        let mut report: Report = serde_json::from_str(noted).unwrap();
        assert_eq!(report.api, Api::Reports);
        assert_eq!(serde_json::to_string(&report).unwrap(), noted);
        report.api = Api::AuditLogsExport;
        let noted = serde_json::to_string(&report).unwrap();
        assert!(noted.contains(r#""api":"audit-logs-export""#), "{noted}");
        assert_eq!(serde_json::from_str::<Report>(&noted).unwrap(), report);
    }

    fn report(hours_ago: i64, took: i64, days: i64) -> Report {
        let asked_at = NOW.plus_millis(-hours_ago * HOUR).millis();
        let uuid = "r1".to_owned();
        Report {
            uuid,
            api: Api::Reports,
            asked_at,
            answered_at: asked_at + took,
            days,
            users_done: false,
        }
    }
}
