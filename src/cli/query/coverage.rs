//! What is known of the time that a query asks for: a line for each source.

use crate::archive::ArchiveError;
use crate::archive::reader::{FeedRecord, Reader, joint};
use crate::coverage::{Joint, Part, Standing};
use crate::event::{Period, Timestamp};
use crate::query::{Options, Query};
use crate::time::minute;

/// What is known of the time that a query asks for.
pub(in crate::cli) struct Known {
    /// A line for the source that the parameter `source` names, or for every source.
    pub(in crate::cli) lines: Vec<String>,
    /// Whether all of it is complete, but for what is too young to be.
    pub(in crate::cli) is_whole: bool,
}

/// The lines of what is known.
///
/// # Errors
/// The archive cannot be read.
pub(super) fn lines(
    query: &Query,
    reader: &Reader,
    options: Options<'_>,
) -> Result<Vec<String>, ArchiveError> {
    Ok(known(query, reader, options)?.lines)
}

/// Finds out what is known.
///
/// # Errors
/// The archive cannot be read.
pub(in crate::cli) fn known(
    query: &Query,
    reader: &Reader,
    options: Options<'_>,
) -> Result<Known, ArchiveError> {
    let now = options.now;
    let (from, to) = query.period(options);
    let to = to.unwrap_or(now).min(now);
    let asked = Asked { from, to };
    let mut records = reader.feeds(now)?;
    records.retain(FeedRecord::brings_events);
    let mut sources: Vec<&str> = records
        .iter()
        .map(|record| record.source.as_str())
        .collect();
    sources.dedup();
    if let Some(source) = query.text("source", options) {
        sources = vec![source];
    }
    let parts = |source: &&str| {
        let feeds = records.iter().filter(|record| record.source == **source);
        asked.parts(&joint(feeds, now))
    };
    let parts: Vec<Vec<Part>> = sources.iter().map(parts).collect();
    let line = |(source, parts): (&&str, &Vec<Part>)| format!("coverage {source}: {}", told(parts));
    Ok(Known {
        lines: sources.iter().zip(&parts).map(line).collect(),
        is_whole: !parts.is_empty() && parts.iter().all(|parts| is_whole(parts)),
    })
}

/// The period that a query asks for.
struct Asked {
    /// From the beginning, where it does not say.
    from: Option<Timestamp>,
    to: Timestamp,
}

/// More flaws than this are for `trailkeep coverage` to list.
const FLAWS_MAX: usize = 3;

impl Asked {
    fn parts(&self, joint: &Joint) -> Vec<Part> {
        let from = self.from.or_else(|| joint.begin());
        from.map_or(Vec::new(), |from| joint.parts(Period { from, to: self.to }))
    }
}

/// Whether there is no flaw in a period of which anything is known.
fn is_whole(parts: &[Part]) -> bool {
    !parts.is_empty() && settled(parts).1.iter().all(is_complete)
}

/// `gap A to B; else complete C to D, open from E on`
fn told(parts: &[Part]) -> String {
    let (open, settled) = settled(parts);
    let is_complete = |part: &&Part| is_complete(part);
    let flaws: Vec<&Part> = settled.iter().filter(|part| !is_complete(part)).collect();
    let named = flaws.iter().take(FLAWS_MAX).map(|part| flaw(part));
    let mut words = vec![named.collect::<Vec<_>>().join(", ")];
    if let Some(more @ 1..) = flaws.len().checked_sub(FLAWS_MAX) {
        words.push(format!("{more} more in `trailkeep coverage`"));
    }
    let complete: Vec<Period> = settled
        .iter()
        .filter(is_complete)
        .map(|part| part.0)
        .collect();
    if let (Some(first), Some(last)) = (complete.first(), complete.last()) {
        let but = if flaws.is_empty() { "" } else { "else " };
        words.push(format!("{but}complete {}", range(first.from, last.to)));
    }
    words.extend(open.map(|from| format!("open from {} on", minute(from))));
    words.retain(|word| !word.is_empty());
    if words.is_empty() {
        return "nothing is known".to_owned();
    }
    words.join("; ")
}

/// From when on it is open, and what is before that.
fn settled(parts: &[Part]) -> (Option<Timestamp>, &[Part]) {
    match parts.split_last() {
        Some(((period, Some(Standing::Open)), settled)) => (Some(period.from), settled),
        _ => (None, parts),
    }
}

fn is_complete(part: &Part) -> bool {
    part.1 == Some(Standing::Complete)
}

fn flaw((period, standing): &Part) -> String {
    let range = range(period.from, period.to);
    match standing {
        Some(standing) => format!("{} {range}", standing.name()),
        None => format!("nothing known of {range}"),
    }
}

fn range(from: Timestamp, to: Timestamp) -> String {
    format!("{} to {}", minute(from), minute(to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Section;

    const DAY: i64 = 86_400_000;

    /// A day of January 1970.
    fn day(day: i64) -> Timestamp {
        Timestamp::from_millis((day - 1) * DAY)
    }

    /// `complete 1-10, gap 10-12`
    fn sections(text: &str) -> Vec<Section> {
        let read = |part: &str| {
            let (name, days) = part.split_once(' ').unwrap();
            let (from, to) = days.split_once('-').unwrap();
            let all = [
                Standing::Complete,
                Standing::Open,
                Standing::Gap,
                Standing::Lost,
            ];
            Section {
                period: Period {
                    from: day(from.parse().unwrap()),
                    to: day(to.parse().unwrap()),
                },
                standing: all.into_iter().find(|one| one.name() == name).unwrap(),
            }
        };
        let parts = text.split(", ").filter(|part| !part.is_empty());
        parts.map(read).collect()
    }

    /// Of these feeds and files.
    fn parts(vendor: &[&str], files: &str, from: Option<i64>, to: i64) -> Vec<Part> {
        let vendor = vendor.iter().map(|text| sections(text)).collect();
        let joint = Joint::new(vendor, sections(files));
        let asked = Asked {
            from: from.map(day),
            to: day(to),
        };
        asked.parts(&joint)
    }

    fn line(vendor: &[&str], files: &str, from: Option<i64>, to: i64) -> String {
        let told = told(&parts(vendor, files, from, to));
        told.replace("1970-01-", "").replace("T00:00Z", "")
    }

    const API: &str = "complete 11-20, gap 20-22, complete 22-28, open 28-30";

    /// Feeds, the period asked for, and what is told of it.
    const CASES: [(&[&str], Option<i64>, i64, &str); 11] = [
        (&[API], Some(23), 30, "complete 23 to 28; open from 28 on"),
        (&[API], Some(12), 19, "complete 12 to 19"),
        (&[API], Some(28), 30, "open from 28 on"),
        (&[API], Some(21), 22, "gap 21 to 22"),
        (
            &[API],
            None,
            30,
            "gap 20 to 22; else complete 11 to 28; open from 28 on",
        ),
        (
            &[API],
            Some(10),
            21,
            "nothing known of 10 to 11, gap 20 to 21; else complete 11 to 20",
        ),
        (
            &[API, "complete 15-18, lost 18-19"],
            Some(12),
            20,
            "lost 18 to 19; else complete 12 to 20",
        ),
        (&[], Some(11), 15, "nothing known of 11 to 15"),
        (&[""], None, 15, "nothing is known"),
        (&[API], Some(30), 30, "nothing is known"),
        (
            &["gap 10-11, lost 11-12, gap 12-13, lost 13-14, gap 14-15, complete 15-16"],
            None,
            16,
            "gap 10 to 11, lost 11 to 12, gap 12 to 13; 2 more in `trailkeep coverage`; \
                 else complete 15 to 16",
        ),
    ];

    #[test]
    fn what_is_known_of_the_time_asked_for_is_told() {
        for (vendor, from, to, told) in CASES {
            assert_eq!(line(vendor, "", from, to), told, "{vendor:?} {from:?}");
        }
    }

    #[test]
    fn a_time_is_whole_where_nothing_is_wrong_with_it() {
        for (vendor, from, to, told) in CASES {
            let is_whole = is_whole(&parts(vendor, "", from, to));
            let is_flawed = ["gap", "lost", "nothing"]
                .iter()
                .any(|word| told.contains(word));
            assert_eq!(is_whole, !is_flawed, "{told}");
        }
    }

    #[test]
    fn files_count_where_no_other_feed_knows_anything() {
        let api = "complete 11-20, gap 20-22, open 22-30";
        for (files, line_of_it) in [
            (
                "complete 10-11",
                "gap 20 to 22; else complete 10 to 20; open from 22 on",
            ),
            (
                "complete 10-30",
                "gap 20 to 22; else complete 10 to 20; open from 22 on",
            ),
        ] {
            assert_eq!(line(&[api], files, None, 30), line_of_it, "{files}");
        }
        let alone = line(&[], "complete 13-15", Some(12), 15);
        assert_eq!(alone, "nothing known of 12 to 13; else complete 13 to 15");
    }
}
