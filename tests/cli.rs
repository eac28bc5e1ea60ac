//! The real binary, run as its users run it. A command is one file.

mod check;
mod config;
mod connect;
mod coverage;
mod demo;
mod feeds;
mod import;
mod init;
mod notify;
mod query;
mod report;
mod schedule;
mod scim;
mod search;
mod shell;
mod sleep;
mod sources;
mod status;
mod sync;
mod tail;
mod usage;
mod watch;
