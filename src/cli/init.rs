//! `trailkeep init`: writes a config file to begin with.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Session;
use super::failure::{Exit, Failure};
use crate::config::{ConfigError, FILE_NAME, template};
use crate::kind::KINDS;

/// Write a commented config file to begin with
#[derive(Args)]
pub(super) struct Init {
    /// Where to write it
    #[arg(default_value = FILE_NAME)]
    file: PathBuf,
}

impl Init {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let name = self.file.display();
        let mut file = create(&self.file).map_err(|error| refusal(&self.file, error))?;
        file.write_all(template::config_file(KINDS).as_bytes())?;
        session.screen.note(format_args!("wrote {name}"));
        session
            .screen
            .note("next: fill it in, then `trailkeep sources`");
        Ok(Exit::Ok)
    }
}

/// Creates a file that nobody else may read, and no file that is there already.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn refusal(path: &Path, error: io::Error) -> Failure {
    let name = path.display();
    if error.kind() == ErrorKind::AlreadyExists {
        let hint = "name another file, or move that one away";
        return Failure::usage(format!("{name} is there already")).hinted(hint);
    }
    ConfigError::new(format!("{name} cannot be written"))
        .caused_by(error)
        .hinted("is there such a folder, and may you write in it?")
        .into()
}
