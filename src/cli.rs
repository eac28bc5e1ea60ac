//! The command line: the only code that prints, reads the environment or exits.
//!
//! A command is one file: its arguments, whose doc comments are its help, and `run`. It returns
//! how it went; what that means in words and exit codes is in [`failure`] alone.

pub mod environment;
pub mod failure;
pub mod screen;

mod completions;
mod config;
mod demo;
mod init;
mod jobs;
mod man;
mod network;
mod outcome;
            Command::Query(query) => query.run(session),
