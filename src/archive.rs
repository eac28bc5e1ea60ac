//! The archive: one SQLite file, and the only writer of it.

pub mod identity;
pub mod schema;

use std::path::PathBuf;

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
