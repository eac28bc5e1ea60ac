//! `trailkeep shell`: asks the archive again and again, with a line that helps to write.

mod command;
mod completion;
mod console;
mod editor;
mod entry;
mod highlight;
mod history;
mod listing;

use std::io::{self, BufRead, IsTerminal};
use std::time::Duration;

use clap::Args;

use self::console::{Console, Flow, Settings};
use self::editor::{Editor, Line};
use super::Session;
use super::failure::{Exit, Failure};
use super::interrupts::Interrupts;
use super::query::look::Look;
use super::query::{formats, length, pair};
use crate::archive::reader::Reader;
use crate::format::FORMATS;

/// Ask the archive again and again, with history, completion and highlighting
///
/// A statement ends with `;` or an empty line. The name of a saved query runs it, with values for
/// its parameters: failed-logins since=7d. Ctrl-C stops a query, Ctrl-D ends the shell, Tab completes,
/// and .help lists the commands. Where standard input is no terminal, statements are read from it
/// and run one after another, up to the first that is wrong.
#[derive(Args)]
pub(super) struct Shell {
    /// A value for a parameter of the queries to come: -p since=7d
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,
    /// How to write the rows
    #[arg(short = 'o', long = "output", value_name = "FORMAT", value_parser = formats())]
    #[arg(default_value = FORMATS[0].name)]
    format: String,
    /// Write at most so many rows of each answer
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// How long a query may work: 90s, 10min
    #[arg(long, value_name = "D", default_value = "60s", value_parser = length)]
    timeout: Duration,
    /// Neither read nor keep what was typed before [kept in ~/.local/state/trailkeep/history]
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    look: Look,
}

impl Shell {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let settings = self.settings();
        settings.look.suits(settings.format)?;
        let config = session.config()?;
        let reader = Reader::open(&config.archive.value)?;
        let talks = io::stdin().is_terminal() && session.screen.data_on_terminal();
        let _interrupts = talks.then(|| Interrupts::listen(&reader)).transpose()?;
        let console = Console::new(session, &config, &reader, settings)?;
        if talks {
            self.talk(console)
        } else {
            obey_all(console)
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            format: crate::format::find(&self.format).unwrap_or(&FORMATS[0]),
            parameters: self.parameters.clone(),
            limit: self.limit,
            timeout: self.timeout,
            coverage: None,
            look: self.look,
        }
    }

    /// With somebody at a terminal: what is wrong is said, and the shell goes on.
    fn talk(&self, mut console: Console<'_>) -> Result<Exit, Failure> {
        console.greet();
        let history = (!self.no_history).then(|| history::file(console.environment()));
        let mut editor = Editor::new(&console, history.flatten())?;
        loop {
            match editor.read()? {
                Line::Over => return Ok(Exit::Ok),
                Line::Dropped => {}
                Line::Typed(text) => match console.obey("", &text) {
                    Ok(Flow::On) => {}
                    Ok(Flow::Over) => return Ok(Exit::Ok),
                    Err(failure) => console.say(failure),
                },
            }
            editor.follow(&console);
        }
    }
}

/// What stands on standard input, up to the first mistake.
fn obey_all(mut console: Console<'_>) -> Result<Exit, Failure> {
    console.input = Some("standard input");
    let mut before = String::new();
    let mut text = String::new();
    for line in io::stdin().lock().lines() {
        text.push_str(&line?);
        text.push('\n');
        if entry::is_whole(&text) {
            if console.obey(&before, &text)? == Flow::Over {
                return Ok(Exit::Ok);
            }
            before.extend(text.drain(..).filter(|c| *c == '\n'));
        }
    }
    console.obey(&before, &text)?;
    Ok(Exit::Ok)
}
