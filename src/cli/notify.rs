//! Tells whom the config names what is not well with its feeds, after a run of `sync`, and pings
//! after a good one. What is told once is decided in [`crate::notify`].
//!
//! That telling fails is a warning, and no more: what was pulled is kept, and what could not be
//! told is told after the next run.

pub(super) mod alarm;
mod delivery;

use std::error::Error;
use std::path::{self, PathBuf};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use self::delivery::{Way, ping};
use super::failure::{Exit, Failure};
use super::jobs;
use super::screen::Screen;
use super::signals::Signals;
use super::status;
use crate::archive::ArchiveError;
use crate::archive::alerts::Alerts;
use crate::archive::reader::Reader;
use crate::config::{Config, ConfigError, Environment, Reference, resolve_url};
use crate::event::Timestamp;
use crate::fetch::clock::{Clock, SystemClock};
use crate::health::Thresholds;
use crate::notify::{Notice, Occasion, Watched, decide, trial};
use crate::secret::Secret;
use crate::sync::{Ended, Outcome, SyncError};

/// Whom to tell of which feeds.
pub(super) struct Hooks {
    archive: PathBuf,
    /// The configured feeds: no others are told of.
    feeds: Vec<Configured>,
    thresholds: Thresholds,
    on: Vec<Occasion>,
    ways: Vec<Way>,
    ping: Option<Secret>,
    /// One run is told of at a time, so that nothing is told twice.
    turn: Mutex<()>,
}

/// A feed that is configured.
struct Configured {
    source: String,
    feed: String,
    /// How often it is to run.
    every: Duration,
}

/// What a run came to, as far as it matters here.
#[derive(Debug)]
pub(super) struct Ran {
    tried: Vec<Tried>,
    /// Something was pulled, and all of it ended well.
    good: bool,
    interrupted: bool,
}

#[derive(Debug)]
struct Tried {
    source: String,
    feed: String,
    /// Why it failed, if it did.
    error: Option<String>,
}

impl Ran {
    /// What came of a run of one feed or several.
    pub(super) fn of(outcomes: &[Outcome]) -> Ran {
        let is_well = |outcome: &Outcome| outcome.ending.is_ok() && outcome.lost.is_empty();
        let is_complete = |outcome: &Outcome| matches!(outcome.ending, Ok(Ended::Complete));
        let is_stopped = |outcome: &Outcome| matches!(outcome.ending, Err(SyncError::Interrupted));
        let tried = outcomes.iter().map(|outcome| Tried {
            source: outcome.source.clone(),
            feed: outcome.feed.clone(),
            error: outcome.ending.as_ref().err().map(ToString::to_string),
        });
        Ran {
            tried: tried.collect(),
            good: outcomes.iter().any(is_complete) && outcomes.iter().all(is_well),
            interrupted: outcomes.iter().any(is_stopped),
        }
    }
}

impl Hooks {
    /// Those that the config names, and the mistakes for which some cannot be told: a hook that
    /// cannot be used is no reason to pull nothing.
    pub(super) fn new(config: &Config, environment: &Environment) -> (Hooks, Vec<ConfigError>) {
        let notify = &config.notify;
        let mut mistakes = Vec::new();
        let mut resolve = |reference: &Option<Reference>| {
            let url = resolve_url(reference.as_ref()?, environment);
            url.map_err(|mistake| mistakes.push(mistake)).ok()
        };
        let command = notify.command.as_ref();
        let command = command.map(|command| Way::Command(command.value.clone()));
        let url = resolve(&notify.url).map(Way::Url);
        let ping = resolve(&notify.ping);
        let feeds = config.sources.iter().flat_map(|source| {
            let feeds = source.feeds.iter();
            feeds.map(|feed| Configured {
                source: source.name.clone(),
                feed: feed.kind.name.to_owned(),
                every: feed.every(),
            })
        });
        let hooks = Hooks {
            archive: config.archive.value.clone(),
            feeds: feeds.collect(),
            thresholds: status::thresholds(config),
            on: notify.on.value.clone(),
            ways: command.into_iter().chain(url).collect(),
            ping,
            turn: Mutex::default(),
        };
        (hooks, mistakes)
    }

    /// Tells what is to be told after a run, and pings if it was good and no feed fails: what went
    /// wrong with the telling. A run that was stopped tells nothing.
    pub(super) async fn tell(&self, ran: &Ran) -> Vec<String> {
        let nobody = self.ways.is_empty() && self.ping.is_none();
        if nobody || ran.interrupted {
            return Vec::new();
        }
        let _turn = self.turn.lock().await;
        let now = SystemClock.now();
        let feeds = match self.watched(ran, now) {
            Ok(feeds) => feeds,
            Err(error) => return vec![format!("nobody can be told anything: {error}")],
        };
        let mut warnings = Vec::new();
        for way in &self.ways {
            warnings.extend(self.tell_one_way(way, &feeds, now).await);
        }
        let good = ran.good && !feeds.iter().any(Watched::fails);
        if let Some(url) = self.ping.as_ref().filter(|_| good) {
            let pinged = ping(url).await;
            warnings.extend(pinged.err().map(|error| format!("no ping: {error}")));
        }
        warnings
    }

    /// Tries each way of telling and the ping: what it is called, and whether it worked.
    pub(super) async fn test(&self) -> Vec<(&'static str, Result<(), Failure>)> {
        let mut tried = Vec::new();
        for way in &self.ways {
            let notice = trial(&self.archive(), SystemClock.now());
            let delivered = way.deliver(notice).await;
            tried.push((way.name(), delivered.map_err(unheard)));
        }
        if let Some(url) = &self.ping {
            let pinged = ping(url).await;
            tried.push(("ping", pinged.map_err(unheard)));
        }
        tried
    }

    /// The archive's path, for whoever is told elsewhere.
    fn archive(&self) -> String {
        let absolute = path::absolute(&self.archive);
        let archive = absolute.unwrap_or_else(|_| self.archive.clone());
        archive.to_string_lossy().into_owned()
    }

    /// The configured feeds as they are now.
    fn watched(&self, ran: &Ran, now: Timestamp) -> Result<Vec<Watched>, ArchiveError> {
        let records = match Reader::open(&self.archive) {
            Ok(reader) => reader.feeds(now)?,
            Err(ArchiveError::Missing(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let watched = self.feeds.iter().map(|configured| {
            let name = (&configured.source, &configured.feed);
            let record = records
                .iter()
                .find(|record| (&record.source, &record.feed) == name);
            let known = match record.map(|record| record.clone().or_every(configured.every)) {
                Some(record) => Watched::of(&record, &self.thresholds, now),
                None => Watched::unknown(name.0, name.1),
            };
            let tried = ran
                .tried
                .iter()
                .find(|tried| (&tried.source, &tried.feed) == name);
            match tried.map(|tried| &tried.error) {
                Some(Some(why)) => known.failing(why),
                tried => Watched {
                    tried: tried.is_some(),
                    ..known
                },
            }
        });
        Ok(watched.collect())
    }

    /// Tells one way what is to be told that way. What is delivered is on record at once; where
    /// one notice is not, the others wait with it for the next run. What cannot be put on record,
    /// as where the disk is full, is told all the same, and at the next run again.
    async fn tell_one_way(&self, way: &Way, feeds: &[Watched], now: Timestamp) -> Vec<String> {
        let name = way.name();
        let unrecorded = |error| format!("what is told by {name} is not on record: {error}");
        let opened = Alerts::open(&self.archive, &jobs::holder("notify"));
        let told = opened.and_then(|mut alerts| Ok((alerts.told(name)?, alerts)));
        let (told, mut alerts) = match told {
            Ok(told) => told,
            Err(error) => return vec![unrecorded(error)],
        };
        let decision = decide(&told, feeds, &self.on, now);
        let begun = alerts.change(name, &decision.keep, &decision.forget);
        let mut warnings: Vec<String> = begun.err().map(unrecorded).into_iter().collect();
        for notice in &decision.notices {
            if let Err(error) = way.deliver(notice.json(&self.archive())).await {
                warnings.push(untold(notice, name, &error));
                break;
            }
            let kept = alerts.change(name, std::slice::from_ref(&notice.told), &[]);
            warnings.extend(kept.err().map(unrecorded));
        }
        warnings
    }
}

fn unheard(error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::new(Exit::SourceFailed, error)
}

fn untold(notice: &Notice, way: &str, error: &dyn Error) -> String {
    let (source, feed, what) = (&notice.source, &notice.feed, notice.occasion.name());
    let reason = error.source().map(|cause| format!(": {cause}"));
    let reason = reason.unwrap_or_default();
    format!(
        "{what} of {source}/{feed} is not told by {way}: {error}{reason}; the next run tries again"
    )
}

/// Says what keeps hooks from being used.
pub(super) fn warn_of(screen: &Screen, mistakes: &[ConfigError]) {
    for mistake in mistakes {
        let hint = mistake.hint.as_deref().unwrap_or_default();
        screen.warning(format_args!("nobody is told there: {mistake} ({hint})"));
    }
}

/// Tells what is to be told after a run; whoever asks to end does not wait for it.
///
/// # Errors
/// The system does not let us listen for signals.
pub(super) fn after(
    screen: &Screen,
    runtime: &Runtime,
    hooks: &Hooks,
    ran: &Ran,
) -> Result<Exit, Failure> {
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        tokio::select! {
            warnings = hooks.tell(ran) => {
                warnings.iter().for_each(|warning| screen.warning(warning));
                Ok(Exit::Ok)
            }
            () = signals.next() => Ok(Exit::Interrupted),
        }
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::archive::Archive;

    fn failed(feed: &str) -> Ran {
        let tried = Tried {
            source: "acme".to_owned(),
            feed: feed.to_owned(),
            error: Some("no answer".to_owned()),
        };
        Ran {
            tried: vec![tried],
            good: false,
            interrupted: false,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn passes_that_end_at_once_are_told_once_each_while_a_sync_has_the_archive() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archive.db");
        let _writer = Archive::open(&archive, "a watch").unwrap();
        let told = folder.path().join("told");
        let line = format!("sleep 0.1; echo >> {}", told.display());
        let feed = |name: &str| Configured {
            source: "acme".to_owned(),
            feed: name.to_owned(),
            every: Duration::ZERO,
        };
        let hooks = Arc::new(Hooks {
            archive,
            feeds: vec![feed("api"), feed("s3")],
            thresholds: Thresholds::default(),
            on: Occasion::ALL.to_vec(),
            ways: vec![Way::Command(["sh", "-c", &line].map(str::to_owned).into())],
            ping: None,
            turn: Mutex::default(),
        });
        let passes = ["api", "s3", "api", "s3", "api"].map(|feed| {
            let hooks = hooks.clone();
            tokio::spawn(async move { hooks.tell(&failed(feed)).await })
        });
        for pass in passes {
            assert_eq!(pass.await.unwrap(), [""; 0]);
        }
        assert_eq!(std::fs::read_to_string(told).unwrap(), "\n\n");
    }
}
