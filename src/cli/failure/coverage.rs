//! Words for what cannot be had any longer.

use super::{Exit, Failure};
use crate::event::Period;
use crate::time::{describe, minute};

impl Failure {
    /// What left the vendor's window before it was read.
    pub fn lost(name: &str, source: &str, periods: &[Period]) -> Failure {
        let range = |period: &Period| format!("{} to {}", minute(period.from), minute(period.to));
        let ranges: Vec<String> = periods.iter().map(range).collect();
        let length = periods.iter().map(|period| period.length()).sum();
        let text = format!(
            "{name}: {} are lost: the vendor no longer has {}",
            describe(length),
            ranges.join(", ")
        );
        Failure::new(Exit::SourceFailed, text).hinted(format!(
            "whoever has an export of it: trailkeep import FILE --source {source} --covers FROM..TO"
        ))
    }
}
