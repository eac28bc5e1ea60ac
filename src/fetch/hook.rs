//! One request to a URL that the user named for it, such as a webhook: with no source's
//! credentials, and in little time, for somebody waits.

use std::time::Duration;

use url::Url;

use crate::feed::{BodyLimit, Method, Request, Target};
use crate::fetch::call::{Call, Proof};
use crate::fetch::clock::Clock;
use crate::fetch::retry::{Answer, Decision, Outcome, Reason, decide};
use crate::fetch::wire::http::{Http, Timeouts};
use crate::fetch::wire::{Transport, TransportError, WireRequest, WireResponse};
use crate::fetch::{FetchError, memory, message};
use crate::secret::Secret;

/// Most attempts.
pub const ATTEMPTS_MAX: u32 = 3;

/// Longest wait between two attempts.
pub const WAIT_MAX: Duration = Duration::from_secs(5);

/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A transport that gives up soon.
pub fn transport() -> Http {
    Http::new(Timeouts {
        connect: TIMEOUT,
        idle: TIMEOUT,
        memory: TIMEOUT,
        disk: TIMEOUT,
    })
}

/// Posts a JSON body, or asks (`GET`) where there is none; what is answered with 2xx is done. It
/// may arrive more than once where an answer was lost. `purpose` is for errors.
///
/// # Errors
/// It was not answered so, `ATTEMPTS_MAX` times where another attempt might have helped. Of the
/// URL the error names the host alone.
pub async fn call(
    transport: &dyn Transport,
    clock: &dyn Clock,
    url: &Secret,
    body: Option<String>,
    purpose: &str,
) -> Result<(), FetchError> {
    let request = request(url, body, purpose);
    let parsed = Url::parse(url.expose()).map_err(|_| FetchError::NoUrl {
        purpose: purpose.to_owned(),
    })?;
    let mut call = Call::new(&request, parsed, Proof::Url);
    loop {
        call.attempt += 1;
        let result = transport.send(wire(&call)).await;
        let decision = decide(
            call.attempt,
            true,
            &outcome(&result, clock),
            fastrand::f64(),
        );
        let last = match result {
            Ok(_) if decision == Decision::Take => return Ok(()),
            // The status was 2xx; what comes with it does not matter.
            Err(
                TransportError::TooLarge { .. } | TransportError::Encoding | TransportError::Cut(_),
            ) => return Ok(()),
            Ok(answer) => refusal(&call, &answer),
            Err(error) => call.broken(error),
        };
        match decision {
            Decision::Wait(wait) if call.attempt < ATTEMPTS_MAX => {
                clock.sleep(wait.min(WAIT_MAX)).await;
            }
            Decision::Wait(_) => return Err(call.given_up(Reason::Exhausted, last)),
            Decision::GiveUp(Reason::Until(_)) => return Err(last),
            Decision::GiveUp(reason) => return Err(call.given_up(reason, last)),
            Decision::Renew | Decision::Take => return Err(last),
        }
    }
}

fn request(url: &Secret, body: Option<String>, purpose: &str) -> Request {
    Request {
        method: if body.is_some() {
            Method::Post
        } else {
            Method::Get
        },
        target: Target::PreSigned(url.clone()),
        body,
        headers: Vec::new(),
        statuses: &[],
        body_limit: BodyLimit::Memory(64 << 10),
        repeatable: true,
        purpose: purpose.to_owned(),
    }
}

fn wire(call: &Call<'_>) -> WireRequest {
    WireRequest {
        method: call.request.method,
        url: call.url.clone(),
        headers: Vec::new(),
        body: call.request.body.clone(),
        statuses: call.request.statuses,
        body_limit: call.request.body_limit,
        gzip: false,
        listener: None,
    }
}

fn outcome<'a>(result: &'a Result<WireResponse, TransportError>, clock: &dyn Clock) -> Outcome<'a> {
    match result {
        Ok(answer) => Outcome::Answer(Answer {
            status: answer.status,
            accepted: super::wire::accepts(&[], answer.status),
            retry_after: answer.retry_after.as_deref(),
            body: memory(&answer.body),
            code: None,
            now: clock.now(),
            renewable: false,
        }),
        Err(error) => Outcome::Broken(error),
    }
}

/// Whoever answers may quote the URL, or the part of it that is its token.
fn refusal(call: &Call<'_>, answer: &WireResponse) -> FetchError {
    let mut secrets = call.secrets();
    let parts = call.url.path_segments().into_iter().flatten();
    let parts = parts.chain([call.url.username(), call.url.password().unwrap_or_default()]);
    secrets.extend(parts.map(Secret::new));
    call.unanswered(
        answer.status,
        None,
        message::read(memory(&answer.body), &secrets),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;
    use crate::fetch::clock::TestClock;
    use crate::fetch::liar::{Act, Liar, json, with};

    const TOKEN: &str = "hunter2-token";

    async fn called(liar: &Liar, body: Option<&str>) -> (Result<(), FetchError>, Vec<Duration>) {
        let clock = TestClock::at(Timestamp::from_millis(1_790_000_000_000));
        let url = liar.url.join(&format!("services/{TOKEN}?key={TOKEN}2"));
        let url = Secret::new(url.unwrap().as_str());
        let body = body.map(str::to_owned);
        let result = call(&transport(), &clock, &url, body, "a notice").await;
        (result, clock.slept())
    }

    #[tokio::test]
    async fn a_body_is_posted_and_a_ping_is_got() {
        let liar = Liar::answering([json("204 No Content", ""), json("200 OK", "fine")]).await;
        called(&liar, Some("{\"event\":\"gap\"}")).await.0.unwrap();
        called(&liar, None).await.0.unwrap();
        let heard = liar.heard();
        let path = format!("/services/{TOKEN}?key={TOKEN}2 HTTP/1.1");
        assert!(
            heard[0].starts_with(&format!("POST {path}")),
            "{}",
            heard[0]
        );
        assert!(
            heard[0].contains("content-type: application/json"),
            "{}",
            heard[0]
        );
        assert!(heard[0].ends_with("{\"event\":\"gap\"}"), "{}", heard[0]);
        assert!(heard[1].starts_with(&format!("GET {path}")), "{}", heard[1]);
        assert!(!heard.concat().contains("authorization"), "{heard:?}");
    }

    #[tokio::test]
    async fn what_may_pass_is_tried_again_a_few_times_and_in_little_time() {
        let busy = || with("503 Busy", "retry-after: 60\r\n", "");
        let liar = Liar::answering([busy(), busy(), json("200 OK", "")]).await;
        let (result, slept) = called(&liar, Some("{}")).await;
        result.unwrap();
        assert_eq!(slept, [WAIT_MAX, WAIT_MAX]);
        let liar = Liar::answering([busy(), busy(), busy(), json("200 OK", "")]).await;
        let (result, slept) = called(&liar, Some("{}")).await;
        assert!(
            matches!(result, Err(FetchError::GaveUp { attempts: 3, .. })),
            "{result:?}"
        );
        assert_eq!(slept.len(), 2);
    }

    #[tokio::test]
    async fn what_will_not_pass_is_given_up_and_the_url_never_shown() {
        let says = format!("no hook {TOKEN}, nor {TOKEN}2, at /services/{TOKEN}");
        for status in ["404 Not Found", "403 Forbidden", "302 Found"] {
            let liar = Liar::answering([json(status, &says)]).await;
            let (result, slept) = called(&liar, None).await;
            let error = result.unwrap_err();
            assert!(matches!(error, FetchError::Status { .. }), "{error:?}");
            assert!(slept.is_empty());
            let said = format!("{error} {error:?}");
            assert!(
                said.contains("a notice") && !said.contains("hunter2"),
                "{said}"
            );
        }
        let port = Liar::answering([]).await.url;
        let url = Secret::new(format!("{port}{TOKEN}"));
        let clock = TestClock::at(Timestamp::from_millis(0));
        let unheard = call(&transport(), &clock, &url, None, "a ping").await;
        let said = format!("{unheard:?}");
        assert!(
            said.contains("GaveUp") && !said.contains("hunter2"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn an_answer_counts_by_its_status_alone() {
        let endless = b"HTTP/1.0 200 OK\r\n\r\nfine".to_vec();
        let large = json("200 OK", &"x".repeat(100_000)).into_bytes();
        let liar = Liar::start(vec![vec![Act::Send(endless)], vec![Act::Send(large)]]).await;
        called(&liar, None).await.0.unwrap();
        called(&liar, None).await.0.unwrap();
    }
}
