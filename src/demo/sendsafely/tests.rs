//! Tests of the simulated SendSafely, without a network.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

use super::*;
use crate::demo::world::{Blemishes, Plan};

// The key, secret and time of the published test vectors.
const KEY: &str = "exampleApiKey0123456789";
const SECRET: &str = "exampleApiSecret-ABCDEFGHIJKLMNOP";
const TIMESTAMP: &str = "2024-06-01T12:34:56+0000";
const NOW: Timestamp = Timestamp::from_millis(1_717_245_296_000);
const LOG: &str = "POST /api/v2.0/enterprise/audit-logs/";

struct Bench {
    vendor: SendSafely,
    world: World,
}

impl Bench {
    fn new(options: SendSafelyOptions) -> Bench {
        let plan = Plan {
            seed: 1,
            events: 6_000,
            days: 90,
            now: NOW,
        };
        let blemishes = Blemishes {
            late: 0.9,
            ..Blemishes::default()
        };
        let world = World::with_blemishes(plan, blemishes);
        Bench {
            vendor: SendSafely::new(options, KEY, SECRET),
            world,
        }
    }

    fn send(&self, call: &Call) -> Value {
        let answer = self.vendor.answer(call, &self.world, NOW);
        assert_eq!(answer.status, 200, "application errors ride on 200");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Sends a request that is signed as it should be.
    fn ask(&self, line: &str, body: &str) -> Value {
        let path = line.split_once(' ').unwrap().1;
        let signature = self.vendor.signature(path, TIMESTAMP, body.as_bytes());
        self.send(&call(line, &signature, body))
    }

    fn log(&self, body: &str) -> Value {
        self.ask(LOG, body)
    }

    /// All pages, by way of `nextRowIndex`.
    fn walk(&self, window: &str) -> Vec<Value> {
        let (mut row, mut all) = ("0".to_owned(), Vec::new());
        loop {
            let mut page = self.log(&format!(r#"{{"pageSize":100,"rowIndex":{row}{window}}}"#));
            let entries = page["auditLogs"].as_array().unwrap().len();
            assert_eq!(page["pagination"]["rowsReturned"], entries.to_string());
            all.append(page["auditLogs"].as_array_mut().unwrap());
            match page["pagination"].get("nextRowIndex") {
                Some(next) => row = next.as_str().unwrap().to_owned(),
                None => return all,
            }
        }
    }
}

fn call(line: &str, signature: &str, body: &str) -> Call {
    let (method, path) = line.split_once(' ').unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("ss-api-key", KEY.parse().unwrap());
    headers.insert("ss-request-timestamp", TIMESTAMP.parse().unwrap());
    headers.insert("ss-request-signature", signature.parse().unwrap());
    headers.insert("content-type", "application/json".parse().unwrap());
    Call {
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

#[test]
fn requests_signed_by_official_clients_are_let_in() {
    let filters = r#"{"eventType":"","ipAddress":"","authenticatedUser":"","impersonatedUser":"","packageOwner":"","minTimestamp":"2024-05-01 00:00:00","maxTimestamp":"2024-06-01 00:00:00","pageSize":100,"rowIndex":0}"#;
    let bench = Bench::new(SendSafelyOptions::default());
    for (line, body, signature) in [
        (
            "GET /api/v2.0/user/",
            "",
            "d11587c07dd8926250998ae23140b729321aa9a5aa796745a5c3de1c92374bb8",
        ),
        (
            LOG,
            filters,
            "e0306c75d94995f4e23d8da078ab6d95a76c0d4c64a68f9c531fae6bc3681855",
        ),
        (
            LOG,
            "{}",
            "dfe3f1c24e68811128e4efc54181ca02949710a64ece1df735a339bf8298e242",
        ),
    ] {
        assert_eq!(
            bench.send(&call(line, signature, body))["response"],
            "SUCCESS",
            "{body}"
        );
        let upper = signature.to_uppercase();
        assert_eq!(
            bench.send(&call(line, &upper, body))["response"],
            "AUTHENTICATION_FAILED"
        );
        let longer = format!("{body} ");
        assert_eq!(
            bench.send(&call(line, signature, &longer))["response"],
            "AUTHENTICATION_FAILED"
        );
    }
}

#[test]
fn the_time_of_a_request_has_one_form_and_is_fresh() {
    let bench = Bench::new(SendSafelyOptions::default());
    let with = |timestamp: &str| {
        let signature = bench.vendor.signature("/api/v2.0/user/", timestamp, b"");
        let mut call = call("GET /api/v2.0/user/", &signature, "");
        call.headers
            .insert("ss-request-timestamp", timestamp.parse().unwrap());
        bench.send(&call)["response"].as_str().unwrap().to_owned()
    };
    for fresh in [
        TIMESTAMP,
        "2024-06-01T12:19:56+0000",
        "2024-06-01T12:49:56+0000",
    ] {
        assert_eq!(with(fresh), "SUCCESS", "{fresh}");
    }
    for wrong in [
        "2024-06-01T12:19:55+0000",
        "2024-06-01T12:49:57+0000",
        "2024-06-01T12:34:56Z",
        "2024-06-01T12:34:56+00:00",
        "2024-06-01T12:34:56.000+0000",
        "2024-06-01 12:34:56+0000",
    ] {
        assert_eq!(with(wrong), "AUTHENTICATION_FAILED", "{wrong}");
    }
}

#[test]
fn a_header_amiss_is_refused() {
    let bench = Bench::new(SendSafelyOptions::default());
    let signature = bench.vendor.signature("/api/v2.0/user/", TIMESTAMP, b"");
    for name in ["ss-api-key", "ss-request-timestamp", "ss-request-signature"] {
        let mut without = call("GET /api/v2.0/user/", &signature, "");
        without.headers.remove(name);
        assert_eq!(
            bench.send(&without)["response"],
            "AUTHENTICATION_FAILED",
            "without {name}"
        );
    }
    let mut other = call("GET /api/v2.0/user/", &signature, "");
    other
        .headers
        .insert("ss-api-key", "someone".parse().unwrap());
    assert_eq!(bench.send(&other)["response"], "AUTHENTICATION_FAILED");
}

#[test]
fn only_the_documented_body_is_understood() {
    let bench = Bench::new(SendSafelyOptions::default());
    for body in [
        "",
        "[]",
        "nonsense",
        r#"{"pageSize":0}"#,
        r#"{"pageSize":101}"#,
        r#"{"pageSize":"100"}"#,
        r#"{"rowIndex":-1}"#,
        r#"{"minTimestamp":"2024-05-01T00:00:00"}"#,
        r#"{"minTimestamp":"2024-05-01 00:00:00.000"}"#,
        r#"{"maxTimestamp":"2024-5-1"}"#,
        r#"{"maxTimestamp":1717245296000}"#,
        r#"{"eventType":"LOGIN_EVENT"}"#,
        r#"{"eventType":null}"#,
        r#"{"action":"LOGIN"}"#,
    ] {
        assert_eq!(bench.log(body)["response"], "INVALID_INPUT", "{body}");
    }
    let signature = bench
        .vendor
        .signature("/api/v2.0/enterprise/audit-logs/", TIMESTAMP, b"{}");
    let mut untyped = call(LOG, &signature, "{}");
    untyped.headers.remove("content-type");
    assert_eq!(bench.send(&untyped)["response"], "INVALID_INPUT");
    assert_eq!(bench.log("{}")["pagination"]["rowsReturned"], "25");
}

#[test]
fn pages_hold_every_visible_event_once_in_either_order() {
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let bench = Bench::new(SendSafelyOptions {
            order,
            ..SendSafelyOptions::default()
        });
        let mut expected: Vec<String> = bench
            .world
            .sendsafely_visible(NOW)
            .iter()
            .map(|e| e.id())
            .collect();
        let all = bench
            .world
            .sendsafely_between(Timestamp::from_millis(0), NOW)
            .len();
        assert!(expected.len() < all, "some events are late");
        if order == Order::NewestFirst {
            expected.reverse();
        }
        let ids: Vec<String> = bench
            .walk("")
            .iter()
            .map(|entry| entry["eventId"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids, expected);
    }
}

#[test]
fn a_window_leaves_out_its_ends_or_not() {
    for (bounds_excluded, ends) in [(true, 0), (false, 2)] {
        let mut bench = Bench::new(SendSafelyOptions {
            bounds_excluded,
            ..SendSafelyOptions::default()
        });
        let (min, max) = ("2024-05-10 00:00:00", "2024-05-12");
        let at = |day: i64| Timestamp::from_millis(1_715_299_200_000 + day * 86_400_000);
        bench.world.move_first_sendsafely([at(0), at(2)]);
        let found = bench.walk(&format!(
            r#","minTimestamp":"{min}","maxTimestamp":"{max}""#
        ));
        let visible = bench.world.sendsafely_visible(NOW);
        let inside = visible
            .iter()
            .filter(|event| at(0) < event.time && event.time < at(2))
            .count();
        assert!(inside > 5);
        assert_eq!(found.len(), inside + ends);
    }
}

#[test]
fn filters_are_applied() {
    let bench = Bench::new(SendSafelyOptions::default());
    let visible = bench.world.sendsafely_visible(NOW);
    let user = &visible[0].authenticated_user;
    let by_user = visible
        .iter()
        .filter(|event| event.authenticated_user == *user)
        .count();
    assert_eq!(
        bench
            .walk(&format!(r#","authenticatedUser":"{user}""#))
            .len(),
        by_user
    );
    let downloads = visible
        .iter()
        .filter(|event| event.action == "WORKSPACE_DOWNLOAD")
        .count();
    assert_eq!(
        bench.walk(r#","eventType":"WORKSPACE_DOWNLOAD""#).len(),
        downloads
    );
    let admin = visible
        .iter()
        .filter(|event| event.event_type == "ADMIN_EVENT")
        .count();
    assert_eq!(
        bench
            .walk(r#","eventType":"ADMIN_EVENT","ipAddress":"""#)
            .len(),
        admin
    );
}

#[test]
fn a_row_cap_is_told_and_ends_the_walk() {
    let options = SendSafelyOptions {
        row_cap: Some(150),
        pagination_as_text: false,
        ..Default::default()
    };
    let bench = Bench::new(options);
    let first = bench.log(r#"{"pageSize":100}"#);
    let pagination = json!({"rowIndex": 0, "rowsReturned": 100, "nextRowIndex": 100});
    assert_eq!(first["pagination"], pagination);
    let second = bench.log(r#"{"pageSize":100,"rowIndex":100}"#);
    let pagination = json!({"rowIndex": 100, "rowsReturned": 50, "rowsCapped": true});
    assert_eq!(second["pagination"], pagination);
}

#[test]
fn the_audit_log_is_for_administrators() {
    let bench = Bench::new(SendSafelyOptions {
        admin: false,
        ..SendSafelyOptions::default()
    });
    assert_eq!(bench.log("{}")["response"], "DENIED");
    assert_eq!(bench.ask("GET /api/v2.0/user/", "")["adminUser"], false);
    let check = bench.ask("GET /api/v2.0/config/verify-credentials/", "");
    assert_eq!(
        check["message"],
        bench.ask("GET /api/v2.0/user/", "")["email"]
    );
}

#[test]
fn a_path_has_its_trailing_slash_or_does_not_exist() {
    let bench = Bench::new(SendSafelyOptions::default());
    for line in [
        "POST /api/v2.0/enterprise/audit-logs",
        "GET /api/v2.0/enterprise/audit-logs/",
        "GET /",
    ] {
        let path = line.split_once(' ').unwrap().1;
        let signature = bench.vendor.signature(path, TIMESTAMP, b"");
        let answer = bench
            .vendor
            .answer(&call(line, &signature, ""), &bench.world, NOW);
        assert_eq!(
            (answer.status, answer.content_type),
            (404, "text/html"),
            "{line}"
        );
    }
}
