//! From what was told and what is, to what is to be told.

use super::{LOST_AGAIN, Notice, Occasion, QUIET, Watched, message};
use crate::archive::alerts::Alert;
use crate::event::{Period, Timestamp};
use crate::health::Finding;

/// What follows from what was told and what is.
#[derive(Debug, Default)]
pub struct Decision {
    /// What to tell. Each is on record as told once it was; until then the next decision has it
    /// again.
    pub notices: Vec<Notice>,
    /// Alerts to have on record at once.
    pub keep: Vec<Alert>,
    /// Alerts to have on record no longer.
    pub forget: Vec<Alert>,
}

/// Decides what to tell one way: `told` is what was told that way, `on` what is to be. Alerts of
/// feeds that are not among these stay as they are.
pub fn decide(told: &[Alert], feeds: &[Watched], on: &[Occasion], now: Timestamp) -> Decision {
    let mut decision = Decision::default();
    for feed in feeds {
        for what in Occasion::ALL {
            let alert = told.iter().find(|alert| {
                (&alert.source, &alert.feed) == (&feed.source, &feed.feed)
                    && alert.what == what.name()
            });
            let step = Step {
                feed,
                what,
                on,
                now,
            };
            match what {
                Occasion::Recovery | Occasion::Check => {}
                _ if !on.contains(&what) => decision.forget.extend(alert.cloned()),
                Occasion::Lost => step.lost(alert, &mut decision),
                _ => step.found_or_gone(alert, &mut decision),
            }
        }
    }
    decision
}

/// One thing that may be not well with one feed.
struct Step<'a> {
    feed: &'a Watched,
    what: Occasion,
    on: &'a [Occasion],
    now: Timestamp,
}

impl Step<'_> {
    fn found_or_gone(&self, alert: Option<&Alert>, decision: &mut Decision) {
        match (self.feed.finding(self.what), alert) {
            (Some(finding), None) if !self.is_said_already(finding) => {
                self.begin(finding, decision);
            }
            (Some(finding), Some(alert)) => self.found_again(finding, alert, decision),
            (None, Some(alert)) if alert.ended_at.is_none() => self.gone(alert, decision),
            _ => {}
        }
    }

    /// A feed that has never run to its end is overdue from the first; that it fails says so.
    fn is_said_already(&self, finding: &Finding) -> bool {
        let never = matches!(finding, Finding::Stale { last: None });
        never && self.feed.fails() && self.on.contains(&Occasion::Failure)
    }

    fn begin(&self, finding: &Finding, decision: &mut Decision) {
        let alert = self.new_alert();
        decision.notices.push(self.found(finding, &alert));
        decision.keep.push(alert);
    }

    fn found_again(&self, finding: &Finding, alert: &Alert, decision: &mut Decision) {
        match (alert.told_at, alert.ended_at) {
            (_, Some(ended)) if is_within(QUIET, ended, self.now) => {}
            (_, Some(_)) => self.begin(finding, decision),
            (None, None) => decision.notices.push(self.found(finding, alert)),
            (Some(_), None) => {}
        }
    }

    fn gone(&self, alert: &Alert, decision: &mut Decision) {
        if self.what == Occasion::Failure && !self.feed.tried {
            return;
        }
        let over = Alert {
            ended_at: Some(self.now),
            ..alert.clone()
        };
        if alert.told_at.is_none() {
            decision.forget.push(alert.clone());
        } else if self.ended_in_loss(alert) || !self.on.contains(&Occasion::Recovery) {
            decision.keep.push(over);
        } else {
            let (message, details) = message::recovery(self.feed, self.what, alert.since, self.now);
            decision.notices.push(Notice {
                occasion: Occasion::Recovery,
                message,
                details,
                ..self.notice(alert.since, over)
            });
        }
    }

    /// Whether what was missing when the alert began, or some of it, is lost now.
    fn ended_in_loss(&self, alert: &Alert) -> bool {
        let Some(limits) = &self.feed.limits else {
            return false;
        };
        let horizon = limits.horizon(alert.since);
        let may_be_lost = matches!(self.what, Occasion::Gap | Occasion::Loss);
        may_be_lost && self.feed.lost.iter().any(|period| period.to > horizon)
    }

    fn lost(&self, alert: Option<&Alert>, decision: &mut Decision) {
        let told_to = alert.and_then(|alert| alert.lost_to);
        let is_new = |period: &&Period| told_to.is_none_or(|told_to| period.to > told_to);
        let new: Vec<Period> = self.feed.lost.iter().filter(is_new).copied().collect();
        let Some(to) = new.iter().map(|period| period.to).max() else {
            let untold = alert.filter(|alert| alert.told_at.is_none());
            decision.forget.extend(untold.cloned());
            return;
        };
        if alert.is_some_and(|alert| self.is_growth(&new, alert)) {
            return;
        }
        let untold = alert.filter(|alert| alert.told_at.is_none());
        let alert = untold.cloned().unwrap_or_else(|| self.new_alert());
        if untold.is_none() && told_to.is_none() {
            decision.keep.push(alert.clone());
        }
        let lost: Vec<Period> = new.iter().map(|period| after(period, told_to)).collect();
        let (message, details) = message::lost(self.feed, &lost);
        let told = Alert {
            lost_to: Some(to),
            ..self.told(&alert)
        };
        decision.notices.push(Notice {
            message,
            details,
            ..self.notice(alert.since, told)
        });
    }

    /// Whether no more is new than that what was told a short while ago has grown.
    fn is_growth(&self, new: &[Period], alert: &Alert) -> bool {
        let (Some(told_at), Some(told_to)) = (alert.told_at, alert.lost_to) else {
            return false;
        };
        is_within(LOST_AGAIN, told_at, self.now) && new.iter().all(|period| period.from <= told_to)
    }

    fn found(&self, finding: &Finding, alert: &Alert) -> Notice {
        let (message, details) = message::finding(self.feed, finding);
        Notice {
            message,
            details,
            ..self.notice(alert.since, self.told(alert))
        }
    }

    fn notice(&self, since: Timestamp, told: Alert) -> Notice {
        Notice {
            occasion: self.what,
            source: self.feed.source.clone(),
            feed: self.feed.feed.clone(),
            since,
            message: String::new(),
            details: serde_json::Value::Null,
            told,
        }
    }

    fn told(&self, alert: &Alert) -> Alert {
        Alert {
            told_at: Some(self.now),
            ..alert.clone()
        }
    }

    fn new_alert(&self) -> Alert {
        Alert {
            source: self.feed.source.clone(),
            feed: self.feed.feed.clone(),
            what: self.what.name().to_owned(),
            since: self.now,
            told_at: None,
            ended_at: None,
            lost_to: None,
        }
    }
}

/// Whether it is now no longer ago than that; a moment to come was seen by a clock that was wrong.
fn is_within(length: std::time::Duration, moment: Timestamp, now: Timestamp) -> bool {
    moment <= now && now < moment.after(length)
}

/// What of a stretch lies after what was told.
fn after(period: &Period, told_to: Option<Timestamp>) -> Period {
    Period {
        from: told_to.map_or(period.from, |told_to| period.from.max(told_to)),
        ..*period
    }
}
