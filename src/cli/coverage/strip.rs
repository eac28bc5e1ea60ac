//! Feeds' time as strips of characters over one axis, so that they line up: pure.

use std::iter::successors;

use crate::coverage::{Section, Standing, worst};
use crate::event::{Period, Timestamp};

/// An axis of equal units of whole days. Weeks begin on Mondays, and longer units at fixed ones, so
/// that a strip does not shift from day to day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    /// Days since 1970-01-01.
    from: i64,
    /// Days in a unit.
    unit: i64,
    /// How many units there are.
    units: i64,
    period: Period,
}

/// What the strips are drawn with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Whether a terminal shows more than ASCII.
    pub(super) unicode: bool,
    /// Whether it may be coloured. What a character means is told without.
    pub(super) colours: bool,
}

const DAY_MILLIS: i64 = 86_400_000;

/// The first Monday since 1970-01-01.
const MONDAY: i64 = 4;

/// Days in a unit: a day, a week, 4 weeks, 12 weeks; then a year of weeks, and its doubles.
const UNITS: [i64; 4] = [1, 7, 28, 84];
const LONG: i64 = 364;

/// A tick and a date, and room to the next.
const BETWEEN_TICKS_MIN: i64 = 13;

impl Axis {
    /// The axis of the least units with which the period fits into so many characters.
    pub(super) fn new(period: Period, columns: usize) -> Axis {
        // A period on both sides of the first Monday needs two, however long they are.
        let columns = i64::try_from(columns).unwrap_or(i64::MAX).max(2);
        let doubled = successors(Some(LONG), |unit| unit.checked_mul(2));
        let mut axes = UNITS
            .into_iter()
            .chain(doubled)
            .map(|unit| Axis::of(period, unit));
        axes.find(|axis| axis.units <= columns)
            .unwrap_or_else(|| Axis::of(period, LONG))
    }

    fn of(period: Period, unit: i64) -> Axis {
        let day = |moment: Timestamp| moment.millis().div_euclid(DAY_MILLIS);
        let from = (day(period.from) - MONDAY).div_euclid(unit) * unit + MONDAY;
        let last = day(period.to.plus_millis(-1)).max(day(period.from));
        Axis {
            from,
            unit,
            units: (last - from) / unit + 1,
            period,
        }
    }

    /// What a character stands for: `day`, `week`, `4 weeks`.
    pub(super) fn unit(&self) -> String {
        match self.unit {
            1 => "day".to_owned(),
            7 => "week".to_owned(),
            days => format!("{} weeks", days / 7),
        }
    }

    /// The worst in each unit; nothing where nothing is known.
    pub(super) fn strip(&self, sections: &[Section]) -> Vec<Option<Standing>> {
        let units = (0..self.units).map(|unit| self.part(unit));
        units.map(|part| worst(sections, part)).collect()
    }

    /// Dates over the units they begin.
    pub(super) fn scale(&self) -> String {
        let mut scale = String::new();
        let step = match self.unit {
            1 => 14,
            _ => BETWEEN_TICKS_MIN,
        };
        for unit in (0..self.units).step_by(usize::try_from(step).unwrap_or(1)) {
            let indent = usize::try_from(unit).unwrap_or_default();
            let date = self.moment(unit).datetime().format("'%Y-%m-%d").to_string();
            let fits = self.units - unit >= BETWEEN_TICKS_MIN - 2;
            if unit == 0 || fits {
                scale = format!("{scale:indent$}{date}");
            }
        }
        scale
    }

    /// The unit, as far as it lies in the axis's period.
    fn part(&self, unit: i64) -> Period {
        Period {
            from: self.moment(unit).max(self.period.from),
            to: self.moment(unit + 1).min(self.period.to),
        }
    }

    fn moment(&self, unit: i64) -> Timestamp {
        let days = self.from.saturating_add(unit.saturating_mul(self.unit));
        Timestamp::from_millis(days.saturating_mul(DAY_MILLIS))
    }
}

impl Pen {
    /// A strip as a line.
    pub(super) fn draw(self, strip: &[Option<Standing>]) -> String {
        let run = |run: &[Option<Standing>]| match run.first() {
            Some(Some(standing)) => self.coloured(*standing, run.len()),
            _ => " ".repeat(run.len()),
        };
        let runs = strip.chunk_by(|one, next| one == next);
        let line: String = runs.map(run).collect();
        line.trim_end().to_owned()
    }

    /// What each character means.
    pub(super) fn legend(self) -> String {
        let meaning =
            |standing: Standing| format!("{} {}", self.coloured(standing, 1), standing.name());
        Standing::ALL.map(meaning).join("  ")
    }

    fn coloured(self, standing: Standing, length: usize) -> String {
        let run = self.character(standing).repeat(length);
        if !self.colours {
            return run;
        }
        let colour = match standing {
            Standing::Complete => "32",
            Standing::Open => "36",
            Standing::Gap => "1;33",
            Standing::Lost => "1;31",
        };
        format!("\x1b[{colour}m{run}\x1b[0m")
    }

    fn character(self, standing: Standing) -> &'static str {
        match (standing, self.unicode) {
            (Standing::Complete, true) => "█",
            (Standing::Complete, false) => "#",
            (Standing::Open, true) => "░",
            (Standing::Open, false) => ".",
            (Standing::Gap, _) => "!",
            (Standing::Lost, _) => "x",
        }
    }
}

#[cfg(test)]
mod tests;
