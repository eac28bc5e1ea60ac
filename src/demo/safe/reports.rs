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
        let id = hyphenated(uuid(&mut self.rng));
        self.reports.insert(
            id.clone(),
            Report {
                asked_at: now,
                days,
                polls: 0,
                file: None,
            },
        );
        accepted(&id)
    }

    /// Tells whether a report is ready, and gives a new link each time it is.
    pub(super) fn poll(&mut self, call: &Call, now: Timestamp) -> Answer {
        let id = call
            .path
            .strip_prefix("/api/v3/reports/")
            .unwrap_or("")
            .to_owned();
        let Some(report) = self.reports.get_mut(&id).filter(|_| call.query.is_empty()) else {
            return not_found(&id);
        };
        report.polls += 1;
        if report.polls <= self.options.pending_polls {
            return match self.options.pending {
                Pending::NotFound => not_found(&id),
                Pending::Accepted => accepted(&id),
                Pending::NoUrl => Answer::json(
                    200,
                    &json!({"success": true, "message": "Report generation is in progress", "data": {}}),
                ),
            };
        }
        let signature = format!("{:032x}{:032x}", self.rng.u128(..), self.rng.u128(..));
        let seconds = self.options.link_lasts.as_secs();
        let query = format!("X-Amz-Expires={seconds}&X-Amz-Signature={signature}");
        let url = format!("{}{DOWNLOADS}{id}.csv?{query}", self.base);
        let expires = now.after(self.options.link_lasts);
        self.links.insert(
            signature,
            Link {
                report: id,
                expires,
            },
        );
        let message =
            "Please download the report from the provided URL. The link will expire in 5 minutes.";
        Answer::json(
            200,
            &json!({"success": true, "message": message, "data": {"preSignedUrl": url}}),
        )
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
        let Some(report) = self.reports.get_mut(&link.report) else {
            return Answer::xml(404, "NoSuchKey", "The specified key does not exist.");
        };
        let table = self.options.table;
        let write = || {
            table.write(
                &world.safe_visible(report.asked_at, report.days),
                report.asked_at,
            )
        };
        let file = report
            .file
            .get_or_insert_with(|| Bytes::from(write()))
            .clone();
        Answer::new(200, "text/csv", file)
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
    let days = meta
        .and_then(|meta| meta.get("days"))
        .and_then(Value::as_u64);
    let days = days
        .and_then(|days| u32::try_from(days).ok())
        .filter(|days| (1..=365).contains(days));
    days.ok_or("reportMeta must have exactly days, from 1 to 365")
}
