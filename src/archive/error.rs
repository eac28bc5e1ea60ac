//! What can go wrong with an archive.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the archive cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// There is no such file, and it is not to be made.
    #[error("there is no archive at {}", .0.display())]
    Missing(PathBuf),
    /// The file is no archive of ours, or damaged.
    #[error("{} is no trailkeep archive, or damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// The file was written by a newer trailkeep.
    #[error("{} was written by a newer trailkeep", .0.display())]
    Newer(PathBuf),
    /// The file was written by an older trailkeep, which did not keep what is to be read.
    #[error("{} was written by an older trailkeep", .0.display())]
    Older(PathBuf),
    /// Another run has the archive.
    #[error("{} is in use by {holder}", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// Who has it: program, process id and since when.
        holder: String,
    },
    /// The disk is full.
    #[error("no space left for {}", .0.display())]
    Full(PathBuf),
    /// The file was removed while it was written.
    #[error("{} was removed while it was written", .0.display())]
    Removed(PathBuf),
    /// The file may be read, and not written.
    #[error("{} can only be read", .0.display())]
    ReadOnly(PathBuf),
    /// Another run handed events over under the same cursor meanwhile.
    #[error("cursor `{0}` was moved by another run")]
    CursorMoved(String),
    /// SQLite failed otherwise.
    #[error("the archive cannot be {doing}")]
    Sqlite {
        /// What was being done, as in `read` or `written`.
        doing: &'static str,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// The file system failed.
    #[error("{} cannot be opened", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

impl ArchiveError {
    /// SQLite failed while the file was opened.
    pub(super) fn opening(path: &Path, source: rusqlite::Error) -> ArchiveError {
        match source.sqlite_error_code() {
            // It holds other tables than ours.
            Some(ErrorCode::Unknown) => ArchiveError::Damaged {
                path: path.to_owned(),
                source,
            },
            _ => ArchiveError::of(path, "opened", source),
        }
    }

    /// SQLite failed while something was read.
    pub(super) fn reading(path: &Path, source: rusqlite::Error) -> ArchiveError {
        ArchiveError::of(path, "read", source)
    }

    /// SQLite failed while something was written.
    pub(super) fn writing(path: &Path, source: rusqlite::Error) -> ArchiveError {
        ArchiveError::of(path, "written", source)
    }

    /// The schema could not be brought up to date.
    pub(super) fn migrating(path: &Path, error: rusqlite_migration::Error) -> ArchiveError {
        use rusqlite_migration::{Error, MigrationDefinitionError::DatabaseTooFarAhead};
        match error {
            Error::MigrationDefinition(DatabaseTooFarAhead) => ArchiveError::Newer(path.to_owned()),
            Error::RusqliteError { err, .. } => ArchiveError::writing(path, err),
            other => ArchiveError::Damaged {
                path: path.to_owned(),
                source: rusqlite::Error::ToSqlConversionFailure(Box::new(other)),
            },
        }
    }

    fn of(path: &Path, doing: &'static str, source: rusqlite::Error) -> ArchiveError {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => ArchiveError::Full(path),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                ArchiveError::Damaged { path, source }
            }
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                ArchiveError::Io {
                    path,
                    source: std::io::Error::other(source),
                }
            }
            _ => ArchiveError::Sqlite { doing, source },
        }
    }
}
