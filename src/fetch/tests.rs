//! What a request meets on its way: faults, waits, redirects, limits.

mod auth;
mod aws;
mod beside;
mod clocks;
mod secrets;

use std::io::Read as _;
use std::sync::Mutex;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::clock::TestClock;
use super::liar::{Act, Liar, json, with};
use super::wire::http::Http;
use super::wire::{TransportError, WireRequest};
use super::*;
use crate::event::Timestamp;
use crate::feed::{BodyLimit, SignIn, SignInWay, Signed, Target, Token};
use crate::secret::Secret;

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Everything a test needs to send requests to a liar.
struct Bench {
    fetch: Fetch,
    clock: Arc<TestClock>,
    progress: Arc<Mutex<Vec<Progress>>>,
}

fn bench(url: &Url, credentials: Credentials) -> Bench {
    let clock = Arc::new(TestClock::at(START));
    let progress = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&progress);
    let fetch = Fetch::new(
        Arc::new(Http::default()),
        clock.clone(),
        Arc::new(Limits::default()),
        url.clone(),
        credentials,
        600,
    );
    let fetch = fetch.heard_by(Arc::new(move |event| hears.lock().unwrap().push(event)));
    Bench {
        fetch,
        clock,
        progress,
    }
}

impl Bench {
    async fn get(&mut self, path: &str) -> Result<Response, FetchError> {
        self.fetch.send(&Request::get(path, "users")).await
    }

    fn limited_to(&mut self, requests_per_minute: u32) {
        let sender = Arc::get_mut(&mut self.fetch.sender).expect("it is not shared");
        sender.requests_per_minute = requests_per_minute;
    }

    fn slept_seconds(&self) -> Vec<u64> {
        let slept = self.clock.slept();
        slept.iter().map(Duration::as_secs).collect()
    }
}

fn token() -> Credentials {
    Credentials::Token(Secret::new("MARKER-token"))
}

fn sign_in() -> Credentials {
    Credentials::SignIn(SignIn {
        username: Secret::new("MARKER-username"),
        password: Secret::new("MARKER-password"),
        ways: &[SignInWay::Basic("/auth"), SignInWay::Json("/authenticate")],
        read: |body| {
            let body: serde_json::Value = serde_json::from_slice(body).ok()?;
            Some(Token {
                token: Secret::new(body.get("accessToken")?.as_str()?),
                lasts: Duration::from_secs(3_600),
            })
        },
    })
}

fn signed() -> Credentials {
    Credentials::Signed(Signed {
        key: Secret::new("MARKER-key"),
        secret: Secret::new("MARKER-secret"),
        headers: |request| {
            vec![
                ("x-key", request.key.to_owned()),
                ("x-time", request.now.millis().to_string()),
                ("x-signed", format!("{}+{}", request.path, request.body)),
            ]
        },
    })
}

fn given(token: &str) -> String {
    json("200 OK", &format!("{{\"accessToken\":\"{token}\"}}"))
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn first_lines(liar: &Liar) -> Vec<String> {
    let heard = liar.heard();
    let first = |request: &String| request.lines().next().unwrap_or_default().to_owned();
    heard.iter().map(first).collect()
}

fn presigned(liar: &Liar) -> Request {
    let url = format!("{}MARKER-path?X-Amz-Signature=MARKER%2Fsignature", liar.url);
    Request {
        target: Target::PreSigned(Secret::new(url)),
        body_limit: BodyLimit::Disk(1 << 20),
        ..Request::get("", "report")
    }
}

#[tokio::test]
async fn a_throttled_request_is_sent_again_when_the_vendor_says() {
    let busy = with("429 Too Many Requests", "retry-after: 30\r\n", "{}");
    let liar = Liar::answering([busy, json("200 OK", "[]")]).await;
    let mut bench = bench(&liar.url, token());
    let answer = bench.get("/users").await.expect("an answer");
    assert_eq!(answer.content_type, "application/json");
    assert_eq!(answer.body.bytes().expect("a body"), b"[]");
    assert_eq!(bench.slept_seconds(), [30]);
    let progress = bench.progress.lock().unwrap();
    assert!(
        matches!(&progress[1], Progress::Retrying { attempt: 1, why, .. } if why.contains("429")),
        "{progress:?}"
    );
}

#[tokio::test]
async fn a_vendor_that_wants_long_peace_gets_it() {
    let busy = with("429 No", "retry-after: 3600\r\n", "{}");
    let liar = Liar::answering([busy]).await;
    let mut bench = bench(&liar.url, token());
    let error = bench.get("/users").await.expect_err("throttled");
    let FetchError::Throttled { until, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(until.millis() - bench.clock.now().millis(), 3_600_000);
    assert!(
        error.to_string().contains("until 2026-09-21T15:13:20"),
        "{error}"
    );
}

#[tokio::test]
async fn a_good_body_under_a_bad_status_is_not_taken() {
    let bad = || json("503 Service Unavailable", "{\"values\":[1]}");
    let liar = Liar::answering([bad(), json("200 OK", "{\"values\":[2]}")]).await;
    let mut bench = bench(&liar.url, token());
    let answer = bench.get("/users").await.expect("an answer");
    assert_eq!(answer.body.bytes().expect("a body"), b"{\"values\":[2]}");
}

#[tokio::test]
async fn a_body_cut_short_is_asked_for_again_and_given_up_after_six_times() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[1]";
    let liar = Liar::answering([cut.to_owned(), json("200 OK", "[1,2]")]).await;
    let mut first = bench(&liar.url, token());
    let answer = first.get("/users").await.expect("an answer");
    assert_eq!(answer.body.bytes().expect("a body"), b"[1,2]");
    assert_eq!(first.fetch.received().0, 5, "only the whole body counts");

    let liar = Liar::answering([(); 7].map(|()| cut.to_owned())).await;
    let mut second = bench(&liar.url, token());
    let error = second.get("/users").await.expect_err("always cut");
    assert!(
        matches!(error, FetchError::GaveUp { attempts: 6, .. }),
        "{error:?}"
    );
    assert_eq!((error.attempts(), liar.heard().len()), (6, 6));
    assert_eq!(second.clock.slept().len(), 5);
    assert!(error.to_string().contains("3 of 10 bytes"), "{error}");
}

#[tokio::test]
async fn a_final_status_is_asked_once_and_an_accepted_one_handed_out() {
    let missing = || json("400 Bad Request", "{\"message\":\"Report not found\"}");
    let liar = Liar::answering([missing(), missing()]).await;
    let mut bench = bench(&liar.url, token());
    let error = bench.get("/reports/x").await.expect_err("not found");
    assert_eq!(
        error.to_string(),
        "127.0.0.1:PORT answered 400 (users): Report not found"
            .replace("PORT", &liar.url.port().expect("a port").to_string())
    );
    assert!(!error.is_refused());
    let request = Request {
        statuses: &[400],
        ..Request::get("/reports/x", "report")
    };
    let answer = bench.fetch.send(&request).await.expect("an answer");
    assert_eq!(answer.status, 400);
}

fn order() -> Request {
    Request {
        repeatable: false,
        ..Request::post("/reports", "{}".to_owned(), "report")
    }
}

#[tokio::test]
async fn what_must_not_come_twice_is_sent_once_if_it_may_have_been_taken() {
    let cut = "HTTP/1.1 202 Accepted\r\ncontent-length: 10\r\n\r\n{}";
    let send = |text: String| vec![Act::Send(text.into_bytes())];
    for (first, why) in [
        (vec![Act::Reset], "the connection broke"),
        (send(String::new()), "the connection broke"),
        (send(cut.to_owned()), "2 of 10 bytes"),
        (send(json("502 Bad Gateway", "{}")), "answered 502"),
        (send(with("307 On", "location: /next\r\n", "")), "redirects"),
    ] {
        let liar = Liar::start(vec![first, send(json("202 Accepted", "{}"))]).await;
        let mut bench = bench(&liar.url, token());
        let error = bench.fetch.send(&order()).await.expect_err(why);
        assert!(error.is_doubtful(), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(liar.heard().len(), 1, "{why}");
        assert!(bench.clock.slept().is_empty());
    }
}

#[tokio::test]
async fn what_must_not_come_twice_is_sent_again_if_it_was_refused() {
    let busy = with("503 No", "retry-after: 30\r\n", "{}");
    let liar = Liar::answering([busy, json("202 Accepted", "{}")]).await;
    let mut first = bench(&liar.url, token());
    let answer = first.fetch.send(&order()).await.expect("an answer");
    assert_eq!((answer.status, liar.heard().len()), (202, 2));

    let liar = Liar::answering([json("400 No", "{}")]).await;
    let refused = bench(&liar.url, token()).fetch.send(&order()).await;
    assert!(!refused.expect_err("refused").is_doubtful());

    let nobody = Url::parse("http://127.0.0.1:9/").expect("a URL");
    let mut second = bench(&nobody, token());
    let error = second.fetch.send(&order()).await.expect_err("nobody");
    assert!(
        matches!(error, FetchError::GaveUp { attempts: 6, .. }),
        "{error:?}"
    );
    assert!(!error.is_doubtful(), "{error:?}");
}

#[tokio::test]
async fn html_is_handed_out_with_its_type_for_the_feed_to_judge() {
    let page = with(
        "200 OK",
        "content-type: Text/HTML; charset=utf-8\r\n",
        "<html>",
    );
    let liar = Liar::answering([page]).await;
    let answer = bench(&liar.url, token())
        .get("/users")
        .await
        .expect("an answer");
    assert_eq!(answer.content_type, "text/html");
}

#[tokio::test]
async fn a_redirect_on_the_same_host_is_followed_five_times() {
    let on = || with("307 On", "location: /next?page=2\r\n", "");
    let liar = Liar::answering([on(), on(), json("200 OK", "[]")]).await;
    let mut first = bench(&liar.url, token());
    first.get("/users").await.expect("an answer");
    assert_eq!(
        first_lines(&liar),
        [
            "GET /users HTTP/1.1",
            "GET /next?page=2 HTTP/1.1",
            "GET /next?page=2 HTTP/1.1"
        ]
    );
    let last = &liar.heard()[2];
    assert_eq!(header(last, "authorization"), Some("Bearer MARKER-token"));

    let liar = Liar::answering([(); 7].map(|()| on())).await;
    let error = bench(&liar.url, token())
        .get("/users")
        .await
        .expect_err("a circle");
    let is_circle = matches!(
        error,
        FetchError::Transport {
            cause: TransportError::Redirects(5),
            ..
        }
    );
    assert!(is_circle, "{error:?}");
    assert_eq!(liar.heard().len(), 6);
}

#[tokio::test]
async fn requests_are_spaced_and_signed_when_their_turn_comes() {
    let ok = || json("200 OK", "[]");
    let liar = Liar::answering([ok(), ok(), ok()]).await;
    let mut bench = bench(&liar.url, signed());
    bench.limited_to(6);
    for _ in 0..3 {
        bench.get("/users").await.expect("an answer");
    }
    assert_eq!(bench.clock.slept().len(), 2);
    let heard = liar.heard();
    let times: Vec<_> = heard.iter().filter_map(|r| header(r, "x-time")).collect();
    let times: Vec<i64> = times.iter().filter_map(|time| time.parse().ok()).collect();
    assert!(
        times.windows(2).all(|pair| pair[1] - pair[0] >= 10_000),
        "{times:?}"
    );
}

#[tokio::test]
async fn bodies_handed_out_are_counted_and_hashed_in_order() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nlost".to_owned();
    let bad = json("500 No", "lost");
    let answers = [
        json("200 OK", "first,"),
        cut,
        bad,
        with("200 OK", "", "second"),
    ];
    let liar = Liar::answering(answers).await;
    let mut bench = bench(&liar.url, token());
    let nothing: [u8; 32] = Sha256::digest(b"").into();
    assert_eq!(bench.fetch.received(), (0, nothing));
    bench.get("/users").await.expect("in memory");
    let answer = bench.fetch.send(&presigned(&liar)).await.expect("on disk");
    let Body::Disk(mut file) = answer.body else {
        panic!("not on disk");
    };
    let mut read = String::new();
    file.read_to_string(&mut read).expect("it can be read");
    assert_eq!(read, "second", "the file is at its start");
    let all: [u8; 32] = Sha256::digest(b"first,second").into();
    assert_eq!(bench.fetch.received(), (12, all));
}

#[tokio::test]
async fn plain_http_elsewhere_is_not_asked() {
    let url = Url::parse("http://192.0.2.1/").expect("a URL");
    let mut bench = bench(&url, sign_in());
    let error = bench.get("/users").await.expect_err("not secure");
    assert!(matches!(&error, FetchError::InsecureUrl { host } if host == "192.0.2.1"));
    let request = Request {
        target: Target::PreSigned(Secret::new("no url MARKER")),
        ..Request::get("", "report")
    };
    let error = bench.fetch.send(&request).await.expect_err("no URL");
    assert!(matches!(&error, FetchError::NoUrl { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("MARKER"));
}

#[test]
fn a_request_can_be_sent_from_any_thread() {
    fn assert_send<T: Send>(_: &T) {}
    let url = Url::parse("https://us.example/").expect("a URL");
    let mut bench = bench(&url, token());
    let request = Request::get("/users", "users");
    assert_send(&bench.fetch.send(&request));
}
