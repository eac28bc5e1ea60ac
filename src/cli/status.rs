//! `trailkeep status`: how each feed is, and how long until something is lost.

mod check;
mod json;
mod overview;
mod prometheus;
mod table;

#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use clap::Args;

use self::json::Json;
use self::overview::{FeedStatus, Overview};
use super::Session;
use super::failure::{Exit, Failure};
use super::finding::remark;
use super::outcome::OutputForm;
use super::screen::Screen;
use super::sync;
use crate::archive::reader::{FeedRecord, Figures, Reader};
use crate::archive::{ArchiveError, schema};
use crate::config::Config;
use crate::event::Timestamp;
use crate::fetch::clock::{Clock, SystemClock};
use crate::health::Thresholds;

/// Show how each feed is, and how long until something is lost
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ShowStatus {
    /// What to show; everything, if nothing is named
    #[arg(value_name = "SOURCE[/FEED]")]
    named: Vec<String>,
    /// Exit with 1 if a feed is stale, fails, has a gap or is near a loss, and say so in one line
    #[arg(long)]
    check: bool,
    /// How to say it
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = OutputForm::Text)]
    output: OutputForm,
    /// Write metrics for node_exporter's textfile collector
    #[arg(long, conflicts_with = "output")]
    prometheus: bool,
}

const AFTER_HELP: &str = "LOSS IN is how long until the vendor forgets the oldest moment of which \
    events may be missing. The first line of --check is as Nagios has it: CRITICAL if a loss is \
    near, else WARNING if there is anything to find; the exit code of both is 1. That events come \
    late is said and is no finding. When a feed is stale and a loss is near is set in [status] of \
    the config file.\n\n\
    Write metrics aside first, so that nobody reads half of them:\n  \
    trailkeep status --prometheus > t.prom.$$ && mv t.prom.$$ t.prom";

/// For how long it is of interest that events came late.
const LATE_WITHIN: Duration = Duration::from_secs(30 * 86_400);

impl ShowStatus {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        let overview = self.overview(&config, SystemClock.now())?;
        self.show(session, &config, &overview)?;
        if self.check {
            Ok(check::exit(&overview))
        } else {
            Ok(Exit::Ok)
        }
    }

    fn overview(&self, config: &Config, now: Timestamp) -> Result<Overview, Failure> {
        let path = &config.archive.value;
        let known = read(path, now)?;
        // To whoever asks for a check, that nothing is watched is no good news.
        if config.sources.is_empty() && (self.check || known.is_none()) {
            return Err(sync::no_source(config));
        }
        let (figures, records) = known.unzip();
        let records = records.unwrap_or_default();
        let events = records.iter().map(|record| record.events).sum();
        let feeds = overview::feeds(&config.sources, records, &thresholds(config), now);
        let mut overview = Overview {
            now,
            path: path.display().to_string(),
            figures,
            events,
            feeds,
        };
        self.narrow(config, &mut overview)?;
        if self.check && overview.watched().next().is_none() {
            let problem = "nothing that is named is configured";
            return Err(Failure::usage(problem).hinted("there is nothing to check"));
        }
        Ok(overview)
    }

    /// Leaves only what is named, if anything is.
    fn narrow(&self, config: &Config, overview: &mut Overview) -> Result<(), Failure> {
        let feeds = &mut overview.feeds;
        let is_unknown = |name: &&String| !feeds.iter().any(|feed| feed.is_called(name));
        let unknown: Vec<String> = self.named.iter().filter(is_unknown).cloned().collect();
        // Every feed that is configured is known, so that this says what is wrong with them.
        sync::select(config, &unknown)?;
        let is_named = |feed: &FeedStatus| self.named.iter().any(|name| feed.is_called(name));
        feeds.retain(|feed| self.named.is_empty() || is_named(feed));
        Ok(())
    }

    fn show(&self, session: &Session, config: &Config, overview: &Overview) -> Result<(), Failure> {
        let screen = &session.screen;
        if self.prometheus {
            let mut data = screen.data();
            data.write_all(prometheus::text(overview).as_bytes())?;
            return Ok(data.flush()?);
        }
        match self.output {
            OutputForm::Json => Ok(screen.json(&Json::of(overview))?),
            OutputForm::Text => {
                let line = self
                    .check
                    .then(|| check::line(overview, config.status.loss.value));
                write_text(screen, line, overview)?;
                remarks(screen, overview);
                Ok(())
            }
        }
    }
}

fn write_text(screen: &Screen, line: Option<String>, overview: &Overview) -> Result<(), Failure> {
    if screen.quiet() {
        return Ok(());
    }
    if let Some(line) = line {
        let mut data = screen.data();
        writeln!(data, "{line}\n")?;
        data.flush()?;
    }
    screen.table(&table::feeds(overview))?;
    screen.table(&table::archive(overview))?;
    Ok(())
}

/// What is not well, on standard error: in the other forms it is among the data.
fn remarks(screen: &Screen, overview: &Overview) {
    if overview.figures.is_none() {
        screen.note("there is no archive yet; `trailkeep sync` makes it");
    }
    for feed in &overview.feeds {
        for finding in &feed.health.findings {
            let remark = remark(&feed.record, finding, overview.now);
            screen.warning(format_args!("{}\n  hint: {}", remark.text, remark.hint));
        }
    }
}

/// The archive as a whole and its feeds; none if there is no archive.
fn read(path: &Path, now: Timestamp) -> Result<Option<(Figures, Vec<FeedRecord>)>, Failure> {
    let reader = match Reader::open(path) {
        Err(ArchiveError::Missing(_)) => return Ok(None),
        reader => reader?,
    };
    let figures = reader.figures()?;
    if figures.schema < schema::VERSION {
        let archive = path.display();
        let hint = "the next `trailkeep sync` brings it up to date";
        return Err(Failure::usage(format!("{archive} is of an older trailkeep")).hinted(hint));
    }
    let feeds = reader.feeds(now.before(LATE_WITHIN))?;
    Ok(Some((figures, feeds)))
}

/// From when on something is worth a word, as the config has it.
pub(super) fn thresholds(config: &Config) -> Thresholds {
    Thresholds {
        stale: config.status.stale.value,
        loss: config.status.loss.value,
    }
}
