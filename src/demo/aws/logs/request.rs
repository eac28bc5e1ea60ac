//! What a request for log events asks for, and the page that answers it.

use serde_json::{Map, Value, json};

use crate::demo::aws::LOG_GROUP;
use crate::demo::http::Call;
use crate::demo::world::World;
use crate::demo::world::log_events::LogEvent;
use crate::event::Timestamp;

use super::LogsOptions;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    group: String,
    streams: Option<Vec<String>>,
    stream_prefix: Option<String>,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
}

/// Where an event lies in the order of the log group.
pub(super) type Place = (Timestamp, Timestamp, String);

/// Most events on a page (documented).
pub(super) const EVENTS_MAX: usize = 10_000;

/// Most bytes of the messages on a page (documented).
const BYTES_MAX: usize = 1 << 20;

impl Wanted {
    /// Reads a request and its token. Members that the API does not have are refused; so are
    /// filter patterns, which are not simulated.
    pub(super) fn read(call: &Call) -> Result<(Wanted, Option<String>), String> {
        let body: Map<String, Value> =
            serde_json::from_slice(&call.body).map_err(|_| "body is no JSON object")?;
        let mut wanted = Wanted {
            group: String::new(),
            streams: None,
            stream_prefix: None,
            from: Timestamp::from_millis(0),
            to: Timestamp::from_millis(i64::MAX),
            limit: EVENTS_MAX,
        };
        let mut token = None;
        for (name, value) in &body {
            let read = match (name.as_str(), value) {
                ("nextToken", Value::String(text)) => {
                    token = Some(text.clone());
                    Some(())
                }
                _ => wanted.take(name, value),
            };
            read.ok_or_else(|| format!("invalid value for {name}: {value}"))?;
        }
        let both = body.contains_key("logGroupName") == body.contains_key("logGroupIdentifier");
        let streams = wanted.streams.is_some() && wanted.stream_prefix.is_some();
        if both || streams || wanted.from > wanted.to {
            return Err("parameters exclude one another".to_owned());
        }
        Ok((wanted, token))
    }

    fn take(&mut self, name: &str, value: &Value) -> Option<()> {
        match name {
            "logGroupName" | "logGroupIdentifier" => self.group = value.as_str()?.to_owned(),
            "startTime" => self.from = time(value)?,
            "endTime" => self.to = time(value)?,
            "limit" => {
                let limit = usize::try_from(value.as_u64()?).ok()?;
                self.limit = Some(limit).filter(|limit| (1..=EVENTS_MAX).contains(limit))?;
            }
            "logStreamNames" => {
                let names = value
                    .as_array()
                    .filter(|names| (1..=100).contains(&names.len()))?;
                let names = names.iter().map(|name| name.as_str().map(str::to_owned));
                self.streams = Some(names.collect::<Option<_>>()?);
            }
            "logStreamNamePrefix" => self.stream_prefix = Some(value.as_str()?.to_owned()),
            "interleaved" | "unmask" => drop(value.as_bool()?),
            "startFromHead" => drop(value.as_bool().filter(|head| *head)?),
            "filterPattern" => drop(value.as_str().filter(|pattern| pattern.is_empty())?),
            _ => return None,
        }
        Some(())
    }

    /// A name is the group's own; an identifier may be its ARN, whose account is anybody's here.
    pub(super) fn names_group(&self, region: &str) -> bool {
        let arn = self.group.strip_prefix(&format!("arn:aws:logs:{region}:"));
        let of_arn = arn.and_then(|arn| arn.split_once(":log-group:"));
        of_arn.map_or(self.group.as_str(), |(_, name)| name) == LOG_GROUP
    }

    /// Whether a token of the one is good for the other: all but the limit has to be the same.
    pub(super) fn same_walk(&self, other: &Wanted) -> bool {
        let limit = self.limit;
        let other = Wanted {
            limit,
            ..other.clone()
        };
        *self == other
    }

    /// The events of a page in their form, and where the next one begins. Where a page is full,
    /// there is a next one, even if it has nothing to tell.
    pub(super) fn page(
        &self,
        world: &World,
        now: Timestamp,
        options: &LogsOptions,
        after: Option<Place>,
    ) -> (Vec<Value>, Option<Place>) {
        let from = after
            .as_ref()
            .map_or(self.from, |after| after.0.max(self.from));
        let most = self.limit.min(options.page_events.max(1));
        let (mut events, mut bytes, mut last) = (Vec::new(), 0, after);
        for event in world.log_events(from, self.to.min(now), options.noise) {
            let place = (event.time, event.ingested_at, event.event_id.clone());
            let seen = last.as_ref().is_some_and(|last| place <= *last);
            if seen || event.ingested_at > now || !self.shows(&event) {
                continue;
            }
            let message = options.form.line(&event);
            bytes += message.len();
            if bytes > BYTES_MAX {
                return (events, last);
            }
            events.push(written(&event, &message));
            last = Some(place);
            if events.len() == most {
                return (events, last);
            }
        }
        (events, None)
    }

    fn shows(&self, event: &LogEvent<'_>) -> bool {
        let stream = stream(event);
        let named = self.streams.as_ref();
        let named = named.is_none_or(|names| names.iter().any(|name| name == stream));
        let prefix = self.stream_prefix.as_ref();
        named && prefix.is_none_or(|prefix| stream.starts_with(prefix.as_str()))
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value
        .as_i64()
        .filter(|time| *time >= 0)
        .map(Timestamp::from_millis)
}

/// The application has two instances, each with a stream of its own.
fn stream(event: &LogEvent<'_>) -> &'static str {
    match event.event_id.as_bytes().last() {
        Some(b'0'..=b'4') => "safe-api/1",
        _ => "safe-api/2",
    }
}

fn written(event: &LogEvent<'_>, message: &str) -> Value {
    json!({
        "logStreamName": stream(event),
        "timestamp": event.time.millis(),
        "message": message,
        "ingestionTime": event.ingested_at.millis(),
        "eventId": event.event_id,
    })
}
