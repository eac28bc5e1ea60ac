//! What a pass reads: a pure function of what is covered, what the vendor lets one ask for, and
//! the time.

use crate::coverage::{Coverage, Limits, Reach, SKEW_MAX_MILLIS, State, without};
use crate::event::{Period, Timestamp};

/// What a pass reads, and what it finds lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is to be read, and why: gaps first, then what is open, then what is new. They may
    /// overlap where the user asks for more.
    pub reads: Vec<Read>,
    /// Which stretches the vendor can be asked for.
    pub reach: Reach,
    /// What was not read and cannot be had any longer; not yet on record as lost.
    pub lost: Vec<Period>,
}

/// A stretch that is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// The stretch.
    pub period: Period,
    /// Why.
    pub why: Why,
}

/// Why a stretch is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It lies between stretches that were read, and was not.
    Gap,
    /// It was read so soon that events may have come late.
    Overlap,
    /// Nobody asked for it yet.
    New,
    /// The user wants it read again.
    Since,
}

const DAY_SECONDS: u64 = 86_400;

impl Plan {
    /// Plans a pass that begins now. `since` adds all time from then on.
    ///
    /// The first pass reads all there is. What was read later than now was read by a clock that
    /// was wrong, and is read again.
    pub fn new(
        coverage: &Coverage,
        limits: &Limits,
        now: Timestamp,
        since: Option<Timestamp>,
    ) -> Plan {
        let horizon = limits.horizon(now);
        let begin = coverage.begin().unwrap_or(horizon);
        let end = coverage.end().unwrap_or(begin).min(now);
        let within = |from: Timestamp, to: Timestamp| Period {
            from: from.max(horizon),
            to,
        };
        let unread = without(
            Period {
                from: begin,
                to: end,
            },
            &periods(coverage, State::Open),
        );
        let mut plan = Plan {
            reads: Vec::new(),
            reach: limits.reach,
            lost: lost(
                coverage,
                Period {
                    from: begin,
                    to: horizon,
                },
            ),
        };
        for gap in unread {
            plan.read(within(gap.from, gap.to), Why::Gap);
        }
        for again in again(coverage, now) {
            plan.read(within(again.from, again.to.min(now)), Why::Overlap);
        }
        plan.read(within(end, now), Why::New);
        if let Some(since) = since {
            plan.read(within(since, now), Why::Since);
        }
        plan
    }

    /// The stretches to be asked for, oldest first: those that touch or overlap as one, and all
    /// as one where only the days up to now can be had.
    pub fn periods(&self) -> Vec<Period> {
        let mut periods: Vec<Period> = self.reads.iter().map(|read| read.period).collect();
        periods.sort_unstable_by_key(|period| period.from);
        periods.dedup_by(|next, one| {
            let touch = next.from <= one.to || self.reach == Reach::LastDays;
            if touch {
                one.to = one.to.max(next.to);
            }
            touch
        });
        periods
    }

    /// Of how many last days all of it lies, where only the days up to now can be had.
    pub fn last_days(&self, now: Timestamp) -> Option<u64> {
        let first = self.periods().first()?.from;
        let is_last_days = self.reach == Reach::LastDays;
        is_last_days.then(|| now.since(first).as_secs() / DAY_SECONDS + 1)
    }

    fn read(&mut self, period: Period, why: Why) {
        if !period.is_empty() {
            self.reads.push(Read { period, why });
        }
    }
}

impl Why {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Why::Gap => "gap",
            Why::Overlap => "overlap",
            Why::New => "new",
            Why::Since => "since",
        }
    }
}

/// The stretches of this state and those that outrank it.
fn periods(coverage: &Coverage, least: State) -> Vec<Period> {
    let stretches = coverage.stretches().iter();
    let known = stretches.filter(|stretch| stretch.state >= least);
    known.map(|stretch| stretch.period).collect()
}

/// What is to be read again: what is open, and what a wrong clock read.
fn again(coverage: &Coverage, now: Timestamp) -> impl Iterator<Item = Period> {
    let believable = now.plus_millis(SKEW_MAX_MILLIS);
    let stretches = coverage.stretches().iter();
    let again = stretches.filter(move |stretch| {
        stretch.state == State::Open
            || (stretch.state > State::Open && stretch.period.to > believable)
    });
    again.map(|stretch| stretch.period)
}

/// What lies unread behind the horizon and is not on record as lost.
fn lost(coverage: &Coverage, behind: Period) -> Vec<Period> {
    without(behind, &periods(coverage, State::Lost))
}

#[cfg(test)]
mod tests;
