//! Answers of CloudWatch's `FilterLogEvents`, and the messages in them as events.
//!
//! The answer is documented (AWS, "CloudWatch Logs API reference"). Of the messages only that they
//! are JSON is documented (SAFE, "How to use SAFE's audit APIs"); which forms they are looked for
//! in is inferred from SAFE's published loggers ([`shape`]). A message of no known form is kept
//! whole.

mod cef;
mod columns;
mod shape;

use std::borrow::Cow;

use crate::event::{Detail, Event, Identity, Page, Reject, Span, Text, Timestamp, Written};
use crate::feed::FeedError;
use crate::kind::safe::answer;
use crate::record::{COLUMNS_MAX, member, timestamp};
use columns::Columns;
use shape::{Record, Shape};

/// Reads one answer. `asked` is what was asked for, for error texts.
///
/// # Errors
/// It is no answer of `FilterLogEvents`.
pub fn read(body: Vec<u8>, asked: &str) -> Result<Answer, FeedError> {
    let not_understood = |why: String| not_understood(asked, why, &body);
    let text = str::from_utf8(&body).map_err(|_| not_understood("it is no UTF-8".to_owned()))?;
    let outer = Outer::read(text).map_err(not_understood)?;
    let mut answer = Answer {
        page: Page::default(),
        next_token: outer.next_token,
        stamps: None,
    };
    let mut foreign = 0;
    for json in outer.events {
        foreign += usize::from(answer.take(&body, json));
    }
    if foreign > 0 {
        let count = answer.page.events.len();
        answer.page.notices.push(format!(
            "{foreign} of {count} messages are neither JSON nor CEF: each is kept whole, with a `{PARSE_ERROR}`"
        ));
    }
    answer.page.bytes = body;
    Ok(answer)
}

/// One answer of `FilterLogEvents`.
#[derive(Debug)]
pub struct Answer {
    /// Its events. An answer may have none and yet be followed by others (documented).
    pub page: Page,
    /// Asks for the next answer, where there is one. It is no secret, and lasts 24 hours
    /// (documented).
    pub next_token: Option<String>,
    /// CloudWatch's own times of what is in it, understood or not; none where it is empty. The
    /// question is answered by these, and not by the events' own times.
    pub stamps: Option<Stamps>,
}

/// The first and the last of some times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamps {
    /// The earliest.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
}

impl Answer {
    /// Takes an element of the answer; whether it is an event of no known form.
    fn take(&mut self, bytes: &[u8], json: &str) -> bool {
        let raw = Span::of(bytes, json.as_bytes()).unwrap_or(Span::new(0, 0));
        let element = Element::read(json);
        if let Some(Ok(stamp)) = element.as_ref().ok().map(Element::stamp) {
            self.stamps = Some(Stamps::with(self.stamps, stamp));
        }
        match element.and_then(|element| element.event(bytes, raw)) {
            Ok((event, is_foreign)) => {
                self.page.events.push(event);
                is_foreign
            }
            Err(reason) => {
                let line = 0;
                self.page.rejects.push(Reject { raw, reason, line });
                false
            }
        }
    }
}

impl Stamps {
    fn with(known: Option<Stamps>, stamp: Timestamp) -> Stamps {
        Stamps {
            first: known.map_or(stamp, |known| known.first.min(stamp)),
            last: known.map_or(stamp, |known| known.last.max(stamp)),
        }
    }
}

/// The detail that says why a message is kept whole.
const PARSE_ERROR: &str = "parse_error";

/// What stands around the events.
struct Outer<'a> {
    /// The exact text of each.
    events: Vec<&'a str>,
    next_token: Option<String>,
}

impl<'a> Outer<'a> {
    fn read(text: &'a str) -> Result<Outer<'a>, String> {
        let (mut lists, mut token) = (Vec::new(), None);
        member::members(text, |name, raw| match &*name {
            "events" => lists.push(raw),
            "nextToken" => token = Some(raw),
            _ => {}
        })
        .map_err(|error| member::fault(&error))?;
        if lists.is_empty() {
            return Err("it has no `events`".to_owned());
        }
        let mut events = Vec::new();
        for list in lists {
            member::elements(list, |event| events.push(event))
                .map_err(|_| "its `events` is no list".to_owned())?;
        }
        let next_token = match token {
            None | Some("null") => None,
            Some(raw) => Some(member::string(raw).ok_or("its `nextToken` is no text")?),
        };
        let next_token = next_token.filter(|token| !token.is_empty());
        Ok(Outer {
            events,
            next_token: next_token.map(Cow::into_owned),
        })
    }
}

/// One element of `events`: what CloudWatch says of a message, and the message.
#[derive(Default)]
struct Element<'a> {
    id: Option<&'a str>,
    stamp: Option<&'a str>,
    message: Option<&'a str>,
    /// The stream, when CloudWatch took it in, and what there may be besides.
    rest: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Element<'a> {
    fn read(json: &'a str) -> Result<Element<'a>, String> {
        let mut element = Element::default();
        member::members(json, |name, raw| {
            let place = match &*name {
                "eventId" => &mut element.id,
                "timestamp" => &mut element.stamp,
                "message" => &mut element.message,
                _ => return element.rest.push((name, raw)),
            };
            match place {
                None => *place = Some(raw),
                Some(_) => element.rest.push((name, raw)),
            }
        })
        .map_err(|error| member::fault(&error))?;
        Ok(element)
    }

    /// The event, and whether its message has no known form; or why it is none.
    fn event(&self, bytes: &[u8], raw: Span) -> Result<(Event, bool), String> {
        let id = self.id.and_then(member::text).filter(|id| !id.is_empty());
        let identity = Identity::Vendor(Text::from_part(bytes, &id.ok_or("no eventId")?));
        let stamp = self.stamp()?;
        let message = self.message()?;
        let mut event = Event::at(Written::nowhere(stamp), raw, identity);
        let is_foreign = match shape::read(&message) {
            Shape::Record(record) => {
                self.take_record(bytes, &record, &mut event);
                false
            }
            Shape::Text(why) => {
                let quoted = |text: &str| Text::from(member::quoted(text));
                event.details.push(detail("message", quoted(&message)));
                event.details.push(detail(PARSE_ERROR, quoted(why)));
                true
            }
        };
        self.take_rest(bytes, stamp, &mut event);
        if event.details.len() > COLUMNS_MAX {
            return Err(format!("more than {COLUMNS_MAX} members"));
        }
        Ok((event, is_foreign))
    }

    fn stamp(&self) -> Result<Timestamp, String> {
        let text = self.stamp.and_then(member::text).ok_or("no timestamp")?;
        timestamp::of_millis(&text).map_err(|error| error.to_string())
    }

    /// The message: a text (documented). An object in its place is read like its text.
    fn message(&self) -> Result<Cow<'a, str>, &'static str> {
        let raw = self.message.ok_or("no message")?;
        match raw.as_bytes().first() {
            Some(b'"') => member::string(raw).ok_or("the message holds half of a character"),
            _ => member::text(raw).ok_or("no message"),
        }
    }

    /// Fills in what a record says; what has no column is kept in its order.
    fn take_record(&self, bytes: &[u8], record: &Record<'_>, event: &mut Event) {
        let mut columns = Columns::of(record);
        columns.fill(bytes, event);
        for (n, member) in record.members.iter().enumerate() {
            if columns.is_placed(n) {
                continue;
            }
            let name = if OUTER_NAMES.contains(&&*member.name) {
                Text::from(format!("message.{}", member.name))
            } else {
                Text::from_part(bytes, &member.name)
            };
            let inner = record.inner.as_ref().filter(|(holder, _)| *holder == n);
            let json = inner.map_or(&*member.json, |(_, json)| json);
            event.details.push(Detail {
                name,
                json: Text::from_part(bytes, json),
            });
        }
        if let Some(prefix) = record.prefix {
            let json = Text::from(member::quoted(prefix));
            event.details.push(detail(PREFIX, json));
        }
    }

    /// Keeps what CloudWatch says of the message; its own time too, where that is not the event's.
    fn take_rest(&self, bytes: &[u8], stamp: Timestamp, event: &mut Event) {
        let own = self.stamp.filter(|_| event.time.value != stamp);
        let own = own.map(|raw| (Cow::Borrowed(STAMP), raw));
        for (name, raw) in self.rest.iter().cloned().chain(own) {
            event.details.push(Detail {
                name: Text::from_part(bytes, &name),
                json: Text::from_part(bytes, raw),
            });
        }
    }
}

/// CloudWatch's own time of a message.
const STAMP: &str = "timestamp";

/// What stands before the JSON or CEF of a message.
const PREFIX: &str = "prefix";

/// Details that are not of the message itself: its own members of these names are kept as
/// `message.timestamp` and so on.
const OUTER_NAMES: [&str; 4] = [STAMP, PREFIX, "logStreamName", "ingestionTime"];

fn detail(name: &str, json: Text) -> Detail {
    Detail {
        name: name.into(),
        json,
    }
}

fn not_understood(asked: &str, why: String, body: &[u8]) -> FeedError {
    FeedError::NotUnderstood {
        vendor: "CloudWatch",
        asked: asked.to_owned(),
        why,
        evidence: answer::evidence(body),
    }
}

#[cfg(test)]
mod tests;
