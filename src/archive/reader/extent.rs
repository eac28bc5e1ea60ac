//! How much there is in an archive, and from when to when, without reading its events.

use super::Reader;
use crate::archive::ArchiveError;
use crate::event::{Period, Timestamp};

/// How many events there are, and of what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The events of everyone.
    pub events: u64,
    /// The first event's time; none where there is no event.
    pub oldest: Option<Timestamp>,
    /// The last event's time.
    pub newest: Option<Timestamp>,
}

impl Reader {
    /// How much there is. Events are counted by actor as they come in; those counts are added up.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn extent(&self) -> Result<Extent, ArchiveError> {
        let sql = "select coalesce((select sum(events) from actor_span), 0),
                   (select min(key) >> 20 from event), (select max(key) >> 20 from event)";
        let read = self.connection.query_row(sql, [], |row| {
            let moment = |millis: Option<i64>| millis.map(Timestamp::from_millis);
            Ok(Extent {
                events: row.get::<_, i64>(0)?.unsigned_abs(),
                oldest: moment(row.get(1)?),
                newest: moment(row.get(2)?),
            })
        });
        read.map_err(|error| self.failure(error))
    }
}

impl Extent {
    /// About how many of the events lie in a period, as if they were spread evenly; none where
    /// nothing can be said.
    pub fn events_within(&self, period: Period) -> Option<u64> {
        let (oldest, newest) = (self.oldest?.millis(), self.newest?.millis());
        let whole = i128::from(newest) - i128::from(oldest) + 1;
        let from = period.from.millis().max(oldest);
        let to = period.to.millis().min(newest.saturating_add(1));
        let part = (i128::from(to) - i128::from(from)).max(0);
        u64::try_from(i128::from(self.events) * part / whole.max(1)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::sample;

    #[test]
    fn events_are_counted_without_being_read() {
        let sample = sample::archive_of_days(500, 100);
        let reader = Reader::open(&sample.path()).unwrap();
        let extent = reader.extent().unwrap();
        assert_eq!(extent.events, 500);
        let day = 86_400_000;
        let last = |days: i64| Period {
            from: sample::NOW.plus_millis(-days * day),
            to: sample::NOW,
        };
        assert_eq!(extent.events_within(last(1000)), Some(500));
        let half = extent.events_within(last(50)).unwrap();
        assert!((245..=255).contains(&half), "{half}");
        let before = Period {
            from: sample::NOW.plus_millis(-900 * day),
            to: sample::NOW.plus_millis(-800 * day),
        };
        assert_eq!(extent.events_within(before), Some(0));
    }

    #[test]
    fn an_empty_archive_has_no_time() {
        let sample = sample::archive(0);
        let extent = Reader::open(&sample.path()).unwrap().extent().unwrap();
        assert_eq!((extent.events, extent.oldest), (0, None));
        let all = Period {
            from: Timestamp::from_millis(0),
            to: sample::NOW,
        };
        assert_eq!(extent.events_within(all), None);
    }
}
