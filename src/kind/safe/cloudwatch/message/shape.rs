//! How a message holds its record: as JSON, as JSON after a prefix, as JSON within JSON, or as CEF.
//!
//! SAFE's published loggers write a JSON object a message (official code); Lambda and syslog put
//! words of their own before it (inferred), and collectors of container logs wrap it as a string
//! into `message` or `log` of another object (inferred).

use std::borrow::Cow;

use super::cef;
use super::columns::{Field, Scope};
use crate::record::member;

/// What a message is.
pub(super) enum Shape<'a> {
    /// A record.
    Record(Record<'a>),
    /// None, and why.
    Text(&'static str),
}

/// A record, whether it came as JSON or as CEF.
pub(super) struct Record<'a> {
    /// What stands before it, without blanks around it.
    pub(super) prefix: Option<&'a str>,
    /// Its members, in their order.
    pub(super) members: Vec<Member<'a>>,
    /// Which of the members holds another object, as JSON or as a string of it; and that object.
    pub(super) inner: Option<(usize, Cow<'a, str>)>,
}

/// One member of a record.
pub(super) struct Member<'a> {
    pub(super) name: Cow<'a, str>,
    /// Its value as JSON.
    pub(super) json: Cow<'a, str>,
    /// What it may mean, and how many names of that meaning are preferred to this one.
    pub(super) field: Option<(Field, usize)>,
}

/// Reads a message.
pub(super) fn read(message: &str) -> Shape<'_> {
    let text = message.trim();
    let object = memchr::memchr(b'{', text.as_bytes());
    if let Some(at) = cef::start(text).filter(|at| object.is_none_or(|object| *at < object)) {
        let (prefix, rest) = text.split_at(at);
        let members = cef::read(rest);
        return members.map_or(
            Shape::Text("it begins as CEF, but has no whole header"),
            |it| record(prefix, it),
        );
    }
    let Some(at) = object else {
        return Shape::Text("it holds no JSON object");
    };
    let (prefix, rest) = text.split_at(at);
    match members(rest) {
        Some(members) => record(prefix, members),
        None if at == 0 => Shape::Text("it begins as JSON, but is none"),
        None => Shape::Text("what follows its first brace is no JSON"),
    }
}

/// The members of a JSON object that may mean something at its root.
pub(super) fn members(json: &str) -> Option<Vec<Member<'_>>> {
    let mut found = Vec::new();
    let read = member::members(json, |name, raw| {
        found.push(Member {
            field: Scope::Root.field(&name),
            name,
            json: Cow::Borrowed(raw),
        });
    });
    read.is_ok().then_some(found)
}

fn record<'a>(prefix: &'a str, members: Vec<Member<'a>>) -> Shape<'a> {
    let prefix = prefix.trim_end();
    let inner = members.iter().enumerate().find_map(|(n, member)| {
        let object = inner_object(member)?;
        Some((n, object))
    });
    Shape::Record(Record {
        prefix: (!prefix.is_empty()).then_some(prefix),
        inner,
        members,
    })
}

/// The object that a member wraps, if it does. One level is unwrapped, and no more.
fn inner_object<'a>(member: &Member<'a>) -> Option<Cow<'a, str>> {
    if !matches!(&*member.name, "message" | "log") {
        return None;
    }
    let object = match &member.json {
        Cow::Borrowed(raw) if raw.starts_with('{') => Cow::Borrowed(*raw),
        Cow::Borrowed(raw) => match member::string(raw)? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        },
        // CEF is no JSON.
        Cow::Owned(_) => return None,
    };
    let is_object = object.starts_with('{') && member::members(&object, |_, _| {}).is_ok();
    is_object.then_some(object)
}
