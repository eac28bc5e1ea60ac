//! The audit log, a page at a time.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value, json};

use crate::demo::http::{Answer, Call};
use crate::demo::world::transfers::SendSafelyEvent;
use crate::demo::world::{SENDSAFELY_DAYS, World};
use crate::event::Timestamp;

use super::{Order, SendSafelyOptions, refused};

/// Answers for one page: the entries within the window that pass the filters.
pub(super) fn page(
    call: &Call,
    world: &World,
    now: Timestamp,
    options: &SendSafelyOptions,
) -> Answer {
    let wanted = match Wanted::read(call) {
        Ok(wanted) => wanted,
        Err(why) => return refused("INVALID_INPUT", &why),
    };
    let entries = wanted.window(world, now, options);
    let shown = entries
        .iter()
        .filter(|entry| entry.visible_at <= now && wanted.passes(entry));
    // One more than fits, to see whether there is another page.
    let rows: Vec<&SendSafelyEvent> = match options.order {
        Order::NewestFirst => shown.rev().skip(wanted.row).take(wanted.size + 1).collect(),
        Order::OldestFirst => shown.skip(wanted.row).take(wanted.size + 1).collect(),
    };
    let cap = options
        .row_cap
        .unwrap_or(usize::MAX)
        .saturating_sub(wanted.row);
    let returned = rows.len().min(wanted.size).min(cap);
    let pagination = Pagination {
        row: wanted.row,
        returned,
        more: rows.len() > returned && cap > returned,
        capped: rows.len() > returned && cap <= returned,
    };
    write(
        rows.get(..returned).unwrap_or_default(),
        &pagination,
        options,
    )
}

struct Wanted {
    filters: Vec<(String, String)>,
    min: Option<Timestamp>,
    max: Option<Timestamp>,
    size: usize,
    row: usize,
}

struct Pagination {
    row: usize,
    returned: usize,
    more: bool,
    capped: bool,
}

/// Page size where a request names none; the real one is unknown.
const SIZE_DEFAULT: usize = 25;

/// The types that can be asked for: those of the official sample, and those of the article.
const EVENT_TYPES: &[&str] = &[
    "",
    "PACKAGE_FILE_DOWNLOAD",
    "FINALIZE_PACKAGE",
    "WORKSPACE_UPLOAD",
    "WORKSPACE_DOWNLOAD",
    "PACKAGE_EVENT",
    "ADMIN_EVENT",
    "USER_EVENT",
];

impl Wanted {
    fn read(call: &Call) -> Result<Wanted, String> {
        if !call.is_json() {
            return Err("content-type must be application/json".to_owned());
        }
        let body: Value =
            serde_json::from_slice(&call.body).map_err(|_| "body is not JSON".to_owned())?;
        let body = body.as_object().ok_or("body is not an object")?;
        let mut wanted = Wanted {
            filters: Vec::new(),
            min: None,
            max: None,
            size: SIZE_DEFAULT,
            row: 0,
        };
        for (name, value) in body {
            wanted
                .take(name, value)
                .ok_or_else(|| format!("invalid value for {name}: {value}"))?;
        }
        Ok(wanted)
    }

    /// Takes in one member of the body; none where it is unknown or its value is not allowed.
    fn take(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "pageSize" => self.size = number(value).filter(|size| (1..=100).contains(size))?,
            "rowIndex" => self.row = number(value)?,
            "minTimestamp" => self.min = moment(value.as_str()?)?,
            "maxTimestamp" => self.max = moment(value.as_str()?)?,
            "eventType" | "ipAddress" | "authenticatedUser" | "impersonatedUser"
            | "packageOwner" => {
                let text = value.as_str()?;
                if name == "eventType" && !EVENT_TYPES.contains(&text) {
                    return None;
                }
                // The official sample sends the empty string for no filter.
                if !text.is_empty() {
                    self.filters.push((name.to_owned(), text.to_owned()));
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// The stretch of the log that lies between the moments asked for and within 90 days.
    fn window<'a>(
        &self,
        world: &'a World,
        now: Timestamp,
        options: &SendSafelyOptions,
    ) -> &'a [SendSafelyEvent] {
        let inward = i64::from(options.bounds_excluded);
        let oldest = now.plus_millis(-i64::from(SENDSAFELY_DAYS) * 86_400_000);
        let from = self
            .min
            .map_or(oldest, |min| min.plus_millis(inward).max(oldest));
        let to = self
            .max
            .map_or(now, |max| max.plus_millis(-inward).min(now));
        world.sendsafely_between(from, to)
    }

    fn passes(&self, event: &SendSafelyEvent) -> bool {
        self.filters
            .iter()
            .all(|(name, wanted)| match name.as_str() {
                "eventType" => event.event_type == wanted || event.action == wanted,
                "ipAddress" => *event.ip == **wanted,
                "authenticatedUser" => event.authenticated_user.eq_ignore_ascii_case(wanted),
                "impersonatedUser" => event
                    .impersonated_user
                    .as_ref()
                    .is_some_and(|u| u.eq_ignore_ascii_case(wanted)),
                _ => event
                    .detail("packageOwner")
                    .is_some_and(|owner| owner.eq_ignore_ascii_case(wanted)),
            })
    }
}

fn number(value: &Value) -> Option<usize> {
    value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
}

/// Reads one of the two forms that are documented; empty means none. Their zone is not
/// documented; here it is UTC.
fn moment(text: &str) -> Option<Option<Timestamp>> {
    if text.is_empty() {
        return Some(None);
    }
    let second = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .ok()
        .filter(|_| text.len() == 19);
    let day = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|_| text.len() == 10)
    };
    let moment = second.or_else(|| day()?.and_hms_opt(0, 0, 0))?;
    Some(Some(moment.and_utc().into()))
}

fn write(
    rows: &[&SendSafelyEvent],
    pagination: &Pagination,
    options: &SendSafelyOptions,
) -> Answer {
    let mut body = Vec::with_capacity(rows.len() * 512 + 256);
    body.extend_from_slice(
        format!("{{\"response\":\"SUCCESS\",\"{}\":[", options.list_name).as_bytes(),
    );
    for (n, row) in rows.iter().enumerate() {
        if n > 0 {
            body.push(b',');
        }
        options.entry.write(row, &mut body);
    }
    let pagination = pagination.json(options.pagination_as_text);
    body.extend_from_slice(format!("],\"pagination\":{pagination}}}").as_bytes());
    Answer::new(200, "application/json", body)
}

impl Pagination {
    /// `nextRowIndex` is there only if there is more (documented), `rowsCapped` only if there is
    /// more that cannot be had (in official code).
    fn json(&self, as_text: bool) -> Value {
        let mut members = Map::new();
        members.insert("rowIndex".to_owned(), json!(self.row));
        members.insert("rowsReturned".to_owned(), json!(self.returned));
        if self.more {
            members.insert(
                "nextRowIndex".to_owned(),
                json!(self.row.saturating_add(self.returned)),
            );
        }
        if self.capped {
            members.insert("rowsCapped".to_owned(), json!(true));
        }
        if as_text {
            members
                .values_mut()
                .for_each(|value| *value = Value::String(value.to_string()));
        }
        Value::Object(members)
    }
}
