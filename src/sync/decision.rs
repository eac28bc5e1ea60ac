//! Whether a feed is asked now, and for what: a pure function of what is on record of it.

use std::time::Duration;

use crate::coverage::plan::Plan;
use crate::coverage::{Coverage, Limits};
use crate::event::Timestamp;
use crate::sync::Wishes;

/// What is on record of a feed.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What is known of its time, files that the user vouches for among it.
    pub coverage: Coverage,
    /// When its last complete run began.
    pub last_complete: Option<Timestamp>,
}

/// What a sync does with a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It does not ask before then.
    NotDue(Timestamp),
    /// It reads this; none of a file, which is read as it is, nor of users, who are read whole.
    Read(Option<Plan>),
}

impl Known {
    /// What a sync does now with a feed that runs so often and can have so much of its vendor.
    /// Who forces it, or wants more of it, has it at once.
    pub fn decide(
        &self,
        every: Duration,
        limits: Option<&Limits>,
        wishes: Wishes,
        now: Timestamp,
    ) -> Decision {
        let due = self.due(every, now);
        if let Some(due) = due.filter(|_| !wishes.force && wishes.since.is_none()) {
            return Decision::NotDue(due);
        }
        let plan = |limits| Plan::new(&self.coverage, limits, now, wishes.since);
        Decision::Read(limits.map(plan))
    }

    /// When it is due, if it is not due now. A run that began later than now was begun by a clock
    /// that was wrong.
    pub fn due(&self, every: Duration, now: Timestamp) -> Option<Timestamp> {
        let last = self.last_complete.filter(|last| *last <= now)?;
        Some(last.after(every)).filter(|due| *due > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::{Log, Reach};
    use crate::event::{Claim, Period};

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);
    const LIMITS: Limits = Limits {
        look_back: Duration::from_secs(90 * 24 * 3_600),
        settle: Duration::from_secs(48 * 3_600),
        reach: Reach::LastDays,
        log: Log::Audit,
    };

    fn known(hours_ago: u32) -> Known {
        let mut coverage = Coverage::default();
        let as_of = NOW.before(HOUR * hours_ago);
        let period = Period {
            from: as_of.before(HOUR * 100),
            to: as_of,
        };
        coverage.claim(Claim { period, as_of }, LIMITS.settle, 1);
        Known {
            coverage,
            last_complete: Some(as_of),
        }
    }

    #[test]
    fn a_feed_is_due_when_its_time_has_come_or_the_user_wants_more() {
        let (plain, forced) = (
            Wishes::default(),
            Wishes {
                force: true,
                ..Wishes::default()
            },
        );
        let since = Wishes {
            since: Some(NOW.before(HOUR)),
            ..Wishes::default()
        };
        let from_the_future = Known {
            last_complete: Some(NOW.after(HOUR * 9)),
            ..known(9)
        };
        for (case, known, wishes, due) in [
            ("never ran", Known::default(), plain, None),
            ("just due", known(24), plain, None),
            ("not due", known(23), plain, Some(NOW.after(HOUR))),
            ("forced", known(23), forced, None),
            ("since", known(23), since, None),
            ("a wrong clock", from_the_future, plain, None),
        ] {
            let decision = known.decide(HOUR * 24, Some(&LIMITS), wishes, NOW);
            match due {
                Some(due) => assert_eq!(decision, Decision::NotDue(due), "{case}"),
                None => assert!(matches!(decision, Decision::Read(Some(_))), "{case}"),
            }
        }
        let file = known(23).decide(Duration::ZERO, None, plain, NOW);
        assert_eq!(file, Decision::Read(None));
    }

    #[test]
    fn the_last_days_are_whole_and_reach_back_far_enough() {
        for (hours_ago, days) in [(1, 3), (23, 3), (24, 4), (90, 6)] {
            let decision = known(hours_ago).decide(HOUR, Some(&LIMITS), Wishes::default(), NOW);
            let Decision::Read(Some(plan)) = decision else {
                panic!("{decision:?}")
            };
            assert_eq!(plan.last_days(NOW), Some(days), "{hours_ago}");
            let free = Plan {
                reach: Reach::Free,
                ..plan
            };
            assert_eq!(free.last_days(NOW), None);
        }
    }
}
