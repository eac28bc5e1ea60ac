//! `trailkeep coverage`: which stretches of each feed's time are complete, and what to do about
//! the others.

mod feed;
mod json;
mod missing;
mod page;
mod strip;

use clap::{Args, ValueEnum};

use self::feed::Feed;
use super::Session;
use super::failure::{Exit, Failure};
use crate::archive::reader::{FeedRecord, Reader};
use crate::config::{Config, nearest};
use crate::event::Timestamp;
use crate::fetch::clock::{Clock, SystemClock};
use crate::kind::FeedKind;
use crate::time::parse_moment;

/// Show which stretches of time are complete, and what to do about the others
///
/// A feed's time is complete where it was read when events had had the time to come; open where it
/// is too young to be sure of, or was read young; a gap where it was not read, though the vendor
/// still has it; lost where the vendor has it no longer. What files were said to cover
/// (`trailkeep import --covers`) counts for every feed of their source.
#[derive(Args)]
#[command(after_help = JSON)]
pub(super) struct ShowCoverage {
    /// What to show; everything in the archive, if nothing is named
    #[arg(value_name = "SOURCE[/FEED]")]
    named: Vec<String>,
    /// Only list gaps and what is lost; exits with 1 if there is any, also of what cannot be mended
    /// (--since leaves out what is old)
    #[arg(long)]
    gaps: bool,
    /// Only what reaches beyond then: 2026-09-01, or 30d back from now
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// How to show it
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = Form::Text)]
    output: Form,
}

const JSON: &str = "JSON is one array with an object for each feed: source, feed, from, to (read up \
    to then), sections (from, to, standing: complete, open, gap or lost) and gaps (from, to, \
    standing, lost_from: when the vendor begins to forget it, remedy: the command). With --gaps only \
    feeds that have any.";

/// The form of coverage on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A strip for each feed, and a list of gaps.
    Text,
    /// One array with an object for each feed.
    Json,
}

/// Shows all that there is, as text.
///
/// # Errors
/// The archive cannot be read, or standard output cannot be written.
pub(super) fn show_all(session: &Session, config: &Config) -> Result<Exit, Failure> {
    let all = ShowCoverage {
        named: Vec::new(),
        gaps: false,
        since: None,
        output: Form::Text,
    };
    all.show(session, config)
}

impl ShowCoverage {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        self.show(session, &session.config()?)
    }

    fn show(&self, session: &Session, config: &Config) -> Result<Exit, Failure> {
        let now = SystemClock.now();
        let since = self.since.as_deref();
        let since = since.map(|text| parse_moment(text, now)).transpose()?;
        let records = Reader::open(&config.archive.value)?.feeds(now)?;
        let known = names(&records, config);
        for name in &self.named {
            must_be_known(name, &known)?;
        }
        let (records, of_users): (Vec<_>, Vec<_>) =
            records.into_iter().partition(FeedRecord::brings_events);
        self.tell_of_users(session, &of_users);
        let records = records
            .into_iter()
            .filter(|record| self.names(&record.source, &record.feed));
        let feeds: Vec<Feed> = records
            .map(|record| Feed::new(record, config, since, now))
            .collect();
        self.tell_of_others(session, config, &feeds);
        self.write(session, &feeds, since, now)
    }

    fn write(
        &self,
        session: &Session,
        feeds: &[Feed],
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Exit, Failure> {
        let screen = &session.screen;
        let found = feeds.iter().any(|feed| !feed.missing.is_empty());
        match (self.output, self.gaps) {
            (Form::Json, only_gaps) => json::write(screen, feeds, only_gaps)?,
            (Form::Text, true) => missing::list(screen, feeds, now)?,
            (Form::Text, false) => page::write(screen, feeds, since, now)?,
        }
        if self.gaps && !found {
            screen.note("there is no gap, and nothing is lost");
        }
        Ok(if self.gaps && found {
            Exit::Findings
        } else {
            Exit::Ok
        })
    }

    fn names(&self, source: &str, feed: &str) -> bool {
        let is_it = |name: &String| match name.split_once('/') {
            None => name == source,
            Some((its_source, its_feed)) => (its_source, its_feed) == (source, feed),
        };
        self.named.is_empty() || self.named.iter().any(is_it)
    }

    /// A feed that brings users only has no coverage; who asks for it by its name is told so.
    fn tell_of_users(&self, session: &Session, of_users: &[FeedRecord]) {
        for record in of_users {
            let name = format!("{}/{}", record.source, record.feed);
            if self.named.contains(&name) {
                let why = "brings users and no events: there is no time to cover";
                session.screen.note(format_args!("{name} {why}"));
            }
        }
    }

    /// Of feeds that never ran the archive knows nothing, not even that they are there.
    fn tell_of_others(&self, session: &Session, config: &Config, feeds: &[Feed]) {
        let of_events = configured(config).filter(|(_, feed)| feed.events.is_some());
        for (source, feed) in of_events.map(|(source, feed)| (source, feed.name)) {
            let is_shown = |one: &Feed| (one.source.as_str(), one.name.as_str()) == (source, feed);
            if self.names(source, feed) && !feeds.iter().any(is_shown) {
                session.screen.note(format_args!(
                    "{source}/{feed} has not run yet: trailkeep sync {source}/{feed}"
                ));
            }
        }
    }
}

/// Source and feed of all that is configured.
fn configured(config: &Config) -> impl Iterator<Item = (&str, &'static FeedKind)> {
    let sources = config.sources.iter();
    sources.flat_map(|source| {
        let feeds = source.feeds.iter();
        feeds.map(|feed| (source.name.as_str(), feed.kind))
    })
}

/// Every `SOURCE` and `SOURCE/FEED` that may be named.
fn names(records: &[FeedRecord], config: &Config) -> Vec<String> {
    let archived = records
        .iter()
        .map(|record| (record.source.as_str(), record.feed.as_str()));
    let both = |(source, feed)| [String::from(source), format!("{source}/{feed}")];
    let configured = configured(config).map(|(source, feed)| (source, feed.name));
    let mut names: Vec<String> = archived.chain(configured).flat_map(both).collect();
    names.sort();
    names.dedup();
    names
}

fn must_be_known(name: &str, known: &[String]) -> Result<(), Failure> {
    if known.iter().any(|one| one == name) {
        return Ok(());
    }
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "nothing is archived or configured yet".to_owned(),
        None => format!("known: {}", known.join(", ")),
    };
    let problem = match name.split_once('/') {
        None => format!("there is no source `{name}`"),
        Some((source, feed)) => format!("there is no feed `{feed}` of a source `{source}`"),
    };
    Err(Failure::usage(problem).hinted(hint))
}
