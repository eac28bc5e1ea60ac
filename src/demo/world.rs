//! What happened: people, and the events they left in both vendors' logs. Reproducible: the same
//! plan makes the same world.

pub(super) mod activity;
pub(super) mod log_events;
mod package;
pub(super) mod people;
mod rhythm;
mod story;
pub(super) mod trail;
pub(super) mod transfers;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use fastrand::Rng;

use crate::event::{Period, Timestamp};

use super::safe::table::Table;
use super::sendsafely::entry::EntryForm;
use activity::{Activities, SafeEvent};
use people::Cast;
use rhythm::Rhythm;
use trail::Trail;
use transfers::{SendSafelyEvent, Transfers};

/// What a world is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// How many events there are by `now`, in both logs together: two fifths in SAFE's.
    pub events: usize,
    /// How many days back from `now` they reach; in SendSafely's log at most 90, in SAFE's 365,
    /// for neither vendor shows more.
    pub days: u32,
    /// When the world begins to be watched.
    pub now: Timestamp,
}

/// How a log is less than perfect. They belong to the world rather than to [`Faults`], because
/// the truth that archives are compared with has to know of them.
///
/// [`Faults`]: super::Faults
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blemishes {
    /// Share of events (0 to 1) that their log shows only later, by up to [`LATE_MAX_MILLIS`].
    pub late: f64,
    /// Share of SAFE's rows that are equal to the row before in every cell.
    pub repeats: f64,
    /// Share of events that are written without their time.
    pub garbage: f64,
}

/// No event is visible later than this after it happened: 24 hours. How late the real vendors'
/// events can be is unknown.
pub const LATE_MAX_MILLIS: i64 = DAY;

/// Both logs, and who is in them.
#[derive(Debug)]
pub struct World {
    seed: u64,
    cast: Cast,
    rng: Rng,
    blemishes: Blemishes,
    until: Timestamp,
    /// From when on a story keeps an integration of SAFE's stopped.
    stopped_at: Option<Timestamp>,
    safe: Vec<SafeEvent>,
    sendsafely: Vec<SendSafelyEvent>,
    trail: Trail,
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const SAFE_DAYS: u32 = 365;
pub(super) const SENDSAFELY_DAYS: u32 = 90;

/// Files may reach back further than any vendor does: a hundred years.
const FILE_DAYS: u32 = 36_500;

/// Stories are told in worlds that are large and long enough for them.
const STORY_EVENTS_MIN: usize = 1_000;
const STORY_DAYS_MIN: u32 = 7;

impl Default for Blemishes {
    /// What one would expect of a healthy vendor: few late events, few repeats, no garbage.
    fn default() -> Blemishes {
        Blemishes {
            late: 0.01,
            repeats: 0.03,
            garbage: 0.0,
        }
    }
}

impl World {
    /// The world of this plan, with the default [`Blemishes`].
    pub fn new(plan: Plan) -> World {
        World::with_blemishes(plan, Blemishes::default())
    }

    /// The world of this plan.
    pub fn with_blemishes(plan: Plan, blemishes: Blemishes) -> World {
        let mut rng = Rng::with_seed(plan.seed);
        let cast = cast(&mut rng, plan);
        let until = plan.now;
        let mut world = World {
            seed: plan.seed,
            cast,
            rng,
            blemishes,
            until,
            stopped_at: None,
            safe: Vec::new(),
            sendsafely: Vec::new(),
            trail: Trail::new(plan.seed, blemishes.late),
        };
        let stories = plan.events >= STORY_EVENTS_MIN && plan.days >= STORY_DAYS_MIN;
        let (in_safe, in_sendsafely) = shares(plan.events);
        world.fill_safe(period(plan, SAFE_DAYS), in_safe, stories);
        world.fill_sendsafely(period(plan, SENDSAFELY_DAYS), in_sendsafely, stories);
        world.fill_trail(period(plan, SENDSAFELY_DAYS), plan.events);
        world
    }

    /// Lets so many events happen between the end of the world so far and `to`. Nothing happens
    /// where `to` is not later.
    pub fn advance(&mut self, to: Timestamp, events: usize) {
        let period = Period {
            from: self.until,
            to,
        };
        let (in_safe, in_sendsafely) = shares(events);
        self.fill_safe(period, in_safe, false);
        self.fill_sendsafely(period, in_sendsafely, false);
        self.fill_trail(period, events);
        self.until = self.until.max(to);
    }

    /// Lets SendSafely show another address for an entry from now on: the same id with other
    /// content. Tells whether there is such an entry.
    pub fn amend(&mut self, event_id: u128, ip: &str) -> bool {
        let found = self
            .sendsafely
            .iter_mut()
            .find(|event| event.event_id == event_id);
        found.map(|event| event.ip = ip.into()).is_some()
    }

    /// What the world was made from, for chance of others that is to be the same with it.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// Up to when events have happened.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Everybody in the world.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// The rows of a SAFE report asked for at `now`, in order of time: those of the last so many
    /// days that are visible by then. Rows without their time are among them; see
    /// [`SafeEvent::garbage`].
    pub fn safe_visible(&self, now: Timestamp, days: u32) -> Vec<&SafeEvent> {
        let from = now.plus_millis(-DAY * i64::from(days));
        let rows = within(&self.safe, |event| event.time, from, now);
        rows.iter()
            .filter(|event| event.visible_at <= now)
            .collect()
    }

    /// The entries SendSafely holds at `now`, in order of time: those of the last 90 days that
    /// are visible by then. Entries without their time are among them; see
    /// [`SendSafelyEvent::garbage`].
    pub fn sendsafely_visible(&self, now: Timestamp) -> Vec<&SendSafelyEvent> {
        let from = now.plus_millis(-DAY * i64::from(SENDSAFELY_DAYS));
        let entries = self.sendsafely_between(from, now);
        entries
            .iter()
            .filter(|event| event.visible_at <= now)
            .collect()
    }

    /// All entries of a stretch of time, visible or not, both ends among them.
    pub(super) fn sendsafely_between(&self, from: Timestamp, to: Timestamp) -> &[SendSafelyEvent] {
        within(&self.sendsafely, |event| event.time, from, to)
    }

    /// When this user last signed in to SAFE, as the log shows it at `now`.
    pub(super) fn last_login(&self, user_id: &str, now: Timestamp) -> Option<Timestamp> {
        let signed_in = |e: &&SafeEvent| {
            *e.user_id == *user_id && *e.activity == *"User logged in" && e.visible_at <= now
        };
        self.safe
            .iter()
            .rev()
            .find(signed_in)
            .map(|event| event.time)
    }

    fn fill_safe(&mut self, period: Period, count: usize, stories: bool) {
        let mut events = if stories {
            self.stopped_at = Some(story::stop(period));
            story::in_safe(&mut self.rng, &self.cast, period)
        } else {
            Vec::new()
        };
        let rhythm = Rhythm::new(self.rng.fork(), period, count.saturating_sub(events.len()));
        let (rng, repeats) = (self.rng.fork(), self.blemishes.repeats);
        let mut others: Vec<_> = Activities::new(rng, rhythm, &self.cast, repeats).collect();
        if let Some(since) = self.stopped_at {
            story::keep_stopped(&mut others, since);
        }
        events.append(&mut others);
        for event in &mut events {
            event.visible_at = visible_at(&mut self.rng, self.blemishes, event.time);
            event.garbage = self.rng.f64() < self.blemishes.garbage;
        }
        self.safe.append(&mut events);
        self.safe.sort_by_key(|event| event.time);
    }

    /// For ten events in the vendors' logs there is one in CloudTrail.
    fn fill_trail(&mut self, period: Period, events: usize) {
        self.trail.fill(&self.cast, period, events.div_ceil(10));
    }

    fn fill_sendsafely(&mut self, period: Period, count: usize, stories: bool) {
        let mut events = if stories {
            story::in_sendsafely(&mut self.rng, &self.cast, period)
        } else {
            Vec::new()
        };
        let rhythm = Rhythm::new(self.rng.fork(), period, count.saturating_sub(events.len()));
        events.extend(Transfers::new(self.rng.fork(), rhythm, &self.cast));
        for event in &mut events {
            event.visible_at = visible_at(&mut self.rng, self.blemishes, event.time);
            event.garbage = self.rng.f64() < self.blemishes.garbage;
        }
        self.sendsafely.append(&mut events);
        self.sendsafely.sort_by_key(|event| event.time);
    }
}

/// Writes all events of a plan as entries of SendSafely's audit log, one JSON object a line, in
/// order of time: about 400 bytes each. Holds none of them, so that any number can be written.
///
/// # Errors
/// `out` cannot be written to.
pub fn write_ndjson(plan: Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut rng = Rng::with_seed(plan.seed);
    let cast = cast(&mut rng, plan);
    let rhythm = Rhythm::new(rng.fork(), period(plan, FILE_DAYS), plan.events);
    let (form, mut out) = (EntryForm::default(), Lines::new(out));
    for event in Transfers::new(rng.fork(), rhythm, &cast) {
        form.write(&event, &mut out.waiting);
        out.waiting.push(b'\n');
        out.pass_on()?;
    }
    out.finish()
}

/// Writes all events of a plan as the rows of SAFE's audit report, in order of time. Holds none
/// of them, so that any number can be written.
///
/// # Errors
/// `out` cannot be written to.
pub fn write_csv(plan: Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut rng = Rng::with_seed(plan.seed);
    let cast = cast(&mut rng, plan);
    let rhythm = Rhythm::new(rng.fork(), period(plan, FILE_DAYS), plan.events);
    let (table, mut out) = (Table::default(), Lines::new(out));
    table.write_header(false, &mut out.waiting);
    for event in Activities::new(rng.fork(), rhythm, &cast, Blemishes::default().repeats) {
        table.write_row(&event, false, &mut out.waiting);
        out.pass_on()?;
    }
    out.finish()
}

/// Lines on their way to a writer, passed on many at a time.
struct Lines<'a> {
    waiting: Vec<u8>,
    out: &'a mut dyn Write,
}

impl Lines<'_> {
    fn new(out: &mut dyn Write) -> Lines<'_> {
        Lines {
            waiting: Vec::new(),
            out,
        }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        const ENOUGH: usize = 64 << 10;
        if self.waiting.len() >= ENOUGH {
            self.out.write_all(&self.waiting)?;
            self.waiting.clear();
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        self.out.write_all(&self.waiting)?;
        self.out.flush()
    }
}

fn cast(rng: &mut Rng, plan: Plan) -> Cast {
    Cast::new(
        rng,
        (plan.events / 400).clamp(24, 600),
        period(plan, SENDSAFELY_DAYS),
    )
}

/// The days of the plan, or as many of them as the vendor shows. The first hour is left out, so
/// that no event falls out of the vendor's window while the world is being looked at.
fn period(plan: Plan, days_max: u32) -> Period {
    let days = i64::from(plan.days.min(days_max));
    let from = plan
        .now
        .plus_millis(if days > 0 { HOUR - days * DAY } else { 0 });
    Period { from, to: plan.now }
}

/// How many of so many events are SAFE's, and how many SendSafely's.
fn shares(events: usize) -> (usize, usize) {
    let in_safe = events / 5 * 2 + events % 5 * 2 / 5;
    (in_safe, events - in_safe)
}

/// Most late events are late by minutes, some by many hours.
fn visible_at(rng: &mut Rng, blemishes: Blemishes, time: Timestamp) -> Timestamp {
    if rng.f64() >= blemishes.late {
        return time;
    }
    let most = if rng.u8(..10) < 7 {
        2 * HOUR
    } else {
        LATE_MAX_MILLIS
    };
    time.plus_millis(rng.i64(1_000..=most))
}

/// The part of a sorted list that lies within `from` and `to`, both among it.
fn within<T>(sorted: &[T], time: impl Fn(&T) -> Timestamp, from: Timestamp, to: Timestamp) -> &[T] {
    let start = sorted.partition_point(|event| time(event) < from);
    let end = sorted.partition_point(|event| time(event) <= to);
    sorted.get(start..end).unwrap_or_default()
}
