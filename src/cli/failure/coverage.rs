//! Words for what cannot be had any longer.

use super::{Exit, Failure};
use crate::event::{Period, Timestamp};
use crate::time::describe;

impl Failure {
    /// What left the vendor's window before it was read.
    pub fn lost(name: &str, source: &str, periods: &[Period]) -> Failure {
        let day = |time: Timestamp| time.datetime().format("%Y-%m-%dT%H:%MZ").to_string();
        let range = |period: &Period| format!("{} to {}", day(period.from), day(period.to));
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
