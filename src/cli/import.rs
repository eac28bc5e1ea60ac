//! `trailkeep import`: keeps what is in files that were downloaded by hand.

mod file;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use self::file::GivenFile;
use super::Session;
use super::failure::{Exit, Failure};
use super::jobs::{self, Run};
use super::outcome::{self, OutputForm};
use crate::archive::{Archive, FILE_FEED};
use crate::config::{Config, is_source_name};
use crate::event::Period;
use crate::feed::{Body, Stream};
use crate::fetch::clock::{Clock, SystemClock};
use crate::kind::{self, KINDS, Kind, Settings};
use crate::sync::{Job, Outcome, Supply, SyncError, Tally, Wishes};
use crate::time::parse_range;

/// Keep what is in files downloaded by hand
///
/// What is in the archive already is not kept twice, whichever way it came.
#[derive(Args)]
pub(super) struct Import {
    /// Files as they were downloaded: CSV, JSON or NDJSON, also gzip or zip; - for standard input
    #[arg(required = true, value_name = "FILE|-")]
    files: Vec<GivenFile>,
    /// The source that the files are from
    #[arg(long, value_name = "NAME")]
    source: String,
    /// The feed that they are kept as
    #[arg(long, value_name = "FEED", default_value = FILE_FEED, value_parser = [FILE_FEED])]
    feed: String,
    /// The source's kind, where it is not configured
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    kind: Option<String>,
    /// The stretch of time of which the files hold everything: 2026-01-01..2026-04-01
    #[arg(long, value_name = "FROM..TO")]
    covers: Option<String>,
    /// How to write what came of each file
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: OutputForm,
}

impl Import {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        let source = self.source(&config)?;
        let covers = self.covers()?;
        file::check(&self.files)?;
        let mut outcomes = Vec::new();
        let imported = self.import(session, &config, &source, covers, &mut outcomes);
        let whole = outcomes.iter().all(|(_, outcome)| outcome.ending.is_ok());
        let exit = if outcomes.is_empty() {
            Exit::Ok
        } else {
            outcome::show_files(session, outcomes, self.output)?
        };
        if covers.is_some() && !whole {
            session
                .screen
                .warning("--covers is not held to be covered, for not every file was read whole");
        }
        imported.map(|()| exit)
    }

    /// What the files cover. No file holds what is still to come: an end that lies there is now.
    fn covers(&self) -> Result<Option<Period>, Failure> {
        let now = SystemClock.now();
        let covers = self.covers.as_deref();
        let covers = covers.map(|range| parse_range(range, now)).transpose()?;
        if covers.is_some_and(|covers| covers.from >= now) {
            let hint = "it is the stretch of time of which the files hold everything: \
                        2026-01-01..2026-04-01";
            return Err(Failure::usage("--covers is in the future").hinted(hint));
        }
        Ok(covers)
    }

    /// One file after another; one that is bad stops no other. What they cover is claimed with the
    /// last, if all were read whole.
    fn import(
        &self,
        session: &Session,
        config: &Config,
        source: &Source,
        covers: Option<Period>,
        outcomes: &mut Vec<(String, Outcome)>,
    ) -> Result<(), Failure> {
        let runtime = jobs::runtime()?;
        let run = Run {
            clock: Arc::new(SystemClock),
            archive: &config.archive.value,
            command: "import",
            search: config.search.value,
            wishes: Wishes {
                force: true,
                ..Wishes::default()
            },
        };
        let mut archive = run.open(&session.screen)?;
        agree(&archive, source)?;
        for (number, file) in (1..).zip(&self.files) {
            let whole = outcomes.iter().all(|(_, outcome)| outcome.ending.is_ok());
            let covers = covers.filter(|_| whole && number == self.files.len());
            let job = job(source, file, covers)?;
            let imported = jobs::watched(&session.screen, archive, vec![job], &run);
            let outcome;
            (archive, outcome) = runtime.block_on(imported)?;
            let stopped = |outcome: &Outcome| matches!(outcome.ending, Err(SyncError::Interrupted));
            let stopped = outcome.iter().any(stopped);
            outcomes.extend(outcome.into_iter().map(|one| (file.to_string(), one)));
            if stopped {
                break;
            }
        }
        archive.settle();
        Ok(())
    }

    /// The source as it is configured, else as `--kind` has it.
    fn source(&self, config: &Config) -> Result<Source, Failure> {
        let given = self.kind.as_deref().and_then(kind::find);
        let name = self.source.as_str();
        match (config.source(name), given) {
            (Ok(source), Some(kind)) if source.kind.name != kind.name => {
                Err(mismatch(name, source.kind.name, kind.name))
            }
            (Ok(source), _) => Ok(Source {
                kind: source.kind,
                settings: source.own.settings.clone(),
            }),
            (Err(_), Some(kind)) => unconfigured(name, kind),
            (Err(error), None) => Err(Failure::from(error).hinted(format!(
                "one that is not configured needs --kind {}",
                KINDS
                    .iter()
                    .map(|kind| kind.name)
                    .collect::<Vec<_>>()
                    .join("|")
            ))),
        }
    }
}

/// Whose files they are. Secrets are not needed, and not asked for.
struct Source {
    kind: &'static Kind,
    settings: Settings,
}

fn unconfigured(name: &str, kind: &'static Kind) -> Result<Source, Failure> {
    if !is_source_name(name) {
        let hint = "use small letters, digits and hyphens: safe-us";
        return Err(Failure::usage(format!("`{name}` is no name for a source")).hinted(hint));
    }
    Ok(Source {
        kind,
        settings: Settings::defaults(&kind.access, name, None),
    })
}

/// Makes sure that the archive knows this source as of this kind, or not at all.
fn agree(archive: &Archive, source: &Source) -> Result<(), Failure> {
    let name = &source.settings.table;
    match archive.kind(name)? {
        Some(known) if known != source.kind.name => Err(mismatch(name, &known, source.kind.name)),
        _ => Ok(()),
    }
}

/// The bytes of the file are counted on their way to the reader, and held by nobody.
fn job(source: &Source, file: &GivenFile, covers: Option<Period>) -> Result<Job, Failure> {
    let tally = Tally::default();
    let body = Body::Stream(Stream(Box::new(tally.over(file.open()?))));
    let (kind, settings) = (source.kind, source.settings.clone());
    Ok(Job {
        source: settings.table.clone(),
        kind: kind.name,
        feed: FILE_FEED.to_owned(),
        interval: Duration::ZERO,
        limits: None,
        covers,
        open: Box::new(move |start| Ok((kind.import)(&settings, start, body))),
        supply: Supply::File(tally),
    })
}

fn mismatch(name: &str, known: &str, given: &str) -> Failure {
    Failure::usage(format!("source `{name}` is of kind {known}, not {given}"))
        .hinted("a source is one tenant of one vendor; give the other another name")
}

fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name))
}
