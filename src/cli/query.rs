//! `trailkeep query`: asks the archive.

pub(super) mod answer;
pub(super) mod catalogue;
pub(super) mod coverage;
pub(super) mod destination;
pub(super) mod explanation;
pub(super) mod look;
pub(super) mod question;
mod scan;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use self::answer::Answer;
use self::look::Look;
use self::question::Question;
use super::Session;
use super::failure::{Exit, Failure};
use super::interrupts::Interrupts;
use crate::archive::reader::{FUNCTIONS, Reader};
use crate::fetch::clock::{Clock, SystemClock};
use crate::format::{FORMATS, FormatKind};
use crate::query::Options;
use crate::query::saved::{self, Saved};
use crate::time::{TimeError, parse_duration};

/// Ask the archive, or list the saved queries
///
/// Views: events, activity, users, user_history, safe_events, cloudtrail_events,
/// sendsafely_events, daily, batches, quarantine, conflicts, coverage, gaps, sightings, objects,
/// checks, check_runs.
#[derive(Args)]
#[command(after_long_help = functions())]
pub(super) struct Ask {
    /// A saved query, a file with SQL, SQL itself, or - for SQL on standard input; a folder or a tag
    /// lists the saved queries that have it, and nothing at all lists every one
    #[arg(value_name = "NAME|TAG|FILE.sql|SQL|-")]
    question: Option<String>,
    /// A value for a parameter of the query: -p since=7d
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,
    /// How to write the rows [default: by the ending of --to, else table]
    #[arg(short = 'o', long = "output", value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,
    /// Write the rows to a file, which is there whole or not at all
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Write at most so many rows
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// End with what is known of the time asked for, a line for each source: what is complete, gaps,
    /// what is lost [default: where the query has a time parameter and the format has room: table,
    /// markdown, html]; other formats have it on standard error
    #[arg(long, overrides_with = "no_coverage")]
    coverage: bool,
    /// Leave that out
    #[arg(long)]
    no_coverage: bool,
    /// Say how the query is answered, and what serves it, and do not run it
    #[arg(long, conflicts_with_all = ["to", "limit"], requires = "question")]
    explain: bool,
    /// How long the query may work: 90s, 10min
    #[arg(long, value_name = "D", default_value = "60s", value_parser = length)]
    timeout: Duration,
    #[command(flatten)]
    look: Look,
}

impl Ask {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        let folder = config.queries.value.as_path();
        let answer = Answer {
            screen: &session.screen,
            format: self.format()?,
            to: self.to.as_deref(),
            limit: self.limit,
            look: self.look,
            coverage: (self.coverage || self.no_coverage).then_some(self.coverage),
        };
        self.look.suits(answer.format)?;
        let Some(question) = &self.question else {
            return catalogue::list(&saved::list(Some(folder))?, &answer);
        };
        let question = match Question::read(question, folder) {
            Err(failure) => return self.list(question, folder, &answer).unwrap_or(Err(failure)),
            Ok(question) => question,
        };
        let reader = Reader::open(&config.archive.value)?;
        // So that Ctrl-C leaves no pager behind.
        let pages = session.screen.data_on_terminal() && !self.look.no_pager;
        let _interrupts = pages.then(|| Interrupts::listen(&reader)).transpose()?;
        let options = Options {
            given: &self.parameters,
            now: SystemClock.now(),
            timeout: Some(self.timeout),
        };
        if self.explain {
            explanation::write(&session.screen, answer.format, &question, &reader, options)?;
            return Ok(Exit::Ok);
        }
        answer
            .ask(&question.query, &reader, options)
            .map_err(|error| error.about(&question))?;
        Ok(Exit::Ok)
    }

    /// Lists the saved queries with a tag, if there are any. What is given to a query is given in
    /// vain to a list of them.
    fn list(&self, tag: &str, folder: &Path, answer: &Answer<'_>) -> Option<Result<Exit, Failure>> {
        let tagged = match saved::tagged(tag, Some(folder)) {
            Ok(tagged) if tagged.is_empty() => return None,
            Ok(tagged) => tagged,
            Err(error) => return Some(Err(error.into())),
        };
        let is_bare = !self.explain && self.parameters.is_empty();
        Some(if is_bare {
            catalogue::list(&tagged, answer)
        } else {
            Err(several(tag, &tagged))
        })
    }

    fn format(&self) -> Result<&'static FormatKind, Failure> {
        let named = self.format.as_deref().and_then(crate::format::find);
        named.map_or_else(|| destination::format(self.to.as_deref()), Ok)
    }
}

fn several(tag: &str, tagged: &[Saved]) -> Failure {
    let problem = format!(
        "`{tag}` stands for {} saved queries, and is none of them",
        tagged.len()
    );
    let hint =
        format!("`trailkeep query {tag}` lists them; `trailkeep report {tag}` asks them all");
    Failure::usage(problem).hinted(hint)
}

/// Reads `since=7d`.
pub(super) fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim_start_matches(':').to_owned(), value.to_owned()))
}

/// Reads a length of time.
pub(super) fn length(text: &str) -> Result<Duration, TimeError> {
    parse_duration(text)
}

/// The functions of ours, a line each.
fn functions() -> String {
    let calls = FUNCTIONS
        .iter()
        .map(|function| (function.call(), function.about));
    let lines = calls.map(|(call, about)| format!("\n  {call:<24} {about}"));
    format!(
        "Functions beside SQLite's own:{}",
        lines.collect::<String>()
    )
}

/// The formats by their names.
pub(super) fn formats() -> PossibleValuesParser {
    let values = FORMATS
        .iter()
        .map(|format| clap::builder::PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(values)
}
