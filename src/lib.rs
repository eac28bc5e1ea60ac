//! trailkeep keeps SaaS audit logs for good.

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
