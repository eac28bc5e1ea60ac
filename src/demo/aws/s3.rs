//! S3, path style: lists of buckets and the objects in them. What is not simulated is refused.

use bytes::Bytes;

use crate::demo::http::{Answer, Call, Purpose};
use crate::event::Timestamp;

use super::bucket::Object;
use super::signature::{Refusal, Signed, decoded};
use super::{Aws, listing};

impl Aws {
    /// Answers one request to S3.
    pub(super) fn s3(&mut self, call: &Call, now: Timestamp, purpose: Purpose) -> Answer {
        let (name, key) = target(call);
        if let Err(answer) = self.admitted(call, &name, now) {
            return *answer;
        }
        let Some(bucket) = self.buckets.get(name.as_str()) else {
            return refused(404, "NoSuchBucket", "The specified bucket does not exist");
        };
        if self.may_not(match purpose {
            Purpose::ReadObject => "s3:GetObject",
            _ => "s3:ListBucket",
        }) {
            return denied();
        }
        match purpose {
            Purpose::ListObjects if call.method == "HEAD" => {
                let answer = Answer::new(200, "application/xml", Bytes::new());
                answer.with("x-amz-bucket-region", self.options.region)
            }
            Purpose::ListObjects => listing::page(call, &name, bucket, now),
            Purpose::ReadObject => match bucket.find(&key, now) {
                Some(object) => object.read(call),
                // Who may not list learns not even that there is no such key (documented).
                None if self.may_not("s3:ListBucket") => denied(),
                None => refused(404, "NoSuchKey", "The specified key does not exist."),
            },
            _ => refused(
                405,
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            ),
        }
    }

    /// Whether the request is signed for the bucket's region, with the key, and not one too many.
    fn admitted(&mut self, call: &Call, bucket: &str, now: Timestamp) -> Result<(), Box<Answer>> {
        let region = self.options.region;
        let signed = Signed::read(call).map_err(Refusal::xml)?;
        if signed.service != "s3" {
            let why = "incorrect service; this endpoint belongs to s3";
            return Err(Refusal::Malformed(why).xml());
        }
        if signed.region != region && self.buckets.contains_key(bucket) {
            let message = "The bucket you are attempting to access must be addressed using the \
                           specified endpoint. Please send all future requests to this endpoint.";
            let answer = refused(301, "PermanentRedirect", message);
            return Err(Box::new(answer.with("x-amz-bucket-region", region)));
        }
        let verified = signed.verify(call, self.key(), now);
        verified.map_err(Refusal::xml)?;
        let most = self.options.s3_per_second;
        if most.is_some_and(|most| !self.s3_rate.admits(now, most)) {
            return Err(Box::new(slow_down()));
        }
        Ok(())
    }
}

/// The bucket and the key that a path names.
pub(super) fn target(call: &Call) -> (String, String) {
    let path = call.path.strip_prefix('/').unwrap_or(&call.path);
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let text = |part| String::from_utf8_lossy(&decoded(part)).into_owned();
    (text(bucket), text(key))
}

/// An error in S3's form.
pub(super) fn refused(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>{}</Message><RequestId>4442587FB7D0A2F9</RequestId>\
         <HostId>trailkeep-demo</HostId></Error>",
        escaped(message)
    );
    Answer::new(status, "application/xml", body)
}

/// What S3 answers above its rate. It names no time to wait.
pub(in crate::demo) fn slow_down() -> Answer {
    refused(503, "SlowDown", "Please reduce your request rate.")
}

/// What S3 answers when it is at fault.
pub(in crate::demo) fn internal_error() -> Answer {
    let message = "We encountered an internal error. Please try again.";
    refused(500, "InternalError", message)
}

/// Text as XML holds it, with what XML would take for its own spelled out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_ascii_control() => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn denied() -> Answer {
    refused(403, "AccessDenied", "Access Denied")
}

impl Object {
    fn read(&self, call: &Call) -> Answer {
        let known = |part: &str| part.is_empty() || part == "x-id=GetObject";
        let conditions = ["if-none-match", "if-modified-since", "if-unmodified-since"];
        let conditional = conditions
            .iter()
            .any(|name| call.headers.contains_key(*name));
        if !call.query.split('&').all(known) || conditional {
            let message =
                "A header or query you provided implies functionality that is not implemented.";
            return refused(501, "NotImplemented", message);
        }
        let matches = |etag: &str| etag == "*" || etag.trim_matches('"') == self.etag;
        if call.header("if-match").is_some_and(|etag| !matches(etag)) {
            let message = "At least one of the pre-conditions you specified did not hold";
            return refused(412, "PreconditionFailed", message);
        }
        let Some(range) = call.header("range") else {
            return self.answer(200, self.body.clone());
        };
        let Some(part) = part(range, self.body.len()) else {
            let message = "The requested range is not satisfiable";
            return refused(416, "InvalidRange", message);
        };
        let (start, end, total) = (part.start, part.end - 1, self.body.len());
        let answer = self.answer(206, self.body.slice(part));
        answer.with("content-range", format!("bytes {start}-{end}/{total}"))
    }

    fn answer(&self, status: u16, body: Bytes) -> Answer {
        let time = self.last_modified.datetime();
        let time = time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let answer = Answer::new(status, self.content_type, body)
            .with("etag", format!("\"{}\"", self.etag))
            .with("last-modified", time)
            .with("accept-ranges", "bytes");
        match self.content_encoding {
            Some(encoding) => answer.with("content-encoding", encoding),
            None => answer,
        }
    }
}

/// The bytes that `bytes=0-9`, `bytes=10-` or `bytes=-5` names; never none of them.
fn part(range: &str, length: usize) -> Option<std::ops::Range<usize>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let part = if first.is_empty() {
        length.saturating_sub(last.parse().ok()?)..length
    } else {
        let last: usize = if last.is_empty() {
            usize::MAX
        } else {
            last.parse().ok()?
        };
        first.parse().ok()?..last.saturating_add(1).min(length)
    };
    (part.start < part.end).then_some(part)
}

impl Refusal {
    /// The refusal in S3's words.
    fn xml(self) -> Box<Answer> {
        let (status, code, message) = match self {
            Refusal::Unsigned => (403, "AccessDenied", "Access Denied"),
            Refusal::Malformed(why) => (400, "AuthorizationHeaderMalformed", why),
            Refusal::UnknownKey => (
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
            Refusal::InvalidToken => (
                400,
                "InvalidToken",
                "The provided token is malformed or otherwise invalid.",
            ),
            Refusal::ExpiredToken => (400, "ExpiredToken", "The provided token has expired."),
            Refusal::Skewed => (
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            ),
            Refusal::OtherBody => (
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Refusal::Mismatch => (
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. \
                 Check your key and signing method.",
            ),
        };
        Box::new(refused(status, code, message))
    }
}
