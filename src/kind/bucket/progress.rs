//! What a pass over a bucket leaves for the next.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::place::Place;
use crate::event::{Checkpoint, Claim, Period, Timestamp};
use crate::feed::{FeedError, Start};
use crate::kind::checkpoint;

/// What is noted of a bucket as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Progress {
    /// Which bucket, and what of it. Whoever reads another begins anew.
    of: String,
    /// When the last pass began that listed all keys.
    full: Option<i64>,
    /// When the first event happened.
    earliest: Option<i64>,
    /// Up to when objects were put that cannot be read before they are restored.
    frozen: Option<i64>,
    /// Whether the store lists keys in order.
    pub(super) ordered: bool,
}

/// What is noted of a partition.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    /// When the last pass began that has read all that was new of it.
    scanned: i64,
}

impl Progress {
    /// What the last pass noted, and of each partition the oldest day that is to be listed again.
    ///
    /// # Errors
    /// A checkpoint is not understood.
    pub(super) fn read(
        start: &Start,
        feed: &str,
        place: &Place,
    ) -> Result<(Progress, BTreeMap<String, NaiveDate>), FeedError> {
        let of = place.describe();
        let noted: Option<Progress> = checkpoint::read(start, feed)?;
        let Some(progress) = noted.filter(|noted| noted.of == of) else {
            let new = Progress {
                of,
                full: None,
                earliest: None,
                frozen: None,
                ordered: true,
            };
            return Ok((new, BTreeMap::new()));
        };
        let parts: BTreeMap<String, Part> = checkpoint::read_parts(start, feed)?;
        let oldest = parts.into_iter().filter_map(|(name, part)| {
            let scanned = Timestamp::from_millis(part.scanned).min(start.now);
            Some((name, oldest_day(scanned, place)?))
        });
        let oldest = if progress.is_full_due(start, place) {
            BTreeMap::new()
        } else {
            oldest.collect()
        };
        Ok((progress, oldest))
    }

    /// Whether all keys are to be listed: it is time, or the user wants it.
    pub(super) fn is_full_due(&self, start: &Start, place: &Place) -> bool {
        let wanted = start.force || start.since.is_some();
        let is_recent = self.full.map(Timestamp::from_millis).is_some_and(|full| {
            // What lies in the future was noted by a clock that was wrong.
            full <= start.now && start.now < full.after(place.full_check)
        });
        wanted || !is_recent
    }

    /// Notes when something happened that was read; whether that is earlier than all before.
    pub(super) fn happened(&mut self, moment: Timestamp) -> bool {
        let moment = moment.millis();
        let is_earlier = self.earliest.is_none_or(|earliest| moment < earliest);
        if is_earlier {
            self.earliest = Some(moment);
        }
        is_earlier
    }

    /// Notes that what was put at that moment cannot be read.
    pub(super) fn froze(&mut self, moment: Timestamp) {
        self.frozen = self.frozen.max(Some(moment.millis()));
    }

    /// Forgets what could not be read: a pass that lists all keys finds it again.
    pub(super) fn thaw(&mut self) {
        self.frozen = None;
    }

    /// Notes that all keys have been listed, and whether they came in order.
    pub(super) fn listed_all(&mut self, start: &Start, ordered: bool) {
        self.full = Some(start.now.millis());
        self.ordered = ordered;
    }

    /// The checkpoint that says so.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        checkpoint::write(self)
    }

    /// What has been read when a pass is over: all that happened since the first event, or since
    /// what cannot be read was put. Of a bucket that never held anything, nothing is known.
    pub(super) fn claim(&self, start: &Start) -> Option<Claim> {
        let from = self.earliest?.max(self.frozen.unwrap_or(i64::MIN));
        let period = Period {
            from: Timestamp::from_millis(from),
            to: start.now,
        };
        let as_of = start.now;
        (!period.is_empty()).then_some(Claim { period, as_of })
    }
}

/// The checkpoints of the partitions that a pass has met. One of which something is owing counts
/// as read up to the day of that.
pub(super) fn parts(
    met: &BTreeSet<String>,
    owing: &BTreeMap<String, NaiveDate>,
    start: &Start,
) -> Vec<Checkpoint> {
    let scanned = |name: &String| {
        let owed = owing.get(name)?.and_time(NaiveTime::MIN).and_utc();
        Some(owed.timestamp_millis().min(start.now.millis()))
    };
    let part = |name: &String| {
        let scanned = scanned(name).unwrap_or(start.now.millis());
        checkpoint::write_part(name.clone(), &Part { scanned })
    };
    met.iter().map(part).collect()
}

/// A day more than objects may be late, for a date in a key may be of any zone.
fn oldest_day(scanned: Timestamp, place: &Place) -> Option<NaiveDate> {
    let late = scanned.before(place.overlap).datetime().date_naive();
    late.checked_sub_days(Days::new(1))
}
