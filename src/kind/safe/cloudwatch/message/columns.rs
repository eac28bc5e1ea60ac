//! What the members of a record mean, told by their names, and which of them become columns.
//!
//! SAFE documents no name of this path; the loggers it publishes put an application's own members
//! under `metadata`, and mask names of people there (`Jo** Do*`), but not their ids (official
//! code). So that names are looked for as in exports ([`alias`]), at the root first and then in
//! the objects that such records usually hold (inferred).

use std::borrow::Cow;
use std::time::Duration;

use super::shape::Record;
use crate::event::{Event, Span, Text, Timestamp, Written};
use crate::record::alias::{self, Role};
use crate::record::timestamp::{self, DayOrder};
use crate::record::{address, cell, member};

/// What a member can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// When.
    Time,
    /// Who, by id.
    UserId,
    /// Who, by name or e-mail address.
    UserName,
    /// Who, if nothing else says it: a bare `uuid` may be the record's own.
    SomeId,
    /// From which address, perhaps with the port.
    Address,
    /// From which port.
    Port,
    /// What was done.
    Action,
    /// The class of event; what was done, where nothing else says it.
    Class,
    /// The class of log (`application`; official code): the class of event, where nothing else is.
    Log,
    /// To what.
    Target,
}

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// In the record itself.
    Root,
    /// In an object of the record.
    Nested,
    /// In the object that says who it was.
    Person,
}

impl Scope {
    /// What a member of that name means here, and how many names are preferred to it.
    pub(super) fn field(self, name: &str) -> Option<(Field, usize)> {
        if self == Scope::Person {
            let of_user = alias::role(&format!("user_{name}")).or_else(|| alias::role(name));
            return match of_user? {
                (Role::UserId, rank) => Some((Field::UserId, rank)),
                (Role::UserName, rank) => Some((Field::UserName, rank)),
                (Role::Address, rank) => Some((Field::Address, rank)),
                _ => None,
            };
        }
        let (role, rank) = alias::role(name)?;
        let plain = alias::normalised(name);
        let field = match (role, plain.as_str()) {
            // What was changed was made at some time or other; `module` is the logger's, of code.
            (Role::Time, of_thing) if self == Scope::Nested && of_thing.starts_with("created") => {
                return None;
            }
            (Role::Target, "module") if self == Scope::Nested => return None,
            // Loggers call themselves by it.
            (Role::UserName, "name") => return None,
            (Role::UserId, "uuid") => Field::SomeId,
            (Role::Action, "type") => Field::Log,
            (Role::Action, of_class) if alias::is_event_type(of_class) => Field::Class,
            (Role::Time, _) => Field::Time,
            (Role::UserId, _) => Field::UserId,
            (Role::UserName, _) => Field::UserName,
            (Role::Address, _) => Field::Address,
            (Role::Port, _) => Field::Port,
            (Role::Action, _) => Field::Action,
            (Role::Target, _) => Field::Target,
            (Role::EventId, _) => return None,
        };
        Some((field, rank))
    }
}

/// Objects of a record that are looked into, in this order.
const NESTED: [(&str, Scope); 7] = [
    ("metadata", Scope::Nested),
    ("data", Scope::Nested),
    ("detail", Scope::Nested),
    ("details", Scope::Nested),
    ("user", Scope::Person),
    ("actor", Scope::Person),
    ("user_identity", Scope::Person),
];

/// How far an event's own time may lie from CloudWatch's: events of up to 14 days ago and 2 hours
/// ahead can be put into it (documented).
const BACK: Duration = Duration::from_secs(14 * 86_400);
const AHEAD: Duration = Duration::from_secs(2 * 3_600);

/// What may become a column of an event, the best of each first.
pub(super) struct Columns<'a> {
    found: Vec<Found<'a>>,
    prefix: Option<&'a str>,
    placed: Vec<usize>,
}

/// A member that means something.
struct Found<'a> {
    field: Field,
    /// How many places are looked at before this one, and how many names are preferred to it.
    rank: (usize, usize),
    text: Cow<'a, str>,
    /// Its number, where it is a member of the record itself.
    member: Option<usize>,
}

impl<'a> Columns<'a> {
    /// Looks through a record: first the object that it may wrap, then itself.
    pub(super) fn of(record: &'a Record<'a>) -> Columns<'a> {
        let mut columns = Columns {
            found: Vec::new(),
            prefix: record.prefix,
            placed: Vec::new(),
        };
        if let Some((_, json)) = &record.inner {
            // It was seen to be an object.
            let _read = member::members(json, |name, raw| {
                columns.look_at(0, None, Scope::Root.field(&name), raw);
                columns.look_into(0, &name, raw);
            });
        }
        let place = 1 + NESTED.len();
        for (n, member) in record.members.iter().enumerate() {
            columns.look_at(place, Some(n), member.field, &member.json);
            columns.look_into(place, &member.name, &member.json);
        }
        columns.found.sort_by_key(|found| found.rank);
        columns
    }

    /// Whether that member of the record has become a column, and all of it.
    pub(super) fn is_placed(&self, member: usize) -> bool {
        self.placed.contains(&member)
    }

    /// Fills in the columns of an event whose time is CloudWatch's.
    pub(super) fn fill(&mut self, bytes: &[u8], event: &mut Event) {
        if let Some(time) = self.time(bytes, event.time.value) {
            event.time = time;
        }
        let text = |text: Cow<'_, str>| Text::from_part(bytes, &text);
        event.actor = self.actor().map(text);
        event.target = self.take(Field::Target).map(text);
        let action = self.take(Field::Action);
        event.action = action.or_else(|| self.take(Field::Class)).map(text);
        let class = self.take(Field::Class);
        event.event_type = class.or_else(|| self.take(Field::Log)).map(text);
        self.fill_address(bytes, event);
    }

    /// Takes note of a value that may mean something.
    fn look_at(
        &mut self,
        place: usize,
        member: Option<usize>,
        field: Option<(Field, usize)>,
        json: &'a str,
    ) {
        if let (Some((field, rank)), Some(text)) = (field, scalar(json)) {
            self.found.push(Found {
                field,
                rank: (place, rank),
                text,
                member,
            });
        }
    }

    /// Looks into an object of the record that is usual there.
    fn look_into(&mut self, place: usize, name: &str, json: &'a str) {
        if !json.starts_with('{') {
            return;
        }
        let name = alias::normalised(name);
        let Some(n) = NESTED.iter().position(|(known, _)| *known == name) else {
            return;
        };
        let scope = NESTED.get(n).map_or(Scope::Nested, |(_, scope)| *scope);
        // What is no object says nothing, and is kept whole.
        let _read = member::members(json, |name, raw| {
            self.look_at(place + 1 + n, None, scope.field(&name), raw);
        });
    }

    /// The best value of that meaning, which is then used up.
    fn take(&mut self, field: Field) -> Option<Cow<'a, str>> {
        let best = self.found.iter().position(|found| found.field == field)?;
        Some(self.place(best))
    }

    fn place(&mut self, found: usize) -> Cow<'a, str> {
        let found = self.found.remove(found);
        self.placed.extend(found.member);
        found.text
    }

    /// An id before a name, and a masked text only where there is nothing else: it may be that of
    /// several people.
    fn actor(&mut self) -> Option<Cow<'a, str>> {
        const FIELDS: [Field; 3] = [Field::UserId, Field::UserName, Field::SomeId];
        let order = |found: &Found<'_>| {
            let field = FIELDS.iter().position(|field| *field == found.field)?;
            Some((found.text.contains('*'), field, found.rank))
        };
        let all = self.found.iter().enumerate();
        let ranked = all.filter_map(|(n, found)| Some((order(found)?, n)));
        let (_, best) = ranked.min()?;
        Some(self.place(best))
    }

    /// The first time of its own that can be read and can be the event's, given CloudWatch's.
    fn time(&mut self, bytes: &[u8], stamp: Timestamp) -> Option<Written<Timestamp>> {
        let moment = |text: &str| {
            let moment = timestamp::parse(text, DayOrder::Auto).ok()?;
            let bounds = stamp.before(BACK)..=stamp.after(AHEAD);
            bounds.contains(&moment.time).then_some(moment.time)
        };
        let mut times = self.found.iter().enumerate();
        let own = times.find_map(|(n, found)| {
            let is_time = found.field == Field::Time;
            Some((n, moment(&found.text).filter(|_| is_time)?))
        });
        let Some((n, value)) = own else {
            let value = beginnings(self.prefix?).find_map(moment)?;
            return Some(Written::nowhere(value));
        };
        let at = Span::of(bytes, self.place(n).as_bytes());
        Some(Written { value, at })
    }

    fn fill_address(&mut self, bytes: &[u8], event: &mut Event) {
        let written = |(value, digits): (i64, &str)| Written {
            value,
            at: Span::of(bytes, digits.as_bytes()),
        };
        let of_role = |field| move |found: &Found<'_>| found.field == field;
        if let Some(n) = self.found.iter().position(of_role(Field::Address)) {
            let found = self.found.remove(n);
            if let Some(address) = address::parse(&found.text) {
                event.ip = Some(Text::from_part(bytes, &address.ip));
                event.port = address.port.map(written);
                // The addresses that follow the client's are kept whole.
                self.placed.extend(found.member.filter(|_| !address.list));
            }
        }
        if event.port.is_none()
            && let Some(n) = self.found.iter().position(of_role(Field::Port))
            && let Some(port) = self
                .found
                .get(n)
                .and_then(|it| address::parse_port(&it.text))
        {
            event.port = Some(written((port, &self.place(n))));
        }
    }
}

/// The text of a string or number that says something.
fn scalar(json: &str) -> Option<Cow<'_, str>> {
    let text = match json.as_bytes().first()? {
        b'"' => member::string(json)?,
        b'-' | b'0'..=b'9' => Cow::Borrowed(json),
        _ => return None,
    };
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    (!cell::is_empty(&text)).then_some(text)
}

/// The beginnings of a prefix that may be a time of day: its first four words, three, two, one.
/// Syslog puts its priority before the time, with a version after it or not.
fn beginnings(prefix: &str) -> impl Iterator<Item = &str> {
    let prioritised = prefix
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'));
    let text = prioritised.map_or(prefix, |(_, rest)| rest.strip_prefix("1 ").unwrap_or(rest));
    let words = text.split_whitespace().take(4);
    let spans = words.filter_map(|word| Span::of(text.as_bytes(), word.as_bytes()));
    let mut ends: Vec<usize> = spans.map(|span| span.range().end).collect();
    ends.reverse();
    let beginnings = ends.into_iter().filter_map(|end| text.get(..end));
    beginnings.filter(|words| words.contains(':'))
}
