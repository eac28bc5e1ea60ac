//! What is known of a feed's time: which stretches of it are complete, which are open, and which
//! are lost. Pure: the archive keeps it, a sync plans from it, and `coverage` shows it.
//!
//! A vendor may show an event only some time after it happened. So what is read is complete only
//! as far as it was older, when the vendor was asked, than events come late: the **settle** time.
//! What was younger is *open*, and is read again.

mod joint;
mod limits;
pub mod plan;

use std::time::Duration;

use crate::event::{Claim, Period, Timestamp};

pub use joint::{Joint, Part};
pub use limits::{Limits, Log, Reach};

/// The stretches of one feed's time of which anything is known, in order and without overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    stretches: Vec<Stretch>,
}

/// A stretch of event time of which one thing is known throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The stretch.
    pub period: Period,
    /// What is known of it.
    pub state: State,
    /// What the vendor showed of it at this moment is in the archive; or, of what is lost, when the
    /// last of it was found to be.
    pub as_of: Timestamp,
    /// The first batch that read any of it.
    pub first_batch: i64,
    /// The last batch that read any of it.
    pub last_batch: i64,
}

/// What is known of a stretch. The greater outranks the less: what is complete stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It left the vendor's window before it was read.
    Lost,
    /// It was read whole, but so soon that events may have come late.
    Open,
    /// It was read whole when events had had the time to come.
    Complete,
}

/// A part of a feed's time up to now, and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The part.
    pub period: Period,
    /// How it stands.
    pub standing: Standing,
}

/// How a part of a feed's time stands at a moment. The greater is the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Everything in it is archived.
    Complete,
    /// Too young to be sure of: read, and to be read again; or not read yet.
    Open,
    /// Not read, though it is past the settle time; the vendor still has it.
    Gap,
    /// Not read, and the vendor has it no longer.
    Lost,
}

/// What happened since the last run is no gap for so long beyond the settle time: a feed that runs
/// once a day, and takes its time, leaves none.
const UNREAD_MAX: Duration = Duration::from_secs(26 * 3_600);

/// A stretch that ends later than this from now was read by a clock that was wrong.
const SKEW_MAX_MILLIS: i64 = 3_600_000;

impl Coverage {
    /// Of these stretches, in any order; none may overlap another.
    pub fn new(mut stretches: Vec<Stretch>) -> Coverage {
        stretches.sort_unstable_by_key(|stretch| stretch.period.from);
        Coverage { stretches }
    }

    /// The stretches, in order.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// From when on anything is known. Nothing is promised of the time before.
    pub fn begin(&self) -> Option<Timestamp> {
        Some(self.stretches.first()?.period.from)
    }

    /// Up to when it has been read.
    pub fn end(&self) -> Option<Timestamp> {
        let read = self.stretches.iter().filter(|one| one.state > State::Lost);
        read.map(|stretch| stretch.period.to).max()
    }

    /// Takes in that a batch has read a stretch whole. Of what lies in the future of the moment
    /// it was read, nothing can be known: an earlier claim to it came from a wrong clock, and how
    /// much of what that read had happened by then is not known either.
    pub fn claim(&mut self, claim: Claim, settle: Duration, batch: i64) {
        self.doubt(&claim);
        let to = claim.period.to.min(claim.as_of);
        let settled = claim.as_of.before(settle);
        let stretch = |from, to, state| Stretch {
            period: Period { from, to },
            state,
            as_of: claim.as_of,
            first_batch: batch,
            last_batch: batch,
        };
        let from = claim.period.from;
        self.lay(stretch(from, to.min(settled), State::Complete));
        self.lay(stretch(from.max(settled), to, State::Open));
    }

    /// Takes in that a stretch cannot be had any longer, as far as it has not been read.
    pub fn lose(&mut self, period: Period, as_of: Timestamp, batch: i64) {
        self.lay(Stretch {
            period,
            state: State::Lost,
            as_of,
            first_batch: batch,
            last_batch: batch,
        });
    }

    /// The same with what another feed of the source has complete, from our beginning on.
    #[must_use]
    pub fn helped_by(&self, other: &Coverage) -> Coverage {
        let mut helped = self.clone();
        let Some(begin) = self.begin() else {
            return helped;
        };
        for stretch in &other.stretches {
            if stretch.state == State::Complete {
                let from = stretch.period.from.max(begin);
                let period = Period {
                    from,
                    ..stretch.period
                };
                helped.lay(Stretch { period, ..*stretch });
            }
        }
        helped
    }

    /// The stretch in which a moment was read, if it was.
    pub fn read_at(&self, moment: Timestamp) -> Option<&Stretch> {
        let after = self
            .stretches
            .partition_point(|stretch| stretch.period.from <= moment);
        let stretch = self.stretches.get(after.checked_sub(1)?)?;
        (moment < stretch.period.to && stretch.state > State::Lost).then_some(stretch)
    }

    /// How all of it stands, from the beginning to now.
    pub fn sections(&self, limits: &Limits, now: Timestamp) -> Vec<Section> {
        let mut sections = Vec::new();
        let mut from = self.begin().unwrap_or(now);
        let (horizon, settled) = (limits.horizon(now), now.before(limits.settle));
        for stretch in &self.stretches {
            let to = stretch.period.from;
            unread(&mut sections, Period { from, to }, horizon, settled);
            push(&mut sections, stretch.period, stretch.state.into());
            from = stretch.period.to;
        }
        let rest = Period { from, to: now };
        unread(&mut sections, rest, horizon, settled.before(UNREAD_MAX));
        sections
    }

    /// Takes back what a clock from the future claimed: nothing of it is known after the moment
    /// of this claim, and nothing is complete from where it is now being read again.
    fn doubt(&mut self, claim: &Claim) {
        let limit = claim.as_of.plus_millis(SKEW_MAX_MILLIS);
        if self.stretches.iter().all(|one| one.period.to <= limit) {
            return;
        }
        let stretches = std::mem::take(&mut self.stretches);
        for stretch in stretches {
            let (doubtful, Period { from, to }) = (stretch.period.to > limit, stretch.period);
            let cut = match stretch.state {
                State::Complete if doubtful => claim.period.from.max(from).min(to),
                _ => to,
            };
            let part = |from, to: Timestamp, state| Stretch {
                period: Period {
                    from,
                    to: to.min(claim.as_of),
                },
                state,
                as_of: stretch.as_of.min(claim.as_of),
                ..stretch
            };
            let parts = [part(from, cut, stretch.state), part(cut, to, State::Open)];
            self.stretches.extend(parts);
        }
        self.stretches.retain(|stretch| !stretch.period.is_empty());
    }

    /// Puts a stretch over what it is not outranked by.
    fn lay(&mut self, new: Stretch) {
        let outrank = |old: &&Stretch| old.state > new.state;
        let stronger: Vec<Period> = self
            .stretches
            .iter()
            .filter(outrank)
            .map(|s| s.period)
            .collect();
        for period in without(new.period, &stronger) {
            let rest = |old: &Stretch| {
                let old = *old;
                without(old.period, &[period])
                    .into_iter()
                    .map(move |period| Stretch { period, ..old })
            };
            self.stretches = self.stretches.iter().flat_map(rest).collect();
            self.stretches.push(Stretch { period, ..new });
        }
        self.stretches
            .sort_unstable_by_key(|stretch| stretch.period.from);
        self.stretches.dedup_by(|next, one| one.absorb(next));
    }
}

impl Stretch {
    /// Becomes one with the next stretch, where they touch and nothing tells them apart.
    fn absorb(&mut self, next: &Stretch) -> bool {
        let alike =
            self.state == next.state && (self.state != State::Open || self.as_of == next.as_of);
        if !alike || self.period.to != next.period.from {
            return false;
        }
        self.period.to = next.period.to;
        // All of it was lost only when the last of it was.
        self.as_of = match self.state {
            State::Lost => self.as_of.max(next.as_of),
            State::Open | State::Complete => self.as_of.min(next.as_of),
        };
        self.first_batch = self.first_batch.min(next.first_batch);
        self.last_batch = self.last_batch.max(next.last_batch);
        true
    }
}

impl State {
    /// In one word, as the archive has it.
    pub fn name(self) -> &'static str {
        match self {
            State::Lost => "lost",
            State::Open => "open",
            State::Complete => "complete",
        }
    }

    /// The state of that name.
    pub fn find(name: &str) -> Option<State> {
        let states = [State::Lost, State::Open, State::Complete];
        states.into_iter().find(|state| state.name() == name)
    }
}

impl Standing {
    /// Every one, from the best to the worst.
    pub const ALL: [Standing; 4] = [
        Standing::Complete,
        Standing::Open,
        Standing::Gap,
        Standing::Lost,
    ];

    /// In one word, as views and commands have it.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Complete => "complete",
            Standing::Open => "open",
            Standing::Gap => "gap",
            Standing::Lost => "lost",
        }
    }

    /// The standing of that name.
    pub fn find(name: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// The worst that stands in a period; none if no section reaches into it.
pub fn worst(sections: &[Section], period: Period) -> Option<Standing> {
    let reaches_in =
        |section: &&Section| section.period.from < period.to && period.from < section.period.to;
    let within = sections.iter().filter(reaches_in);
    within.map(|section| section.standing).max()
}

impl From<State> for Standing {
    fn from(state: State) -> Standing {
        match state {
            State::Lost => Standing::Lost,
            State::Open => Standing::Open,
            State::Complete => Standing::Complete,
        }
    }
}

/// Of what was not read: what lies behind the horizon is lost, what is young is open.
fn unread(sections: &mut Vec<Section>, period: Period, horizon: Timestamp, young: Timestamp) {
    let between = |from: Timestamp, to: Timestamp| Period {
        from: period.from.max(from),
        to: period.to.min(to),
    };
    let young = young.max(horizon);
    push(sections, between(period.from, horizon), Standing::Lost);
    push(sections, between(horizon, young), Standing::Gap);
    push(sections, between(young, period.to), Standing::Open);
}

fn push(sections: &mut Vec<Section>, period: Period, standing: Standing) {
    if period.is_empty() {
        return;
    }
    match sections.last_mut() {
        Some(last) if last.standing == standing && last.period.to == period.from => {
            last.period.to = period.to;
        }
        _ => sections.push(Section { period, standing }),
    }
}

/// What of a period none of the others holds; those are in order.
pub fn without(period: Period, others: &[Period]) -> Vec<Period> {
    let mut left = Vec::new();
    let mut from = period.from;
    for other in others {
        let to = other.from.min(period.to);
        left.push(Period { from, to });
        from = from.max(other.to);
    }
    left.push(Period {
        from,
        to: period.to,
    });
    left.retain(|part| !part.is_empty());
    left
}

#[cfg(test)]
mod tests;
