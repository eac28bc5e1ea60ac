//! How records lie in a JSON file, told by its beginning.

use serde_json::Deserializer;
use serde_json::value::RawValue;

use super::Frame;
use crate::record::{RecordError, alias, member};

/// How far a file is looked into before its first record is read.
pub(super) const HEAD_BYTES: usize = 1 << 20;

/// How records lie in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// One a line.
    Lines,
    /// In an array, or one after another.
    Values,
    /// In a list that an object holds, `list` bytes into the file.
    Envelope { list: usize },
    /// In the list of that name, which an object holds.
    Member(Box<str>),
}

/// The layout of a file that begins so, and the object around its records, if that is `whole`.
pub(super) fn of(head: &[u8], whole: bool) -> Result<(Layout, Option<Box<str>>), RecordError> {
    let text = valid(head);
    if text.trim_ascii_start().starts_with('[') {
        return Ok((Layout::Values, None));
    }
    let mut values = Deserializer::from_str(text).into_iter::<&RawValue>();
    match values.next() {
        Some(Ok(first)) => object(text, first.get(), values.byte_offset()),
        None => Ok((Layout::Values, None)),
        Some(Err(_)) if has_record_line(text) => Ok((Layout::Lines, None)),
        Some(Err(error)) if error.is_eof() && whole => Err(RecordError::JsonCut {
            offset: head.len() as u64,
        }),
        Some(Err(error)) if error.is_eof() => long_object(text),
        Some(Err(error)) => Err(damage(&error, 0)),
    }
}

/// Names of the members that are lists of objects.
pub(super) fn lists(object: &str) -> serde_json::Result<Vec<String>> {
    let mut lists = Vec::new();
    member::members(object, |name, raw| {
        if is_list(raw) {
            lists.push(name.into_owned());
        }
    })?;
    Ok(lists)
}

/// What serde_json says, as an error of the file.
pub(super) fn damage(error: &serde_json::Error, offset: u64) -> RecordError {
    let column = u64::try_from(error.column()).unwrap_or_default();
    let offset = if error.line() == 1 {
        offset + column
    } else {
        offset
    };
    RecordError::Json {
        offset,
        why: error.to_string(),
    }
}

/// The layout of a file whose first value is an object.
fn object(text: &str, first: &str, end: usize) -> Result<(Layout, Option<Box<str>>), RecordError> {
    if is_record(first) {
        let rest = text
            .get(end..)
            .unwrap_or_default()
            .trim_start_matches([' ', '\t', '\r']);
        let alone = rest.is_empty() || rest.starts_with('\n');
        let lines = alone && !first.contains('\n');
        return Ok((if lines { Layout::Lines } else { Layout::Values }, None));
    }
    let lists = lists(first).map_err(|error| damage(&error, 0))?;
    match lists.as_slice() {
        [] => {
            let list = list_start(text, is_empty_list);
            let layout = list.map_or(Layout::Values, |list| Layout::Envelope { list });
            Ok((layout, Some(first.into())))
        }
        [_] => {
            let list = list_start(text, is_list).unwrap_or_default();
            Ok((Layout::Envelope { list }, Some(first.into())))
        }
        several => Err(RecordError::Lists(several.join(", "))),
    }
}

/// An object too long for a record: it must hold the list of them.
fn long_object(text: &str) -> Result<(Layout, Option<Box<str>>), RecordError> {
    match list_start(text, is_list) {
        Some(list) => Ok((Layout::Envelope { list }, None)),
        None => Err(RecordError::Endless { line: 1 }),
    }
}

/// Whether an object is a record, and not what is wrapped around records: it says when, or it
/// neither holds a list of objects nor has the marks of an answer.
fn is_record(object: &str) -> bool {
    let (mut timed, mut wraps) = (false, false);
    let parsed = member::members(object, |name, raw| {
        timed |= alias::is_time(&name) && !is_list(raw);
        wraps |= is_list(raw) || ENVELOPE_NAMES.contains(&&*name);
    });
    parsed.is_err() || timed || !wraps
}

/// Members of answers, not of records: SendSafely's (official code) and the usual names of lists.
const ENVELOPE_NAMES: [&str; 7] = [
    "response",
    "pagination",
    "data",
    "values",
    "records",
    "events",
    "auditLogs",
];

fn is_list(raw: &str) -> bool {
    raw.strip_prefix('[')
        .is_some_and(|rest| rest.trim_ascii_start().starts_with('{'))
}

fn is_empty_list(raw: &str) -> bool {
    raw.strip_prefix('[')
        .is_some_and(|rest| rest.trim_ascii_start().starts_with(']'))
}

/// Where the first such list begins among the members of the first object.
fn list_start(text: &str, is_list: fn(&str) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = text.find('{')? + 1;
    loop {
        at += bytes
            .get(at..)?
            .iter()
            .take_while(|b| b.is_ascii_whitespace() || matches!(b, b',' | b':'))
            .count();
        if is_list(text.get(at..)?) {
            return Some(at);
        }
        if bytes.get(at) == Some(&b'}') {
            return None;
        }
        at += Frame::default().advance(bytes.get(at..)?)?.max(1);
    }
}

/// Whether one of the first lines is an object of its own.
fn has_record_line(text: &str) -> bool {
    let object = |line: &str| member::members(line, |_, _| {}).is_ok();
    text.lines().take(10).any(object)
}

/// As much of the text as is UTF-8.
fn valid(text: &[u8]) -> &str {
    match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let valid = text.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
    }
}
