//! A file for the rows: there whole, or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::cli::failure::Failure;
use crate::format::{self, FORMATS, FormatKind};

/// A file in the making. It takes its name when it is kept; until then what stood there stays.
pub(in crate::cli) struct Destination {
    file: NamedTempFile,
    path: PathBuf,
}

impl Destination {
    /// Begins a file beside where it will be.
    pub(in crate::cli) fn new(path: &Path) -> io::Result<Destination> {
        let named = |error| naming(path, &error);
        // Behind a link stands the file that is meant.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if target.exists() && !target.is_file() {
            return Err(named(io::Error::other("it is no regular file")));
        }
        let folder = target.parent().filter(|path| *path != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let why = format!("there is no folder {}", folder.display());
            return Err(named(io::Error::new(io::ErrorKind::NotFound, why)));
        }
        let file = builder(&target).tempfile_in(folder);
        Ok(Destination {
            // What the system says of its passing name is of no use to the user.
            file: file.map_err(|error| named(error.kind().into()))?,
            path: target,
        })
    }

    /// Puts it where it belongs, on disk for good.
    pub(in crate::cli) fn keep(mut self) -> io::Result<()> {
        let path = self.path;
        let flushed = self
            .file
            .flush()
            .and_then(|()| self.file.as_file().sync_all());
        flushed.map_err(|error| naming(&path, &error))?;
        let kept = self.file.persist(&path);
        kept.map_err(|error| naming(&path, &error.error))?;
        Ok(())
    }
}

/// A file as open to others as the one it replaces, else as the user's new files are.
fn builder(target: &Path) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    let there = fs::metadata(target).map(|found| found.permissions());
    #[cfg(unix)]
    let there = there.or_else(|_| -> io::Result<Permissions> {
        Ok(std::os::unix::fs::PermissionsExt::from_mode(0o666))
    });
    if let Ok(permissions) = there {
        builder.permissions(permissions);
    }
    builder
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.as_file_mut().write(bytes);
        written.map_err(|error| naming(&self.path, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn naming(path: &Path, error: &io::Error) -> io::Error {
    let text = format!("{} cannot be written: {error}", path.display());
    io::Error::new(error.kind(), text)
}

/// The format that a file's ending asks for; the default for no file and for a plain one.
pub(super) fn format(path: Option<&Path>) -> Result<&'static FormatKind, Failure> {
    let ending = path.and_then(Path::extension).unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    let name = match ending.as_str() {
        "" | "txt" => "table",
        "htm" => "html",
        "md" => "markdown",
        "ndjson" => "jsonl",
        other => other,
    };
    format::find(name).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        Failure::usage(format!("no format is known by the ending `.{ending}`"))
            .hinted(format!("name one with -o: {}", names.join(", ")))
    })
}

/// A length of time as short as it is.
pub(super) fn brief(took: Duration) -> String {
    match took.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}
