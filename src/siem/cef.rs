//! CEF, version 0: a header of seven fields and an extension of `key=value`.
//!
//! In the header `\` and `|` are escaped, in values `\` and `=`, and line ends are written `\n` and
//! `\r`: a value can hold anything, and a reader that looks for ` key=` finds none of ours in it.

use std::net::IpAddr;

use super::meaning::Meaning;
use super::rule::Severity;
use super::vendor::Vendor;
use crate::event::Archived;

/// The event as a line.
pub(super) fn line(event: &Archived) -> String {
    let meaning = Meaning::of(event);
    let vendor = Vendor::of(event);
    let (class, _, activity) = meaning.class();
    let deed = meaning.deed();
    let name = match class.uid {
        0 => deed.clone(),
        _ => format!("{}: {activity}", class.name),
    };
    let header = [
        &vendor.vendor,
        &vendor.product,
        env!("CARGO_PKG_VERSION"),
        &deed,
        &name,
        severity(meaning.severity()),
    ];
    let header: Vec<String> = header.into_iter().map(in_header).collect();
    format!("CEF:0|{}|{}", header.join("|"), extension(&meaning))
}

/// CEF counts from 0 to 10: up to 3 is low, up to 6 medium, up to 8 high.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "1",
        Severity::Low => "3",
        Severity::Medium => "5",
        Severity::High => "8",
    }
}

/// Keys of CEF's dictionary.
fn extension(meaning: &Meaning<'_>) -> String {
    let event = meaning.event;
    let mut pairs = Pairs::default();
    pairs.add("rt", Some(&event.time.millis().to_string()));
    pairs.add("externalId", Some(&event.uid()));
    pairs.add("cat", event.event_type.as_deref());
    pairs.add("act", event.action.as_deref());
    pairs.add("outcome", outcome(meaning));
    let reason = meaning.details.first(&["errorMessage", "reason"]);
    pairs.add("reason", reason.as_deref());
    people(&mut pairs, meaning);
    address(&mut pairs, meaning);
    pairs.add("fname", event.file_name.as_deref());
    pairs.number("fsize", event.file_size);
    let agent = meaning.details.first(&["userAgent", "user_agent"]);
    pairs.add("requestClientApplication", agent.as_deref());
    pairs.add("dvchost", Some(&event.source));
    pairs.add("deviceFacility", Some(&event.feed));
    pairs.labelled("cs1", "details", event.details.as_deref());
    pairs.labelled("cs2", "target", event.target.as_deref());
    pairs.add("rawEvent", event.raw.as_deref());
    pairs.0
}

fn people(pairs: &mut Pairs, meaning: &Meaning<'_>) {
    let event = meaning.event;
    pairs.add("suid", event.actor.as_deref());
    let name = event.actor_email.as_deref().or(event.actor.as_deref());
    pairs.add("suser", name);
    pairs.add("spriv", event.actor_role.as_deref());
    pairs.add("duser", meaning.user().map(|user| user.id).as_deref());
    pairs.labelled("cs3", "onBehalfOf", event.on_behalf_of.as_deref());
    pairs.labelled("cs4", "actorName", event.actor_name.as_deref());
}

fn outcome(meaning: &Meaning<'_>) -> Option<&'static str> {
    let success = meaning.is_success()?;
    Some(if success { "success" } else { "failure" })
}

/// CEF has one key for IPv4 and another for IPv6; what is neither has a text of our own.
fn address(pairs: &mut Pairs, meaning: &Meaning<'_>) {
    pairs.number("spt", meaning.port());
    let text = meaning.ip().map(|ip| ip.to_string());
    match meaning.ip() {
        Some(IpAddr::V4(_)) => pairs.add("src", text.as_deref()),
        Some(IpAddr::V6(_)) => pairs.labelled("c6a2", "Source IPv6 Address", text.as_deref()),
        None => pairs.labelled("cs5", "sourceAddress", meaning.event.ip.as_deref()),
    }
}

/// `key=value`, one after another.
#[derive(Default)]
struct Pairs(String);

impl Pairs {
    fn add(&mut self, key: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(key);
        self.0.push('=');
        value.chars().for_each(|c| in_value(c, &mut self.0));
    }

    fn number(&mut self, key: &str, value: Option<i64>) {
        self.add(key, value.map(|number| number.to_string()).as_deref());
    }

    fn labelled(&mut self, key: &str, label: &str, value: Option<&str>) {
        if value.is_some() {
            self.add(key, value);
            self.add(&format!("{key}Label"), Some(label));
        }
    }
}

/// The header has no way to write a line end.
fn in_header(field: &str) -> String {
    let mut escaped = String::with_capacity(field.len());
    for c in field.chars() {
        match c {
            '\\' | '|' => escaped.extend(['\\', c]),
            c if ends_line(c) => escaped.push(' '),
            c => escaped.push(printable(c)),
        }
    }
    escaped
}

fn in_value(c: char, out: &mut String) {
    match c {
        '\\' | '=' => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        c if ends_line(c) => out.push_str("\\n"),
        c => out.push(printable(c)),
    }
}

/// All that some reader takes for the end of a line.
pub(super) fn ends_line(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A NUL ends a text for many a reader, and with it what stands after it.
fn printable(c: char) -> char {
    if c.is_control() && c != '\t' {
        char::REPLACEMENT_CHARACTER
    } else {
        c
    }
}
