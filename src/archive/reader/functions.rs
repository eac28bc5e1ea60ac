//! The functions that queries have of us, beside SQLite's own: one table, from which they are
//! registered, listed, and documented.
//!
//! **Invariants:** none of them panics, whatever it is given; a value that means nothing to one
//! gives null, as SQLite's own do; a mistake in what is the same for every row (a pattern, a
//! net, a zone) is an error that begins with the function's name.

mod address;
mod human_bytes;
pub(crate) mod local_time;
mod percentile;
mod regexp;
mod search;

use std::borrow::Cow;
use std::path::Path;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};

use super::raw;

/// A function that queries may call.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it takes, as in a call: `net, ip`.
    pub arguments: &'static str,
    /// What it gives, in one line.
    pub about: &'static str,
    /// Makes it known to a handle; the path is the archive's.
    register: fn(&Connection, &Path) -> rusqlite::Result<()>,
}

/// Every function of ours, in the order in which they are listed.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "raw",
        arguments: "key",
        about: "the record as it was received, byte for byte; of an event's `key` or `event_id`",
        register: raw::register,
    },
    Function {
        name: "regexp",
        arguments: "pattern, text",
        about: "whether the text matches; also written `text regexp pattern`; `(?i)` ignores case",
        register: regexp::register,
    },
    Function {
        name: "cidr_contains",
        arguments: "net, ip",
        about: "whether the net (`192.0.2.0/24`, `2001:db8::/32`) contains the address; null of no address",
        register: address::register_cidr_contains,
    },
    Function {
        name: "ip_version",
        arguments: "ip",
        about: "4 or 6; null of no address",
        register: address::register_ip_version,
    },
    Function {
        name: "local_time",
        arguments: "time, zone",
        about: "the time in a zone by the system's rules: `2026-09-01T14:00:00.000+02:00`",
        register: local_time::register,
    },
    Function {
        name: "median",
        arguments: "x",
        about: "the middle of the group's numbers; also over a window",
        register: percentile::register_median,
    },
    Function {
        name: "percentile",
        arguments: "x, p",
        about: "what p percent (0 to 100) of the group's numbers do not exceed; also over a window",
        register: percentile::register_percentile,
    },
    Function {
        name: "human_bytes",
        arguments: "n",
        about: "a number of bytes as people read it: `1.50 MB`",
        register: human_bytes::register,
    },
    Function {
        name: "search",
        arguments: "text",
        about: "after `from` or `join`: the `key` of each event whose file name or details have these words",
        register: search::register,
    },
];

impl Function {
    /// How it is called: `cidr_contains(net, ip)`.
    pub fn call(&self) -> String {
        format!("{}({})", self.name, self.arguments)
    }
}

/// Makes all of them known to a handle that reads the archive at this path.
pub(super) fn register(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    FUNCTIONS
        .iter()
        .try_for_each(|function| (function.register)(connection, path))
}

/// The same result for the same arguments.
const SAME: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

/// An argument as text, a number as SQLite would write it; null is none.
fn text<'a>(context: &'a Context<'_>, number: usize) -> Option<Cow<'a, str>> {
    match context.get_raw(number) {
        ValueRef::Null => None,
        ValueRef::Integer(integer) => Some(integer.to_string().into()),
        ValueRef::Real(real) => Some(format!("{real:?}").into()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes)),
    }
}

/// An argument as a number, if it is one or a text that is one.
fn number(context: &Context<'_>, number: usize) -> Option<f64> {
    let real = match context.get_raw(number) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a number of SQL is as exact as a double, where it meets one"
        )]
        ValueRef::Integer(integer) => integer as f64,
        ValueRef::Real(real) => real,
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok()?,
        ValueRef::Null | ValueRef::Blob(_) => return None,
    };
    real.is_finite().then_some(real)
}

/// What is wrong with a call. SQLite hands it on up to the first NUL, so there is to be none.
pub(super) fn mistake(why: impl Into<String>) -> Error {
    let why: String = why.into().replace('\0', "\u{fffd}");
    Error::UserFunctionError(why.into())
}

/// A value as an error shows it: on one line and not all of it.
pub(super) fn shown(value: &str) -> String {
    const CHARS_MAX: usize = 60;
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = value.chars().take(CHARS_MAX).map(visible).collect();
    if value.chars().nth(CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
