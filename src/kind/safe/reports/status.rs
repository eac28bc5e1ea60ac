//! What an answer about a report means. SAFE documents only "here is the link" and "report not
//! found"; how "not ready yet" looks is unknown, so every plausible form of it is taken as such.

use serde_json::{Map, Value};
use url::Url;

use crate::feed::{FeedError, Response};
use crate::kind::safe::answer;
use crate::secret::{self, Secret};

/// How a report stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Status {
    /// It can be downloaded here, for five minutes (documented).
    Ready(Secret),
    /// It is being made.
    Pending,
    /// The vendor does not know it: perhaps not yet, perhaps no longer. With its words.
    NotFound(String),
    /// It could not be made. With the vendor's words.
    Failed(String),
}

/// Words by which an answer says that a report is being made.
const PENDING: &[&str] = &[
    "not ready",
    "in progress",
    "in-progress",
    "processing",
    "queued",
    "pending",
];

/// Reads the answer to the question for a report.
///
/// # Errors
/// It is no answer of SAFE's, or the link leads to a host in the clear.
pub(super) fn read(answer: Response) -> Result<Status, FeedError> {
    let status = answer.status;
    let body = answer.body.bytes()?;
    if !(200..300).contains(&status) {
        return Ok(refusal(status, answer::says(&body)));
    }
    let object = answer::object(&body, ASKED)?;
    if let Some(link) = link(&object) {
        return Ok(Status::Ready(checked(link)?));
    }
    let says = answer::message(&object).unwrap_or_default().to_owned();
    let denied = object
        .get("success")
        .is_some_and(|success| *success == false);
    Ok(match (state(&object), denied) {
        (Some(state), _) if failed(state) => Status::Failed(worded(&says, state)),
        (_, true) => refusal(status, says),
        (None, _) if failed(&says) && !pending(&says) => Status::Failed(says),
        _ => Status::Pending,
    })
}

/// What was asked, for error texts.
const ASKED: &str = "the question for a report";

fn refusal(status: u16, says: String) -> Status {
    let lower = says.to_lowercase();
    if pending(&lower) {
        Status::Pending
    } else if status == 404 || lower.contains("not found") {
        Status::NotFound(says)
    } else {
        Status::Failed(says)
    }
}

/// Whether words say that a report is being made.
pub(super) fn pending(says: &str) -> bool {
    let says = says.to_lowercase();
    PENDING.iter().any(|words| says.contains(words))
}

fn failed(says: &str) -> bool {
    let says = says.to_lowercase();
    says.contains("fail") || says.contains("error")
}

fn worded(says: &str, state: &str) -> String {
    if says.is_empty() {
        state.to_owned()
    } else {
        says.to_owned()
    }
}

/// A link is documented as `data.preSignedUrl`; its neighbours are guesses.
fn link(object: &Map<String, Value>) -> Option<&str> {
    member(
        object,
        &["preSignedUrl", "presignedUrl", "downloadUrl", "url"],
    )
}

/// No such member is documented; most report services have one.
fn state(object: &Map<String, Value>) -> Option<&str> {
    member(object, &["status", "state"])
}

fn member<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    let data = object.get("data").and_then(Value::as_object);
    let places = data.into_iter().chain([object]);
    places
        .flat_map(|place| keys.iter().map(|key| place.get(*key)))
        .find_map(answer::text)
}

/// A link must be encrypted, for whoever sees it may use it; but for one to this very machine.
fn checked(link: &str) -> Result<Secret, FeedError> {
    let refuse = |why: &str| answer::not_understood(ASKED, why, b"(a download link, left out)");
    let url = Url::parse(link).map_err(|e| refuse(&format!("its link is no URL ({e})")))?;
    if secret::may_go_to(&url) {
        Ok(Secret::new(link))
    } else {
        let why = format!("its link is not encrypted ({})", url.scheme());
        Err(refuse(&why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Body;

    fn answer(status: u16, body: &str) -> Response {
        let body = Body::Memory(body.as_bytes().to_vec());
        Response {
            status,
            content_type: "application/json".to_owned(),
            body,
        }
    }

    #[test]
    fn a_link_means_ready() {
        for (body, link) in [
            (
                r#"{"data":{"preSignedUrl":"https://b/k?s"}}"#,
                "https://b/k?s",
            ),
            (r#"{"url":"http://127.0.0.1:9/k"}"#, "http://127.0.0.1:9/k"),
        ] {
            let ready = Status::Ready(Secret::new(link));
            assert_eq!(read(answer(200, body)).unwrap(), ready, "{body}");
        }
    }

    #[test]
    fn every_plausible_not_ready_is_pending() {
        for (status, body) in [
            (200, r#"{"success":true,"data":{"preSignedUrl":""}}"#),
            (200, r#"{"success":true,"data":{"preSignedUrl":null}}"#),
            (202, r#"{"success":true,"message":"request is queued"}"#),
            (200, r#"{"status":"IN_PROGRESS"}"#),
            (200, r#"{"success":false,"message":"is processing"}"#),
            (400, r#"{"success":false,"message":"Report is not ready"}"#),
        ] {
            let read = read(answer(status, body)).unwrap();
            assert_eq!(read, Status::Pending, "{body}");
        }
    }

    #[test]
    fn not_found_is_told_from_failed() {
        type Sort = fn(String) -> Status;
        let (lost, failed): (Sort, Sort) = (Status::NotFound, Status::Failed);
        for (status, key, text, sort) in [
            (400, "message", "Report not found for report id:1", lost),
            (200, "error", "Not found", lost),
            (404, "Message", "nothing here", lost),
            (400, "message", "bad uuid", failed),
            (200, "message", "It failed", failed),
            (200, "message", "no quota", failed),
        ] {
            let body = format!(r#"{{"success":false,"{key}":"{text}"}}"#);
            let read = read(answer(status, &body)).unwrap();
            assert_eq!(read, sort(text.to_owned()), "{status} {body}");
        }
        for (body, says) in [
            (r#"{"success":true,"message":"It failed"}"#, "It failed"),
            (r#"{"data":{"status":"FAILED"}}"#, "FAILED"),
            (r#"{"state":"error","message":"internal"}"#, "internal"),
        ] {
            let read = read(answer(200, body)).unwrap();
            assert_eq!(read, Status::Failed(says.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_web_page_is_no_answer() {
        let error = read(answer(200, "<!doctype html><title>SAFE</title>")).unwrap_err();
        assert!(matches!(error, FeedError::NotUnderstood { .. }), "{error}");
    }

    #[test]
    fn a_link_in_the_clear_is_refused_and_not_shown() {
        for link in [
            "http://bucket.example/k?sig=abc",
            "ftp://b/k?sig=abc",
            "bucket/k?sig=abc",
        ] {
            let body = format!(r#"{{"data":{{"preSignedUrl":"{link}"}}}}"#);
            let error = read(answer(200, &body)).unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("sig=abc"),
                "{error:?}"
            );
        }
    }
}
