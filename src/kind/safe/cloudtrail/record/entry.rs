//! One record of CloudTrail, as an event.
//!
//! Which members a record has is documented (AWS, "CloudTrail record contents"); new ones may be
//! added at any time. Five become columns; all others are details, and so is every member that
//! only a part of became a column.

use std::borrow::Cow;

use crate::event::{Detail, Event, Identity, Span, Text, Timestamp, Written};
use crate::record::timestamp::{self, DayOrder};
use crate::record::{COLUMNS_MAX, address, member};

/// Reads one record. `bytes` are those of the page that `json` is a part of.
///
/// # Errors
/// Why it is no event, as a fragment.
pub(super) fn read(bytes: &[u8], json: &str, raw: Span) -> Result<Event, String> {
    let nowhere = Written::nowhere(Timestamp::from_millis(0));
    let mut entry = Entry {
        bytes,
        id: None,
        time: None,
        service: None,
        event: Event::at(nowhere, raw, Identity::Content([0; 32])),
    };
    member::members(json, |name, value| entry.take(&name, value))
        .map_err(|error| member::fault(&error))?;
    if entry.event.details.len() > COLUMNS_MAX {
        return Err(format!("more than {COLUMNS_MAX} members"));
    }
    entry.finish()
}

/// A record, being read.
struct Entry<'a> {
    bytes: &'a [u8],
    id: Option<Text>,
    time: Option<Cow<'a, str>>,
    service: Option<Text>,
    event: Event,
}

impl<'a> Entry<'a> {
    fn take(&mut self, name: &str, raw: &'a str) {
        let text = self.text(raw);
        let taken = match name {
            "eventID" => put(&mut self.id, text),
            "eventTime" => put(&mut self.time, scalar(raw)),
            "eventType" => put(&mut self.event.event_type, text),
            "eventName" => put(&mut self.event.action, text),
            "sourceIPAddress" => self.take_address(raw),
            _ => self.look_into(name, raw),
        };
        if !taken {
            self.event.details.push(Detail {
                name: Text::from_part(self.bytes, name),
                json: Text::from_part(self.bytes, raw),
            });
        }
    }

    /// What was done is done to the first resource that is named by an ARN; where none is, to the
    /// service (`signin.amazonaws.com`), which every record names.
    fn finish(mut self) -> Result<Event, String> {
        self.event.identity = Identity::Vendor(self.id.ok_or("no eventID")?);
        let time = self.time.ok_or("no eventTime")?;
        let moment = timestamp::parse(&time, DayOrder::Auto).map_err(|error| error.to_string())?;
        self.event.time = Written {
            value: moment.time,
            at: Span::of(self.bytes, time.as_bytes()),
        };
        self.event.target = self.event.target.or(self.service);
        Ok(self.event)
    }

    /// Takes a part of a member that stays a detail: always false.
    fn look_into(&mut self, name: &str, raw: &'a str) -> bool {
        match name {
            "userIdentity" => self.look_for_actor(raw),
            "resources" => self.look_for_resource(raw),
            "eventSource" => self.service = self.text(raw),
            _ => {}
        }
        false
    }

    /// Who it was, by the first of [`ACTOR_NAMES`] that says something.
    ///
    /// A session of an assumed role is its own ARN, which holds the role and the session's name:
    /// the role alone, `sessionContext.sessionIssuer`, is shared by all who assume it. It is not
    /// whom they act on behalf of either. That is the user of the identity centre, where one is
    /// named (`onBehalfOf`, documented).
    fn look_for_actor(&mut self, raw: &'a str) {
        let mut best: Option<(usize, &str)> = None;
        // What is no object names nobody, and stays a detail all the same.
        let _read = member::members(raw, |name, value| {
            if name == "onBehalfOf" {
                self.event.on_behalf_of = self.member_of(value, "userId");
            }
            let rank = ACTOR_NAMES.iter().position(|known| *known == name);
            let rank = rank.filter(|_| scalar(value).is_some());
            let is_better = |rank: &usize| best.is_none_or(|(least, _)| *rank < least);
            best = rank.filter(is_better).map(|rank| (rank, value)).or(best);
        });
        self.event.actor = best.and_then(|(_, value)| self.text(value));
    }

    fn look_for_resource(&mut self, raw: &'a str) {
        let mut target = None;
        // As above: what is no list names no resource.
        let _read = member::elements(raw, |resource| {
            if target.is_none() {
                target = self.member_of(resource, "ARN");
            }
        });
        self.event.target = target;
    }

    /// The address, or what stands in its place: AWS names services that act for somebody by their
    /// DNS name, and itself as `AWS Internal` (documented).
    fn take_address(&mut self, raw: &'a str) -> bool {
        let text = scalar(raw).unwrap_or_default();
        let Some(address) = address::parse(&text).filter(|_| self.event.ip.is_none()) else {
            return false;
        };
        self.event.ip = Some(Text::from_part(self.bytes, &address.ip));
        // What does not go into the column is kept whole.
        !address.list && address.port.is_none()
    }

    /// The text of the member of that name in an object.
    fn member_of(&self, object: &str, wanted: &str) -> Option<Text> {
        let mut found = None;
        // What is no object has no such member.
        let _read = member::members(object, |name, value| {
            if name == wanted {
                found = self.text(value);
            }
        });
        found
    }

    fn text(&self, raw: &str) -> Option<Text> {
        Some(Text::from_part(self.bytes, &scalar(raw)?))
    }
}

/// Members of `userIdentity` that say who it was, first the one that says it best (AWS,
/// "CloudTrail userIdentity element"). `arn` names user, role session or root with the account.
/// Identities from elsewhere have a name and no ARN, accounts only a `principalId`, services only
/// `invokedBy`. `type` is always there, and tells at least what sort of identity it was.
const ACTOR_NAMES: [&str; 5] = ["arn", "userName", "principalId", "invokedBy", "type"];

/// Puts a value where none is yet; whether it is there now.
fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    if place.is_some() || value.is_none() {
        return false;
    }
    *place = value;
    true
}

/// The text of a value that is neither list, object nor null, and says something.
fn scalar(raw: &str) -> Option<Cow<'_, str>> {
    let text = match raw.as_bytes().first()? {
        b'{' | b'[' => None,
        b'"' => member::string(raw),
        _ => member::text(raw),
    };
    text.filter(|text| !text.trim().is_empty())
}
