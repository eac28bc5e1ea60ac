//! What is missing, and what to do about it.

use std::io::{self, Write};

use super::feed::Feed;
use crate::archive::reader::FeedRecord;
use crate::cli::screen::Screen;
use crate::coverage::{Section, Standing};
use crate::event::{Period, Timestamp};
use crate::format::visible;
use crate::time::{describe, minute};

/// A stretch that was not read.
pub(super) struct Missing {
    /// The stretch.
    pub(super) period: Period,
    /// A gap, or lost.
    pub(super) standing: Standing,
    /// When the vendor began or begins to forget it, and when all of it is forgotten; none if it
    /// never does.
    forgotten: Option<Period>,
    /// The command that mends it.
    pub(super) remedy: String,
    /// What the command needs.
    provided: Option<String>,
}

impl Missing {
    /// Of a section, if it is a gap or lost.
    pub(super) fn of(
        record: &FeedRecord,
        section: Section,
        is_configured: bool,
        now: Timestamp,
    ) -> Option<Missing> {
        let (remedy, provided) = match section.standing {
            Standing::Complete | Standing::Open => return None,
            Standing::Gap => sync(record, is_configured, now),
            Standing::Lost => import(record, section.period),
        };
        let forgotten = record.limits.and_then(|limits| {
            Some(Period {
                from: limits.lost_from(section.period.from)?,
                to: limits.lost_from(section.period.to)?,
            })
        });
        Some(Missing {
            period: section.period,
            standing: section.standing,
            forgotten,
            remedy,
            provided,
        })
    }

    /// When the vendor begins to forget it; none if it has.
    pub(super) fn lost_from(&self) -> Option<Timestamp> {
        let is_gap = self.standing == Standing::Gap;
        Some(self.forgotten.filter(|_| is_gap)?.from)
    }

    /// A line on what is missing, and one on what to do.
    fn lines(&self, label: &str, now: Timestamp) -> String {
        let Period { from, to } = self.period;
        let standing = self.standing.name();
        let (from, to, length) = (minute(from), minute(to), describe(self.period.length()));
        let provided = self.provided.as_ref();
        let provided = provided.map_or(String::new(), |what| format!("{what}: "));
        let (fate, remedy) = (self.fate(now), &self.remedy);
        format!("{label} {standing} {from} to {to} ({length}){fate}\n  {provided}{remedy}\n")
    }

    fn fate(&self, now: Timestamp) -> String {
        let Some(forgotten) = self.forgotten else {
            return String::new();
        };
        match self.standing {
            Standing::Gap if forgotten.from <= now => {
                let (last, left) = (minute(forgotten.to), describe(forgotten.to.since(now)));
                format!(": it is being lost, and all of it by {last}, {left} from now")
            }
            Standing::Gap => {
                let (first, left) = (minute(forgotten.from), describe(forgotten.from.since(now)));
                format!(": lost from {first} on, {left} from now")
            }
            _ => {
                let last = minute(forgotten.to.min(now));
                format!(": the vendor has it no longer, since {last}")
            }
        }
    }
}

/// Lists what is missing of each feed.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn list(screen: &Screen, feeds: &[Feed], now: Timestamp) -> io::Result<()> {
    let mut data = screen.data();
    for feed in feeds {
        let label = feed.label();
        for missing in &feed.missing {
            let lines = missing.lines(&visible(&label), now);
            data.write_all(lines.as_bytes())?;
        }
    }
    data.flush()
}

/// A sync reads gaps without being told, but not before the feed is due.
fn sync(record: &FeedRecord, is_configured: bool, now: Timestamp) -> (String, Option<String>) {
    let (source, feed) = (&record.source, &record.feed);
    let due = record.last_complete.map(|last| last.after(record.every));
    let provided = if is_configured {
        let due = due.filter(|due| *due > now);
        due.map(|due| format!("once it is due at {}, or before with --force", minute(due)))
    } else {
        Some(format!("with `{source}` in the config file"))
    };
    (format!("trailkeep sync {source}/{feed}"), provided)
}

fn import(record: &FeedRecord, period: Period) -> (String, Option<String>) {
    let Period { from, to } = period;
    let source = &record.source;
    let command = format!("trailkeep import FILE --source {source} --covers {from}..{to}");
    (command, Some("if somebody has an export".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::archive::reader::Late;
    use crate::coverage::{Coverage, Limits, Log, Reach};

    /// 2026-09-21T14:13:20Z
    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);

    /// Ninety days can be asked for, less the margin of five minutes.
    fn record() -> FeedRecord {
        FeedRecord {
            source: "acme".to_owned(),
            kind: "sendsafely".to_owned(),
            feed: "api".to_owned(),
            limits: Some(Limits {
                look_back: HOUR * 24 * 90,
                settle: HOUR * 48,
                reach: Reach::Free,
                log: Log::Audit,
            }),
            every: HOUR,
            coverage: Coverage::default(),
            last_complete: Some(NOW.before(HOUR * 3)),
            last_run: None,
            failures: 0,
            error: None,
            events: 0,
            bytes: 5_000,
            late: Late::default(),
        }
    }

    fn told(record: &FeedRecord, days_ago: (u32, u32), standing: Standing) -> Option<String> {
        let period = Period {
            from: NOW.before(HOUR * 24 * days_ago.0),
            to: NOW.before(HOUR * 24 * days_ago.1),
        };
        let section = Section { period, standing };
        let missing = Missing::of(record, section, true, NOW)?;
        assert_eq!(missing.lost_from().is_some(), standing == Standing::Gap);
        Some(missing.lines("acme/api", NOW))
    }

    #[test]
    fn what_is_missing_says_until_when_it_can_be_had() {
        for (days_ago, standing, lines) in [
            (
                (30, 20),
                Standing::Gap,
                "acme/api gap 2026-08-22T14:13Z to 2026-09-01T14:13Z (10 days): \
                 lost from 2026-11-20T14:08Z on, 59 days from now\n  trailkeep sync acme/api\n",
            ),
            (
                (90, 80),
                Standing::Gap,
                "acme/api gap 2026-06-23T14:13Z to 2026-07-03T14:13Z (10 days): \
                 it is being lost, and all of it by 2026-10-01T14:08Z, 9 days from now\n  \
                 trailkeep sync acme/api\n",
            ),
            (
                (100, 95),
                Standing::Lost,
                "acme/api lost 2026-06-13T14:13Z to 2026-06-18T14:13Z (5 days): \
                 the vendor has it no longer, since 2026-09-16T14:08Z\n  \
                 if somebody has an export: trailkeep import FILE --source acme \
                 --covers 2026-06-13T14:13:20.000Z..2026-06-18T14:13:20.000Z\n",
            ),
        ] {
            assert_eq!(told(&record(), days_ago, standing).as_deref(), Some(lines));
        }
        for standing in [Standing::Complete, Standing::Open] {
            assert_eq!(told(&record(), (9, 8), standing), None);
        }
    }

    #[test]
    fn what_lies_in_a_bucket_is_not_about_to_be_lost() {
        let mut bucket = record();
        bucket.limits = bucket.limits.map(|limits| Limits {
            reach: Reach::Whole,
            ..limits
        });
        let period = Period {
            from: NOW.before(HOUR * 24 * 30),
            to: NOW.before(HOUR * 24 * 20),
        };
        let standing = Standing::Gap;
        let missing = Missing::of(&bucket, Section { period, standing }, true, NOW).unwrap();
        assert_eq!(missing.lost_from(), None);
        assert_eq!(
            missing.lines("acme/s3", NOW),
            "acme/s3 gap 2026-08-22T14:13Z to 2026-09-01T14:13Z (10 days)\n  trailkeep sync acme/api\n"
        );
    }

    #[test]
    fn a_feed_that_is_not_due_says_when_it_is() {
        let not_due = FeedRecord {
            every: HOUR * 4,
            ..record()
        };
        let lines = told(&not_due, (30, 20), Standing::Gap).unwrap();
        let remedy = lines.lines().nth(1).unwrap();
        assert_eq!(
            remedy,
            "  once it is due at 2026-09-21T15:13Z, or before with --force: trailkeep sync acme/api"
        );
    }
}
