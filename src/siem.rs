//! Archived events in the words of other systems: one event, one line.
//!
//! A dialect is a file with one function from an [`Archived`] event to a line, and one line in
//! [`DIALECTS`]. What an action means in the classes of OCSF and ECS stands in data files beside
//! the code: `actions.csv`, `classes.toml` and `vendors.csv`.
//!
//! **Invariant:** no text of an event ends the line or the field it stands in, whoever chose it.

mod cef;
mod details;
mod ecs;
mod json;
mod jsonl;
mod meaning;
mod ocsf;
mod rule;
mod syslog;
mod vendor;
mod wording;

#[cfg(test)]
mod tests;

use crate::event::Archived;

/// The words of another system.
pub struct Dialect {
    /// Its name: `ocsf`.
    pub name: &'static str,
    /// One line on what it is.
    pub about: &'static str,
    /// An event as a line, without its end.
    pub line: fn(&Archived) -> String,
}

/// Every dialect there is, the default first.
pub const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "jsonl",
        about: "a JSON object with the event's columns, its details an object",
        line: jsonl::line,
    },
    Dialect {
        name: "ocsf",
        about: "a JSON object in the Open Cybersecurity Schema Framework, version 1.5.0",
        line: ocsf::line,
    },
    Dialect {
        name: "ecs",
        about: "a JSON object in the Elastic Common Schema, version 8.17.0",
        line: ecs::line,
    },
    Dialect {
        name: "cef",
        about: "ArcSight's Common Event Format, CEF:0",
        line: cef::line,
    },
    Dialect {
        name: "syslog",
        about: "syslog as of RFC 5424, the message a JSON object",
        line: syslog::line,
    },
];

/// The dialect of that name.
pub fn find(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
}
