//! The cursors of an archive, and what of it can be named.

use std::collections::BTreeSet;
use std::path::Path;

use indicatif::HumanCount;

use crate::archive::cursor::Cursors;
use crate::archive::reader::Reader;
use crate::cli::failure::{Exit, Failure};
use crate::cli::screen::Screen;
use crate::config::{Config, nearest};
use crate::fetch::clock::{Clock, SystemClock};

/// Lists the cursors.
///
/// # Errors
/// The archive cannot be read, or standard output cannot be written.
pub(super) fn show(screen: &Screen, reader: &Reader) -> Result<Exit, Failure> {
    let cursors = reader.cursors()?;
    if cursors.is_empty() {
        screen.note("there is no cursor yet; `trailkeep tail --cursor NAME` makes one");
        return Ok(Exit::Ok);
    }
    let header = ["CURSOR", "ARCHIVED TO", "BEHIND", "MOVED"].map(str::to_owned);
    let rows = cursors.into_iter().map(|cursor| {
        [
            cursor.name,
            cursor.archived_to.unwrap_or_else(|| "-".to_owned()),
            HumanCount(cursor.behind).to_string(),
            cursor.moved_at,
        ]
    });
    let rows: Vec<_> = std::iter::once(header).chain(rows).collect();
    screen.table(&rows)?;
    Ok(Exit::Ok)
}

/// Forgets a cursor.
///
/// # Errors
/// There is none of that name, or the archive cannot be written.
pub(super) fn forget(screen: &Screen, path: &Path, name: &str) -> Result<Exit, Failure> {
    if Cursors::open(path)?.forget(name)? {
        screen.note(format_args!("cursor `{name}` is forgotten"));
        return Ok(Exit::Ok);
    }
    let known = Reader::open(path)?.cursors()?;
    let known: BTreeSet<String> = known.into_iter().map(|cursor| cursor.name).collect();
    Err(unknown("cursor", name, &known))
}

/// Makes sure that a source and a feed are archived or configured: a name mistyped would hand over
/// nothing, for ever, without a word.
///
/// # Errors
/// One is not.
pub(super) fn must_be_known(
    reader: &Reader,
    config: &Config,
    source: Option<&str>,
    feed: Option<&str>,
) -> Result<(), Failure> {
    if source.is_none() && feed.is_none() {
        return Ok(());
    }
    let mut sources = BTreeSet::new();
    let mut feeds = BTreeSet::new();
    for record in reader.feeds(SystemClock.now())? {
        sources.insert(record.source);
        feeds.insert(record.feed);
    }
    for source in &config.sources {
        sources.insert(source.name.clone());
        feeds.extend(source.kind.feeds.iter().map(|feed| feed.name.to_owned()));
    }
    for (what, named, known) in [("source", source, &sources), ("feed", feed, &feeds)] {
        match named {
            Some(name) if !known.contains(name) => return Err(unknown(what, name, known)),
            _ => {}
        }
    }
    Ok(())
}

fn unknown(what: &str, name: &str, known: &BTreeSet<String>) -> Failure {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("there is no {what} yet"),
        None => format!("known: {}", known.join(", ")),
    };
    Failure::usage(format!("there is no {what} `{name}`")).hinted(hint)
}
