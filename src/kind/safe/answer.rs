//! What SAFE's JSON answers have in common: their envelopes, and the words of their errors.

use serde_json::{Map, Value};

use crate::feed::FeedError;

/// The vendor's name in error texts.
pub(super) const VENDOR: &str = "SAFE";

/// How much of an answer is shown as evidence.
const EVIDENCE_CHARS: usize = 300;

/// The answer as a JSON object. SAFE's edge answers unknown paths with 200 and a web page
/// (observed by third parties), so a status alone proves nothing.
///
/// # Errors
/// It is something else.
pub(super) fn object(body: &[u8], asked: &str) -> Result<Map<String, Value>, FeedError> {
    serde_json::from_slice(body).map_err(|e| not_understood(asked, format!("no JSON ({e})"), body))
}

/// What an answer says of itself. SAFE documents four envelopes of errors, with `message`,
/// `Message` (gateway) or `error`; where there is none, the answer's beginning.
pub(super) fn says(body: &[u8]) -> String {
    let object: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    let words = object.as_ref().and_then(message);
    words.map_or_else(|| evidence(body), str::to_owned)
}

/// The message of an envelope.
pub(super) fn message(object: &Map<String, Value>) -> Option<&str> {
    ["message", "Message", "error"]
        .iter()
        .find_map(|key| text(object.get(*key)))
}

/// The text of a value, if it is one and says something.
pub(super) fn text(value: Option<&Value>) -> Option<&str> {
    value
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// A number, or a text that is one.
pub(super) fn whole(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The error for an answer that makes no sense.
pub(super) fn not_understood(asked: &str, why: impl Into<String>, body: &[u8]) -> FeedError {
    let (asked, why) = (asked.to_owned(), why.into());
    FeedError::NotUnderstood {
        vendor: VENDOR,
        asked,
        why,
        evidence: evidence(body),
    }
}

/// How an answer begins, with every URL left out: it may be pre-signed, and so a secret.
pub(super) fn evidence(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body).replace(r":\/\/", "://");
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || "\"'<>".contains(c));
        shown.push_str("://(left out)");
        shown.push_str(end.and_then(|end| part.get(end..)).unwrap_or_default());
    }
    shown.chars().take(EVIDENCE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_error_says_what_it_says() {
        for (body, says_so) in [
            (
                r#"{"status":"error","message":"invalid authorization header!"}"#,
                "invalid auth",
            ),
            (r#"{"message":"Unauthorized"}"#, "Unauthorized"),
            (
                r#"{"Message":"User is not authorized"}"#,
                "User is not authorized",
            ),
            (
                r#"{"success":false,"error":"no such report"}"#,
                "no such report",
            ),
            ("<html>Bad Gateway</html>", "<html>Bad Gateway"),
        ] {
            assert!(says(body.as_bytes()).starts_with(says_so), "{body}");
        }
    }

    #[test]
    fn evidence_shows_no_url() {
        let body = br#"{"a":"https://bucket.example/k?X-Amz-Signature=abc","b":"s3://x/y z"}"#;
        assert_eq!(
            evidence(body),
            r#"{"a":"https://(left out)","b":"s3://(left out) z"}"#
        );
        assert_eq!(evidence(br#""https:\/\/x\/y""#), r#""https://(left out)""#);
        assert_eq!(
            evidence(b"see https://secret.example/?t=1"),
            "see https://(left out)"
        );
    }

    #[test]
    fn numbers_may_be_written_as_texts() {
        assert_eq!(whole(Some(&Value::from(7))), Some(7));
        assert_eq!(whole(Some(&Value::from(" 7 "))), Some(7));
        assert_eq!(whole(Some(&Value::from(-7))), None);
        assert_eq!(whole(Some(&Value::Null)), None);
    }
}
