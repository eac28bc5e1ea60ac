//! `trailkeep watch`: the daemon. Each feed runs on its own time until the program is told to end.

mod line;
mod supervisor;

use std::sync::Arc;

use clap::Args;
use tokio::sync::{mpsc, watch};

use self::supervisor::Supervisor;
use super::Session;
use super::failure::{Exit, Failure};
use super::jobs::{self, holder};
use super::network::Network;
use super::notify::{self, Hooks, Ran};
use super::outcome::OutputForm;
use super::search;
use super::signals::{Hangups, Signals};
use super::sync::{chosen, job};
use crate::config::{Config, Environment, Source, SourceFeed};
use crate::fetch::clock::SystemClock;
use crate::sync::SyncError;
use crate::sync::daemon::{self, Circumstances, Turn, Watched};

/// Sync each feed on its own time, until told to end
#[derive(Args)]
#[command(after_help = ABOUT)]
pub(super) struct Watch {
    /// What to watch; everything, if nothing is named
    #[arg(value_name = "SOURCE[/FEED]")]
    named: Vec<String>,
    /// How to write each run: a line of text, or of JSON
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = OutputForm::Text)]
    output: OutputForm,
}

const ABOUT: &str = "How often a feed runs is its source's `every` in the config file. One that \
    fails is tried again after a minute, two, four, up to an hour. SIGHUP reads the config file \
    again; SIGTERM and Ctrl-C end it within seconds, and what was kept is kept. Under systemd it \
    says when it is ready, what it does, and that it is alive. `trailkeep schedule` prints a unit.";

/// What is watched, and whom to tell.
type Orders = (Vec<Watched>, Arc<Hooks>);

impl Watch {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        let orders = self.orders(session, &config)?;
        search::switch(&config.archive.value, config.search.value, &session.screen);
        jobs::runtime()?.block_on(self.supervise(session, config, orders))
    }

    fn feeds(&self, session: &Session, config: &Config) -> Result<Vec<Watched>, Failure> {
        let network = Arc::new(Network::new(Arc::new(SystemClock)));
        let environment = Arc::new(session.environment.clone());
        let chosen = chosen(config, &self.named)?.into_iter();
        let feeds = chosen.map(|(source, feed)| watched(source, feed, &network, &environment));
        Ok(feeds.collect())
    }

    /// The feeds that are watched, and whom to tell of them.
    fn orders(&self, session: &Session, config: &Config) -> Result<Orders, Failure> {
        let (hooks, mistakes) = Hooks::new(config, &session.environment);
        notify::warn_of(&session.screen, &mistakes);
        let feeds = self.feeds(session, config)?;
        Ok((feeds, Arc::new(hooks)))
    }

    /// Runs the daemon, writes what comes of it, and listens for signals.
    async fn supervise(
        &self,
        session: &Session,
        config: Config,
        (feeds, mut hooks): Orders,
    ) -> Result<Exit, Failure> {
        let mut signals = Signals::listen()?;
        let mut hangups = Hangups::listen()?;
        let (tell, mut told) = mpsc::unbounded_channel();
        let (warn, mut warnings) = mpsc::unbounded_channel();
        let (lists, inbox) = mpsc::channel(1);
        let mut supervisor = Supervisor::new(session, self.output, feeds.len());
        let around = circumstances(tell, supervisor.stopped());
        let archive = (config.archive.value.clone(), holder("watch"));
        let watching = daemon::watch(archive, inbox, around);
        tokio::pin!(watching);
        // The daemon takes the list before anything else.
        let _ = lists.try_send(feeds);
        supervisor.ready();
        loop {
            tokio::select! {
                () = &mut watching => break,
                Some(turn) = told.recv() => {
                    supervisor.tell(&turn);
                    drop(tokio::spawn(pass_on(hooks.clone(), turn, warn.clone())));
                }
                Some(warning) = warnings.recv() => session.screen.warning(warning),
                () = supervisor.heartbeat() => supervisor.alive(),
                () = hangups.next() => {
                    if let Some((feeds, others)) = self.reload(&supervisor, &config) {
                        supervisor.reloaded(feeds.len());
                        hooks = others;
                        let _ = lists.send(feeds).await;
                    }
                }
                () = signals.next() => supervisor.end(),
            }
        }
        while let Ok(turn) = told.try_recv() {
            supervisor.tell(&turn);
        }
        Ok(Exit::Ok)
    }

    /// Reads the config again. One with a mistake in it changes nothing.
    fn reload(&self, supervisor: &Supervisor<'_>, before: &Config) -> Option<Orders> {
        let session = supervisor.session;
        let config = session.config().map_err(Failure::from);
        let read = config.and_then(|config| {
            if config.archive.value != before.archive.value {
                let hint = "end it and start it again";
                return Err(Failure::usage("another archive needs another start").hinted(hint));
            }
            self.orders(session, &config)
        });
        read.map_err(|failure| supervisor.not_reloaded(&failure))
            .ok()
    }
}

/// Tells whom the config names of a run, beside the others.
async fn pass_on(hooks: Arc<Hooks>, turn: Turn, warn: mpsc::UnboundedSender<String>) {
    let ran = Ran::of(std::slice::from_ref(&turn.outcome));
    for warning in hooks.tell(&ran).await {
        // The daemon may have ended meanwhile.
        let _ = warn.send(warning);
    }
}

fn circumstances(tell: mpsc::UnboundedSender<Turn>, stop: watch::Receiver<bool>) -> Circumstances {
    Circumstances {
        clock: Arc::new(SystemClock),
        // That nobody listens any more is no loss.
        report: Arc::new(move |turn| drop(tell.send(turn))),
        stop,
    }
}

fn watched(
    source: &Source,
    feed: &SourceFeed,
    network: &Arc<Network>,
    environment: &Arc<Environment>,
) -> Watched {
    let every = feed.every();
    let (network, environment) = (network.clone(), environment.clone());
    let (owned, section, feed) = (source.clone(), feed.section.clone(), feed.kind);
    Watched {
        source: source.name.clone(),
        feed: feed.name.to_owned(),
        every,
        ready: Box::new(move || {
            let fetch = network.fetch(&section, &environment);
            let (fetch, settings) = fetch.map_err(|error| SyncError::Unready(Box::new(error)))?;
            let mut job = job(&owned, feed, fetch, settings);
            job.interval = every;
            Ok(job)
        }),
    }
}
