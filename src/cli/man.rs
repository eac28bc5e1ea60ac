//! `trailkeep man`: the manual as a man page.

use std::io::Write;

use clap::Args;

use super::failure::{Exit, Failure};
use super::{Session, definition};

/// Print the man page, of trailkeep or of one command: trailkeep man | man -l -
#[derive(Args)]
pub(super) struct Man {
    /// The command
    command: Option<String>,
}

impl Man {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let mut page = Vec::new();
        clap_mangen::Man::new(self.described()?).render(&mut page)?;
        let mut data = session.screen.data();
        data.write_all(&page)?;
        data.flush()?;
        Ok(Exit::Ok)
    }

    fn described(&self) -> Result<clap::Command, Failure> {
        let mut all = definition();
        all.build();
        let Some(name) = &self.command else {
            return Ok(all);
        };
        let command = all.find_subcommand(name).cloned();
        command.ok_or_else(|| {
            let hint = "`trailkeep --help` lists the commands";
            Failure::usage(format!("there is no command `{name}`")).hinted(hint)
        })
    }
}
