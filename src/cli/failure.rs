//! The one place where an error becomes words, hints and an exit code.
//!
//! Errors below say what is wrong; here is said what that means for whoever ran the command. An
//! error type of another module is brought in by one `impl From` in this file.

mod archive;
mod coverage;
mod query;
mod report;

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use crate::archive::ArchiveError;
use crate::config::ConfigError;
use crate::feed::FeedError;
use crate::fetch::FetchError;
use crate::kind::SettingsError;
use crate::sync::SyncError;
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

/// An error, and to what it happened.
#[derive(Debug)]
struct Named {
    name: String,
    error: Box<dyn Error + Send + Sync>,
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

    /// Says to what it happened: `safe-us/reports: …`.
    #[must_use]
    pub fn of(self, name: impl Into<String>) -> Failure {
        let error = Box::new(Named {
            name: name.into(),
            error: self.error,
        });
        Failure { error, ..self }
    }

    /// What caused it, nearest first.
    pub fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        causes(&*self.error)
    }

    /// What caused it, in words: see [`reasons`].
    pub fn reasons(&self) -> Vec<String> {
        reasons(&*self.error)
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

/// What caused an error, in words, nearest first; not what only says the same once more, as SQLite
/// does with its code before it.
pub(super) fn reasons(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut reasons: Vec<String> = causes(error).map(ToString::to_string).collect();
    reasons.dedup_by(|deeper, before| deeper.ends_with(before.as_str()));
    reasons
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

impl Exit {
    /// What to tell the shell where several things came out differently. Of failures the graver
    /// one counts: a damaged archive, then that the user stopped it, then 5, 4, 3, 2 and 1.
    #[must_use]
    pub fn or_graver(self, other: Exit) -> Exit {
        let gravity = |exit| match exit {
            Exit::Damaged => (2, 0),
            Exit::Interrupted => (1, 0),
            exit => (0, exit as u8),
        };
        if gravity(other) > gravity(self) {
            other
        } else {
            self
        }
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
        Arc::new(error).into()
    }
}

/// An archive's failure that met several feeds.
impl From<Arc<ArchiveError>> for Failure {
    fn from(error: Arc<ArchiveError>) -> Failure {
        let (exit, hint) = (archive::exit(&error), archive::hint(&error));
        let hints = hint.map(str::to_owned).into_iter().collect();
        Failure {
            hints,
            ..Failure::new(exit, error)
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Failure {
        match error {
            SyncError::Feed(error) => error.into(),
            SyncError::Fetch(error) => error.into(),
            SyncError::Archive(error) => error.into(),
            SyncError::Settings(error) => error.into(),
            SyncError::Unready(error) => match error.downcast::<ConfigError>() {
                Ok(error) => (*error).into(),
                Err(error) => Failure::new(Exit::Usage, error),
            },
            SyncError::Interrupted => Failure::new(Exit::Interrupted, error)
                .hinted("what was kept stays; the next sync goes on from there"),
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Failure {
        let hint = match &error {
            FetchError::Refused { .. } => Some(REFUSED.to_owned()),
            FetchError::GaveUp { .. } => Some(
                "is the network up and the url right? the next sync goes on from here".to_owned(),
            ),
            FetchError::Doubtful(_) => Some(
                "it is not sent again so soon, lest it be done twice; the next sync says from when on, \
                 --force sends it now"
                    .to_owned(),
            ),
            FetchError::Throttled { until, .. } => Some(format!("sync again after {until}")),
            FetchError::Redirected { .. } | FetchError::NoToken { .. } => {
                Some("is the url that of the tenant?".to_owned())
            }
            FetchError::Clock { .. } => Some(
                "set the clock and sync again: by a wrong one nothing can be claimed to be complete"
                    .to_owned(),
            ),
            FetchError::NoKeys { .. } => Some(NO_KEYS.to_owned()),
            FetchError::WithoutAws => {
                Some("build it with the cargo feature `aws`, which is on by default".to_owned())
            }
            FetchError::InsecureUrl { .. } => Some("write https:// in the config file".to_owned()),
            _ => None,
        };
        let exit = source_exit(error.is_refused());
        let hints = hint.into_iter().collect();
        Failure {
            hints,
            ..Failure::new(exit, error)
        }
    }
}

impl From<FeedError> for Failure {
    fn from(error: FeedError) -> Failure {
        let hint = match &error {
            FeedError::Refused { .. } => Some(REFUSED.to_owned()),
            FeedError::NotUnderstood { evidence, .. } => {
                Some(format!("the answer begins: {evidence}"))
            }
            FeedError::Damaged { hint, .. } | FeedError::Unreadable { hint, .. } => hint.clone(),
            FeedError::Doubtful { until, .. } => {
                Some(format!("sync again after {until}, or at once with --force"))
            }
            FeedError::TimedOut { .. } => {
                Some("sync again later: it goes on where it left off".to_owned())
            }
            FeedError::Vendor { .. } | FeedError::Io(_) => None,
        };
        let exit = source_exit(matches!(error, FeedError::Refused { .. }));
        let hints = hint.into_iter().collect();
        Failure {
            hints,
            ..Failure::new(exit, error)
        }
    }
}

const REFUSED: &str = "are they those of this tenant, still valid, and of an administrator or a role that may read it?";

const NO_KEYS: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile (after `aws sso login`, \
     where it is one of SSO), or run where a role is attached";

fn source_exit(is_refused: bool) -> Exit {
    if is_refused {
        Exit::Refused
    } else {
        Exit::SourceFailed
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

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.error)
    }
}

impl Error for Named {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
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
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        for (error, exit, code) in [
            (ArchiveError::Missing(path()), Exit::Usage, 2),
            (ArchiveError::Removed(path()), Exit::SourceFailed, 3),
            (
                ArchiveError::Io {
                    path: path(),
                    source,
                },
                Exit::Usage,
                2,
            ),
            (ArchiveError::Newer(path()), Exit::Usage, 2),
            (ArchiveError::Older(path()), Exit::Usage, 2),
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
    fn a_refusal_is_told_from_other_failures_of_a_source() {
        let says = || "bad key".to_owned();
        let host = || "us.safeone.ai".to_owned();
        let purpose = || "sign-in".to_owned();
        let refused = FetchError::Refused {
            host: host(),
            purpose: purpose(),
            status: 401,
            says: says(),
        };
        let status = FetchError::Status {
            host: host(),
            purpose: purpose(),
            status: 400,
            says: says(),
        };
        let vendor = "SAFE";
        let by_feed = FeedError::Refused {
            vendor,
            says: says(),
        };
        for (error, exit) in [
            (SyncError::from(refused), Exit::Refused),
            (SyncError::from(status), Exit::SourceFailed),
            (SyncError::from(by_feed), Exit::Refused),
            (SyncError::Interrupted, Exit::Interrupted),
            (
                SyncError::Unready(Box::new(ConfigError::new("env X is not set"))),
                Exit::Usage,
            ),
        ] {
            let failure = Failure::from(error).of("safe-us/reports");
            assert_eq!(failure.exit, exit, "{failure}");
            let text = failure.to_string();
            assert!(text.starts_with("safe-us/reports: "), "{text}");
        }
    }

    #[test]
    fn the_graver_exit_counts() {
        use Exit::{Damaged, Findings, Interrupted, Locked, Ok, Refused, SourceFailed, Usage};
        let by_gravity = [
            Ok,
            Findings,
            Usage,
            SourceFailed,
            Refused,
            Locked,
            Interrupted,
            Damaged,
        ];
        for (at, graver) in by_gravity.into_iter().enumerate() {
            for exit in &by_gravity[..=at] {
                assert_eq!(exit.or_graver(graver), graver);
                assert_eq!(graver.or_graver(*exit), graver);
            }
        }
    }

    #[test]
    fn no_cause_is_told_twice() {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
        let words = "file is not a database".to_owned();
        let source = rusqlite::Error::SqliteFailure(code, Some(words.clone()));
        let path = PathBuf::from("trailkeep.db");
        let failure = Failure::from(ArchiveError::Damaged { path, source });
        assert_eq!(failure.causes().count(), 2, "{failure:?}");
        assert_eq!(failure.reasons(), [words]);
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
