//! Whether an attempt's outcome is taken, tried again or given up: decided here and nowhere else,
//! as a pure function.

use std::time::Duration;

use chrono::DateTime;
use serde_json::Value;

use crate::event::Timestamp;
use crate::fetch::code::Code;
use crate::fetch::wire::TransportError;

/// What to do after an attempt. `attempt` counts from 1; `random` lies in `[0, 1)`.
///
/// Tried again is what may pass: a transport that broke, 408, 425, 429, 500, 502, 503 and 504, and
/// what AWS calls throttling, whatever its status.
/// A token that has run out is renewed first, even where the feed reads refusals itself.
/// A `Retry-After` header or a `retryIn` in the body is waited for, up to [`ASKED_WAIT_MAX`].
///
/// What is not `repeatable` ([`crate::feed::Request::repeatable`]) is tried again only after an
/// outcome which proves that the vendor has not taken it.
pub fn decide(attempt: u32, repeatable: bool, outcome: &Outcome<'_>, random: f64) -> Decision {
    match outcome {
        Outcome::Answer(answer) if answer.renewable && is_expired(answer) => Decision::Renew,
        Outcome::Answer(answer) if answer.accepted && !answer.says(Code::Throttled) => {
            Decision::Take
        }
        unclear if !repeatable && unclear.may_be_taken() => Decision::GiveUp(Reason::Doubtful),
        Outcome::Answer(answer) if answer.may_pass() => match asked_wait(answer) {
            Some(asked) if asked > ASKED_WAIT_MAX => {
                Decision::GiveUp(Reason::Until(answer.now.after(asked)))
            }
            asked => wait(attempt, answer.attempts_max(), asked, random),
        },
        Outcome::Broken(error) if error.is_retryable() => wait(attempt, ATTEMPTS_MAX, None, random),
        Outcome::Answer(_) | Outcome::Broken(_) => Decision::GiveUp(Reason::Final),
    }
}

/// How an attempt ended.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// The vendor answered.
    Answer(Answer<'a>),
    /// No whole answer came.
    Broken(&'a TransportError),
}

impl Outcome<'_> {
    /// Whether the vendor says that it is asked too much.
    pub fn is_throttled(&self) -> bool {
        let Outcome::Answer(answer) = self else {
            return false;
        };
        matches!(answer.status, 429 | 503) || answer.says(Code::Throttled)
    }

    /// Whether the vendor may have done what was asked. It has not where the request never left,
    /// nor where it is refused: by any 4xx, or by 501, 503 or 505. 408 is no proof, for gateways
    /// answer so as well when it is the vendor that takes too long.
    fn may_be_taken(&self) -> bool {
        match self {
            Outcome::Answer(answer) => {
                !matches!(answer.status, 400..=407 | 409..=499 | 501 | 503 | 505)
            }
            Outcome::Broken(error) => !error.is_unsent(),
        }
    }
}

/// What of an answer counts in the decision.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// Whether that status is an answer to the request: see [`crate::feed::Request::statuses`].
    pub accepted: bool,
    /// The header `Retry-After`: seconds, or an HTTP date.
    pub retry_after: Option<&'a str>,
    /// The body, or its beginning.
    pub body: &'a [u8],
    /// What the code in it says, where it is an error of AWS.
    pub code: Option<Code>,
    /// The moment it came.
    pub now: Timestamp,
    /// Whether it was sent with a token that can be renewed, and has not been for this request.
    pub renewable: bool,
}

impl Answer<'_> {
    fn says(&self, code: Code) -> bool {
        self.code == Some(code)
    }

    fn attempts_max(&self) -> u32 {
        if self.status == 429 || self.says(Code::Throttled) {
            THROTTLED_MAX
        } else {
            ATTEMPTS_MAX
        }
    }

    /// Whether another attempt may be answered otherwise.
    fn may_pass(&self) -> bool {
        RETRYABLE.contains(&self.status) || self.says(Code::Throttled)
    }
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is the answer.
    Take,
    /// Try again after this long.
    Wait(Duration),
    /// Get a new token, and try again at once.
    Renew,
    /// It is an error.
    GiveUp(Reason),
}

/// Why no further attempt is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Another attempt would end the same.
    Final,
    /// It was tried [`ATTEMPTS_MAX`] times, or [`THROTTLED_MAX`].
    Exhausted,
    /// The vendor wants to be left alone until then, which is too long to wait.
    Until(Timestamp),
    /// The vendor may have taken it, and must not get it twice.
    Doubtful,
}

/// Most attempts at one request.
pub const ATTEMPTS_MAX: u32 = 6;
/// Most attempts where the last answer was that too much is asked: the vendor is well, and only
/// waiting helps.
pub const THROTTLED_MAX: u32 = 16;
/// Longest wait that a vendor may ask for; beyond it, a later run has to ask again.
pub const ASKED_WAIT_MAX: Duration = Duration::from_secs(15 * 60);

const RETRYABLE: [u16; 7] = [408, 425, 429, 500, 502, 503, 504];
const BACKOFF_MIN: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// A token that has run out is answered with 401 (SAFE's documentation and official code). SAFE's
/// gateway says 403 `… with an explicit deny` to requests without a valid token (seen by others);
/// AWS itself says so as well, with a code, where keys may not do something. That its own keys have
/// run out has a code.
fn is_expired(answer: &Answer<'_>) -> bool {
    let denied = || {
        String::from_utf8_lossy(answer.body)
            .to_lowercase()
            .contains("explicit deny")
    };
    match answer.code {
        Some(Code::Expired) => true,
        Some(_) => false,
        None => answer.status == 401 || (answer.status == 403 && denied()),
    }
}

fn wait(attempt: u32, attempts_max: u32, asked: Option<Duration>, random: f64) -> Decision {
    match asked {
        _ if attempt >= attempts_max => Decision::GiveUp(Reason::Exhausted),
        Some(asked) => Decision::Wait(asked.max(BACKOFF_MIN)),
        None => Decision::Wait(backoff(attempt, random)),
    }
}

/// Anything between [`BACKOFF_MIN`] and a limit that grows fourfold with each attempt (2 s, 8 s,
/// 32 s, 60 s, 60 s), so that clients that failed together do not come back together.
fn backoff(attempt: u32, random: f64) -> Duration {
    let growth = 4_u32.saturating_pow(attempt.max(1));
    let limit = BACKOFF_MIN.saturating_mul(growth).min(BACKOFF_MAX);
    BACKOFF_MIN + (limit - BACKOFF_MIN).mul_f64(random.clamp(0.0, 1.0))
}

/// The wait the vendor asks for; the longer one where header and body both name one.
fn asked_wait(answer: &Answer<'_>) -> Option<Duration> {
    let header = answer
        .retry_after
        .and_then(|text| retry_after(text, answer.now));
    header.max(retry_in(answer.body))
}

/// `120`, or `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110, 10.2.3).
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment: Timestamp = DateTime::parse_from_rfc2822(text).ok()?.to_utc().into();
    let millis = moment.millis().saturating_sub(now.millis());
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}

/// `{"retryIn": "30"}`: SAFE's signal API has the member as text; its unit is unknown, so seconds
/// are taken where it names none.
fn retry_in(body: &[u8]) -> Option<Duration> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    match answer.get("retryIn")? {
        Value::Number(seconds) => Duration::try_from_secs_f64(seconds.as_f64()?).ok(),
        Value::String(text) => duration(text.trim()),
        _ => None,
    }
}

/// `30`, `30s`, `1500ms`, `1.5 s`, `2min`.
fn duration(text: &str) -> Option<Duration> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "ms" | "millis" | "milliseconds" => 0.001,
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        _ => return None,
    };
    let count: f64 = count.parse().ok()?;
    Duration::try_from_secs_f64(count * unit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{GiveUp, Renew, Take, Wait};

    const NOW: Timestamp = Timestamp::from_millis(1_445_412_420_000); // 2015-10-21T07:27:00Z

    /// An answer of this status that nothing else is known of.
    fn answer(status: u16) -> Answer<'static> {
        Answer {
            status,
            accepted: false,
            retry_after: None,
            body: b"",
            code: None,
            now: NOW,
            renewable: false,
        }
    }

    fn decided(attempt: u32, answer: Answer<'_>) -> Decision {
        decide(attempt, true, &Outcome::Answer(answer), 0.5)
    }

    fn seconds(seconds: f64) -> Decision {
        Wait(Duration::from_secs_f64(seconds))
    }

    #[test]
    fn a_status_that_may_pass_is_tried_again_up_to_the_last_attempt() {
        for (status, attempts) in [
            (408, 6),
            (425, 6),
            (429, 16),
            (500, 6),
            (502, 6),
            (503, 6),
            (504, 6),
        ] {
            assert_eq!(decided(1, answer(status)), seconds(1.25), "{status}");
            let one_more = decided(attempts - 1, answer(status));
            assert!(matches!(one_more, Wait(_)), "{status}");
            let last = decided(attempts, answer(status));
            assert_eq!(last, GiveUp(Reason::Exhausted), "{status}");
        }
    }

    #[test]
    fn any_other_status_is_final_unless_accepted() {
        for status in [206, 304, 400, 401, 403, 404, 405, 409, 410, 422, 501, 505] {
            let unread = answer(status);
            assert_eq!(decided(1, unread), GiveUp(Reason::Final), "{status}");
        }
        for status in [200, 202, 400, 401, 403, 404, 429, 503] {
            let accepted = Answer {
                accepted: true,
                ..answer(status)
            };
            assert_eq!(decided(1, accepted), Take, "{status}");
        }
    }

    #[test]
    fn a_token_that_may_have_run_out_is_renewed_once() {
        let deny = br#"{"Message":"User is not authorized ... with an explicit deny"}"#;
        for (status, body, renewable, expected) in [
            (401, &b""[..], true, Renew),
            (401, b"", false, GiveUp(Reason::Final)),
            (403, deny, true, Renew),
            (403, deny, false, GiveUp(Reason::Final)),
            (403, b"explicit reasons", true, GiveUp(Reason::Final)),
            (404, deny, true, GiveUp(Reason::Final)),
        ] {
            let refused = Answer {
                body,
                renewable,
                ..answer(status)
            };
            assert_eq!(decided(1, refused), expected, "{status} {renewable}");
            assert_eq!(decided(9, refused), expected, "{status} {renewable}");
            let accepted = Answer {
                accepted: true,
                ..refused
            };
            let expected = if expected == Renew { Renew } else { Take };
            assert_eq!(decided(1, accepted), expected, "{status} {renewable}");
        }
    }

    #[test]
    fn what_aws_calls_throttling_is_waited_out_whatever_its_status() {
        for status in [400, 403, 429, 503] {
            for accepted in [true, false] {
                let slow_down = Answer {
                    accepted,
                    code: Some(Code::Throttled),
                    ..answer(status)
                };
                assert_eq!(decided(1, slow_down), seconds(1.25), "{status}");
                assert!(Outcome::Answer(slow_down).is_throttled());
                let once = Outcome::Answer(slow_down);
                assert_eq!(decide(1, false, &once, 0.5), seconds(1.25), "{status}");
                assert!(matches!(decided(15, slow_down), Wait(_)), "{status}");
                assert_eq!(decided(16, slow_down), GiveUp(Reason::Exhausted));
            }
        }
        for (status, throttled) in [(429, true), (503, true), (500, false), (200, false)] {
            let outcome = Outcome::Answer(answer(status));
            assert_eq!(outcome.is_throttled(), throttled, "{status}");
        }
    }

    #[test]
    fn keys_are_renewed_when_aws_says_that_they_have_run_out_and_not_when_it_refuses_them() {
        for (status, code, expected) in [
            (400, Code::Expired, Renew),
            (403, Code::Expired, Renew),
            (403, Code::Refused, GiveUp(Reason::Final)),
            (401, Code::Refused, GiveUp(Reason::Final)),
            (400, Code::Refused, GiveUp(Reason::Final)),
            (403, Code::Unavailable, GiveUp(Reason::Final)),
        ] {
            let refused = Answer {
                body: b"denied with an explicit deny",
                code: Some(code),
                renewable: true,
                ..answer(status)
            };
            assert_eq!(decided(1, refused), expected, "{status} {code:?}");
            let again = Answer {
                renewable: false,
                ..refused
            };
            assert_eq!(
                decided(2, again),
                GiveUp(Reason::Final),
                "{status} {code:?}"
            );
        }
    }

    #[test]
    fn the_wait_a_vendor_asks_for_is_honoured() {
        let until = |seconds: i64| GiveUp(Reason::Until(NOW.plus_millis(seconds * 1_000)));
        for (header, body, expected) in [
            (Some("30"), "", seconds(30.0)),
            (Some(" 30 "), "", seconds(30.0)),
            (Some("0"), "", seconds(0.5)),
            (Some("900"), "", seconds(900.0)),
            (Some("901"), "", until(901)),
            (Some("Wed, 21 Oct 2015 07:28:00 GMT"), "", seconds(60.0)),
            (Some("Wed, 21 Oct 2015 07:26:00 GMT"), "", seconds(0.5)),
            (Some("Wed, 21 Oct 2015 08:27:00 GMT"), "", until(3_600)),
            (Some("soon"), "", seconds(1.25)),
            (Some("-5"), "", seconds(1.25)),
            (None, r#"{"retryIn":"30"}"#, seconds(30.0)),
            (None, r#"{"retryIn":"30s"}"#, seconds(30.0)),
            (None, r#"{"retryIn":"1500ms"}"#, seconds(1.5)),
            (None, r#"{"retryIn":"2 min"}"#, seconds(120.0)),
            (None, r#"{"retryIn":45}"#, seconds(45.0)),
            (None, r#"{"retryIn":2.5}"#, seconds(2.5)),
            (None, r#"{"retryIn":-3}"#, seconds(1.25)),
            (None, r#"{"retryIn":1e300}"#, seconds(1.25)),
            (None, r#"{"retryIn":"1 fortnight"}"#, seconds(1.25)),
            (None, r#"{"retryIn":null}"#, seconds(1.25)),
            (None, r#"{"retryIn":1000}"#, until(1_000)),
            (None, "<html>retryIn 30</html>", seconds(1.25)),
            (Some("10"), r#"{"retryIn":"20"}"#, seconds(20.0)),
        ] {
            let answer = Answer {
                retry_after: header,
                body: body.as_bytes(),
                ..answer(429)
            };
            assert_eq!(decided(1, answer), expected, "{header:?} {body}");
        }
        let last = Answer {
            retry_after: Some("30"),
            ..answer(429)
        };
        assert_eq!(decided(16, last), GiveUp(Reason::Exhausted));
    }

    #[test]
    fn a_header_too_large_for_a_date_is_a_wait_too_long() {
        let answer = Answer {
            retry_after: Some("18446744073709551615"),
            ..answer(503)
        };
        assert!(matches!(
            decided(1, answer),
            GiveUp(Reason::Until(until)) if until > NOW
        ));
    }

    #[test]
    fn a_broken_transport_is_tried_again_if_it_may_pass() {
        let cut = TransportError::Cut("…".to_owned());
        for (attempt, expected) in [
            (1, seconds(1.25)),
            (2, seconds(4.25)),
            (3, seconds(16.25)),
            (4, seconds(30.25)),
            (5, seconds(30.25)),
            (6, GiveUp(Reason::Exhausted)),
        ] {
            let decision = decide(attempt, true, &Outcome::Broken(&cut), 0.5);
            assert_eq!(decision, expected, "attempt {attempt}");
        }
        let large = TransportError::TooLarge { limit: 1 };
        let decision = decide(1, true, &Outcome::Broken(&large), 0.5);
        assert_eq!(decision, GiveUp(Reason::Final));
    }

    #[test]
    fn what_must_not_come_twice_is_sent_again_only_after_a_refusal() {
        let doubtful = GiveUp(Reason::Doubtful);
        for (status, expected) in [
            (200, Take),
            (206, doubtful),
            (303, doubtful),
            (400, GiveUp(Reason::Final)),
            (401, GiveUp(Reason::Final)),
            (403, GiveUp(Reason::Final)),
            (404, GiveUp(Reason::Final)),
            (408, doubtful),
            (425, seconds(1.25)),
            (429, seconds(1.25)),
            (500, doubtful),
            (501, GiveUp(Reason::Final)),
            (502, doubtful),
            (503, seconds(1.25)),
            (504, doubtful),
            (520, doubtful),
        ] {
            let accepted = status == 200;
            let outcome = Outcome::Answer(Answer {
                accepted,
                ..answer(status)
            });
            assert_eq!(decide(1, false, &outcome, 0.5), expected, "{status}");
        }
    }

    #[test]
    fn what_must_not_come_twice_is_sent_again_only_if_it_never_left() {
        let doubtful = GiveUp(Reason::Doubtful);
        let text = || "…".to_owned();
        let limit = Duration::from_secs(60);
        for (error, expected) in [
            (TransportError::Connect(text()), seconds(1.25)),
            (TransportError::Certificate(text()), GiveUp(Reason::Final)),
            (TransportError::Tls(text()), GiveUp(Reason::Final)),
            (TransportError::Header("x"), GiveUp(Reason::Final)),
            (
                TransportError::Insecure { host: text() },
                GiveUp(Reason::Final),
            ),
            (TransportError::Silent(limit), doubtful),
            (TransportError::Slow(limit), doubtful),
            (TransportError::Cut(text()), doubtful),
            (TransportError::Broken(text()), doubtful),
            (TransportError::Encoding, doubtful),
            (TransportError::TooLarge { limit: 1 }, doubtful),
            (TransportError::Redirected { host: text() }, doubtful),
        ] {
            let outcome = Outcome::Broken(&error);
            assert_eq!(decide(1, false, &outcome, 0.5), expected, "{error:?}");
        }
    }

    #[test]
    fn a_refusal_is_waited_out_and_renewed_whatever_was_asked() {
        let expired = Answer {
            renewable: true,
            ..answer(401)
        };
        let later = Answer {
            retry_after: Some("30"),
            ..answer(503)
        };
        let much_later = Answer {
            retry_after: Some("901"),
            ..answer(429)
        };
        let until = NOW.plus_millis(901_000);
        for (attempt, answer, expected) in [
            (1, expired, Renew),
            (1, later, seconds(30.0)),
            (1, much_later, GiveUp(Reason::Until(until))),
            (6, later, GiveUp(Reason::Exhausted)),
        ] {
            let outcome = Outcome::Answer(answer);
            assert_eq!(decide(attempt, false, &outcome, 0.5), expected);
            assert_eq!(decide(attempt, true, &outcome, 0.5), expected);
        }
    }

    #[test]
    fn the_wait_is_spread_from_half_a_second_to_a_minute() {
        for (attempt, random, expected) in [
            (1, 0.0, 0.5),
            (1, 1.0, 2.0),
            (5, 0.0, 0.5),
            (5, 1.0, 60.0),
            (u32::MAX, 1.0, 60.0),
        ] {
            let wait = backoff(attempt, random);
            assert_eq!(wait, Duration::from_secs_f64(expected), "attempt {attempt}");
        }
    }
}
