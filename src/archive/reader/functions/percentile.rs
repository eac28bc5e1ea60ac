//! `median(x)` and `percentile(x, p)`, as SQLite's own extension has them, which most builds of
//! SQLite lack: what lies between two numbers is found on the line between them.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, WindowAggregate};
use rusqlite::types::ValueRef;

use super::{SAME, mistake, number};

pub(super) fn register_median(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_window_function("median", 1, SAME, Percentile("median()"))
}

pub(super) fn register_percentile(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_window_function("percentile", 2, SAME, Percentile("percentile()"))
}

/// The function of this name.
struct Percentile(&'static str);

/// The numbers of a group or window, eight bytes each.
struct Numbers {
    values: Vec<f64>,
    is_sorted: bool,
    percent: f64,
}

impl Aggregate<Numbers, Option<f64>> for Percentile {
    fn init(&self, context: &mut Context<'_>) -> rusqlite::Result<Numbers> {
        Ok(Numbers {
            values: Vec::new(),
            is_sorted: true,
            percent: self.percent(context)?,
        })
    }

    fn step(&self, context: &mut Context<'_>, numbers: &mut Numbers) -> rusqlite::Result<()> {
        // Two zeros are one.
        if (self.percent(context)? - numbers.percent).abs() > 0.0 {
            let name = self.0;
            return Err(mistake(format!("{name} takes one percentage for all rows")));
        }
        if let Some(value) = self.value_of(context)? {
            numbers.values.push(value);
            numbers.is_sorted = false;
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        mut numbers: Option<Numbers>,
    ) -> rusqlite::Result<Option<f64>> {
        self.value(numbers.as_mut())
    }
}

impl WindowAggregate<Numbers, Option<f64>> for Percentile {
    fn value(&self, numbers: Option<&mut Numbers>) -> rusqlite::Result<Option<f64>> {
        Ok(numbers.and_then(Numbers::at_percent))
    }

    fn inverse(&self, context: &mut Context<'_>, numbers: &mut Numbers) -> rusqlite::Result<()> {
        if let Some(value) = self.value_of(context)? {
            numbers.sort();
            if let Ok(at) = numbers.values.binary_search_by(|one| one.total_cmp(&value)) {
                numbers.values.remove(at);
            }
        }
        Ok(())
    }
}

impl Percentile {
    /// The percentage asked for, which the median does not take.
    fn percent(&self, context: &Context<'_>) -> rusqlite::Result<f64> {
        if context.len() < 2 {
            return Ok(50.0);
        }
        let percent = number(context, 1).filter(|percent| (0.0..=100.0).contains(percent));
        percent.ok_or_else(|| mistake(format!("{} takes a percentage from 0 to 100", self.0)))
    }

    /// The number of a row; null does not count.
    fn value_of(&self, context: &Context<'_>) -> rusqlite::Result<Option<f64>> {
        if context.get_raw(0) == ValueRef::Null {
            return Ok(None);
        }
        let value = number(context, 0);
        let value = value.ok_or_else(|| mistake(format!("{} takes numbers", self.0)));
        value.map(Some)
    }
}

impl Numbers {
    fn sort(&mut self) {
        if !self.is_sorted {
            self.values.sort_unstable_by(f64::total_cmp);
            self.is_sorted = true;
        }
    }

    fn at_percent(&mut self) -> Option<f64> {
        self.sort();
        let last = self.values.len().checked_sub(1)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "there are fewer numbers than a double counts"
        )]
        let place = self.percent / 100.0 * last as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place lies between nothing and the last"
        )]
        let before = (place.floor() as usize).min(last);
        let (low, high) = (self.values[before], self.values[(before + 1).min(last)]);
        let share = place - place.floor();
        let span = high - low;
        if span.is_finite() {
            return Some(low + span * share);
        }
        Some(low * (1.0 - share) + high * share)
    }
}
