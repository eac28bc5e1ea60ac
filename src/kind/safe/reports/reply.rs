//! What the export API answers when it is asked for an export: how it stands, in an envelope like
//! that of reports, or the rows themselves. Which of them is documented nowhere, so every plausible
//! form is told by its content.

use serde_json::{Map, Value, json};

use super::status::{self, Status};
use crate::feed::{Body, FeedError, Response, Stream};
use crate::record::alias;
use crate::record::lookahead::Lookahead;

/// An answer to the question for a report.
#[derive(Debug)]
pub(super) enum Reply {
    /// How it stands.
    Status(Status),
    /// The report itself: CSV or JSON, compressed or not.
    Rows(Body),
}

/// Reads an answer. Rows are not held in memory.
///
/// # Errors
/// It is no answer of SAFE's, or its link leads to a host in the clear.
pub(super) fn read(answer: Response) -> Result<Reply, FeedError> {
    if !(200..300).contains(&answer.status) {
        return status::read(answer).map(Reply::Status);
    }
    let mut ahead = Lookahead::new(answer.body.reader()?);
    let head = ahead.look(ENVELOPE_BYTES_MAX + 1)?;
    let is_whole = head.len() <= ENVELOPE_BYTES_MAX;
    let status = match is_whole.then(|| envelope(head)).flatten() {
        None => return Ok(Reply::Rows(Body::Stream(Stream(Box::new(ahead))))),
        Some(nothing) if nothing.is_empty() => Status::Pending,
        Some(envelope) => status::read(Response {
            body: Body::Memory(envelope),
            status: answer.status,
            content_type: answer.content_type,
        })?,
    };
    Ok(Reply::Status(status))
}

/// An envelope has a few members, and a link among them; what is longer holds rows.
const ENVELOPE_BYTES_MAX: usize = 1 << 20;

/// Names under which an answer may hold its rows.
const LISTS: [&str; 4] = ["data", "values", "records", "auditLogs"];

/// Members by which an answer speaks of itself: an empty list beside them proves nothing.
const WORDS: [&str; 7] = [
    "success", "message", "Message", "error", "status", "state", "data",
];

/// The envelope that an answer is; none of one that is the rows.
fn envelope(head: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim();
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) if holds_rows(&object) => None,
        Ok(Value::Array(_)) => None,
        Ok(Value::String(words)) => Some(worded(&words).unwrap_or_else(|| head.to_vec())),
        Ok(_) => Some(head.to_vec()),
        // A web page is refused where envelopes are read.
        Err(_) if text.is_empty() || text.starts_with('<') => Some(text.as_bytes().to_vec()),
        Err(_) => worded(text),
    }
}

fn holds_rows(object: &Map<String, Value>) -> bool {
    let lists = LISTS
        .iter()
        .filter_map(|name| object.get(*name)?.as_array());
    let mut lists = lists.peekable();
    if lists.peek().is_some() {
        let speaks = WORDS
            .iter()
            .any(|name| object.get(*name).is_some_and(|it| !it.is_array()));
        return !speaks || lists.any(|list| list.iter().any(Value::is_object));
    }
    // A single row, or what is none of the above.
    let is_envelope = WORDS.iter().any(|name| object.contains_key(*name));
    !is_envelope && object.keys().any(|name| alias::is_time(name))
}

/// A line that is a link, or says how the export stands, in an envelope; none of any other, which
/// may be the header of a table.
fn worded(text: &str) -> Option<Vec<u8>> {
    let is_line = text.len() < LINE_BYTES_MAX && !text.contains('\n');
    let envelope = if text.starts_with("https://") || text.starts_with("http://") {
        json!({ "url": text })
    } else {
        let speaks = status::pending(text) || text.to_lowercase().contains("not found");
        if !speaks || text.contains(',') {
            return None;
        }
        json!({ "success": false, "message": text })
    };
    is_line.then(|| envelope.to_string().into_bytes())
}

/// Pre-signed URLs have up to two thousand characters.
const LINE_BYTES_MAX: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::secret::Secret;

    fn replied(status: u16, body: &[u8]) -> Result<Reply, FeedError> {
        read(Response {
            status,
            content_type: String::new(),
            body: Body::Memory(body.to_vec()),
        })
    }

    fn rows(body: &[u8]) -> Option<Vec<u8>> {
        let Reply::Rows(body) = replied(200, body).unwrap() else {
            return None;
        };
        let mut bytes = Vec::new();
        body.reader().unwrap().read_to_end(&mut bytes).unwrap();
        Some(bytes)
    }

    #[test]
    fn rows_of_every_form_are_given_as_they_came() {
        let long = format!(
            "{{\"success\":true,\"data\":[{}{{}}]}}",
            "{},".repeat(ENVELOPE_BYTES_MAX)
        );
        for body in [
            &b"Timestamp,User ID\n2026-01-01T00:00:00Z,u1\n"[..],
            b"Timestamp,User ID\n",
            b"\xef\xbb\xbf\"Timestamp\",\"Message\"\n\"2026\",\"not found\"",
            b"Timestamp,State not found\n",
            b"\x1f\x8b\x08\0gzip",
            b"PK\x03\x04zip",
            b"[]",
            br#"[{"timestamp":"2026","action":"x"}]"#,
            br#"{"data":[{"timestamp":"2026"}]}"#,
            br#"{"success":true,"message":"done","data":[{"timestamp":"2026"}]}"#,
            br#"{"values":[{"timestamp":"2026"}],"page":1}"#,
            br#"{"records":[]}"#,
            br#"{"auditLogs":[]}"#,
            br#"{"timestamp":"2026","action":"x"}"#,
            b"{\"timestamp\":1}\n{\"timestamp\":2}",
            br#"[{"cut":"#,
            long.as_bytes(),
        ] {
            let shown = String::from_utf8_lossy(body.get(..40).unwrap_or(body));
            assert_eq!(rows(body).as_deref(), Some(body), "{shown}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn an_envelope_says_how_the_export_stands() {
        let link = "https://bucket.example/k?sig=abc";
        let ready = || Status::Ready(Secret::new(link));
        let lost = |says: &str| Status::NotFound(says.to_owned());
        for (status, body, expected) in [
            (
                200,
                json!({"data": {"preSignedUrl": link}}).to_string(),
                ready(),
            ),
            (200, json!({"preSignedUrl": link}).to_string(), ready()),
            (
                200,
                json!({"data": {"url": link}, "success": true}).to_string(),
                ready(),
            ),
            (200, json!({"url": link}).to_string(), ready()),
            (200, json!(link).to_string(), ready()),
            (200, format!("{link}\n"), ready()),
            (202, String::new(), Status::Pending),
            (204, " ".to_owned(), Status::Pending),
            (
                200,
                json!({"success": true, "data": {}}).to_string(),
                Status::Pending,
            ),
            (
                200,
                json!({"success": true, "data": []}).to_string(),
                Status::Pending,
            ),
            (
                200,
                json!({"status": "PENDING", "records": []}).to_string(),
                Status::Pending,
            ),
            (200, "Export is in progress".to_owned(), Status::Pending),
            (200, json!("queued").to_string(), Status::Pending),
            (
                202,
                json!({"uuid": "e-1", "createdAt": "2026", "state": "queued"}).to_string(),
                Status::Pending,
            ),
            (200, "Export not found".to_owned(), lost("Export not found")),
            (404, json!({"message": "gone"}).to_string(), lost("gone")),
            (
                400,
                json!({"message": "Report not found"}).to_string(),
                lost("Report not found"),
            ),
            (
                200,
                json!({"status": "FAILED"}).to_string(),
                Status::Failed("FAILED".to_owned()),
            ),
        ] {
            match replied(status, body.as_bytes()).unwrap() {
                Reply::Status(status) => assert_eq!(status, expected, "{body}"),
                Reply::Rows(_) => panic!("{body} is taken for rows"),
            }
        }
    }

    #[test]
    fn what_is_neither_is_refused_and_no_link_is_shown() {
        for body in [
            "<!doctype html><title>SAFE</title>",
            "7",
            "null",
            "\"done\"",
        ] {
            let error = replied(200, body.as_bytes()).unwrap_err();
            assert!(
                matches!(error, FeedError::NotUnderstood { .. }),
                "{body}: {error}"
            );
        }
        let error = replied(200, b"http://bucket.example/k?sig=abc").unwrap_err();
        assert!(!format!("{error:?}").contains("sig=abc"), "{error:?}");
    }
}
