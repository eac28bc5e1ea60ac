//! The command line: the only code that prints, reads the environment or exits.
//!
//! A command is one file: its arguments, whose doc comments are its help, and `run`. It returns
//! how it went; what that means in words and exit codes is in [`failure`] alone.

pub mod environment;
pub mod failure;
pub mod screen;

mod check;
mod completions;
mod config;
mod connect;
mod coverage;
mod demo;
mod finding;
mod import;
mod init;
mod interrupts;
mod jobs;
mod man;
mod network;
mod notify;
mod outcome;
mod pager;
mod progress;
mod query;
mod report;
mod schedule;
mod search;
mod shell;
mod signals;
mod sources;
mod status;
mod sync;
mod tail;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use self::failure::{Exit, Failure};
use self::screen::{Screen, Verbosity};
use crate::config::{Config, ConfigError, Environment, Overrides};

/// Runs the program with these arguments, the first being its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command_line = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(usage) => return failure::print_usage(&usage),
    };
    let environment = environment::read();
    let screen = Screen::new(command_line.everywhere.verbosity(), &environment);
    let overrides = command_line.everywhere.overrides();
    let session = Session {
        screen,
        environment,
        overrides,
    };
    match command_line.command.run(&session) {
        Ok(exit) => exit.into(),
        Err(failure) => session.screen.failure(&failure).into(),
    }
}

/// One run of the program: what it was given, and where it speaks.
pub struct Session {
    /// The only way to print.
    pub screen: Screen,
    /// Environment variables and folders.
    pub environment: Environment,
    /// What was said in place of the config file.
    pub overrides: Overrides,
}

impl Session {
    /// What is configured.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn config(&self) -> Result<Config, ConfigError> {
        Config::load(&self.overrides, &self.environment)
    }
}

/// Keeps SaaS audit logs for good: pulls SAFE and SendSafely into one SQLite archive, and answers
/// SQL about who did what.
#[derive(Parser)]
#[command(version, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = EXIT_CODES)]
struct CommandLine {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 ok, 1 findings, 2 usage or configuration, \
    3 some source failed, 4 credentials refused, 5 locked by another run, 6 archive damaged, \
    130 interrupted.";

#[derive(Subcommand)]
enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    Sources(sources::Sources),
    Sync(sync::Sync),
    Import(import::Import),
    Query(query::Ask),
    Check(check::Check),
    Shell(shell::Shell),
    Report(report::MakeReport),
    Status(status::ShowStatus),
    Coverage(coverage::ShowCoverage),
    Tail(tail::Tail),
    Watch(watch::Watch),
    Schedule(schedule::Schedule),
    Connect(connect::Connect),
    Config(config::ShowConfig),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    fn run(&self, session: &Session) -> Result<Exit, Failure> {
        match self {
            Command::Demo(demo) => demo.run(session),
            Command::Init(init) => init.run(session),
            Command::Sources(sources) => sources.run(session),
            Command::Sync(sync) => sync.run(session),
            Command::Import(import) => import.run(session),
            Command::Query(query) => query.run(session),
            Command::Check(check) => check.run(session),
            Command::Shell(shell) => shell.run(session),
            Command::Report(report) => report.run(session),
            Command::Status(status) => status.run(session),
            Command::Coverage(coverage) => coverage.run(session),
            Command::Tail(tail) => tail.run(session),
            Command::Watch(watch) => watch.run(session),
            Command::Schedule(schedule) => schedule.run(session),
            Command::Connect(connect) => connect.run(session),
            Command::Config(config) => config.run(session),
            Command::Completions(completions) => completions.run(session),
            Command::Man(man) => man.run(session),
        }
    }
}

/// Flags that every command takes.
#[derive(Args)]
#[command(next_help_heading = "Everywhere")]
struct Everywhere {
    /// Config file [env: TRAILKEEP_CONFIG] [default: trailkeep.toml here, else in ~/.config/trailkeep]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Archive, in place of the config file's [env: TRAILKEEP_ARCHIVE]
    #[arg(long, global = true, value_name = "FILE")]
    archive: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Show no progress, even on a terminal
    #[arg(long, global = true)]
    no_progress: bool,
}

impl Everywhere {
    fn overrides(&self) -> Overrides {
        Overrides {
            config: self.config.clone(),
            archive: self.archive.clone(),
        }
    }

    fn verbosity(&self) -> Verbosity {
        Verbosity {
            quiet: self.quiet,
            verbose: self.verbose,
            progress: !self.no_progress,
        }
    }
}

/// The command line as clap sees it, for completions and man pages.
fn definition() -> clap::Command {
    CommandLine::command()
}
