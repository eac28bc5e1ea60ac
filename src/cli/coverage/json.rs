//! Coverage as JSON.

use std::io;

use serde::Serialize;

use super::feed::Feed;
use super::missing::Missing;
use crate::cli::screen::Screen;
use crate::coverage::Section;

/// Writes one array with an object for each feed, or for each that has gaps.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn write(screen: &Screen, feeds: &[Feed], only_gaps: bool) -> io::Result<()> {
    let feeds = feeds
        .iter()
        .filter(|feed| !only_gaps || !feed.missing.is_empty());
    let feeds: Vec<JsonFeed<'_>> = feeds.map(JsonFeed::of).collect();
    screen.json(&feeds)
}

#[derive(Serialize)]
struct JsonFeed<'a> {
    source: &'a str,
    feed: &'a str,
    from: Option<String>,
    to: Option<String>,
    sections: Vec<JsonSection>,
    gaps: Vec<JsonMissing<'a>>,
}

/// A part of a feed's time, half-open.
#[derive(Serialize)]
struct JsonSection {
    from: String,
    to: String,
    standing: &'static str,
}

#[derive(Serialize)]
struct JsonMissing<'a> {
    #[serde(flatten)]
    section: JsonSection,
    lost_from: Option<String>,
    remedy: &'a str,
}

impl JsonFeed<'_> {
    fn of(feed: &Feed) -> JsonFeed<'_> {
        JsonFeed {
            source: &feed.source,
            feed: &feed.name,
            from: feed.from().map(|from| from.to_string()),
            to: feed.to.map(|to| to.to_string()),
            sections: feed.sections.iter().map(JsonSection::of).collect(),
            gaps: feed.missing.iter().map(JsonMissing::of).collect(),
        }
    }
}

impl JsonSection {
    fn of(section: &Section) -> JsonSection {
        JsonSection {
            from: section.period.from.to_string(),
            to: section.period.to.to_string(),
            standing: section.standing.name(),
        }
    }
}

impl JsonMissing<'_> {
    fn of(missing: &Missing) -> JsonMissing<'_> {
        let section = Section {
            period: missing.period,
            standing: missing.standing,
        };
        JsonMissing {
            section: JsonSection::of(&section),
            lost_from: missing.lost_from().map(|moment| moment.to_string()),
            remedy: &missing.remedy,
        }
    }
}
