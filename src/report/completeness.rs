//! Whether all of a report's period is archived: in a word, in a sentence, and part by part.

use std::collections::BTreeSet;

use crate::archive::FILE_FEED;
use crate::coverage::{Joint, Part, Standing};
use crate::event::Timestamp;
use crate::report::evidence::{Evidence, Feed};
use crate::time::{describe, minute};

/// How the period stands, all sources taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Everything that the vendors had of it is archived.
    Complete,
    /// So far; from this moment on it is too young to be sure of.
    OpenFrom(Timestamp),
    /// Something is missing.
    Incomplete,
    /// Nothing is known of it.
    Unknown,
}

/// A source and the parts of the period, in their order.
pub(super) struct SourceParts<'a> {
    pub(super) source: &'a str,
    pub(super) parts: Vec<Part>,
}

/// How the period stands by source: each that any feed is known of, or that brought events of it.
pub(super) fn sources(evidence: &Evidence) -> Vec<SourceParts<'_>> {
    let of_feeds = evidence.coverage.iter().map(|feed| feed.source.as_str());
    let of_batches = evidence.batches.iter().map(|batch| batch.source.as_str());
    let names: BTreeSet<&str> = of_feeds.chain(of_batches).collect();
    let parts = |source| {
        let feeds = evidence
            .coverage
            .iter()
            .filter(|feed| feed.source == source);
        let (files, vendor): (Vec<&Feed>, Vec<&Feed>) =
            feeds.partition(|feed| feed.feed == FILE_FEED);
        let files: Vec<_> = files.iter().flat_map(|feed| feed.sections()).collect();
        let joint = Joint::new(vendor.iter().map(|feed| feed.sections()).collect(), files);
        SourceParts {
            source,
            parts: joint.parts(evidence.period()),
        }
    };
    names.into_iter().map(parts).collect()
}

/// How the period stands.
pub(super) fn verdict(sources: &[SourceParts<'_>]) -> Verdict {
    let verdicts = sources.iter().map(|source| of_source(&source.parts));
    let mut all: Vec<Verdict> = verdicts.collect();
    let is = |all: &[Verdict], one| all.contains(&one);
    if all.is_empty() || all.iter().all(|one| *one == Verdict::Unknown) {
        return Verdict::Unknown;
    }
    if is(&all, Verdict::Incomplete) || is(&all, Verdict::Unknown) {
        return Verdict::Incomplete;
    }
    let open = all.drain(..).filter_map(|one| match one {
        Verdict::OpenFrom(from) => Some(from),
        _ => None,
    });
    open.min().map_or(Verdict::Complete, Verdict::OpenFrom)
}

fn of_source(parts: &[Part]) -> Verdict {
    let complete = Some(Standing::Complete);
    match parts {
        [] | [(_, None)] => Verdict::Unknown,
        [(open, Some(Standing::Open))] => Verdict::OpenFrom(open.from),
        [before @ .., (open, Some(Standing::Open))]
            if before.iter().all(|one| one.1 == complete) =>
        {
            Verdict::OpenFrom(open.from)
        }
        parts if parts.iter().all(|one| one.1 == complete) => Verdict::Complete,
        _ => Verdict::Incomplete,
    }
}

impl Verdict {
    /// In a word, for whoever looks.
    pub(super) fn name(self) -> &'static str {
        match self {
            Verdict::Complete => "complete",
            Verdict::OpenFrom(_) => "open",
            Verdict::Incomplete => "incomplete",
            Verdict::Unknown => "unknown",
        }
    }

    /// In a sentence.
    pub(super) fn sentence(self, evidence: &Evidence, sources: &[SourceParts<'_>]) -> String {
        match self {
            Verdict::Complete => {
                "The period is complete: everything that the vendors had of it is archived.".into()
            }
            Verdict::OpenFrom(from) if Some(from) <= evidence.period.from => {
                "The period is open: it is so young that more of it may still come.".into()
            }
            Verdict::OpenFrom(from) => format!(
                "The period is complete up to {}. What is younger is archived as far as it was \
                 known, and more of it may still come.",
                minute(from)
            ),
            Verdict::Incomplete => {
                let flaws: Vec<String> = sources.iter().filter_map(flaws).collect();
                format!("The period is not complete: {}.", flaws.join("; "))
            }
            Verdict::Unknown => "Nothing is known of whether the period is complete.".into(),
        }
    }
}

/// `acme: gap of 6 days, 2 h lost`
fn flaws(source: &SourceParts<'_>) -> Option<String> {
    let kinds = [Some(Standing::Lost), Some(Standing::Gap), None];
    let told = kinds.into_iter().filter_map(|kind| {
        let alike = source.parts.iter().filter(|one| one.1 == kind);
        let length = alike.map(|one| one.0.length()).sum::<std::time::Duration>();
        let length = (!length.is_zero()).then(|| describe(length))?;
        Some(match kind {
            Some(Standing::Lost) => format!("{length} lost"),
            Some(_) => format!("{length} not read yet"),
            None => format!("nothing is known of {length}"),
        })
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("{}: {}", source.source, told.join(", ")))
}

/// How a part stands, in words.
pub(super) fn standing(standing: Option<Standing>) -> &'static str {
    match standing {
        Some(Standing::Complete) => "complete",
        Some(Standing::Open) => "open: more may still come",
        Some(Standing::Gap) => "gap: not read yet",
        Some(Standing::Lost) => "lost: the vendor has it no longer",
        None => "nothing is known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Period;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_millis(day * 86_400_000)
    }

    /// `complete 1-10, gap 10-12`; `-` for what nothing is known of.
    fn parts(text: &str) -> Vec<Part> {
        let read = |part: &str| {
            let (name, days) = part.split_once(' ').unwrap();
            let (from, to) = days.split_once('-').unwrap();
            let (from, to) = (day(from.parse().unwrap()), day(to.parse().unwrap()));
            (Period { from, to }, Standing::find(name))
        };
        let parts = text.split(", ").filter(|part| !part.is_empty());
        parts.map(read).collect()
    }

    fn of(texts: &[&str]) -> Verdict {
        let sources = texts.iter().map(|text| SourceParts {
            source: "acme",
            parts: parts(text),
        });
        verdict(&sources.collect::<Vec<_>>())
    }

    #[test]
    fn a_period_is_as_complete_as_its_worst_source() {
        for (sources, expected) in [
            (&[][..], Verdict::Unknown),
            (&["complete 1-9"], Verdict::Complete),
            (&["complete 1-9", "complete 1-9"], Verdict::Complete),
            (&["complete 1-7, open 7-9"], Verdict::OpenFrom(day(7))),
            (
                &["complete 1-7, open 7-9", "complete 1-6, open 6-9"],
                Verdict::OpenFrom(day(6)),
            ),
            (&["open 1-9"], Verdict::OpenFrom(day(1))),
            (
                &["complete 1-5, gap 5-6, complete 6-9"],
                Verdict::Incomplete,
            ),
            (
                &["complete 1-9", "lost 1-2, complete 2-9"],
                Verdict::Incomplete,
            ),
            (&["none 1-2, complete 2-9"], Verdict::Incomplete),
            (&["open 1-2, complete 2-9"], Verdict::Incomplete),
            (&["complete 1-9", "none 1-9"], Verdict::Incomplete),
            (&["none 1-9"], Verdict::Unknown),
        ] {
            assert_eq!(of(sources), expected, "{sources:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told_by_source() {
        let source = SourceParts {
            source: "acme",
            parts: parts("none 1-9, gap 9-15, complete 15-20, gap 20-24, lost 24-30"),
        };
        let told = "acme: 6 days lost, 10 days not read yet, nothing is known of 8 days";
        assert_eq!(flaws(&source).unwrap(), told);
        let complete = SourceParts {
            parts: parts("complete 1-9"),
            ..source
        };
        assert_eq!(flaws(&complete), None);
    }
}
