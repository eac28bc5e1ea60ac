//! `trailkeep check`: saved queries that say what their answer should be.
//!
//! Ask, tell, keep, in this order: an alarm whose telling was cut off is told again by the next run,
//! and never lost.

mod ask;
mod choice;
mod form;
mod html;
mod json;
mod junit;
mod markdown;
mod memory;
mod round;
mod table;
mod tell;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::choice::Choice;
use self::form::{Form, Look};
use self::memory::Memory;
use self::round::Round;
use super::Session;
use super::failure::{Exit, Failure};
use super::notify::{self, Hooks};
use super::query::destination::Destination;
use super::query::{length, pair};
use crate::archive::reader::Reader;
use crate::config::Config;
use crate::fetch::clock::{Clock, SystemClock};
use crate::query::{Options, Severity, saved};

/// Run the saved queries that say what their answer should be
///
/// A saved query is a check if its header has a line such as `-- expect: no rows`, `-- expect: at
/// most 5 rows` or `-- expect: at least 1 row`. Each passes or alarms, or there is an error because
/// it cannot be answered; every run is on record in the views `checks` and `check_runs`.
#[derive(Args)]
#[command(after_help = ABOUT)]
pub(super) struct Check {
    /// Which checks: by name, or by a tag of theirs; all, if nothing is named
    #[arg(value_name = "TAG|NAME")]
    named: Vec<String>,
    /// A value for a parameter, for all checks that have it: -p since=7d
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,
    /// Only checks that are at least so severe; one that does not say is below all
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    severity: Option<Severity>,
    /// Alarm only on rows that were not there at the last such run, and tell them to whom [notify]
    /// names: each alarm is told once, however late its events came
    #[arg(long)]
    new: bool,
    /// Alarm as well where not all of the time asked for is known to be complete
    #[arg(long)]
    complete: bool,
    /// How to say it [default: by the ending of --to, else table]
    #[arg(short = 'o', long = "output", value_enum, value_name = "FORMAT")]
    form: Option<Form>,
    /// Write it to a file, which is there whole or not at all
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Show at most so many rows of each check
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// How long each check may work: 90s, 10min
    #[arg(long, value_name = "D", default_value = "60s", value_parser = length)]
    timeout: Duration,
}

const ABOUT: &str = "Exit codes: 0 if all pass, 1 if one alarms, 2 if one cannot be answered. \
    With --new a check whose rows were all told before is `known`, and no finding. With --quiet the \
    table has only what is not well, and is empty where all is. That a time is \
    not complete is said beneath a pass, and is a finding with --complete only; what is younger than \
    the vendors' overlap is always open, and does not count.";

impl Check {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let form = self.form()?;
        let config = session.config()?;
        let saved = saved::list(Some(&config.queries.value))?;
        let choice = Choice::of(saved, &self.named, self.severity, &self.parameters)?;
        let hooks = self.new.then(|| hooks(session, &config));
        let ways = hooks.as_ref().map(Hooks::alarm_ways).unwrap_or_default();
        let reader = Reader::open(&config.archive.value)?;
        let mut memory = Memory::open(&config.archive.value, self.new, ways)?;
        let round = self.ask(&config, choice, &reader, &memory)?;
        self.deliver(session, form, &round)?;
        let kept = memory.keep(&round);
        // What cannot be put on record is told all the same, and by the next run again.
        let told = hooks.map(|hooks| tell::all(&session.screen, &hooks, &round, &mut memory));
        let told = told.transpose()?.unwrap_or(Exit::Ok);
        if let Some(why) = kept? {
            let why = format_args!("this run is not on record: {why}");
            session.screen.warning(why);
        }
        Ok(round.exit().or_graver(told))
    }

    fn form(&self) -> Result<Form, Failure> {
        self.form.map_or_else(|| Form::of(self.to.as_deref()), Ok)
    }

    fn ask(
        &self,
        config: &Config,
        choice: Choice,
        reader: &Reader,
        memory: &Memory,
    ) -> Result<Round, Failure> {
        let options = Options {
            given: &self.parameters,
            now: SystemClock.now(),
            timeout: Some(self.timeout),
        };
        let ask = ask::Ask {
            reader,
            options,
            must_be_complete: self.complete,
        };
        let checks = choice.checks.into_iter().map(|check| {
            let listeners = memory.listeners(check.asked(), self.limit)?;
            Ok(ask.check(check, listeners))
        });
        Ok(Round {
            archive: config.archive.value.display().to_string(),
            ran_at: options.now,
            asks_for_new: self.new,
            checks: checks.collect::<Result<_, Failure>>()?,
        })
    }

    /// To standard output, or to a file that is there whole or not at all.
    fn deliver(&self, session: &Session, form: Form, round: &Round) -> io::Result<()> {
        let screen = &session.screen;
        let Some(path) = &self.to else {
            let look = Look {
                width: screen.data_on_terminal().then(|| screen.columns()),
                colours: screen.data_colours(),
                quiet: screen.quiet(),
            };
            return form.write(round, look, &mut screen.data());
        };
        let mut destination = Destination::new(path)?;
        form.write(round, Look::default(), &mut destination)?;
        destination.keep()?;
        screen.note(format_args!("{} to {}", round.sum(), path.display()));
        Ok(())
    }
}

fn hooks(session: &Session, config: &Config) -> Hooks {
    let (hooks, mistakes) = Hooks::new(config, &session.environment);
    notify::warn_of(&session.screen, &mistakes);
    hooks
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::ALL
        .iter()
        .copied()
        .find(|severity| severity.name() == text)
        .ok_or_else(|| "there are low, medium, high and critical".to_owned())
}
