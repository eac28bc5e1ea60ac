//! The one place where an error becomes words, hints and an exit code.
//!
//! Errors below say what is wrong; here is said what that means for whoever ran the command. An
//! error type of another module is brought in by one `impl From` in this file.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::archive::ArchiveError;
use crate::config::ConfigError;
use crate::kind::SettingsError;
use crate::time::TimeError;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    /// What to tell the shell.
    pub exit: Exit,
    /// What is wrong, and what caused it.
    pub error: Box<dyn Error + Send + Sync>,
    /// What to do about it.
    pub hints: Vec<String>,
}

/// What is told to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// Well, but something was found: a gap, a stale source, a failed check.
    Findings = 1,
    /// Wrong arguments, query or configuration.
    Usage = 2,
    /// Some source failed; data may be missing.
    SourceFailed = 3,
    /// A vendor refused the credentials.
    Refused = 4,
    /// Another run has the archive.
    Locked = 5,
    /// The archive is damaged.
    Damaged = 6,
    /// Stopped by the user.
    Interrupted = 130,
}

impl Failure {
    /// A failure for this reason.
    pub fn new(exit: Exit, error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
        Failure {
            exit,
            error: error.into(),
            hints: Vec::new(),
        }
    }

    /// A mistake in what was asked.
    pub fn usage(problem: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, problem.into())
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }

    /// What caused it, nearest first.
    pub fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        std::iter::successors(self.error.source(), |error| (*error).source())
    }

    /// Whether it comes of writing to where nobody reads.
    pub fn is_broken_pipe(&self) -> bool {
        let is_it = |error: &(dyn Error + 'static)| {
            let io = error.downcast_ref::<io::Error>();
            io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        };
        let error: &(dyn Error + 'static) = &*self.error;
        is_it(error) || self.causes().any(is_it)
    }
}

/// Prints what clap has to say: help and version on standard output, a mistake on standard error.
pub(super) fn print_usage(usage: &clap::Error) -> ExitCode {
    // There is nobody left to tell where this cannot be written.
    usage.print().ok();
    if usage.use_stderr() {
        Exit::Usage.into()
    } else {
        Exit::Ok.into()
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        let hints = error.hint.clone().into_iter().collect();
        Failure {
            hints,
            ..Failure::new(Exit::Usage, error)
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Failure {
        let hint = format!(
            "set `{}` in [source.{}] of the config file",
            error.key, error.name
        );
        Failure::new(Exit::Usage, error).hinted(hint)
    }
}

impl From<TimeError> for Failure {
    fn from(error: TimeError) -> Failure {
        Failure::new(Exit::Usage, error)
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Failure {
        let (exit, hint) = match &error {
            ArchiveError::Missing(_) => (
                Exit::Usage,
                Some("run `trailkeep sync` to make it, or name another with --archive"),
            ),
            ArchiveError::Newer(_) => (Exit::Usage, Some("upgrade trailkeep")),
            ArchiveError::Damaged { .. } => (
                Exit::Damaged,
                Some("restore it from a backup; keep the file, it may hold more"),
            ),
            ArchiveError::Locked { .. } => (Exit::Locked, Some("wait for it to end")),
            ArchiveError::Full(_) => (
                Exit::SourceFailed,
                Some("make room and run it again; nothing is lost"),
            ),
            ArchiveError::Sqlite { .. } => (Exit::SourceFailed, None),
            ArchiveError::Io { .. } => (Exit::Usage, None),
        };
        let hints = hint.map(str::to_owned).into_iter().collect();
        Failure {
            hints,
            ..Failure::new(exit, error)
        }
    }
}

/// A file or standard output that cannot be read or written.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::new(Exit::Usage, error)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn each_archive_error_has_its_exit_code() {
        let path = || PathBuf::from("trailkeep.db");
        let damaged = rusqlite::Error::InvalidQuery;
        let holder = "sync, process 7".to_owned();
        for (error, exit, code) in [
            (ArchiveError::Missing(path()), Exit::Usage, 2),
            (ArchiveError::Newer(path()), Exit::Usage, 2),
            (
                ArchiveError::Locked {
                    path: path(),
                    holder,
                },
                Exit::Locked,
                5,
            ),
            (
                ArchiveError::Damaged {
                    path: path(),
                    source: damaged,
                },
                Exit::Damaged,
                6,
            ),
        ] {
            let failure = Failure::from(error);
            assert_eq!((failure.exit, failure.exit as u8), (exit, code));
            assert!(!failure.hints.is_empty(), "{failure} has no hint");
        }
    }

    #[test]
    fn what_the_shell_is_told_is_a_promise() {
        use Exit::{Damaged, Findings, Interrupted, Locked, Ok, Refused, SourceFailed, Usage};
        let exits = [
            Ok,
            Findings,
            Usage,
            SourceFailed,
            Refused,
            Locked,
            Damaged,
            Interrupted,
        ];
        assert_eq!(exits.map(|exit| exit as u8), [0, 1, 2, 3, 4, 5, 6, 130]);
    }

    #[test]
    fn a_closed_pipe_is_known_through_whatever_wraps_it() {
        #[derive(Debug, thiserror::Error)]
        #[error("row 3 cannot be written")]
        struct Wrapped(#[source] io::Error);

        let wrapped = |kind| Failure::new(Exit::Usage, Wrapped(io::Error::from(kind)));
        assert!(wrapped(io::ErrorKind::BrokenPipe).is_broken_pipe());
        assert!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).is_broken_pipe());
        assert!(!wrapped(io::ErrorKind::StorageFull).is_broken_pipe());
    }
}
