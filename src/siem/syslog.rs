//! Syslog as of RFC 5424: a header, structured data and a message, which is the line that
//! [`super::jsonl`] writes.
//!
//! The message is written in ASCII, all else as escapes of JSON, so that it needs no byte order
//! mark, which a reader of JSON would stumble over.
//!
//! The structured data's name ends with a number that IANA gives to enterprises. trailkeep has
//! none; 32473 is the one that RFC 5612 sets aside for examples, and so nobody's: no name of ours
//! can be taken for another's.

use std::fmt::Write;

use super::cef::ends_line;
use super::jsonl;
use super::meaning::Meaning;
use super::rule::Severity;
use crate::event::Archived;

const NAME: &str = "trailkeep@32473";

/// `log audit`.
const FACILITY: u8 = 13;

/// Most characters of a host's and a message's name.
const HOST_MAX: usize = 255;
const MESSAGE_ID_MAX: usize = 32;

/// The event as a line.
pub(super) fn line(event: &Archived) -> String {
    let meaning = Meaning::of(event);
    let priority = FACILITY * 8 + severity(meaning.severity());
    let time = event.time;
    let host = name(Some(&event.source), HOST_MAX);
    let id = name(event.action.as_deref(), MESSAGE_ID_MAX);
    let data = structured(&meaning);
    let message = ascii(&jsonl::line(event));
    format!("<{priority}>1 {time} {host} trailkeep - {id} {data} {message}")
}

/// Syslog counts down: 6 is informational, 5 a notice, 4 a warning, 3 an error.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 6,
        Severity::Low => 5,
        Severity::Medium => 4,
        Severity::High => 3,
    }
}

fn structured(meaning: &Meaning<'_>) -> String {
    let event = meaning.event;
    let (class, activity, _) = meaning.class();
    let class = (class.uid * 100 + activity).to_string();
    let mut data = format!("[{NAME}");
    for (name, value) in [
        ("id", Some(event.uid().as_str())),
        ("feed", Some(&event.feed)),
        ("type", event.event_type.as_deref()),
        ("action", event.action.as_deref()),
        ("actor", event.actor.as_deref()),
        ("ip", event.ip.as_deref()),
        ("target", event.target.as_deref()),
        ("file", event.file_name.as_deref()),
        ("ocsf", Some(&class)),
    ] {
        let Some(value) = value else { continue };
        // Writing to a text cannot fail.
        let _ = write!(data, " {name}=\"{}\"", parameter(value));
    }
    data.push(']');
    data
}

/// A name of the header: what is printable and no space, at most so much of it.
fn name(text: Option<&str>, most: usize) -> String {
    let plain = |c: char| if c.is_ascii_graphic() { c } else { '_' };
    let name: String = text
        .unwrap_or_default()
        .chars()
        .take(most)
        .map(plain)
        .collect();
    if name.is_empty() {
        "-".to_owned()
    } else {
        name
    }
}

/// A value: three characters are escaped, and what a receiver might take for the end of a line or
/// of a text is written as rsyslog does, by its octal number.
fn parameter(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' | ']' => value.extend(['\\', c]),
            c if c.is_control() || ends_line(c) => {
                let _ = write!(value, "#{:03o}", u32::from(c));
            }
            c => value.push(c),
        }
    }
    value
}

/// The same JSON, what is no ASCII written as escapes.
fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    ascii
}
