//! What the shell knows between two lines, and how it does what a line asks for.

use std::path::Path;
use std::time::Duration;

use super::command;
use super::entry::{Call, Entry, entries};
use crate::archive::reader::Reader;
use crate::cli::Session;
use crate::cli::failure::{Exit, Failure};
use crate::cli::query::answer::Answer;
use crate::cli::query::explanation;
use crate::cli::query::look::Look;
use crate::cli::query::question::Question;
use crate::config::{Config, Environment};
use crate::fetch::clock::{Clock, SystemClock};
use crate::format::{FORMATS, FormatKind};
use crate::query::vocabulary::Vocabulary;
use crate::query::{Options, Query};

/// A shell under way.
pub(super) struct Console<'s> {
    pub(super) session: &'s Session,
    pub(super) config: &'s Config,
    pub(super) reader: &'s Reader,
    /// What the archive's queries are made of.
    pub(super) vocabulary: Vocabulary,
    pub(super) settings: Settings,
    /// What is read from is called so in messages, where nobody looks at what was typed.
    pub(super) input: Option<&'static str>,
}

/// What the user may change as the shell goes on.
pub(super) struct Settings {
    pub(super) format: &'static FormatKind,
    /// Values for parameters, for whichever query has them.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) limit: Option<u64>,
    pub(super) timeout: Duration,
    /// Whether answers end with what is known of their time, where the user says so.
    pub(super) coverage: Option<bool>,
    pub(super) look: Look,
}

/// Whether the shell goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Over,
}

impl<'s> Console<'s> {
    /// A shell on an archive.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub(super) fn new(
        session: &'s Session,
        config: &'s Config,
        reader: &'s Reader,
        settings: Settings,
    ) -> Result<Console<'s>, Failure> {
        let vocabulary = Vocabulary::of(reader)?;
        Ok(Console {
            session,
            config,
            reader,
            vocabulary,
            settings,
            input: None,
        })
    }

    /// Says where one is, and how to get help.
    pub(super) fn greet(&self) {
        let (version, archive) = (env!("CARGO_PKG_VERSION"), &self.config.archive.value);
        self.session.screen.note(format_args!(
            "trailkeep {version} on {}; .help lists the commands, .quit ends",
            archive.display()
        ));
    }

    /// Does what a text asks for, up to the first mistake. `before` is what stood before it in its
    /// file.
    ///
    /// # Errors
    /// The first mistake in it.
    pub(super) fn obey(&mut self, before: &str, text: &str) -> Result<Flow, Failure> {
        for entry in entries(before, text) {
            match entry {
                Entry::Command(name, rest) => {
                    if command::run(self, &name, &rest)? == Flow::Over {
                        return Ok(Flow::Over);
                    }
                }
                Entry::Call(call) => self.call(&call)?,
                Entry::Sql(sql) => {
                    let file = self.input.map(str::to_owned);
                    self.ask(
                        &Question {
                            file,
                            ..Question::of_sql(&sql)?
                        },
                        &[],
                    )?;
                }
            }
        }
        Ok(Flow::On)
    }

    /// Runs a saved query.
    ///
    /// # Errors
    /// There is none of that name, or something is wrong with it.
    pub(super) fn call(&self, call: &Call) -> Result<(), Failure> {
        let question = Question::saved(&call.name, self.folder())?;
        self.ask(&question, &call.values)
    }

    fn ask(&self, question: &Question, values: &[(String, String)]) -> Result<(), Failure> {
        let given = self.given(&question.query, values);
        let answer = Answer {
            screen: &self.session.screen,
            format: self.settings.format,
            to: None,
            limit: self.settings.limit,
            coverage: self.settings.coverage,
            look: self.settings.look,
        };
        let answered = answer.ask(&question.query, self.reader, self.options(&given));
        answered.map_err(|error| error.about(question))
    }

    /// Says how a query is answered: a saved one, or SQL.
    ///
    /// # Errors
    /// There is none of that name, or something is wrong with it.
    pub(super) fn explain(&self, text: &str) -> Result<(), Failure> {
        let (question, values) = match Call::read(text) {
            Some(call) => (Question::saved(&call.name, self.folder())?, call.values),
            None => (Question::of_sql(text)?, Vec::new()),
        };
        let given = self.given(&question.query, &values);
        let options = self.options(&given);
        let format = self.settings.format;
        let format = if format.name == "json" {
            format
        } else {
            &FORMATS[0]
        };
        explanation::write(
            &self.session.screen,
            format,
            &question,
            self.reader,
            options,
        )
    }

    /// The values a query is given: of those set for all queries the ones it has a place for.
    pub(super) fn given(
        &self,
        query: &Query,
        values: &[(String, String)],
    ) -> Vec<(String, String)> {
        let set = self.settings.parameters.iter();
        let names = query.names();
        let its_own = set.filter(|(name, _)| names.contains(name));
        its_own.chain(values).cloned().collect()
    }

    /// How queries are run.
    pub(super) fn options<'a>(&self, given: &'a [(String, String)]) -> Options<'a> {
        Options {
            given,
            now: SystemClock.now(),
            timeout: Some(self.settings.timeout),
        }
    }

    /// The folder of the user's own saved queries.
    pub(super) fn folder(&self) -> &Path {
        &self.config.queries.value
    }

    /// What the process finds around it.
    pub(super) fn environment(&self) -> &Environment {
        &self.session.environment
    }

    /// Says what went wrong. That the user stopped it they know.
    pub(super) fn say(&self, failure: Failure) {
        if failure.exit == Exit::Interrupted {
            self.session.screen.note("stopped");
        } else {
            self.session.screen.failure(&in_shell(failure));
        }
    }
}

/// What is a flag of `query` is a command here.
fn in_shell(mut failure: Failure) -> Failure {
    for (flag, command) in [
        ("--timeout", ".timeout"),
        ("give it: -p ", "give it: .params set "),
        ("`trailkeep query` lists", "`.queries` lists"),
        ("; SQL is given in quotes: 'select …'", ""),
    ] {
        for hint in &mut failure.hints {
            *hint = hint.replace(flag, command);
        }
    }
    failure
}
