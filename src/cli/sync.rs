//! `trailkeep sync`: pulls what is new from the vendors into the archive.

mod dry_run;

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::Args;

use super::Session;
use super::failure::{Exit, Failure};
use super::jobs::{self, Plan, Run};
use super::network::Network;
use super::notify::{self, Hooks, Ran};
use super::outcome::{self, OutputForm};
use crate::config::{Config, ConfigError, Environment, Source, SourceFeed, nearest};
use crate::fetch::Fetch;
use crate::fetch::clock::{Clock, SystemClock};
use crate::kind::{FeedKind, Settings};
use crate::sync::{Job, Outcome, Supply, SyncError, Wishes};
use crate::time::parse_moment;

/// Pull what is new from the vendors into the archive
#[derive(Args)]
#[command(after_help = EXIT_CODE)]
pub(super) struct Sync {
    /// What to pull; everything, if nothing is named
    #[arg(value_name = "SOURCE[/FEED]")]
    named: Vec<String>,
    /// Read again everything since then: 2026-09-01, or 30d back from now
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Ask even a vendor that should not be asked again so soon
    #[arg(long)]
    force: bool,
    /// Only say what would be read and why; asks nobody and writes nothing
    #[arg(long)]
    dry_run: bool,
    /// How to say what came of it
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = OutputForm::Text)]
    output: OutputForm,
}

const EXIT_CODE: &str = "Every source is tried, whatever happens to the others. Of several exit \
    codes the gravest counts: 6, 130, 5, 4, 3, 2.";

impl Sync {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let wishes = self.wishes()?;
        let config = session.config()?;
        if self.dry_run {
            return dry_run::run(session, &config, &self.named, wishes, self.output);
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let plan = plan(&config, &session.environment, &self.named, &clock)?;
        let run = Run {
            clock,
            archive: &config.archive.value,
            command: "sync",
            search: config.search.value,
            wishes,
        };
        let (hooks, mistakes) = Hooks::new(&config, &session.environment);
        notify::warn_of(&session.screen, &mistakes);
        let runtime = jobs::runtime()?;
        let outcomes = jobs::run(&session.screen, &runtime, &run, plan)?;
        let ran = Ran::of(&outcomes);
        let shown = outcome::show(session, outcomes, self.output);
        let told = notify::after(&session.screen, &runtime, &hooks, &ran)?;
        Ok(shown?.or_graver(told))
    }

    fn wishes(&self) -> Result<Wishes, Failure> {
        let now = SystemClock.now();
        let since = self.since.as_deref();
        let since = since.map(|text| parse_moment(text, now)).transpose()?;
        if since.is_some_and(|since| since > now) {
            let hint = "it is from when on to read again: 2026-09-01, or 30d back from now";
            return Err(Failure::usage("--since is in the future").hinted(hint));
        }
        Ok(Wishes {
            since,
            force: self.force,
        })
    }
}

/// A job for each feed that is named by `SOURCE` or `SOURCE/FEED`, or for all of them where none
/// is. A feed whose secrets cannot be had stops no other.
///
/// # Errors
/// No source is configured, or there is none of that name.
pub(super) fn plan(
    config: &Config,
    environment: &Environment,
    named: &[String],
    clock: &Arc<dyn Clock>,
) -> Result<Plan, Failure> {
    let network = Network::new(clock.clone());
    let mut plan = Plan::default();
    for (source, feed) in chosen(config, named)? {
        let fetch = network.fetch(&feed.section, environment);
        add(&mut plan, source, feed.kind, fetch);
    }
    Ok(plan)
}

/// The feeds that are named by `SOURCE` or `SOURCE/FEED`, or all of them where none is.
///
/// # Errors
/// No source is configured, or there is none of that name.
pub(super) fn chosen<'a>(
    config: &'a Config,
    named: &[String],
) -> Result<Vec<(&'a Source, &'a SourceFeed)>, Failure> {
    if config.sources.is_empty() {
        return Err(no_source(config));
    }
    let selection = select(config, named)?;
    let is_chosen = |source: &Source, feed: &SourceFeed| {
        let whole = (source.name.as_str(), None);
        let part = (source.name.as_str(), Some(feed.kind.name));
        selection.is_empty() || selection.contains(&whole) || selection.contains(&part)
    };
    let feeds = |source: &'a Source| source.feeds.iter().map(move |feed| (source, feed));
    let all = config.sources.iter().flat_map(feeds);
    Ok(all
        .filter(|(source, feed)| is_chosen(source, feed))
        .collect())
}

/// There is nothing to do, and how to begin.
pub(super) fn no_source(config: &Config) -> Failure {
    let hint = match &config.file {
        Some(file) => format!("add a [source.NAME] table to {}", file.value.display()),
        None => "`trailkeep init` writes a config file to begin with".to_owned(),
    };
    Failure::usage("no source is configured").hinted(hint)
}

/// Source, and feed where one is named.
pub(super) type Selection<'a> = BTreeSet<(&'a str, Option<&'a str>)>;

/// What is named by `SOURCE` or `SOURCE/FEED`.
///
/// # Errors
/// It is not configured.
pub(super) fn select<'a>(
    config: &Config,
    named: &'a [String],
) -> Result<Selection<'a>, ConfigError> {
    let read = |name: &'a String| match name.split_once('/') {
        None => config.source(name).map(|_| (name.as_str(), None)),
        Some((name, feed)) => {
            known_feed(config.source(name)?, feed)?;
            Ok((name, Some(feed)))
        }
    };
    named.iter().map(read).collect()
}

fn known_feed(source: &Source, name: &str) -> Result<(), ConfigError> {
    let feeds: Vec<&str> = source.feeds.iter().map(|feed| feed.kind.name).collect();
    if feeds.contains(&name) {
        return Ok(());
    }
    if source.kind.feeds.iter().any(|feed| feed.name == name) {
        let problem = format!(
            "feed `{name}` of source `{}` is not configured",
            source.name
        );
        let hint = format!(
            "add a [source.{}.{name}] table to the config file",
            source.name
        );
        return Err(ConfigError::new(problem).hinted(hint));
    }
    let hint = match nearest(name, feeds.iter().copied()) {
        Some(near) => format!("did you mean `{}/{near}`?", source.name),
        None => format!("its feeds: {}", feeds.join(", ")),
    };
    let problem = format!("source `{}` has no feed `{name}`", source.name);
    Err(ConfigError::new(problem).hinted(hint))
}

fn add(
    plan: &mut Plan,
    source: &Source,
    feed: &'static FeedKind,
    fetch: Result<(Fetch, Settings), ConfigError>,
) {
    match fetch {
        Ok((fetch, settings)) => plan.jobs.push(job(source, feed, fetch, settings)),
        Err(error) => {
            let at = plan.jobs.len() + plan.unready.len();
            let error = SyncError::Unready(Box::new(error));
            let unready = Outcome::idle(&source.name, feed.name, Err(error));
            plan.unready.push((at, unready));
        }
    }
}

/// A run of a feed.
pub(super) fn job(
    source: &Source,
    feed: &'static FeedKind,
    fetch: Fetch,
    settings: Settings,
) -> Job {
    Job {
        source: source.name.clone(),
        kind: source.kind.name,
        feed: feed.name.to_owned(),
        interval: feed.interval,
        limits: feed.limits(&settings),
        covers: None,
        open: Box::new(move |start| (feed.open)(&settings, start)),
        supply: Supply::Fetch(Box::new(fetch)),
    }
}
