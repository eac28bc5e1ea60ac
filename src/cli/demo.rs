//! `trailkeep demo`: everything that trailkeep does, against simulated vendors.
//!
//! The vendors are simulated; the syncs and the queries are the real ones, by way of a config
//! file that lies there for the user to go on with.

mod folder;
mod questions;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::runtime::Runtime;

use self::folder::Folder;
use super::Session;
use super::coverage;
use super::failure::{Exit, Failure};
use super::jobs::{self, Run};
use super::outcome::{self, OutputForm};
use super::signals::Signals;
use super::sync;
use crate::config::Config;
use crate::demo::{Options, Plan, SafeOptions, Vendors, World};
use crate::fetch::clock::{Clock, SetBack, SystemClock};
use crate::sync::Wishes;
use crate::time::describe;

/// See what it does, without any account: simulated vendors, real syncs and queries
#[derive(Args)]
pub(super) struct Demo {
    /// Where to put config and archive; an earlier demo there is replaced
    #[arg(value_name = "DIR", default_value = "trailkeep-demo")]
    folder: PathBuf,
    /// How many events the vendors hold
    #[arg(long, value_name = "N", default_value_t = 100_000,
        value_parser = clap::value_parser!(u32).range(10..=2_000_000))]
    events: u32,
    /// How many days they reach back
    #[arg(long, value_name = "N", default_value_t = 90,
        value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// Keep the vendors up afterwards, until Ctrl-C
    #[arg(long)]
    serve: bool,
}

/// The same world each time, but for the day it ends on.
const SEED: u64 = 7;

/// The first sync was so long ago, or a third of all days, if that is less: long enough for what
/// happened since to be a gap.
const FIRST_SYNC_AGO: Duration = Duration::from_secs(10 * 86_400);

/// While the vendors are kept up, something happens this often.
const LIFE_GOES_ON: Duration = Duration::from_secs(5);

impl Demo {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        if session.overrides.config.is_some() || session.overrides.archive.is_some() {
            return Err(
                Failure::usage("a demo has a config and an archive of its own")
                    .hinted("leave --config and --archive out"),
            );
        }
        let folder = Folder::prepare(&self.folder)?;
        let runtime = jobs::runtime()?;
        let vendors = self.vendors(&runtime)?;
        let config = folder.write(&vendors)?;
        session.screen.note(format_args!(
            "SAFE, SendSafely and AWS are simulated at {}, {} and {}\nwrote {}",
            vendors.safe_url(),
            vendors.sendsafely_url(),
            vendors.aws_url(),
            config.display()
        ));
        let exit = self.play(session, &runtime, &vendors, &folder)?;
        if exit != Exit::Ok {
            return Ok(exit);
        }
        folder.say_what_is_next(session, self.serve);
        if self.serve {
            runtime.block_on(serve(&vendors))?;
        }
        runtime.block_on(vendors.stop());
        Ok(Exit::Ok)
    }

    /// The report is ready when it is asked for: a demo does not wait.
    fn vendors(&self, runtime: &Runtime) -> Result<Vendors, Failure> {
        let world = World::new(Plan {
            seed: SEED,
            events: usize::try_from(self.events).unwrap_or(usize::MAX),
            days: self.days,
            now: SystemClock.now(),
        });
        let options = Options {
            safe: SafeOptions {
                pending_polls: 0,
                ..SafeOptions::default()
            },
            ..Options::default()
        };
        let _within = runtime.enter();
        let vendors = Vendors::start(world, options)?;
        vendors.set_clock(|| SystemClock.now());
        Ok(vendors)
    }

    /// A sync some days ago, what is missing now, a second sync, and three questions.
    fn play(
        &self,
        session: &Session,
        runtime: &Runtime,
        vendors: &Vendors,
        folder: &Folder,
    ) -> Result<Exit, Failure> {
        let config = Config::load(&folder.overrides(), &session.environment)?;
        let ago = FIRST_SYNC_AGO.min(Duration::from_secs(86_400) * self.days / 3);
        let (before, now) = (Arc::new(SetBack(ago)), Arc::new(SystemClock));
        let text = format!(
            "first sync, {} ago: everything the vendors hold; what both api and s3 bring, once",
            describe(ago)
        );
        title(session, &text);
        vendors.set_clock(move || SetBack(ago).now());
        let exit = synced(session, runtime, &config, before)?;
        if exit != Exit::Ok {
            return Ok(exit);
        }
        vendors.set_clock(|| SystemClock.now());
        title(session, "coverage: nobody has synced since");
        coverage::show_all(session, &config)?;
        title(
            session,
            "second sync: it heals the gap, and adds only what is new",
        );
        let exit = synced(session, runtime, &config, now)?;
        if exit != Exit::Ok {
            return Ok(exit);
        }
        title(session, "coverage: the gap is gone");
        coverage::show_all(session, &config)?;
        questions::ask(session, &config.archive.value)?;
        Ok(Exit::Ok)
    }
}

fn synced(
    session: &Session,
    runtime: &Runtime,
    config: &Config,
    clock: Arc<dyn Clock>,
) -> Result<Exit, Failure> {
    let plan = sync::plan(config, &session.environment, &[], &clock)?;
    let run = Run {
        archive: &config.archive.value,
        command: "demo",
        search: config.search.value,
        wishes: Wishes::default(),
        clock,
    };
    let outcomes = jobs::run(&session.screen, runtime, &run, plan)?;
    outcome::show(session, outcomes, OutputForm::Text)
}

fn title(session: &Session, text: &str) {
    session.screen.note(format_args!("\n{text}"));
}

/// Lets life go on at the vendors until the user has seen enough.
async fn serve(vendors: &Vendors) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    loop {
        tokio::select! {
            () = signals.next() => return Ok(()),
            () = SystemClock.sleep(LIFE_GOES_ON) => {
                vendors.world().advance(SystemClock.now(), 5);
            }
        }
    }
}
