//! Tests of the simulated SAFE, without a network.

use axum::http::HeaderMap;
use bytes::Bytes;

use super::exports::{AskedForm, ReadyForm};
use super::*;
use crate::demo::world::Plan;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z
const REPORT: &str = r#"{"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":2}}"#;

struct Bench {
    safe: Safe,
    world: World,
    now: Timestamp,
}

impl Bench {
    fn new(options: SafeOptions) -> Bench {
        let plan = Plan {
            seed: 1,
            events: 50_000,
            days: 30,
            now: NOW,
        };
        let safe = Safe::new(options, "ann", "pass:word", "http://safe.test".to_owned());
        Bench {
            safe,
            world: World::new(plan),
            now: NOW,
        }
    }

    fn ask(&mut self, line: &str, headers: &[(&str, &str)], body: &str) -> (u16, Answer) {
        let answer = self
            .safe
            .answer(&call(line, headers, body), &self.world, self.now);
        (answer.status, answer)
    }

    fn token(&mut self) -> String {
        let code = BASE64_STANDARD.encode("ann:pass:word");
        let (_, answer) = self.ask(
            "POST /api/v3/auth",
            &[("authorization", &format!("Basic {code}"))],
            "",
        );
        format!("Bearer {}", json(&answer)["accessToken"].as_str().unwrap())
    }

    /// Asks for a report; the path to poll it at.
    fn report(&mut self, token: &str) -> String {
        let headers = [
            ("authorization", token),
            ("content-type", "application/json"),
        ];
        let (status, answer) = self.ask("POST /api/v3/reports", &headers, REPORT);
        assert_eq!(status, 202);
        format!(
            "GET /api/v3/reports/{}",
            json(&answer)["data"]["uuid"].as_str().unwrap()
        )
    }

    /// The path and query of a new link.
    fn link(&mut self, poll: &str, token: &str) -> String {
        let (status, answer) = self.ask(poll, &[("authorization", token)], "");
        assert_eq!(status, 200);
        let url = json(&answer)["data"]["preSignedUrl"]
            .as_str()
            .unwrap()
            .to_owned();
        format!("GET {}", url.strip_prefix("http://safe.test").unwrap())
    }
}

fn call(line: &str, headers: &[(&str, &str)], body: &str) -> Call {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(
            name.parse::<axum::http::HeaderName>().unwrap(),
            value.parse().unwrap(),
        );
    }
    Call {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: map,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn says(answer: &Answer, words: &str) -> bool {
    String::from_utf8_lossy(&answer.body).contains(words)
}

fn ready() -> SafeOptions {
    SafeOptions {
        pending_polls: 0,
        ..SafeOptions::default()
    }
}

#[test]
fn a_token_is_given_for_the_right_credentials_only() {
    let mut bench = Bench::new(SafeOptions::default());
    let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    let sign_in = |bench: &mut Bench, header: &str, body: &str| {
        bench.ask("POST /api/v3/auth", &[("authorization", header)], body)
    };
    let (status, answer) = sign_in(&mut bench, &basic("ann:pass:word"), "");
    assert_eq!((status, &json(&answer)["expiresIn"]), (200, &json!("3600")));
    assert_eq!(sign_in(&mut bench, &basic("ann:other"), "").0, 401);
    assert_eq!(sign_in(&mut bench, &basic("ann:pass:word"), "{}").0, 400);
    assert_eq!(sign_in(&mut bench, "Bearer x", "").0, 400);
    assert_eq!(bench.ask("POST /api/v3/auth", &[], "").0, 400);
    assert_eq!(bench.ask("POST /api/v3/authenticate", &[], "").0, 405);
}

#[test]
fn signing_in_with_json_can_be_the_only_way() {
    let mut bench = Bench::new(SafeOptions {
        sign_in: SignInForm::Json,
        ..SafeOptions::default()
    });
    let headers = [("content-type", "application/json")];
    let path = "POST /api/v3/authenticate";
    let (status, answer) = bench.ask(
        path,
        &headers,
        r#"{"username":"ann","password":"pass:word"}"#,
    );
    assert_eq!(status, 200);
    assert!(json(&answer)["accessToken"].is_string());
    assert_eq!(
        bench
            .ask(path, &headers, r#"{"username":"ann","password":"x"}"#)
            .0,
        401
    );
    assert_eq!(bench.ask(path, &headers, r#"{"username":"ann"}"#).0, 400);
    assert_eq!(
        bench
            .ask(path, &[], r#"{"username":"ann","password":"pass:word"}"#)
            .0,
        400
    );
    assert_eq!(bench.ask("POST /api/v3/auth", &[], "").0, 405);
}

#[test]
fn nothing_is_served_without_a_token_that_lasts() {
    let mut bench = Bench::new(SafeOptions {
        token_lasts: Duration::from_secs(60),
        ..ready()
    });
    let token = bench.token();
    let (status, answer) = bench.ask("GET /api/v3/users", &[], "");
    assert_eq!(status, 403);
    assert!(says(&answer, "\"Message\":\"User is not authorized"));
    for wrong in ["Bearer nonsense", "Basic YTpi", &token.to_lowercase()] {
        let (status, answer) = bench.ask("GET /api/v3/users", &[("authorization", wrong)], "");
        assert_eq!(status, 401, "{wrong}");
        assert!(says(&answer, "invalid authorization header!"));
        let (_, answer) = bench.ask("GET /api/v3/reports/x", &[("authorization", wrong)], "");
        assert_eq!(json(&answer), json!({"message": "Unauthorized"}));
    }
    bench.now = NOW.plus_millis(59_999);
    assert_eq!(
        bench
            .ask("GET /api/v3/users", &[("authorization", &token)], "")
            .0,
        200
    );
    bench.now = NOW.plus_millis(60_000);
    assert_eq!(
        bench
            .ask("GET /api/v3/users", &[("authorization", &token)], "")
            .0,
        401
    );
}

#[test]
fn users_come_in_pages_and_each_once() {
    let mut bench = Bench::new(SafeOptions::default());
    let token = bench.token();
    let mut seen = Vec::new();
    let mut next = Some("/api/v3/users?page=1&pagelen=50".to_owned());
    while let Some(path) = next {
        let (status, answer) = bench.ask(&format!("GET {path}"), &[("authorization", &token)], "");
        assert_eq!(status, 200);
        let page = json(&answer);
        seen.extend(
            page["values"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["uuid"].to_string()),
        );
        assert_eq!(page["previous"].is_null(), page["page"] == 1);
        next = page["next"]
            .as_str()
            .map(|url| url.strip_prefix("http://safe.test").unwrap().to_owned());
    }
    let there = bench
        .world
        .cast()
        .staff
        .iter()
        .filter(|person| person.left_at.is_none_or(|left| NOW < left));
    let there: Vec<String> = there
        .map(|person| format!("\"{}\"", person.user_id))
        .collect();
    assert!(there.len() > 100);
    assert_eq!(seen, there);
}

#[test]
fn users_are_strict_about_parameters() {
    let mut bench = Bench::new(SafeOptions::default());
    let token = bench.token();
    for query in ["pagelen=101", "pagelen=0", "page=0", "page=x", "limit=10"] {
        let line = format!("GET /api/v3/users?{query}");
        assert_eq!(
            bench.ask(&line, &[("authorization", &token)], "").0,
            400,
            "{query}"
        );
    }
    let (_, answer) = bench.ask(
        "GET /api/v3/users?page=99",
        &[("authorization", &token)],
        "",
    );
    assert_eq!(json(&answer)["values"], json!([]));
    assert_eq!(json(&answer)["next"], Value::Null);
}

#[test]
fn a_report_is_asked_for_in_one_form() {
    let mut bench = Bench::new(SafeOptions::default());
    let token = bench.token();
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    for body in [
        "",
        "[]",
        r#"{"type":"AUDIT_LOGS","format":"json","reportMeta":{"days":1}}"#,
        r#"{"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":0}}"#,
        r#"{"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":366}}"#,
        r#"{"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":"1"}}"#,
        r#"{"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":1.5}}"#,
        r#"{"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":1,"from":2}}"#,
        r#"{"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":1},"x":1}"#,
    ] {
        assert_eq!(
            bench.ask("POST /api/v3/reports", &headers, body).0,
            400,
            "{body}"
        );
    }
    assert_eq!(
        bench.ask("POST /api/v3/reports", &headers[..1], REPORT).0,
        400
    );
    assert_eq!(bench.ask("POST /api/v3/reports", &headers, REPORT).0, 202);
}

#[test]
fn a_report_is_pending_in_the_form_chosen_and_then_ready() {
    for (pending, status) in [
        (Pending::NotFound, 400),
        (Pending::NoUrl, 200),
        (Pending::Accepted, 202),
    ] {
        let mut bench = Bench::new(SafeOptions {
            pending,
            pending_polls: 2,
            ..SafeOptions::default()
        });
        let token = bench.token();
        let poll = bench.report(&token);
        for _ in 0..2 {
            let (answered, answer) = bench.ask(&poll, &[("authorization", &token)], "");
            assert_eq!(answered, status);
            assert!(!says(&answer, "preSignedUrl"));
        }
        let (one, two) = (bench.link(&poll, &token), bench.link(&poll, &token));
        assert_ne!(one, two, "each poll gives a new link");
        let never = "GET /api/v3/reports/1eebc0b2-b019-42b3-8132-c15c5926b21e";
        assert_eq!(bench.ask(never, &[("authorization", &token)], "").0, 400);
    }
}

#[test]
fn a_report_holds_what_was_visible_when_it_was_asked_for() {
    let mut bench = Bench::new(ready());
    let token = bench.token();
    let poll = bench.report(&token);
    bench.now = NOW.plus_millis(240_000);
    bench.world.advance(bench.now, 100);
    let link = bench.link(&poll, &token);
    let (status, answer) = bench.ask(&link, &[], "");
    assert_eq!(status, 200);
    let rows = bench.world.safe_visible(NOW, 2);
    assert!(rows.len() > 100);
    assert_eq!(answer.body, Table::default().write(&rows, NOW));
}

#[test]
fn a_link_expires_and_stands_alone() {
    let mut bench = Bench::new(ready());
    let token = bench.token();
    let poll = bench.report(&token);
    let link = bench.link(&poll, &token);
    let (status, answer) = bench.ask(&link, &[("authorization", &token)], "");
    assert!(status == 400 && says(&answer, "Only one auth mechanism allowed"));
    assert_eq!(bench.ask(&link.replace("GET ", "HEAD "), &[], "").0, 403);
    assert_eq!(
        bench
            .ask(&link.replace("Signature=", "Signature=0"), &[], "")
            .0,
        403
    );
    assert_eq!(bench.ask(&link.replace(".csv", ".txt"), &[], "").0, 403);
    bench.now = NOW.plus_millis(299_999);
    assert_eq!(bench.ask(&link, &[], "").0, 200);
    bench.now = NOW.plus_millis(300_000);
    let (status, answer) = bench.ask(&link, &[], "");
    assert!(status == 403 && says(&answer, "Request has expired"));
    let fresh = bench.link(&poll, &token);
    bench.safe.expire(&call(&fresh, &[], ""), bench.now);
    assert_eq!(bench.ask(&fresh, &[], "").0, 403);
}

#[test]
fn unknown_paths_are_the_web_application_or_refused() {
    let mut bench = Bench::new(SafeOptions::default());
    for path in ["/", "/api/v3/reports", "/api/v3/users/", "/api/v4/users"] {
        let (status, answer) = bench.ask(&format!("GET {path}"), &[], "");
        assert_eq!((status, answer.content_type), (200, "text/html"), "{path}");
    }
    let (status, answer) = bench.ask("POST /api/v3/reports/", &[], "{}");
    assert_eq!((status, answer.content_type), (405, "application/xml"));
}

const EXPORT: &str = "POST /api/v3/audit-logs/export";

/// The answer that holds an export of two days in the end, and where in it a link is.
fn exported(bench: &mut Bench, pointer: &str, link: &str) -> Answer {
    let token = bench.token();
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    let at = |answer: &Answer, pointer: &str| {
        let value = json(answer);
        value.pointer(pointer).unwrap().as_str().unwrap().to_owned()
    };
    let (status, answer) = bench.ask(EXPORT, &headers, r#"{"days":2}"#);
    assert_eq!(status, 202);
    let poll = format!("GET /api/v3/audit-logs/export/{}", at(&answer, pointer));
    assert_eq!(bench.ask(&poll, &[], "").0, 403);
    assert_eq!(bench.ask(&poll, &headers[..1], "").0, 400, "it is pending");
    let (status, answer) = bench.ask(&poll, &headers[..1], "");
    assert_eq!(status, 200);
    if link.is_empty() {
        return answer;
    }
    let url = at(&answer, link);
    let path = url.strip_prefix("http://safe.test").unwrap();
    bench.ask(&format!("GET {path}"), &[], "").1
}

#[test]
fn an_export_comes_in_every_form_and_holds_what_the_report_holds() {
    for (asked, pointer, ready, link) in [
        (
            AskedForm::DataUuid,
            "/data/uuid",
            ReadyForm::DataPreSignedUrl,
            "/data/preSignedUrl",
        ),
        (
            AskedForm::Uuid,
            "/uuid",
            ReadyForm::PreSignedUrl,
            "/preSignedUrl",
        ),
        (
            AskedForm::DataId,
            "/data/id",
            ReadyForm::DataUrl,
            "/data/url",
        ),
        (AskedForm::DataUuid, "/data/uuid", ReadyForm::Csv, ""),
        (AskedForm::DataUuid, "/data/uuid", ReadyForm::Rows, ""),
    ] {
        let export = ExportForm { asked, ready };
        let options = SafeOptions {
            export,
            ..ready_but_once()
        };
        let mut bench = Bench::new(options);
        let answer = exported(&mut bench, pointer, link);
        let rows = bench.world.safe_visible(NOW, 2);
        if ready == ReadyForm::Rows {
            let told = json(&answer);
            assert_eq!(told.as_array().unwrap().len(), rows.len());
            assert_eq!(told[0]["Timestamp"], rows[0].time.to_string());
            assert_eq!(told[0]["User ID"], *rows[0].user_id);
        } else {
            assert_eq!(answer.body, Table::default().write(&rows, NOW));
        }
    }
}

/// Pending once, in the form of a report that is not there.
fn ready_but_once() -> SafeOptions {
    SafeOptions {
        pending_polls: 1,
        ..SafeOptions::default()
    }
}

#[test]
fn an_export_is_asked_for_in_one_form() {
    let mut bench = Bench::new(ready());
    let token = bench.token();
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    for body in [
        "",
        "[]",
        "{}",
        "2",
        r#"{"days":0}"#,
        r#"{"days":366}"#,
        r#"{"days":"1"}"#,
        r#"{"days":1,"x":2}"#,
    ] {
        assert_eq!(bench.ask(EXPORT, &headers, body).0, 400, "{body}");
    }
    assert_eq!(bench.ask(EXPORT, &headers[..1], r#"{"days":1}"#).0, 400);
    assert_eq!(bench.ask(EXPORT, &headers[1..], r#"{"days":1}"#).0, 403);
    let never = "GET /api/v3/audit-logs/export/1eebc0b2-b019-42b3-8132-c15c5926b21e";
    assert_eq!(bench.ask(never, &headers[..1], "").0, 400);
}

#[test]
fn reports_can_be_missing_while_exports_are_there() {
    let application = (200, "text/html");
    for (reports, ask, poll) in [
        (
            Reports::NotFound,
            (404, "application/json"),
            (404, "application/json"),
        ),
        (Reports::Application, application, application),
        (Reports::Unknown, (405, "application/xml"), application),
    ] {
        let mut bench = Bench::new(SafeOptions { reports, ..ready() });
        let token = bench.token();
        let headers = [
            ("authorization", token.as_str()),
            ("content-type", "application/json"),
        ];
        for (line, expected) in [
            ("POST /api/v3/reports", ask),
            ("GET /api/v3/reports/x", poll),
        ] {
            let (status, answer) = bench.ask(line, &headers, REPORT);
            assert_eq!((status, answer.content_type), expected, "{line}");
        }
        assert_eq!(bench.ask(EXPORT, &headers, r#"{"days":1}"#).0, 202);
    }
}
