//! `trailkeep demo`: everything that trailkeep does, against simulated vendors.
//!
//! The vendors are simulated; the syncs and the queries are the real ones, by way of a config
//! file that lies there for the user to go on with.

mod folder;
mod questions;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::runtime::Runtime;

use self::folder::Folder;
use super::Session;
use super::failure::{Exit, Failure};
use super::jobs::{self, Run};
use super::outcome::{self, OutputForm};
use super::signals::Signals;
use super::sync;
use crate::config::Config;
use crate::demo::{Options, Plan, SafeOptions, Vendors, World};
use crate::fetch::clock::{Clock, SystemClock};
use crate::sync::Wishes;

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

/// One in so many events happens between the first sync and the second.
const MEANWHILE_SHARE: u32 = 200;

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
            "SAFE and SendSafely are simulated at {} and {}\nwrote {}",
            vendors.safe_url(),
            vendors.sendsafely_url(),
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

    /// A sync, some life, a second sync, and three questions.
    fn play(
        &self,
        session: &Session,
        runtime: &Runtime,
        vendors: &Vendors,
        folder: &Folder,
    ) -> Result<Exit, Failure> {
        let config = Config::load(&folder.overrides(), &session.environment)?;
        title(session, "first sync: everything the vendors hold");
        let exit = synced(session, runtime, &config, false)?;
        if exit != Exit::Ok {
            return Ok(exit);
        }
        let meanwhile = usize::try_from(self.events / MEANWHILE_SHARE).unwrap_or_default();
        vendors
            .world()
            .advance(SystemClock.now(), meanwhile.max(10));
        title(session, "second sync: only what is new is added");
        let exit = synced(session, runtime, &config, true)?;
        if exit != Exit::Ok {
            return Ok(exit);
        }
        questions::ask(session, &config.archive.value)?;
        Ok(Exit::Ok)
    }
}

fn synced(
    session: &Session,
    runtime: &Runtime,
    config: &Config,
    force: bool,
) -> Result<Exit, Failure> {
    let run = Run {
        archive: &config.archive.value,
        command: "demo",
        wishes: Wishes { since: None, force },
    };
    let plan = sync::plan(config, &session.environment, &[])?;
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
