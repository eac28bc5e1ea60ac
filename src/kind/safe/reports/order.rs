//! The order of a report. Each makes SAFE write another report, so that none is sent while one may
//! have been taken: what is not known for sure is noted, and held against the next pass for a day.

use super::api::Api;
use super::progress::{Report, days_to_ask};
use super::requests::{self, Ordered};
use super::{Patience, Reports, State, VENDOR};
use crate::event::{Page, Timestamp};
use crate::feed::{FeedError, Response, Step};

impl Reports {
    /// Whether the user wants a report though it is too early for one.
    pub(super) fn insists(&self) -> bool {
        self.start.since.is_some() || self.start.force
    }

    /// Notes that a report is being ordered. The note is archived before the order goes out, so
    /// that it stays even of a pass that is killed.
    pub(super) fn note_order(&mut self, now: Timestamp) -> Result<Step, FeedError> {
        let doubt = self.progress.in_doubt_until(now);
        if let Some(until) = doubt.filter(|_| !self.insists()) {
            return Err(FeedError::Doubtful {
                vendor: VENDOR,
                what: "a report",
                until,
            });
        }
        self.progress.ordering_at = Some(now.millis());
        self.state = State::OrderNoted;
        Ok(self.kept(self.noted()))
    }

    pub(super) fn order(&mut self, now: Timestamp) -> Step {
        let days = days_to_ask(now, self.start.from());
        self.state = State::Ordered {
            asked_at: now,
            days,
        };
        Step::Ask(self.api.order(days))
    }

    /// Notes the report's id; it is archived before anything else is asked.
    pub(super) fn ordered(
        &mut self,
        answer: Response,
        asked_at: Timestamp,
        days: i64,
        now: Timestamp,
    ) -> Result<(), FeedError> {
        // An answer that names no id may stand for a report all the same: the note stays.
        let uuid = match (requests::ordered(self.api, answer)?, self.api.instead()) {
            (Ordered::Report(uuid), _) => uuid,
            (Ordered::NoSuchApi(sign), Some(other)) => {
                self.order_instead(other, &sign);
                return Ok(());
            }
            (Ordered::NoSuchApi(what), None) => return Err(self.no_such_api(what)),
        };
        self.progress.ordering_at = None;
        let before = self.progress.pending.take();
        let users_done = before.is_some_and(|report| report.users_done);
        self.progress.pending = Some(Report {
            uuid,
            api: self.api,
            asked_at: asked_at.millis(),
            answered_at: now.millis(),
            days,
            users_done,
        });
        self.keep = Some(self.noted());
        self.state = if users_done {
            State::Poll
        } else {
            State::ListUsers
        };
        Ok(())
    }

    /// The API does not exist, so that it has taken nothing: orders at the other.
    fn order_instead(&mut self, other: Api, sign: &str) {
        let (path, others, source) = (self.api.path(), other.path(), &self.start.source);
        self.notices.push(format!(
            "SAFE has no {path} here, for it answers {sign}: {others} is asked instead; write \
             api = \"{}\" in [source.{source}] to begin there",
            other.name()
        ));
        (self.api, self.progress.ordering_at) = (other, None);
        self.state = State::Order;
    }

    fn no_such_api(&self, what: String) -> FeedError {
        FeedError::Vendor {
            vendor: VENDOR,
            what,
            says: format!("there is no {}", self.api.path()),
        }
    }

    /// Takes the note back where no report was ordered for certain; else the day begins now, for
    /// the order may have waited for its turn.
    pub(super) fn order_given_up(&mut self, may_be_taken: bool, now: Timestamp) -> Option<Page> {
        let State::Ordered { .. } = self.state else {
            return None;
        };
        self.progress.ordering_at = may_be_taken.then_some(now.millis());
        Some(self.noted())
    }

    /// The report will not come: orders another, once a pass.
    pub(super) fn order_again(&mut self, what: &str, says: String) -> Result<(), FeedError> {
        if self.ordered_again {
            let what = format!("twice that the report is {what}");
            return Err(FeedError::Vendor {
                vendor: VENDOR,
                what,
                says,
            });
        }
        self.notices.push(format!(
            "the report is {what} and another was ordered: {says}"
        ));
        (self.ordered_again, self.patience) = (true, Patience::new());
        self.state = State::Order;
        Ok(())
    }
}
