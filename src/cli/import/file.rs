//! The files that are given: names, looked at before anything is imported.

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;
use std::str::FromStr;

use crate::cli::failure::{Exit, Failure};

/// A file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GivenFile {
    /// What `-` stands for.
    StandardInput,
    /// A file or pipe.
    Path(PathBuf),
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file} cannot be read")]
struct Unreadable {
    file: GivenFile,
    source: io::Error,
}

/// Makes sure that every file can be read, so that a name mistyped is known before anything is
/// kept.
///
/// # Errors
/// One cannot be read, or standard input is wanted twice.
pub(super) fn check(files: &[GivenFile]) -> Result<(), Failure> {
    let inputs = files
        .iter()
        .filter(|file| **file == GivenFile::StandardInput);
    if inputs.count() > 1 {
        return Err(Failure::usage("standard input can be read only once"));
    }
    for file in files {
        file.look().map_err(|error| file.unreadable(error))?;
    }
    Ok(())
}

impl GivenFile {
    /// Opens it for reading.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) fn open(&self) -> Result<Box<dyn Read + Send>, Failure> {
        match self {
            GivenFile::StandardInput => Ok(Box::new(io::stdin())),
            GivenFile::Path(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(self.unreadable(error)),
            },
        }
    }

    /// A pipe is not opened before its turn, for whoever writes it would notice.
    fn look(&self) -> io::Result<()> {
        let GivenFile::Path(path) = self else {
            return Ok(());
        };
        let found = path.metadata()?;
        if found.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if found.is_file() {
            File::open(path)?;
        }
        Ok(())
    }

    fn unreadable(&self, source: io::Error) -> Failure {
        let hint = match source.kind() {
            ErrorKind::IsADirectory => Some(format!("name the files in it: {self}/*")),
            _ => None,
        };
        let file = self.clone();
        let mut failure = Failure::new(Exit::Usage, Unreadable { file, source });
        failure.hints.extend(hint);
        failure
    }
}

impl FromStr for GivenFile {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<GivenFile, Infallible> {
        Ok(match text {
            "-" => GivenFile::StandardInput,
            path => GivenFile::Path(path.into()),
        })
    }
}

impl fmt::Display for GivenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GivenFile::StandardInput => f.write_str("standard input"),
            GivenFile::Path(path) => write!(f, "{}", path.display()),
        }
    }
}
