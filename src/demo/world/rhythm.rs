//! When people work: more by day than by night, less at the weekend.

use std::vec;

use fastrand::Rng;

use crate::event::{Period, Timestamp};

/// A given number of moments within a period, in order, in the rhythm of working weeks.
///
/// Only the moments of one hour are held at a time, so that millions can be drawn.
#[derive(Debug)]
pub(super) struct Rhythm {
    rng: Rng,
    period: Period,
    count: u64,
    drawn: u64,
    weight: u64,
    weight_so_far: u64,
    hour: i64,
    waiting: vec::IntoIter<i64>,
}

const HOUR: i64 = 3_600_000;

impl Rhythm {
    /// Exactly `count` moments in `period`; none where the period is empty.
    pub(super) fn new(rng: Rng, period: Period, count: usize) -> Rhythm {
        let weight = (0..hours(period))
            .map(|hour| weight(start_of(period, hour)))
            .sum();
        let count = if period.from < period.to {
            count as u64
        } else {
            0
        };
        let waiting = Vec::new().into_iter();
        Rhythm {
            rng,
            period,
            count,
            drawn: 0,
            weight,
            weight_so_far: 0,
            hour: 0,
            waiting,
        }
    }

    /// The period in which the moments lie.
    pub(super) fn period(&self) -> Period {
        self.period
    }

    /// Draws the moments of the next hour, so many that the total keeps step with the weights.
    fn draw_hour(&mut self) {
        let start = start_of(self.period, self.hour);
        let end = start.saturating_add(HOUR).min(self.period.to.millis());
        self.hour += 1;
        self.weight_so_far += weight(start);
        let due = u128::from(self.count) * u128::from(self.weight_so_far)
            / u128::from(self.weight.max(1));
        let due = u64::try_from(due).unwrap_or(self.count);
        let mut moments: Vec<i64> = (self.drawn..due)
            .map(|_| self.rng.i64(start..end))
            .collect();
        moments.sort_unstable();
        self.drawn = due;
        self.waiting = moments.into_iter();
    }
}

impl Iterator for Rhythm {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        loop {
            if let Some(moment) = self.waiting.next() {
                return Some(Timestamp::from_millis(moment));
            }
            if self.drawn >= self.count {
                return None;
            }
            self.draw_hour();
        }
    }
}

fn hours(period: Period) -> i64 {
    let span = period.to.millis().saturating_sub(period.from.millis());
    span.max(0) / HOUR + i64::from(span % HOUR > 0)
}

fn start_of(period: Period, hour: i64) -> i64 {
    period
        .from
        .millis()
        .saturating_add(hour.saturating_mul(HOUR))
}

/// How busy the hour is that begins at this moment. Day 0 of 1970 was a Thursday.
fn weight(start: i64) -> u64 {
    let hour = start.rem_euclid(24 * HOUR) / HOUR;
    let weekday = (start.div_euclid(24 * HOUR) + 3).rem_euclid(7);
    let by_hour = match hour {
        0..=5 => 4,
        6 | 19..=21 => 20,
        7 | 17 | 18 => 60,
        12 => 75,
        8..=16 => 120,
        _ => 8,
    };
    if weekday >= 5 { by_hour / 4 } else { by_hour }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week() -> Period {
        // Monday 2026-09-14 to Monday 2026-09-21.
        let from = Timestamp::from_millis(1_789_344_000_000);
        Period {
            from,
            to: from.plus_millis(7 * 24 * HOUR),
        }
    }

    #[test]
    fn as_many_moments_as_asked_for_in_order_and_within() {
        for count in [0, 1, 7, 10_000] {
            let moments: Vec<_> = Rhythm::new(Rng::with_seed(1), week(), count).collect();
            assert_eq!(moments.len(), count);
            assert!(moments.is_sorted());
            assert!(moments.iter().all(|m| week().from <= *m && *m < week().to));
        }
        let part = Period {
            to: week().from.plus_millis(90_000),
            ..week()
        };
        assert_eq!(Rhythm::new(Rng::with_seed(1), part, 5).count(), 5);
        let empty = Period {
            to: week().from,
            ..week()
        };
        assert_eq!(Rhythm::new(Rng::with_seed(1), empty, 5).count(), 0);
    }

    #[test]
    fn days_are_busier_than_nights_and_weekends() {
        let moments: Vec<_> = Rhythm::new(Rng::with_seed(1), week(), 10_000).collect();
        let within = |from: i64, to: i64| {
            let hour = |m: &Timestamp| (m.millis() - week().from.millis()) / HOUR;
            moments
                .iter()
                .filter(|m| (from..to).contains(&hour(m)))
                .count()
        };
        assert!(
            within(8, 16) > 10 * within(0, 6),
            "Monday's day against its night"
        );
        assert!(
            within(24, 48) > 3 * within(5 * 24, 6 * 24),
            "Tuesday against Saturday"
        );
    }
}
