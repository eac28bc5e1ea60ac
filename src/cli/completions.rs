//! `trailkeep completions`: a completion script for a shell.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use super::failure::{Exit, Failure};
use super::{Session, definition};

/// Print a completion script for a shell
#[derive(Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut definition(), "trailkeep", &mut script);
        let mut data = session.screen.data();
        data.write_all(&script)?;
        data.flush()?;
        Ok(Exit::Ok)
    }
}
