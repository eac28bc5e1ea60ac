//! `trailkeep sources`: what is configured to be pulled, and whether its credentials work.

use std::sync::Arc;

use clap::Args;
use tokio::sync::mpsc;

use super::Session;
use super::failure::{Exit, Failure};
use super::jobs;
use super::network::Network;
use super::progress::{Board, Event};
use crate::config::{Config, Section, Source};
use crate::fetch::Fetch;
use crate::fetch::clock::{Clock, SystemClock};
use crate::kind::{Access, Settings};
use crate::sync::SyncError;

/// List the configured sources
#[derive(Args)]
pub(super) struct Sources {
    /// Try the credentials of each source and feed with its vendor
    #[arg(long)]
    test: bool,
}

impl Sources {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        if config.sources.is_empty() {
            session
                .screen
                .note("no source is configured; `trailkeep init` writes a config file");
            return Ok(Exit::Ok);
        }
        if self.test {
            return test(session, &config);
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
    let feeds: Vec<&str> = source.feeds.iter().map(|feed| feed.kind.name).collect();
    let url = source.url().map(|url| url.origin().ascii_serialization());
    [
        source.name.clone(),
        source.kind.name.to_owned(),
        url.unwrap_or_else(|| "-".to_owned()),
        feeds.join(", "),
    ]
}

/// Tries one way of getting at a source after another, and says of each whether it would let us
/// in: the source itself for the feeds that go by its own settings, then each other feed.
fn test(session: &Session, config: &Config) -> Result<Exit, Failure> {
    let runtime = jobs::runtime()?;
    let network = Network::new(Arc::new(SystemClock));
    let sections: Vec<&Section> = config.sources.iter().flat_map(Source::sections).collect();
    let names = sections
        .iter()
        .map(|section| section.settings.table.replace('.', "/"));
    let names: Vec<String> = names.collect();
    let mut answers = vec![["NAME", "TEST", "ANSWER"].map(str::to_owned)];
    let mut failures = Vec::new();
    let mut board = Board::new(&session.screen, names.clone());
    for (number, (section, name)) in sections.into_iter().zip(names).enumerate() {
        let answer = match network.fetch(section, &session.environment) {
            Ok((fetch, settings)) => runtime
                .block_on(heard(fetch, section, &settings, &mut board, number))
                .map_err(Failure::from),
            Err(error) => Err(error.into()),
        };
        let (word, text) = match answer {
            Ok(who) => ("ok", who),
            Err(failure) => {
                failures.push(failure.of(&name));
                ("failed", String::new())
            }
        };
        answers.push([name, word.to_owned(), text]);
    }
    drop(board);
    session.screen.table(&answers)?;
    let exits = failures.iter().map(|one| session.screen.failure(one));
    Ok(exits.fold(Exit::Ok, Exit::or_graver))
}

/// Who it is that asks, as the vendor sees it; shows meanwhile what happens.
async fn heard(
    fetch: Fetch,
    section: &Section,
    settings: &Settings,
    board: &mut Board<'_>,
    number: usize,
) -> Result<String, SyncError> {
    let (tell, mut told) = mpsc::unbounded_channel();
    // That nobody listens any more is no loss.
    let mut fetch = fetch.heard_by(Arc::new(move |event| drop(tell.send(event))));
    let check = check(&mut fetch, section.access, settings);
    tokio::pin!(check);
    loop {
        tokio::select! {
            answer = &mut check => return answer,
            Some(event) = told.recv() => board.show(number, &Event::Request(event)),
        }
    }
}

async fn check(
    fetch: &mut Fetch,
    access: &Access,
    settings: &Settings,
) -> Result<String, SyncError> {
    let request = (access.check.request)(settings, SystemClock.now())?;
    let answer = fetch.send(&request).await?;
    Ok((access.check.read)(settings, answer)?)
}
