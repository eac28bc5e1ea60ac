//! trailkeep keeps SaaS audit logs for good.
//!
//! # Who may use whom
//!
//! `tests/tidy.rs` reads this table and holds every file of `src/` to it.
//!
//! | module | may use |
//! |--------|---------|
//! | event | |
//! | secret | |
//! | time | event |
//! | feed | event, secret |
//! | record | event, feed, time |
//! | kind | event, feed, record, secret, time |
//! | fetch | event, feed, secret, time |
//! | archive | event, time |
//! | sync | event, feed, kind, fetch, archive, time |
//! | query | archive, event, time |
//! | format | query |
//! | config | kind, secret, time, event |
//! | demo | event, time |
//! | cli | everything |

// In the order in which they are best read.
pub mod event;
pub mod secret;
pub mod time;

pub mod feed;
pub mod record;

pub mod kind;

pub mod fetch;

pub mod archive;

pub mod sync;

pub mod query;

pub mod format;

pub mod config;

pub mod demo;

pub mod cli;
