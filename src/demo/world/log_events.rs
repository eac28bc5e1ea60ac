//! SAFE's activity as a log group has it: each row a log event with an id, and lines between them
//! that are no records at all.

use fastrand::Rng;

use crate::event::Timestamp;

use super::activity::SafeEvent;
use super::{World, within};

/// One event of SAFE's log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent<'a> {
    /// CloudWatch's id of the event: 56 digits.
    pub event_id: String,
    /// Its time in the log group.
    pub time: Timestamp,
    /// When the log group took it in; nobody sees it before.
    pub ingested_at: Timestamp,
    /// What it tells of; none where it is a line that the application wrote for other reasons.
    pub row: Option<&'a SafeEvent>,
}

impl World {
    /// The events of SAFE's log group that are there at `now`, in the order in which CloudWatch
    /// shows them. `noise` is the share of rows (0 to 1) that a line follows which is no record.
    pub fn cloudwatch_visible(&self, now: Timestamp, noise: f64) -> Vec<LogEvent<'_>> {
        let mut events = self.log_events(Timestamp::from_millis(0), now, noise);
        events.retain(|event| event.ingested_at <= now);
        events
    }

    /// All events of a stretch of time, there yet or not, both ends among them, in order of time,
    /// ingestion and id (documented).
    pub(in crate::demo) fn log_events(
        &self,
        from: Timestamp,
        to: Timestamp,
        noise: f64,
    ) -> Vec<LogEvent<'_>> {
        let mut events = Vec::new();
        let (mut last, mut n) = (Timestamp::from_millis(i64::MIN), 0);
        for row in within(&self.safe, |row| row.time, from, to) {
            n = if row.time == last { n + 1 } else { 0 };
            last = row.time;
            events.push(log_event(row, n, Some(row)));
            if drawn(row.time, n) < noise {
                events.push(log_event(row, NOISE + n, None));
            }
        }
        let order = |event: &LogEvent<'_>| (event.time, event.ingested_at, event.event_id.clone());
        events.sort_by_cached_key(order);
        events
    }
}

/// Lines that are no records are counted from here on.
const NOISE: u64 = 500_000;

fn log_event<'a>(at: &SafeEvent, n: u64, row: Option<&'a SafeEvent>) -> LogEvent<'a> {
    LogEvent {
        event_id: id(at.time, n),
        time: at.time,
        ingested_at: at.visible_at,
        row,
    }
}

/// The id of the event that is the n-th of its millisecond: nothing happens in the past, so that
/// it stays the n-th.
fn id(time: Timestamp, n: u64) -> String {
    let rest = Rng::with_seed(seed(time, n)).u128(..) % 10_u128.pow(36);
    format!("3{:013}{n:06}{rest:036}", time.millis())
}

fn drawn(time: Timestamp, n: u64) -> f64 {
    let mut rng = Rng::with_seed(!seed(time, n));
    rng.f64();
    rng.f64()
}

fn seed(time: Timestamp, n: u64) -> u64 {
    time.millis()
        .cast_unsigned()
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ n
}
