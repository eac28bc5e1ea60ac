//! What CloudWatch Logs is asked.

use serde_json::{Map, Value, json};

use super::message;
use crate::event::{Period, Timestamp};
use crate::feed::{FeedError, Request, Response};
use crate::kind::{Settings, SettingsError};
use crate::time::minute;

/// Most events a page: the documented maximum.
const PAGE_EVENTS: u64 = 10_000;

/// How far back the test of the credentials looks.
const CHECK_MILLIS: i64 = 3_600_000;

/// Which events are asked for, but for their time.
pub(super) struct Question {
    group: String,
    /// The members of every request's body.
    fixed: Map<String, Value>,
}

impl Question {
    /// What the settings say.
    ///
    /// # Errors
    /// They name no log group.
    pub(super) fn of(settings: &Settings) -> Result<Question, SettingsError> {
        let group = settings.text("log_group")?;
        // A group of another account is named by its ARN (documented).
        let key = if group.starts_with("arn:") {
            "logGroupIdentifier"
        } else {
            "logGroupName"
        };
        let mut fixed = Map::new();
        fixed.insert(key.to_owned(), group.into());
        for (key, setting) in [
            ("logStreamNamePrefix", "stream_prefix"),
            ("filterPattern", "filter"),
        ] {
            if let Ok(text) = settings.text(setting) {
                fixed.insert(key.to_owned(), text.into());
            }
        }
        Ok(Question {
            group: group.to_owned(),
            fixed,
        })
    }

    /// The request for a page of a slice. CloudWatch takes its end as inclusive (documented).
    pub(super) fn request(&self, slice: Period, token: Option<&str>) -> Request {
        let mut body = self.fixed.clone();
        body.insert("startTime".to_owned(), json!(slice.from.millis()));
        body.insert("endTime".to_owned(), json!(slice.to.millis() - 1));
        body.insert("limit".to_owned(), json!(PAGE_EVENTS));
        if let Some(token) = token {
            body.insert("nextToken".to_owned(), token.into());
        }
        request(&body, self.purpose(slice))
    }

    /// What a slice is asked for, for progress and errors.
    pub(super) fn purpose(&self, slice: Period) -> String {
        let (from, to) = (minute(slice.from), minute(slice.to));
        format!("log group {}, {from} to {to}", self.group)
    }
}

/// Asks for one event of the last hour.
///
/// # Errors
/// The settings name no log group.
pub(super) fn check(settings: &Settings, now: Timestamp) -> Result<Request, SettingsError> {
    let Question { group, fixed } = Question::of(settings)?;
    let mut body = fixed;
    body.insert("startTime".to_owned(), json!(now.millis() - CHECK_MILLIS));
    body.insert("limit".to_owned(), json!(1));
    Ok(request(&body, format!("log group {group}")))
}

/// Reads the answer to [`check`].
///
/// # Errors
/// It is none.
pub(super) fn checked(settings: &Settings, answer: Response) -> Result<String, FeedError> {
    let group = settings.text("log_group").unwrap_or_default();
    message::read(answer.body.bytes()?, &format!("log group {group}"))?;
    Ok(format!("log group {group}, readable"))
}

fn request(body: &Map<String, Value>, purpose: String) -> Request {
    Request {
        headers: vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", "Logs_20140328.FilterLogEvents".to_owned()),
        ],
        ..Request::post("/", Value::Object(body.clone()).to_string(), purpose)
    }
}
