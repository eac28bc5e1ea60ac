//! One audit record of SendSafely, as an event.
//!
//! The standard fields are documented ("Audit Log API"); of `LogDetails` only `packageOwner` is,
//! so that its members are matched by plausible names, and whatever is left goes to the details.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::event::{Detail, Event, Identity, Span, Text, Timestamp, Written};
use crate::record::timestamp::{self, DayOrder};
use crate::record::{COLUMNS_MAX, address, cell, member};

/// Reads one record. `bytes` are those of the page that `json` is a part of.
///
/// # Errors
/// Why it is no event, as a fragment.
pub(super) fn read(bytes: &[u8], json: &str, raw: Span) -> Result<Event, String> {
    let mut entry = Entry {
        bytes,
        id: None,
        time: None,
        log_details: None,
        event: blank(raw),
    };
    member::members(json, |name, value| entry.take(&name, value))
        .map_err(|error| member::fault(&error))?;
    if entry.event.details.len() > COLUMNS_MAX {
        return Err(format!("more than {COLUMNS_MAX} members"));
    }
    entry.finish(json)
}

/// A record, being read.
struct Entry<'a> {
    bytes: &'a [u8],
    id: Option<Cow<'a, str>>,
    time: Option<&'a str>,
    log_details: Option<&'a str>,
    event: Event,
}

impl<'a> Entry<'a> {
    /// Takes a member of the record itself.
    fn take(&mut self, name: &str, raw: &'a str) {
        match Field::of(name) {
            Some(Field::EventId) if self.id.is_none() => {
                self.id = member::text(raw).filter(|id| !cell::is_empty(id));
            }
            Some(Field::Time) if self.time.is_none() => self.time = Some(raw),
            Some(Field::LogDetails) if self.log_details.is_none() => self.log_details = Some(raw),
            Some(field) if self.set(field, raw) => {}
            _ => self.keep(name, raw),
        }
    }

    fn finish(mut self, json: &str) -> Result<Event, String> {
        self.event.time = written_time(self.bytes, self.time.ok_or("no timestamp")?)?;
        if let Some(log_details) = self.log_details {
            self.take_log_details(log_details);
        }
        if let Some(package) = &self.event.package {
            self.event.target = Some(package.clone());
        }
        self.event.identity = match self.id {
            Some(id) => Identity::Vendor(Text::from_part(self.bytes, &id)),
            None => Identity::Content(content(json)),
        };
        Ok(self.event)
    }

    /// Takes the members of `LogDetails`: an object, or a string that holds one.
    fn take_log_details(&mut self, raw: &str) {
        if raw == "null" {
            return;
        }
        let object = member::string(raw).unwrap_or(Cow::Borrowed(raw));
        let outer = self.event.details.len();
        let mut target = None;
        let read = member::members(&object, |name, value| {
            let taken = match Field::of(&name) {
                Some(field) if field.is_of_package() => self.set(field, value),
                Some(Field::Target) if self.event.target.is_none() && target.is_none() => {
                    target = self
                        .text(value)
                        .map(|text| (name.clone().into_owned(), value, text));
                    target.is_some()
                }
                _ => false,
            };
            if !taken {
                self.keep_inner(&name, value, outer);
            }
        });
        if read.is_err() {
            self.keep("LogDetails", raw);
        }
        // Where there is a package, that is the target, and the person stays a detail.
        match target {
            Some((name, value, _)) if self.event.package.is_some() => {
                self.keep_inner(&name, value, outer);
            }
            Some((_, _, text)) => self.event.target = Some(text),
            None => {}
        }
    }

    /// Puts a value into its field of the event; false where that is taken or cannot hold it.
    fn set(&mut self, field: Field, raw: &str) -> bool {
        match field {
            Field::EventId | Field::Time | Field::LogDetails | Field::Target => return false,
            _ if raw == "null" => return true,
            _ if raw.starts_with(['{', '[']) => return false,
            Field::FileSize => return self.set_size(raw),
            Field::Address => return self.set_address(raw),
            _ => {}
        }
        let text = self.text(raw);
        match place(&mut self.event, field) {
            Some(place) if place.is_none() => *place = text,
            _ => return false,
        }
        true
    }

    /// A number of bytes, as a number or a string of digits.
    fn set_size(&mut self, raw: &str) -> bool {
        let text = member::text(raw).unwrap_or_default();
        let Some(value) = text.parse().ok().filter(|_| self.event.file_size.is_none()) else {
            return false;
        };
        self.event.file_size = Some(Written {
            value,
            at: Span::of(self.bytes, text.as_bytes()),
        });
        true
    }

    fn set_address(&mut self, raw: &str) -> bool {
        if self.event.ip.is_some() {
            return false;
        }
        let text = member::text(raw).unwrap_or_default();
        let Some(address) = address::parse(&text) else {
            return true;
        };
        self.event.ip = Some(Text::from_part(self.bytes, &address.ip));
        self.event.port = address.port.map(|(value, digits)| Written {
            value,
            at: Span::of(self.bytes, digits.as_bytes()),
        });
        // The addresses that follow the client's are kept whole.
        !address.list
    }

    fn text(&self, raw: &str) -> Option<Text> {
        let text = member::text(raw).filter(|text| !text.is_empty())?;
        Some(Text::from_part(self.bytes, &text))
    }

    fn keep(&mut self, name: &str, raw: &str) {
        let detail = Detail {
            name: Text::from_part(self.bytes, name),
            json: Text::from_part(self.bytes, raw),
        };
        self.event.details.push(detail);
    }

    /// Keeps a member of `LogDetails`, under a longer name where the record has one of that name.
    fn keep_inner(&mut self, name: &str, raw: &str, outer: usize) {
        let taken = |detail: &Detail| detail.name.within(self.bytes) == name;
        if self.event.details.iter().take(outer).any(taken) {
            self.keep(&format!("LogDetails.{name}"), raw);
        } else {
            self.keep(name, raw);
        }
    }
}

/// The place of a field that is text.
fn place(event: &mut Event, field: Field) -> Option<&mut Option<Text>> {
    Some(match field {
        Field::EventType => &mut event.event_type,
        Field::Action => &mut event.action,
        Field::Actor => &mut event.actor,
        Field::OnBehalfOf => &mut event.on_behalf_of,
        Field::Package => &mut event.package,
        Field::PackageType => &mut event.package_type,
        Field::PackageOwner => &mut event.package_owner,
        Field::FileName => &mut event.file_name,
        _ => return None,
    })
}

/// A hash of what the record says, whatever the order and spacing of its members.
fn content(json: &str) -> [u8; 32] {
    let mut said: Vec<(String, String)> = Vec::new();
    // The record was read before, so that it is an object.
    let _read = member::members(json, |name, raw| {
        let value = serde_json::from_str::<serde_json::Value>(raw);
        said.push((
            name.into_owned(),
            value.map_or_else(|_| raw.to_owned(), |value| value.to_string()),
        ));
    });
    said.sort();
    let mut hash = Sha256::new();
    for text in said.iter().flat_map(|(name, value)| [name, value]) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

fn blank(raw: Span) -> Event {
    let nowhere = Written::nowhere(Timestamp::from_millis(0));
    Event::at(nowhere, raw, Identity::Content([0; 32]))
}

fn written_time(bytes: &[u8], raw: &str) -> Result<Written<Timestamp>, String> {
    let text = member::text(raw)
        .filter(|text| !cell::is_empty(text))
        .ok_or("no timestamp")?;
    let moment = timestamp::parse(&text, DayOrder::Auto).map_err(|error| error.to_string())?;
    Ok(Written {
        value: moment.time,
        at: Span::of(bytes, text.as_bytes()),
    })
}

/// What a member means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    EventId,
    Time,
    EventType,
    Action,
    Address,
    Actor,
    OnBehalfOf,
    LogDetails,
    Package,
    PackageType,
    PackageOwner,
    FileName,
    FileSize,
    Target,
}

impl Field {
    /// By name, whatever its letter case and underscores. Nearly all are written as here.
    fn of(name: &str) -> Option<Field> {
        let exact = NAMES.iter().find(|(known, _)| *known == name);
        exact
            .or_else(|| NAMES.iter().find(|(known, _)| is_alike(name, known)))
            .map(|(_, field)| *field)
    }

    fn is_of_package(self) -> bool {
        use Field::{FileName, FileSize, Package, PackageOwner, PackageType};
        matches!(
            self,
            Package | PackageType | PackageOwner | FileName | FileSize
        )
    }
}

/// Most names differ in their first letter: that is looked at before all others.
fn is_alike(name: &str, known: &str) -> bool {
    let first = |text: &str| text.as_bytes().first().map(u8::to_ascii_lowercase);
    if name.len() < known.len() || first(name) != first(known) {
        return false;
    }
    let letters = name
        .bytes()
        .filter(|byte| *byte != b'_')
        .map(|byte| byte.to_ascii_lowercase());
    letters.eq(known.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// The standard fields as documented, then members of `LogDetails` as they may be called.
const NAMES: [(&str, Field); 25] = [
    ("eventId", Field::EventId),
    ("timestamp", Field::Time),
    ("eventType", Field::EventType),
    ("action", Field::Action),
    ("ipAddress", Field::Address),
    ("authenticatedUser", Field::Actor),
    ("impersonatedUser", Field::OnBehalfOf),
    ("LogDetails", Field::LogDetails),
    ("packageOwner", Field::PackageOwner),
    ("packageId", Field::Package),
    ("packageCode", Field::Package),
    ("packageType", Field::PackageType),
    ("packageOwnerEmail", Field::PackageOwner),
    ("fileName", Field::FileName),
    ("fileSize", Field::FileSize),
    ("fileSizeBytes", Field::FileSize),
    ("targetUser", Field::Target),
    ("targetUserEmail", Field::Target),
    ("targetEmail", Field::Target),
    ("target", Field::Target),
    ("userEmail", Field::Target),
    ("email", Field::Target),
    ("user", Field::Target),
    ("userName", Field::Target),
    ("affectedUser", Field::Target),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_too_many_members_is_none() {
        for (count, is_read) in [(COLUMNS_MAX, true), (COLUMNS_MAX + 1, false)] {
            let members: String = (0..count).map(|n| format!(",\"m{n}\":1")).collect();
            let json = format!("{{\"timestamp\":\"2026-09-01T00:00:00Z\"{members}}}");
            let read = read(json.as_bytes(), &json, Span::new(0, json.len()));
            assert_eq!(read.is_ok(), is_read, "{count}: {:?}", read.err());
        }
    }
}
