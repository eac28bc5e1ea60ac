//! Event, page, checkpoint: what feeds yield and the archive keeps.
//!
//! A page owns the bytes it was read from, and its events point into them: nothing is copied
//! between the wire and the archive but what had to be decoded.

mod archived;
mod moment;

use std::ops::Range;

pub use archived::Archived;
pub use moment::{Period, Timestamp, millis};

/// What one response held, or one part of a large export: records, and perhaps a checkpoint.
///
/// The archive keeps a page whole or not at all: its events, quarantined records, users,
/// checkpoint and coverage are one transaction.
#[derive(Debug, Default)]
pub struct Page {
    /// The records as received. Every [`Span`] of the page's events points in here.
    pub bytes: Vec<u8>,
    /// The line that names the columns of these records, if they come from a table (CSV).
    pub header: Option<Box<str>>,
    /// Records that were understood.
    pub events: Vec<Event>,
    /// Records that were not understood.
    pub rejects: Vec<Reject>,
    /// The vendor's whole user list, when this page completes one. Whoever is missing from it
    /// counts as gone, so that one feed of a source alone may list users.
    pub users: Option<Vec<User>>,
    /// Where the next sync may start once this page and every page before it are archived.
    pub checkpoints: Vec<Checkpoint>,
    /// Objects of a bucket that have been read whole once this page and those before it are
    /// archived.
    pub objects: Vec<Object>,
    /// The stretch of event time that has been read whole once this page and those before it are
    /// archived. Given with the last page of a window only.
    pub covers: Option<Claim>,
    /// How this page lies in the window it was fetched in.
    pub window: Window,
    /// Names of the details that count in the identity of records without an id: settled by the
    /// first export of a source, so that a column added later makes no record look new.
    pub identity_names: Option<Vec<String>>,
    /// Things the user should hear of, that are no failure: a changed header, an odd answer.
    pub notices: Vec<String>,
}

/// One audit record, in the words that all kinds share.
#[derive(Debug)]
pub struct Event {
    /// The whole record, as received.
    pub raw: Span,
    /// What makes two records the same record.
    pub identity: Identity,
    /// When it happened, by the vendor's clock.
    pub time: Written<Timestamp>,
    /// The vendor's class of event.
    pub event_type: Option<Text>,
    /// What was done.
    pub action: Option<Text>,
    /// Who did it: the vendor's own identifier.
    pub actor: Option<Text>,
    /// As whom it was done, where an administrator acted as somebody else.
    pub on_behalf_of: Option<Text>,
    /// From which address: an IP in its usual form, or the text as given where it is none.
    pub ip: Option<Text>,
    /// From which port.
    pub port: Option<Written<i64>>,
    /// To what it was done.
    pub target: Option<Text>,
    /// The package the file belongs to, its type and owner, the file and its size in bytes.
    pub package: Option<Text>,
    /// See [`Event::package`].
    pub package_type: Option<Text>,
    /// See [`Event::package`].
    pub package_owner: Option<Text>,
    /// See [`Event::package`].
    pub file_name: Option<Text>,
    /// See [`Event::package`].
    pub file_size: Option<Written<i64>>,
    /// Everything else the record says, in its order.
    pub details: Vec<Detail>,
}

/// One member of a record that has no column of its own.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The member's name as the vendor writes it.
    pub name: Text,
    /// Its value as JSON text.
    pub json: Text,
}

/// What makes two records of a source the same record.
#[derive(Debug, Clone)]
pub enum Identity {
    /// The vendor's id.
    Vendor(Text),
    /// The record has no id: a SHA-256 of what it says. Such records are a multiset; the archive
    /// numbers equal ones within a window and keeps the largest number ever seen.
    Content([u8; 32]),
}

/// How a page lies in the window it was fetched in. Equal records without an id are counted
/// from the window's first page to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// The page opens a window (and, where it is the only one, closes it).
    #[default]
    Opens,
    /// The page goes on with the window of the page before it.
    Continues,
}

/// A record that could not be understood: kept with the reason, never dropped.
#[derive(Debug, Clone)]
pub struct Reject {
    /// The record, as received.
    pub raw: Span,
    /// Why, as a fragment: `no timestamp`.
    pub reason: String,
    /// Line in the file or response it came from, counted from 1; 0 where there are no lines.
    pub line: u64,
}

/// One identity on the vendor's user list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct User {
    /// The vendor's own identifier.
    pub user_id: String,
    /// E-mail address as the vendor writes it.
    pub email: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The vendor's role.
    pub role: Option<String>,
    /// How the user signs in, in the vendor's words (`Native`, `SSO`).
    pub authentication: Option<String>,
    /// Whether the user may sign in, where the vendor tells.
    pub active: Option<bool>,
    /// Last sign-in, where the vendor tells. A change of it alone is no new version of a user.
    pub last_login: Option<Timestamp>,
}

/// Where the next sync of a (source, feed, partition) starts: JSON, opaque but to its feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which part of the feed, where it has parts that progress apart; else empty.
    pub partition: String,
    /// The feed's own words.
    pub json: String,
}

/// An object of a bucket, as a listing names it. The same key with another `etag` or size is
/// another object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// The bucket.
    pub bucket: String,
    /// Its key in the bucket.
    pub key: String,
    /// Its `ETag`, without quotes: changes with its content.
    pub etag: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was put there, by the bucket's clock.
    pub modified: Timestamp,
}

/// A stretch of event time that was read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The stretch.
    pub period: Period,
    /// What the vendor showed of it at this moment is in the archive.
    pub as_of: Timestamp,
}

/// A value that is no text, and where in the page it was written, if it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<T> {
    /// The value.
    pub value: T,
    /// Its text in the page's bytes.
    pub at: Option<Span>,
}

/// A stretch of a page's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset after its last byte.
    pub end: u32,
}

/// Text that stands in the page's bytes just so, or had to be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It is these bytes of the page, which are UTF-8.
    In(Span),
    /// It stands nowhere as such: an escape was undone, a form made uniform.
    Own(Box<str>),
}

impl Page {
    /// The bytes of a record or of a part of it.
    pub fn slice(&self, span: Span) -> &[u8] {
        self.bytes.get(span.range()).unwrap_or_default()
    }

    /// The text, wherever it stands.
    pub fn text<'a>(&'a self, text: &'a Text) -> &'a str {
        text.within(&self.bytes)
    }

    /// The vendor's id of an event, if it has one.
    pub fn vendor_id<'a>(&'a self, event: &'a Event) -> Option<&'a str> {
        match &event.identity {
            Identity::Vendor(id) => Some(self.text(id)),
            Identity::Content(_) => None,
        }
    }

    /// The details of an event as the text of a JSON object; none if there are none.
    pub fn details_json(&self, event: &Event) -> Option<String> {
        if event.details.is_empty() {
            return None;
        }
        let mut json = String::from("{");
        for detail in &event.details {
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(&serde_json::Value::from(self.text(&detail.name)).to_string());
            json.push(':');
            json.push_str(self.text(&detail.json));
        }
        json.push('}');
        Some(json)
    }

    /// How many records the page holds: understood or not.
    pub fn received(&self) -> usize {
        self.events.len() + self.rejects.len()
    }
}

impl Event {
    /// An event that says no more than when: what a reader fills in.
    pub fn at(time: Written<Timestamp>, raw: Span, identity: Identity) -> Event {
        Event {
            raw,
            identity,
            time,
            event_type: None,
            action: None,
            actor: None,
            on_behalf_of: None,
            ip: None,
            port: None,
            target: None,
            package: None,
            package_type: None,
            package_owner: None,
            file_name: None,
            file_size: None,
            details: Vec::new(),
        }
    }
}

impl Text {
    /// The text, given the bytes of its page.
    pub fn within<'a>(&'a self, bytes: &'a [u8]) -> &'a str {
        match self {
            Text::In(span) => {
                let slice = bytes.get(span.range()).unwrap_or_default();
                std::str::from_utf8(slice).unwrap_or_default()
            }
            Text::Own(text) => text,
        }
    }

    /// Points at `part` where it is a slice of `bytes`, and copies it where it is not.
    pub fn from_part(bytes: &[u8], part: &str) -> Text {
        match Span::of(bytes, part.as_bytes()) {
            Some(span) => Text::In(span),
            None => Text::Own(part.into()),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::Own(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::Own(text.into())
    }
}

impl<T> Written<T> {
    /// A value that stands nowhere in the page.
    pub fn nowhere(value: T) -> Written<T> {
        Written { value, at: None }
    }
}

impl Span {
    /// The span from `start` up to `end`; pages are kept far below 4 GiB by their makers.
    pub fn new(start: usize, end: usize) -> Span {
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            start: offset(start),
            end: offset(end),
        }
    }

    /// Where `part` lies in `whole`, if it is a slice of it.
    pub fn of(whole: &[u8], part: &[u8]) -> Option<Span> {
        let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        (end <= whole.len()).then(|| Span::new(start, end))
    }

    /// As a range of indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// How many bytes it spans.
    pub fn len(self) -> usize {
        self.range().len()
    }

    /// Whether it spans nothing.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_of_a_page_is_pointed_at_and_anything_else_is_copied() {
        let bytes = b"one two".to_vec();
        let two = std::str::from_utf8(&bytes[4..]).unwrap();
        assert_eq!(Text::from_part(&bytes, two), Text::In(Span::new(4, 7)));
        assert_eq!(Text::from_part(&bytes, "two"), Text::Own("two".into()));
    }
}
