//! `trailkeep schedule`: prints what systemd, cron or launchd needs to run trailkeep unattended.

mod cron;
mod launchd;
mod setup;
pub(super) mod shell;
mod systemd;

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::setup::Setup;
use super::Session;
use super::failure::{Exit, Failure};

/// Print what systemd, cron or launchd needs to run trailkeep unattended
#[derive(Args)]
#[command(after_help = AFTERWARDS)]
pub(super) struct Schedule {
    /// What is to run it
    scheduler: Scheduler,
    /// systemd: a sync every hour, in place of the daemon
    #[arg(long)]
    timer: bool,
    /// systemd: who runs it [default: trailkeep, or whose home the archive lies in]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Write the files into this folder instead
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// With --to: replace files that are there already
    #[arg(long, requires = "to")]
    force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scheduler {
    /// A hardened service: the daemon `watch`, or with --timer an hourly `sync`
    Systemd,
    /// A crontab line: an hourly `sync`
    Cron,
    /// A property list for macOS: an hourly `sync`
    Launchd,
}

const AFTERWARDS: &str = "The files go to standard output; how to install them, and what is odd \
    about it, to standard error. Print them again when the archive moves or a source comes.";

/// What a scheduler is given.
struct Units {
    files: Vec<UnitFile>,
    /// How to install them, a line each.
    steps: Vec<String>,
    /// What will not work, or not well.
    warnings: Vec<String>,
}

struct UnitFile {
    /// Where it belongs.
    path: String,
    text: String,
}

impl Schedule {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        if self.scheduler != Scheduler::Systemd && (self.timer || self.user.is_some()) {
            return Err(Failure::usage("--timer and --user are for systemd"));
        }
        let setup = Setup::of(session)?;
        let units = match self.scheduler {
            Scheduler::Systemd => systemd::units(&setup, self.user.as_deref(), self.timer)?,
            Scheduler::Cron => cron::units(&setup),
            Scheduler::Launchd => launchd::units(&setup, &launchd::log(&setup, session)),
        };
        match &self.to {
            Some(folder) => self.write(&units.files, folder, session)?,
            None => print(&units.files, session)?,
        }
        for warning in setup.warnings().iter().chain(&units.warnings) {
            session.screen.warning(warning);
        }
        for step in &units.steps {
            session.screen.note(step);
        }
        Ok(Exit::Ok)
    }

    /// All of them or, where one is there already, none.
    fn write(&self, files: &[UnitFile], folder: &Path, session: &Session) -> Result<(), Failure> {
        let paths: Vec<PathBuf> = files.iter().map(|file| folder.join(file.name())).collect();
        let there = paths.iter().find(|path| fs::symlink_metadata(path).is_ok());
        if let Some(path) = there.filter(|_| !self.force) {
            let problem = format!("{} is there already", path.display());
            return Err(Failure::usage(problem).hinted("--force replaces it"));
        }
        for (file, path) in files.iter().zip(&paths) {
            write(path, &file.text, self.force)?;
            session
                .screen
                .note(format_args!("wrote {}", path.display()));
        }
        Ok(())
    }
}

impl UnitFile {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// One file as it is; of several each under a comment with its name.
fn print(files: &[UnitFile], session: &Session) -> Result<(), Failure> {
    let mut data = session.screen.data();
    for (number, file) in files.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        if files.len() > 1 {
            writeln!(data, "{gap}# {}", file.path)?;
        }
        data.write_all(file.text.as_bytes())?;
    }
    data.flush()?;
    Ok(())
}

fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).truncate(replace);
    options.create(replace).create_new(!replace);
    let written = options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let hint = match error.kind() {
            ErrorKind::NotFound => "make the folder first",
            _ => "may you write there?",
        };
        let problem = format!("{} cannot be written: {error}", path.display());
        Failure::usage(problem).hinted(hint)
    })
}
