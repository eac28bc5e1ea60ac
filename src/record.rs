//! Bytes to records, pure: containers, CSV, JSON, timestamps, header aliases.

pub mod timestamp;
