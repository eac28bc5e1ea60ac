//! Audit reports: asked for, waited for, downloaded from a link that does not last.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::demo::http::{Answer, Call};
use crate::demo::world::World;
use crate::demo::world::people::{hyphenated, uuid};
use crate::event::Timestamp;

use super::{Pending, Safe, bad_request};

/// Where downloads lie. The real links lead to a storage on another host.
pub(super) const DOWNLOADS: &str = "/safe-reports/";

/// A report that was asked for.
#[derive(Debug)]
pub(super) struct Report {
    asked_at: Timestamp,
    days: u32,
    polls: u32,
    /// The file, once somebody downloads it.
    file: Option<Bytes>,
}

/// A link to a report, known by its signature.
#[derive(Debug)]
pub(super) struct Link {
    report: String,
    expires: Timestamp,
}

impl Safe {
    /// Takes in a request for a report.
    pub(super) fn ask(&mut self, call: &Call, now: Timestamp) -> Answer {
        let days = match days(call) {
            Ok(days) => days,
            Err(why) => return bad_request(why),
        };
        let id = self.queue(days, now);
        accepted(&id)
    }

    /// Queues a report of so many days; its id.
    pub(super) fn queue(&mut self, days: u32, now: Timestamp) -> String {
        let id = hyphenated(uuid(&mut self.rng));
        let report = Report {
            asked_at: now,
            days,
            polls: 0,
            file: None,
        };
        self.reports.insert(id.clone(), report);
        id
    }

    /// Tells whether a report is ready, and gives a new link each time it is.
    pub(super) fn poll(&mut self, call: &Call, now: Timestamp) -> Answer {
        let id = call
            .path
            .strip_prefix("/api/v3/reports/")
            .unwrap_or("")
            .to_owned();
        if let Some(pending) = self.pending(&id, call) {
            return pending;
        }
        let url = self.link(id, now);
        let message =
            "Please download the report from the provided URL. The link will expire in 5 minutes.";
        Answer::json(
            200,
            &json!({"success": true, "message": message, "data": {"preSignedUrl": url}}),
        )
    }

    /// What a report answers that is not there, or not ready yet.
    pub(super) fn pending(&mut self, id: &str, call: &Call) -> Option<Answer> {
        let report = self.reports.get_mut(id);
        let Some(report) = report.filter(|_| call.query.is_empty()) else {
            return Some(not_found(id));
        };
        report.polls += 1;
        if report.polls > self.options.pending_polls {
            return None;
        }
        Some(match self.options.pending {
            Pending::NotFound => not_found(id),
            Pending::Accepted => accepted(id),
            Pending::NoUrl => Answer::json(
                200,
                &json!({"success": true, "message": "Report generation is in progress", "data": {}}),
            ),
        })
    }

    /// A new link to a report.
    pub(super) fn link(&mut self, id: String, now: Timestamp) -> String {
        let signature = format!("{:032x}{:032x}", self.rng.u128(..), self.rng.u128(..));
        let seconds = self.options.link_lasts.as_secs();
        let query = format!("X-Amz-Expires={seconds}&X-Amz-Signature={signature}");
        let url = format!("{}{DOWNLOADS}{id}.csv?{query}", self.base);
        let link = Link {
            report: id,
            expires: now.after(self.options.link_lasts),
        };
        self.links.insert(signature, link);
        url
    }

    /// Answers as the storage does: the link alone proves who asks, and for a GET only.
    pub(super) fn download(&mut self, call: &Call, world: &World, now: Timestamp) -> Answer {
        if call.headers.contains_key("authorization") {
            let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, \
                           Signature query string parameter or the Authorization header should be specified";
            return Answer::xml(400, "InvalidArgument", message);
        }
        let link = signature(call).and_then(|signature| self.links.get(&signature));
        let path = |link: &&Link| call.path == format!("{DOWNLOADS}{}.csv", link.report);
        let Some(link) = link.filter(path).filter(|_| call.method == "GET") else {
            let message =
                "The request signature we calculated does not match the signature you provided.";
            return Answer::xml(403, "SignatureDoesNotMatch", message);
        };
        if now >= link.expires {
            return Answer::xml(403, "AccessDenied", "Request has expired");
        }
        let id = link.report.clone();
        match self.file(&id, world) {
            Some(file) => Answer::new(200, "text/csv", file),
            None => Answer::xml(404, "NoSuchKey", "The specified key does not exist."),
        }
    }

    /// The file of a report: what was visible when it was asked for.
    pub(super) fn file(&mut self, id: &str, world: &World) -> Option<Bytes> {
        let (table, report) = (self.options.table, self.reports.get_mut(id)?);
        let (asked_at, days) = (report.asked_at, report.days);
        let write = || Bytes::from(table.write(&world.safe_visible(asked_at, days), asked_at));
        Some(report.file.get_or_insert_with(write).clone())
    }

    /// The same rows as JSON.
    pub(super) fn rows(&self, id: &str, world: &World) -> Option<Value> {
        let (table, report) = (self.options.table, self.reports.get(id)?);
        let rows = world.safe_visible(report.asked_at, report.days);
        Some(table.json(&rows, report.asked_at))
    }

    /// Lets the link of a download expire on the spot.
    pub(in crate::demo) fn expire(&mut self, call: &Call, now: Timestamp) {
        if let Some(link) = signature(call).and_then(|signature| self.links.get_mut(&signature)) {
            link.expires = now;
        }
    }
}

fn signature(call: &Call) -> Option<String> {
    let mut parameters = call.parameters().into_iter();
    parameters
        .find(|(name, _)| name == "X-Amz-Signature")
        .map(|(_, value)| value)
}

fn accepted(id: &str) -> Answer {
    let message = "Report generation request is queued and will be processed shortly";
    Answer::json(
        202,
        &json!({"success": true, "message": message, "data": {"uuid": id}}),
    )
}

fn not_found(id: &str) -> Answer {
    bad_request(&format!("Report not found for report id:{id}"))
}

/// The days of a request that is just as documented. The largest number of days is the one that
/// the application offers; the API's is unknown.
fn days(call: &Call) -> Result<u32, &'static str> {
    if !call.is_json() || !call.query.is_empty() {
        return Err("content type must be application/json");
    }
    let body: Value = serde_json::from_slice(&call.body).map_err(|_| "body is not JSON")?;
    let body = body.as_object().ok_or("body is not an object")?;
    let is = |name: &str, word: &str| body.get(name).and_then(Value::as_str) == Some(word);
    if body.len() != 3 || !is("type", "AUDIT_LOGS") || !is("format", "csv") {
        return Err("body must have exactly type, format and reportMeta");
    }
    let meta = body
        .get("reportMeta")
        .and_then(Value::as_object)
        .filter(|meta| meta.len() == 1);
    let days = meta.and_then(|meta| meta.get("days")).and_then(allowed);
    days.ok_or("reportMeta must have exactly days, from 1 to 365")
}

/// So many days as one may ask for.
pub(super) fn allowed(days: &Value) -> Option<u32> {
    let days = days.as_u64().and_then(|days| u32::try_from(days).ok());
    days.filter(|days| (1..=365).contains(days))
}
