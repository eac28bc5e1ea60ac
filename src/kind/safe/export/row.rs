//! One row of an export, as an event.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::plan::Plan;
use crate::event::{Detail, Event, Identity, Span, Text, Timestamp, Written};
use crate::record::alias::Role;
use crate::record::rows::{Cell, Row, Rows};
use crate::record::timestamp;
use crate::record::{address, cell, member};

/// Reads the rows of one page.
pub(super) struct Reader<'a> {
    plan: &'a Plan,
    columns: &'a [String],
    identity_names: &'a [String],
    rows: &'a Rows,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        columns: &'a [String],
        identity_names: &'a [String],
        rows: &'a Rows,
    ) -> Self {
        Reader {
            plan,
            columns,
            identity_names,
            rows,
        }
    }

    /// The event of a row, and whether the zone of its time had to be assumed; or why it is none.
    pub(super) fn event(&self, row: &Row) -> Result<(Event, bool), String> {
        let (time, zone_assumed) = self.time(row)?;
        let mut event = Event::at(time, row.raw, Identity::Content([0; 32]));
        let mut kept = Vec::new();
        self.read_actor(row, &mut event, &mut kept);
        self.read_address(row, &mut event, &mut kept);
        event.action = self.field(row, self.plan.column(Role::Action), &mut kept);
        event.target = self.field(row, self.plan.column(Role::Target), &mut kept);
        event.event_type = self.field(row, self.plan.event_type, &mut kept);
        for cell in self.rows.cells(row) {
            if self.plan.is_detail(cell.column) || kept.contains(&cell.column) {
                event.details.extend(self.detail(cell));
            }
        }
        event.identity = self.identity(row, &event);
        Ok((event, zone_assumed))
    }

    fn time(&self, row: &Row) -> Result<(Written<Timestamp>, bool), String> {
        let date = self
            .value(row, self.plan.column(Role::Time))
            .ok_or("no timestamp")?;
        let text = match self.plan.clock {
            Some(clock) => {
                let clock = self.value(row, Some(clock)).ok_or("no time of day")?;
                Cow::Owned(format!("{date} {clock}"))
            }
            None => Cow::Borrowed(date),
        };
        let moment =
            timestamp::parse(&text, self.plan.day_order).map_err(|error| error.to_string())?;
        let at = Span::of(&self.rows.bytes, text.as_bytes());
        Ok((
            Written {
                value: moment.time,
                at,
            },
            moment.zone_assumed,
        ))
    }

    /// The user's id, else the name; a name beside an id becomes a detail, as it can change.
    fn read_actor(&self, row: &Row, event: &mut Event, kept: &mut Vec<usize>) {
        let name_column = self.plan.column(Role::UserName);
        event.actor = self.field(row, self.plan.column(Role::UserId), kept);
        if event.actor.is_none() {
            event.actor = self.field(row, name_column, kept);
        } else {
            kept.extend(name_column);
        }
    }

    fn read_address(&self, row: &Row, event: &mut Event, kept: &mut Vec<usize>) {
        let column = self.plan.column(Role::Address);
        if let Some(address) = self.value(row, column).and_then(address::parse) {
            event.ip = Some(self.text(&address.ip));
            event.port = address
                .port
                .map(|(port, digits)| self.written(port, digits));
            // The addresses that follow the client's are kept whole.
            kept.extend(column.filter(|_| address.list));
        }
        let column = self.plan.column(Role::Port);
        let Some(digits) = self.value(row, column) else {
            return;
        };
        match address::parse_port(digits) {
            Some(port) => event.port = Some(self.written(port, digits)),
            None => kept.extend(column),
        }
    }

    /// The text of a cell for a field of the event. What is a list or an object is no text: it is
    /// kept as a detail.
    fn field(&self, row: &Row, column: Option<usize>, kept: &mut Vec<usize>) -> Option<Text> {
        let text = self.value(row, column)?;
        let json = self.cell(row, column?).and_then(|cell| cell.json.as_ref());
        if json.is_some_and(|json| json.within(&self.rows.bytes).starts_with(['{', '['])) {
            kept.extend(column);
            return None;
        }
        Some(self.text(text))
    }

    fn detail(&self, cell: &Cell) -> Option<Detail> {
        let text = self.rows.text(cell);
        if text.trim().is_empty() {
            return None;
        }
        let json = cell
            .json
            .clone()
            .unwrap_or_else(|| Text::from(member::quoted(text)));
        let name = self.columns.get(cell.column)?;
        Some(Detail {
            name: Text::from(name.as_str()),
            json,
        })
    }

    /// The vendor's id, else a hash of what the row says. A user's name does not count where the
    /// user's id does, for people are renamed.
    fn identity(&self, row: &Row, event: &Event) -> Identity {
        if let Some(id) = self.value(row, self.plan.column(Role::EventId)) {
            return Identity::Vendor(self.text(id));
        }
        let bytes = &self.rows.bytes;
        let mut said = vec![("time", Cow::Owned(event.time.value.millis().to_string()))];
        let fields = [
            ("action", &event.action),
            ("actor", &event.actor),
            ("ip", &event.ip),
            ("target", &event.target),
            ("event_type", &event.event_type),
        ];
        said.extend(
            fields
                .iter()
                .filter_map(|(name, text)| Some((*name, text.as_ref()?.within(bytes).into()))),
        );
        said.extend(
            event
                .port
                .map(|port| ("port", Cow::Owned(port.value.to_string()))),
        );
        for cell in self
            .rows
            .cells(row)
            .iter()
            .filter(|cell| self.plan.is_detail(cell.column))
        {
            let (name, text) = (self.columns.get(cell.column), self.rows.text(cell));
            let counts =
                name.filter(|name| !text.trim().is_empty() && self.identity_names.contains(name));
            said.extend(counts.map(|name| (name.as_str(), Cow::Borrowed(text))));
        }
        Identity::Content(hash(said))
    }

    /// What a cell says, without a spreadsheet's guard; none where it says nothing.
    fn value(&self, row: &Row, column: Option<usize>) -> Option<&'a str> {
        let text = cell::value(self.rows.value(row, column?)?);
        (!cell::is_empty(text)).then_some(text)
    }

    fn cell(&self, row: &Row, column: usize) -> Option<&'a Cell> {
        self.rows
            .cells(row)
            .iter()
            .find(|cell| cell.column == column)
    }

    fn text(&self, part: &str) -> Text {
        Text::from_part(&self.rows.bytes, part)
    }

    fn written(&self, value: i64, digits: &str) -> Written<i64> {
        Written {
            value,
            at: Span::of(&self.rows.bytes, digits.as_bytes()),
        }
    }
}

/// SHA-256 over names and values, sorted, each with its length before it, so that no two rows
/// that say different things are run together.
fn hash(mut said: Vec<(&str, Cow<'_, str>)>) -> [u8; 32] {
    said.sort();
    let mut hash = Sha256::new();
    for text in said.iter().flat_map(|(name, value)| [*name, &**value]) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}
