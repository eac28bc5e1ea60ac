//! The laws, each held against every kind, over real HTTP, whatever goes wrong.
//!
//! Worlds, options, faults and moments are drawn by proptest: a few cases each by default, more
//! with `cargo laws`, any number with `PROPTEST_CASES`. Both kinds' feeds run side by side, as they
//! do for users.

mod alarms;
mod both;
pub(crate) mod claims;
mod export;
mod first_copy;
mod handover;
pub(crate) mod kept;
mod ledger;
mod manners;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod month;
mod rollups;
mod scenario;
mod secrets;
mod transaction;

use std::future::Future;

use proptest::test_runner::Config;

/// So many cases, unless `PROPTEST_CASES` says otherwise. What is drawn is not all that decides:
/// waits are drawn as well, so that a seed would not bring the same case again.
pub(crate) fn cases(usual: u32) -> Config {
    let config = Config::default();
    let asked = config.cases != CASES_UNASKED;
    Config {
        cases: if asked { config.cases } else { usual },
        failure_persistence: None,
        max_shrink_iters: config.max_shrink_iters.min(40),
        ..config
    }
}

/// What proptest takes where nobody asks for a number.
const CASES_UNASKED: u32 = 256;

/// Runs what is to be held, with threads enough that a sync does not stand in its own way.
pub(crate) fn run<T>(held: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(held)
}
