//! Coverage as people read it: how long each feed stands how, a strip for each, and what is missing.

use std::io::{self, Write};
use std::time::Duration;

use super::feed::Feed;
use super::missing;
use super::strip::{Axis, Pen};
use crate::cli::screen::Screen;
use crate::coverage::Standing;
use crate::event::{Period, Timestamp};
use crate::format::visible;
use crate::time::{describe, minute};

/// A strip is at least so long, whatever fits.
const STRIP_MIN: usize = 20;

/// Writes all of it.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn write(
    screen: &Screen,
    feeds: &[Feed],
    since: Option<Timestamp>,
    now: Timestamp,
) -> io::Result<()> {
    if feeds.is_empty() {
        return Ok(());
    }
    let from = since.unwrap_or(Timestamp::from_millis(i64::MIN));
    screen.table(&rows(feeds, Period { from, to: now }))?;
    let begun = feeds.iter().filter_map(Feed::from).min();
    if let Some(begun) = begun.filter(|begun| *begun < now) {
        let period = Period {
            from: begun.max(from),
            to: now,
        };
        strips(screen, feeds, period)?;
    }
    if feeds.iter().any(|feed| !feed.missing.is_empty()) {
        let mut data = screen.data();
        writeln!(data)?;
        data.flush()?;
        missing::list(screen, feeds, now)?;
    }
    Ok(())
}

fn rows(feeds: &[Feed], within: Period) -> Vec<Vec<String>> {
    use Standing::{Complete, Gap, Lost, Open};
    let header = ["FEED", "FROM", "TO", "COMPLETE", "OPEN", "GAP", "LOST"];
    let row = |feed: &Feed| {
        let moment = |moment: Option<Timestamp>| moment.map_or(String::new(), minute);
        let lengths = [Complete, Open, Gap, Lost].map(|standing| feed.length(standing, within));
        let from = feed.from().map(|from| from.max(within.from));
        let mut row = vec![feed.label(), moment(from), moment(feed.to)];
        row.extend(lengths.map(brief));
        row
    };
    let header = header.map(str::to_owned).to_vec();
    std::iter::once(header)
        .chain(feeds.iter().map(row))
        .collect()
}

fn brief(length: Duration) -> String {
    if length.is_zero() {
        "-".to_owned()
    } else {
        describe(length)
    }
}

fn strips(screen: &Screen, feeds: &[Feed], period: Period) -> io::Result<()> {
    let feeds = feeds.iter().filter(|feed| !feed.sections.is_empty());
    let lines: Vec<_> = feeds
        .map(|feed| (visible(&feed.label()).into_owned(), &feed.sections))
        .collect();
    let widths = lines.iter().map(|(label, _)| label.chars().count());
    let width = widths.max().unwrap_or_default();
    let room = screen.columns().saturating_sub(width + 2).max(STRIP_MIN);
    let axis = Axis::new(period, room);
    let pen = Pen {
        unicode: screen.unicode(),
        colours: screen.data_colours(),
    };
    let mut data = screen.data();
    writeln!(data, "\n{:width$}  {}", "", axis.scale())?;
    for (label, sections) in &lines {
        let strip = pen.draw(&axis.strip(sections));
        writeln!(data, "{label:width$}  {strip}")?;
    }
    let (legend, unit) = (pen.legend(), axis.unit());
    writeln!(data, "\n{legend}; the worst per {unit}")?;
    data.flush()
}
