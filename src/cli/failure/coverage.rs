//! Words for what cannot be had any longer.

use super::{Exit, Failure};
use crate::event::{Period, Timestamp};
use crate::time::{describe, minute};

impl Failure {
    /// What left the vendor's window before it was read: told once, with what can be done.
    pub fn lost(name: &str, source: &str, periods: &[Period]) -> Failure {
        let range = |period: &Period| format!("{} to {}", minute(period.from), minute(period.to));
        let ranges: Vec<String> = periods.iter().map(range).collect();
        let length = periods.iter().map(|period| period.length()).sum();
        let text = format!(
            "{name}: {} are lost: the vendor no longer has {}",
            describe(length),
            ranges.join(", ")
        );
        let mut failure = Failure::new(Exit::SourceFailed, text);
        let import = |period| {
            let covers = outward(period);
            format!(
                "an export made in time fills it: trailkeep import FILE --source {source} --covers {covers}"
            )
        };
        failure.hints = periods.iter().map(import).collect();
        failure
            .hinted("this is told once; it stays on record: trailkeep query 'select * from gaps'")
    }
}

/// The stretch to the second, none of it left out, as `--covers` reads it.
fn outward(period: &Period) -> String {
    let second = |time: Timestamp| time.datetime().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    format!(
        "{}..{}",
        second(period.from),
        second(period.to.plus_millis(999))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_named_with_the_command_that_fills_it() {
        let at = |millis: i64| Timestamp::from_millis(1_790_000_000_000 + millis);
        let period = |from, to| Period {
            from: at(from),
            to: at(to),
        };
        let lost = Failure::lost(
            "acme/api",
            "acme",
            &[period(1, 7_200_001), period(9_000_000, 9_060_000)],
        );
        assert_eq!(
            lost.to_string(),
            "acme/api: 2 h are lost: the vendor no longer has 2026-09-21T14:13Z to \
             2026-09-21T16:13Z, 2026-09-21T16:43Z to 2026-09-21T16:44Z"
        );
        let covers = |n: usize| lost.hints[n].rsplit(' ').next().unwrap().to_owned();
        assert_eq!(covers(0), "2026-09-21T14:13:20Z..2026-09-21T16:13:21Z");
        assert_eq!(covers(1), "2026-09-21T16:43:20Z..2026-09-21T16:44:20Z");
        let now = at(10_000_000);
        assert!(crate::time::parse_range(&covers(0), now).is_ok());
        assert_eq!(lost.hints.len(), 3);
    }
}
