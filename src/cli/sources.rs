//! `trailkeep sources`: what is configured to be pulled, and whether its credentials work.

use std::sync::Arc;

use clap::Args;
use tokio::sync::mpsc;

use super::Session;
use super::failure::{Exit, Failure};
use super::jobs;
use super::network::Network;
use super::progress::{Board, Event};
use crate::config::{Config, Source};
use crate::fetch::Fetch;
use crate::fetch::clock::SystemClock;
use crate::kind::Kind;
use crate::sync::SyncError;

/// List the configured sources
#[derive(Args)]
pub(super) struct Sources {
    /// Try the credentials of each source with its vendor
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
    let feeds: Vec<&str> = source.kind.feeds.iter().map(|feed| feed.name).collect();
    let url = source.url().origin().ascii_serialization();
    [
        source.name.clone(),
        source.kind.name.to_owned(),
        url,
        feeds.join(", "),
    ]
}

/// Tries one source after another, and says of each whether it would let us in.
fn test(session: &Session, config: &Config) -> Result<Exit, Failure> {
    let runtime = jobs::runtime()?;
    let network = Network::new(Arc::new(SystemClock));
    let names = config.sources.iter().map(|source| source.name.clone());
    let names: Vec<String> = names.collect();
    let mut answers = vec![["NAME", "TEST", "ANSWER"].map(str::to_owned)];
    let mut failures = Vec::new();
    let mut board = Board::new(&session.screen, names);
    for (number, source) in config.sources.iter().enumerate() {
        let answer = match network.fetch(source, &session.environment) {
            Ok((fetch, _)) => runtime
                .block_on(heard(fetch, source.kind, &mut board, number))
                .map_err(Failure::from),
            Err(error) => Err(error.into()),
        };
        let (word, text) = match answer {
            Ok(who) => ("ok", who),
            Err(failure) => {
                failures.push(failure.of(&source.name));
                ("failed", String::new())
            }
        };
        answers.push([source.name.clone(), word.to_owned(), text]);
    }
    drop(board);
    session.screen.table(&answers)?;
    let exits = failures.iter().map(|one| session.screen.failure(one));
    Ok(exits.fold(Exit::Ok, Exit::or_graver))
}

/// Who it is that asks, as the vendor sees it; shows meanwhile what happens.
async fn heard(
    fetch: Fetch,
    kind: &Kind,
    board: &mut Board<'_>,
    number: usize,
) -> Result<String, SyncError> {
    let (tell, mut told) = mpsc::unbounded_channel();
    // That nobody listens any more is no loss.
    let mut fetch = fetch.heard_by(Arc::new(move |event| drop(tell.send(event))));
    let check = check(&mut fetch, kind);
    tokio::pin!(check);
    loop {
        tokio::select! {
            answer = &mut check => return answer,
            Some(event) = told.recv() => board.show(number, &Event::Request(event)),
        }
    }
}

async fn check(fetch: &mut Fetch, kind: &Kind) -> Result<String, SyncError> {
    let answer = fetch.send(&(kind.check.request)()).await?;
    Ok((kind.check.read)(answer)?)
}
