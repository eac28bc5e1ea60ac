//! What the reports feed asks for, and what it reads out of the answers but for a report's status.

use serde_json::Value;

use crate::feed::{BodyLimit, FeedError, Method, Request, Response, Target};
use crate::kind::safe::answer::{self, VENDOR};
use crate::record::{RecordError, container};
use crate::secret::Secret;

/// Most bytes of a report.
const REPORT_BYTES_MAX: u64 = 64 << 30;

/// Orders a report of so many days that end now (documented). Each order queues another report,
/// and there is no list of them to look one up in (nothing of the kind is documented), so that it
/// is not sent again once SAFE may have taken it.
pub(super) fn order(days: i64) -> Request {
    let body = format!(r#"{{"type":"AUDIT_LOGS","format":"csv","reportMeta":{{"days":{days}}}}}"#);
    let request = Request::post("/api/v3/reports", body, format!("report of {days} days"));
    Request {
        repeatable: false,
        ..request
    }
}

/// Asks how a report stands (documented).
pub(super) fn question(id: &str) -> Request {
    let request = Request::get(format!("/api/v3/reports/{id}"), "report");
    Request {
        statuses: &[400, 404],
        ..request
    }
}

/// Fetches a report. The link is asked without credentials: the storage refuses two at once.
pub(super) fn download(link: Secret) -> Request {
    Request {
        method: Method::Get,
        target: Target::PreSigned(link),
        body: None,
        headers: Vec::new(),
        statuses: &[400, 403, 404],
        body_limit: BodyLimit::Disk(REPORT_BYTES_MAX),
        repeatable: true,
        purpose: "download of the report".to_owned(),
    }
}

/// The id of the report that was ordered: `data.uuid` (documented).
pub(super) fn report_id(answer: Response) -> Result<String, FeedError> {
    let body = answer.body.bytes()?;
    let object = answer::object(&body, "the order of a report")?;
    let places = [object.get("data").and_then(Value::as_object), Some(&object)];
    let ids = places
        .into_iter()
        .flatten()
        .flat_map(|place| [place.get("uuid"), place.get("id")]);
    let id = ids.filter_map(answer::text).find(|id| is_id(id));
    let missing = || answer::not_understood("the order of a report", "it names no `uuid`", &body);
    id.map(str::to_owned).ok_or_else(missing)
}

/// An id becomes part of a path: it may not lead elsewhere.
fn is_id(id: &str) -> bool {
    id.len() <= 128
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The storage's code alone, for its texts may repeat parts of the link.
pub(super) fn storage_error(answer: Response) -> FeedError {
    let what = format!("{} to the download of the report", answer.status);
    let says = match container::open(answer.body) {
        Err(RecordError::Store { code, .. }) => code,
        _ => "no reason given".to_owned(),
    };
    FeedError::Vendor {
        vendor: VENDOR,
        what,
        says,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Body;

    #[test]
    fn an_id_that_would_lead_elsewhere_is_not_used() {
        for (body, id) in [
            (
                r#"{"data":{"uuid":"1eebc0b2-b019"}}"#,
                Some("1eebc0b2-b019"),
            ),
            (r#"{"uuid":"r1"}"#, Some("r1")),
            (r#"{"data":{"id":"r1"}}"#, Some("r1")),
            (r#"{"data":{"uuid":"../users"}}"#, None),
            (r#"{"data":{}}"#, None),
            ("<html>", None),
        ] {
            let body = Body::Memory(body.as_bytes().to_vec());
            let answer = Response {
                status: 202,
                content_type: String::new(),
                body,
            };
            assert_eq!(report_id(answer).ok().as_deref(), id);
        }
    }
}
