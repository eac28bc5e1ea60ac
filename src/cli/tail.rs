//! `trailkeep tail`: archived events in the order of archiving, handed on to another system.

mod handed;
mod listing;
mod place;
mod stop;

use std::io::Write;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use self::place::Place;
use self::stop::Stop;
use super::Session;
use super::failure::{Exit, Failure};
use super::screen::Data;
use crate::archive::cursor::Position;
use crate::archive::reader::{Only, Reader, Stretch};
use crate::siem::{self, DIALECTS, Dialect};

/// Hand archived events on to a SIEM, or show the last ones
///
/// Events come in the order in which they were archived, so that one which was late is not missed.
/// With a cursor, everything comes that was not handed over under its name, from the first archived
/// event on; the cursor is kept in the archive and moves only when lines were written: each event
/// comes at least once, in order.
#[derive(Args)]
#[command(after_help = ABOUT)]
pub(super) struct Tail {
    /// How many of the last events to begin with: a number, or all
    #[arg(short = 'n', long = "lines", value_name = "N", value_parser = count, default_value = "10")]
    #[arg(conflicts_with_all = ["cursor", "cursors"])]
    last: Count,
    /// Go on where the last run under this name ended: siem
    #[arg(short, long, value_name = "NAME", value_parser = cursor_name)]
    cursor: Option<String>,
    /// If the cursor is new, begin with what is archived from now on
    #[arg(long, requires = "cursor")]
    from_now: bool,
    /// Go on as events are archived, until told to end
    #[arg(short, long)]
    follow: bool,
    /// Only events of this source; a cursor passes over the others
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only events that this feed brought first
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,
    /// With each record as it was received
    #[arg(long)]
    raw: bool,
    /// How to write an event
    #[arg(short = 'o', long = "output", value_name = "FORMAT", value_parser = dialects())]
    #[arg(default_value = "jsonl")]
    dialect: String,
    /// List the cursors, and how far behind each is
    #[arg(long, conflicts_with_all = ["cursor", "follow", "source", "feed", "raw", "dialect"])]
    cursors: bool,
    /// Forget the cursor: the next run under its name begins anew
    #[arg(long, requires = "cursor", conflicts_with_all = ["follow", "from_now"])]
    forget: bool,
}

const ABOUT: &str = "An event that comes again has the same id: `uid` of OCSF's metadata, ECS's \
    event.id, CEF's externalId, `id` of syslog's structured data, and in jsonl event_id or, where \
    the vendor gives none, key. When whoever reads a pipe goes away, the cursor moves back by what \
    the pipe may have held. One run at a time hands over under a cursor.";

/// How often the archive is looked at for what is new.
const POLL: Duration = Duration::from_secs(1);

/// How many events to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    All,
    Last(u64),
}

impl Tail {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        let path = &config.archive.value;
        if self.cursors {
            return listing::show(&session.screen, &Reader::open(path)?);
        }
        if let (Some(name), true) = (&self.cursor, self.forget) {
            return listing::forget(&session.screen, path, name);
        }
        let reader = Reader::open(path)?;
        listing::must_be_known(
            &reader,
            &config,
            self.source.as_deref(),
            self.feed.as_deref(),
        )?;
        let only = Only {
            source: self.source.clone(),
            feed: self.feed.clone(),
            with_raw: self.raw,
        };
        let place = match &self.cursor {
            Some(name) => Place::of_cursor(path, name, self.beginning(&reader)?)?,
            None => Place::free(self.first(&reader, &only)?),
        };
        let mut handover = Handover {
            reader: &reader,
            only,
            dialect: siem::find(&self.dialect).unwrap_or(&DIALECTS[0]),
            place,
        };
        let stop = Stop::listen()?;
        handover.run(&mut session.screen.data(), self.follow, &stop)
    }

    fn beginning(&self, reader: &Reader) -> Result<Position, Failure> {
        if self.from_now {
            return Ok(reader.end()?);
        }
        Ok(Position::START)
    }

    fn first(&self, reader: &Reader, only: &Only) -> Result<Position, Failure> {
        match self.last {
            Count::All => Ok(Position::START),
            Count::Last(events) => Ok(reader.before_last(events, only)?),
        }
    }
}

/// Events on their way out.
struct Handover<'a> {
    reader: &'a Reader,
    only: Only,
    dialect: &'static Dialect,
    place: Place,
}

impl Handover<'_> {
    /// Hands over what there is; then, if asked to follow, what comes.
    fn run(&mut self, out: &mut Data<'_>, follow: bool, stop: &Stop) -> Result<Exit, Failure> {
        let told_to_end = if follow { Exit::Ok } else { Exit::Interrupted };
        loop {
            // Seen before the events are read, so that no change falls in between.
            let version = self.reader.data_version()?;
            let stretch = self.reader.after(self.place.position(), &self.only)?;
            self.hand_over(&stretch, out)?;
            if stop.is_asked() {
                return Ok(told_to_end);
            }
            if !stretch.is_last {
                continue;
            }
            if !follow {
                return Ok(Exit::Ok);
            }
            while self.reader.data_version()? == version {
                if stop.is_asked_within(POLL) {
                    return Ok(told_to_end);
                }
            }
        }
    }

    /// Lines first, the cursor after them.
    fn hand_over(&mut self, stretch: &Stretch, out: &mut Data<'_>) -> Result<(), Failure> {
        match self.write(stretch, out) {
            Ok(bytes) => self.place.moved(stretch.end, bytes),
            Err(error) => {
                let failure = Failure::from(error);
                if failure.is_broken_pipe() {
                    self.place.reader_gone()?;
                }
                Err(failure)
            }
        }
    }

    fn write(&self, stretch: &Stretch, out: &mut Data<'_>) -> std::io::Result<u64> {
        let mut bytes = 0;
        for event in &stretch.events {
            let mut line = (self.dialect.line)(event);
            line.push('\n');
            bytes += line.len() as u64;
            out.write_all(line.as_bytes())?;
        }
        out.flush()?;
        Ok(bytes)
    }
}

fn count(text: &str) -> Result<Count, String> {
    if text == "all" {
        return Ok(Count::All);
    }
    let count = text.parse().map(Count::Last);
    count.map_err(|_| "write a number, or all".to_owned())
}

/// The name goes into service files and dashboards, so it is a plain one.
fn cursor_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || text.len() > 64 || !text.chars().all(is_plain) {
        return Err("a name has small letters, digits and hyphens, at most 64".to_owned());
    }
    Ok(text.to_owned())
}

fn dialects() -> PossibleValuesParser {
    let values = DIALECTS
        .iter()
        .map(|dialect| PossibleValue::new(dialect.name).help(dialect.about));
    PossibleValuesParser::new(values)
}
