//! What the reports feed downloads, and what it reads out of the answers but for a report's status.

use serde_json::{Map, Value};

use super::REPORT_BYTES_MAX;
use super::api::Api;
use crate::feed::{BodyLimit, FeedError, Method, Request, Response, Target};
use crate::kind::safe::answer::{self, VENDOR};
use crate::record::{RecordError, container};
use crate::secret::Secret;

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

/// What came of an order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ordered {
    /// A report of this id is under way.
    Report(String),
    /// The API does not exist, and took nothing; by which sign.
    NoSuchApi(String),
}

/// Reads the answer to an order. That `/reports` is not there is told by 404 or 405, or by the web
/// page with which SAFE's edge answers an unknown path (observed by third parties).
pub(super) fn ordered(api: Api, answer: Response) -> Result<Ordered, FeedError> {
    let (status, content_type) = (answer.status, answer.content_type);
    let body = answer.body.bytes()?;
    let is_page = content_type == "text/html" || begins_as_page(&body);
    let object = match (status, answer::object(&body, ASKED)) {
        (404 | 405, _) => return Ok(Ordered::NoSuchApi(status.to_string())),
        (_, Err(_)) if is_page && api.instead().is_some() => {
            return Ok(Ordered::NoSuchApi("a web page".to_owned()));
        }
        (_, object) => object?,
    };
    let missing = || answer::not_understood(ASKED, "it names no `uuid`", &body);
    report_id(&object).map(Ordered::Report).ok_or_else(missing)
}

/// What was asked, for error texts.
const ASKED: &str = "the order of a report";

fn begins_as_page(body: &[u8]) -> bool {
    let begin = body.trim_ascii_start();
    let begin = begin.get(..begin.len().min(14)).unwrap_or_default();
    let begin = begin.to_ascii_lowercase();
    begin.starts_with(b"<!doctype html") || begin.starts_with(b"<html")
}

/// The id of the report that was ordered: `data.uuid` of reports (documented); of exports it is
/// "a UUID" (documented) in some place.
fn report_id(object: &Map<String, Value>) -> Option<String> {
    let data = object.get("data");
    let within = |name: &str| data.and_then(|data| data.get(name));
    let alone = data.filter(|data| data.as_str().is_some_and(|text| text.contains(is_digit)));
    let places = [
        within("uuid"),
        object.get("uuid"),
        within("id"),
        object.get("id"),
        alone,
    ];
    let ids = places.into_iter().filter_map(|place| match place? {
        Value::Number(number) => Some(number.to_string()),
        text => answer::text(Some(text)).map(str::to_owned),
    });
    ids.into_iter().find(|id| is_id(id))
}

/// A UUID has digits; `queued` is none.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
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

    fn read(api: Api, status: u16, content_type: &str, body: &str) -> Result<Ordered, FeedError> {
        let answer = Response {
            status,
            content_type: content_type.to_owned(),
            body: Body::Memory(body.as_bytes().to_vec()),
        };
        ordered(api, answer)
    }

    #[test]
    fn an_id_is_found_in_every_place_and_one_that_would_lead_elsewhere_is_not_used() {
        for (body, id) in [
            (
                r#"{"data":{"uuid":"1eebc0b2-b019"}}"#,
                Some("1eebc0b2-b019"),
            ),
            (r#"{"uuid":"r1"}"#, Some("r1")),
            (r#"{"data":{"id":"r1"}}"#, Some("r1")),
            (r#"{"id":17}"#, Some("17")),
            (
                r#"{"success":true,"data":"1eebc0b2-b019"}"#,
                Some("1eebc0b2-b019"),
            ),
            (
                r#"{"id":"3","uuid":"2","data":{"id":"4","uuid":"1"}}"#,
                Some("1"),
            ),
            (r#"{"id":"3","uuid":"2","data":{"id":"4"}}"#, Some("2")),
            (r#"{"id":"3","data":{"id":"4"}}"#, Some("4")),
            (r#"{"data":"queued"}"#, None),
            (r#"{"data":{"uuid":"../users"}}"#, None),
            (r#"{"data":{}}"#, None),
        ] {
            for api in [Api::Reports, Api::AuditLogsExport] {
                let id = id.map(|id| Ordered::Report(id.to_owned()));
                assert_eq!(read(api, 202, "", body).ok(), id, "{body}");
            }
        }
    }

    #[test]
    fn an_api_that_is_not_there_says_so_in_three_ways() {
        let page = "\n<!DOCTYPE html><title>SAFE</title>";
        for (status, content_type, body, sign) in [
            (404, "", "{}", Some("404")),
            (405, "text/xml", "<Error/>", Some("405")),
            (200, "text/html", "", Some("a web page")),
            (200, "application/json", page, Some("a web page")),
            (200, "application/json", "", None),
            (200, "application/json", "{\"success\":false}", None),
            (202, "text/html", "{\"success\":true}", None),
        ] {
            let read = read(Api::Reports, status, content_type, body).ok();
            let expected = sign.map(|sign| Ordered::NoSuchApi(sign.to_owned()));
            assert_eq!(read, expected, "{status} {content_type} {body}");
        }
        // There is no third.
        assert!(read(Api::AuditLogsExport, 200, "text/html", page).is_err());
        let labelled = read(Api::Reports, 202, "text/html", r#"{"uuid":"r1"}"#);
        assert_eq!(labelled.ok(), Some(Ordered::Report("r1".to_owned())));
    }
}
