//! `trailkeep sources`: what is configured to be pulled.

use clap::Args;

use super::Session;
use super::failure::{Exit, Failure};
use crate::config::Source;

/// List the configured sources
#[derive(Args)]
pub(super) struct Sources {}

impl Sources {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        if config.sources.is_empty() {
            session
                .screen
                .note("no source is configured; `trailkeep init` writes a config file");
            return Ok(Exit::Ok);
        }
        let header = ["NAME", "KIND", "URL", "FEEDS"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(header)
            .chain(config.sources.iter().map(row))
            .collect();
        session.screen.table(&rows)?;
        Ok(Exit::Ok)
    }
}

fn row(source: &Source) -> [String; 4] {
    let feeds: Vec<&str> = source.kind.feeds.iter().map(|feed| feed.name).collect();
    let url = source.url().origin().ascii_serialization();
    [
        source.name.clone(),
        source.kind.name.to_owned(),
        url,
        feeds.join(", "),
    ]
}
