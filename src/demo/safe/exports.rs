//! `/api/v3/audit-logs/export`: the second way to the audit report. Documented in prose alone, so
//! every plausible form of its answers can be had.

use serde_json::{Value, json};

use crate::demo::http::{Answer, Call};
use crate::demo::world::World;
use crate::event::Timestamp;

use super::{Safe, bad_request, reports};

/// The form of its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportForm {
    /// Where the id of an export is told.
    pub asked: AskedForm,
    /// How an export is had that is ready.
    pub ready: ReadyForm,
}

/// Where the id of an export is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedForm {
    /// `data.uuid`, as with reports.
    DataUuid,
    /// `uuid`.
    Uuid,
    /// `data.id`.
    DataId,
}

/// How an export is had that is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadyForm {
    /// From the link in `data.preSignedUrl`, as with reports.
    DataPreSignedUrl,
    /// From the link in `preSignedUrl`.
    PreSignedUrl,
    /// From the link in `data.url`.
    DataUrl,
    /// The body is the file.
    Csv,
    /// The body is an array of the file's rows.
    Rows,
}

impl Default for ExportForm {
    fn default() -> ExportForm {
        ExportForm {
            asked: AskedForm::DataUuid,
            ready: ReadyForm::DataPreSignedUrl,
        }
    }
}

/// Where exports are asked for.
pub(super) const PATH: &str = "/api/v3/audit-logs/export";

/// The id of the export that a path names.
pub(super) fn id(path: &str) -> Option<&str> {
    path.strip_prefix(PATH)?.strip_prefix('/')
}

impl Safe {
    /// Takes in a request for an export: its payload is the number of days (documented), under a
    /// name that is a guess.
    pub(super) fn ask_export(&mut self, call: &Call, now: Timestamp) -> Answer {
        let Some(days) = days(call) else {
            return bad_request("payload must have exactly days, from 1 to 365");
        };
        let id = self.queue(days, now);
        let mut body = match self.options.export.asked {
            AskedForm::DataUuid => json!({"data": {"uuid": id}}),
            AskedForm::Uuid => json!({"uuid": id}),
            AskedForm::DataId => json!({"data": {"id": id}}),
        };
        body["success"] = json!(true);
        Answer::json(202, &body)
    }

    /// Tells whether an export is ready, as reports do, and gives it or a new link to it.
    pub(super) fn poll_export(&mut self, call: &Call, world: &World, now: Timestamp) -> Answer {
        let id = id(&call.path).unwrap_or("").to_owned();
        if let Some(pending) = self.pending(&id, call) {
            return pending;
        }
        let ready = self.options.export.ready;
        let gone = || bad_request("export not found");
        match ready {
            ReadyForm::Csv => {
                let file = self.file(&id, world);
                file.map_or_else(gone, |file| Answer::new(200, "text/csv", file))
            }
            ReadyForm::Rows => {
                let rows = self.rows(&id, world);
                rows.map_or_else(gone, |rows| Answer::json(200, &rows))
            }
            ReadyForm::DataPreSignedUrl | ReadyForm::PreSignedUrl | ReadyForm::DataUrl => {
                let url = self.link(id, now);
                Answer::json(200, &ready.linked(&url))
            }
        }
    }
}

impl ReadyForm {
    fn linked(self, url: &str) -> Value {
        match self {
            ReadyForm::PreSignedUrl => json!({"success": true, "preSignedUrl": url}),
            ReadyForm::DataUrl => json!({"success": true, "data": {"url": url}}),
            _ => json!({"success": true, "data": {"preSignedUrl": url}}),
        }
    }
}

fn days(call: &Call) -> Option<u32> {
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    let plain = call.is_json() && call.query.is_empty();
    let body = body.as_object().filter(|body| plain && body.len() == 1)?;
    body.get("days").and_then(reports::allowed)
}
