//! Tests of the vendors on the wire, by a client that sees every byte.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::demo::http::Purpose;
use crate::demo::world::Plan;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z
const AUTH: &str =
    "authorization: Basic dHJhaWxrZWVwLWRlbW86Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==\r\n";

fn vendors(events: usize, options: Options) -> Vendors {
    let plan = Plan {
        seed: 5,
        events,
        days: 90,
        now: NOW,
    };
    Vendors::start(World::new(plan), options).unwrap()
}

/// What came back, byte for byte.
struct Wire {
    head: String,
    body: Vec<u8>,
}

impl Wire {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or("")
    }

    fn announced(&self) -> usize {
        let mut lines = self.head.lines();
        lines
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap()
            .parse()
            .unwrap()
    }
}

/// Sends one request and reads until the connection ends, be it well or badly.
async fn exchange(url: &str, line: &str, headers: &str, body: &str) -> Wire {
    exchange_open(url, line, &format!("connection: close\r\n{headers}"), body).await
}

/// The same without asking for the connection to be closed: only a fault ends it.
async fn exchange_open(url: &str, line: &str, headers: &str, body: &str) -> Wire {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head = format!("{line} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{headers}\r\n");
    let request = format!("{head}{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A reset is one of the ways in which a connection ends here.
    let end = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(Duration::from_secs(10), end)
        .await
        .expect("the connection ends");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let body = bytes.split_off(end.map_or(bytes.len(), |at| at + 4));
    let head = String::from_utf8(bytes).unwrap();
    Wire { head, body }
}

async fn sign_in(vendors: &Vendors) -> Wire {
    exchange(vendors.safe_url(), "POST /api/v3/auth", AUTH, "").await
}

/// A link to a report of so many days.
async fn link(vendors: &Vendors, days: u32) -> String {
    let token: serde_json::Value = serde_json::from_slice(&sign_in(vendors).await.body).unwrap();
    let token = format!(
        "authorization: Bearer {}\r\n",
        token["accessToken"].as_str().unwrap()
    );
    let body = format!(r#"{{"type":"AUDIT_LOGS","format":"csv","reportMeta":{{"days":{days}}}}}"#);
    let headers = format!("{token}content-type: application/json\r\n");
    let asked = exchange(vendors.safe_url(), "POST /api/v3/reports", &headers, &body).await;
    let asked: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    let poll = format!(
        "GET /api/v3/reports/{}",
        asked["data"]["uuid"].as_str().unwrap()
    );
    exchange(vendors.safe_url(), &poll, &token, "").await;
    let ready = exchange(vendors.safe_url(), &poll, &token, "").await;
    let ready: serde_json::Value = serde_json::from_slice(&ready.body).unwrap();
    let url = ready["data"]["preSignedUrl"].as_str().unwrap();
    format!("GET {}", url.strip_prefix(vendors.safe_url()).unwrap())
}

fn signed(path: &str, body: &str) -> String {
    let timestamp = NOW.datetime().format("%Y-%m-%dT%H:%M:%S+0000").to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(CREDENTIALS.api_secret.as_bytes()).unwrap();
    mac.update(format!("{}{path}{timestamp}{body}", CREDENTIALS.api_key).as_bytes());
    let signature: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "ss-api-key: {}\r\nss-request-timestamp: {timestamp}\r\nss-request-signature: {signature}\r\ncontent-type: application/json\r\n",
        CREDENTIALS.api_key
    )
}

#[tokio::test]
async fn a_report_is_served_whole_with_its_length() {
    let vendors = vendors(5_000, Options::default());
    let link = link(&vendors, 90).await;
    let file = exchange(vendors.safe_url(), &link, "", "").await;
    assert_eq!(file.status(), "200");
    assert!(file.body.len() > 100_000);
    assert_eq!(file.announced(), file.body.len());
    let rows = csv::Reader::from_reader(file.body.as_slice())
        .into_records()
        .count();
    assert_eq!(rows, vendors.world().safe_visible(NOW, 90).len());
    let purposes: Vec<Purpose> = vendors
        .requests()
        .iter()
        .map(|request| request.purpose)
        .collect();
    let expected = [
        Purpose::SignIn,
        Purpose::ReportAsk,
        Purpose::ReportPoll,
        Purpose::ReportPoll,
        Purpose::Download,
    ];
    assert_eq!(purposes, expected);
    vendors.stop().await;
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_announced() {
    let vendors = vendors(5_000, Options::default());
    let link = link(&vendors, 90).await;
    let whole = exchange(vendors.safe_url(), &link, "", "").await;
    vendors.set_faults(&Faults::first(1, Fault::Cut, Purpose::Download));
    let cut = exchange_open(vendors.safe_url(), &link, "", "").await;
    assert_eq!((cut.status(), cut.announced()), ("200", whole.body.len()));
    assert_eq!(cut.body, whole.body[..whole.body.len() / 2]);
    vendors.set_faults(&Faults::first(1, Fault::CutAtLineEnd, Purpose::Download));
    let lines = exchange_open(vendors.safe_url(), &link, "", "").await;
    assert_eq!(lines.announced(), whole.body.len());
    assert!(lines.body.ends_with(b"\n") && whole.body.starts_with(&lines.body));
    assert!(lines.body.len() > 1000 && lines.body.len() < whole.body.len());
    let again = exchange(vendors.safe_url(), &link, "", "").await;
    assert_eq!(again.body, whole.body);
}

#[tokio::test]
async fn a_dropped_connection_answers_nothing_though_it_was_heard() {
    let vendors = vendors(100, Options::default());
    vendors.set_faults(&Faults::first(1, Fault::Drop, Purpose::SignIn));
    let wire = exchange_open(vendors.safe_url(), "POST /api/v3/auth", AUTH, "").await;
    assert_eq!((wire.head.as_str(), wire.body.len()), ("", 0));
    assert_eq!(sign_in(&vendors).await.status(), "200");
    let requests = vendors.requests();
    assert_eq!(
        (requests[0].status, requests[0].fault),
        (0, Some(Fault::Drop))
    );
    assert_eq!((requests[1].status, requests[1].fault), (200, None));
}

#[tokio::test]
async fn other_faults_answer_in_place_of_the_vendor() {
    let vendors = vendors(100, Options::default());
    let too_many = Fault::TooMany {
        retry_after: Some(7),
        retry_in: None,
    };
    let hint = Fault::TooMany {
        retry_after: None,
        retry_in: Some(9),
    };
    for (fault, status, in_head, in_body) in [
        (Fault::Status(502), "502", "text/html", "Bad Gateway"),
        (Fault::Status(503), "503", "text/html", "Unavailable"),
        (
            Fault::Status(500),
            "500",
            "application/json",
            "Internal server error",
        ),
        (too_many, "429", "retry-after: 7\r\n", "Too Many Requests"),
        (hint, "429", "application/json", "\"retryIn\":\"9\""),
        (Fault::Html, "200", "text/html", "<html>"),
    ] {
        vendors.set_faults(&Faults::first(1, fault, Purpose::SignIn));
        let wire = sign_in(&vendors).await;
        assert_eq!(wire.status(), status);
        assert!(wire.head.contains(in_head), "{}", wire.head);
        assert!(
            String::from_utf8_lossy(&wire.body).contains(in_body),
            "{fault:?}"
        );
    }
    vendors.set_faults(&Faults::first(
        1,
        Fault::Stall(Duration::from_millis(60)),
        Purpose::SignIn,
    ));
    let start = Instant::now();
    assert_eq!(sign_in(&vendors).await.status(), "200");
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn a_link_can_have_expired_at_once() {
    let vendors = vendors(1_000, Options::default());
    let link = link(&vendors, 90).await;
    vendors.set_faults(&Faults::first(1, Fault::ExpiredLink, Purpose::Download));
    for _ in 0..2 {
        let wire = exchange(vendors.safe_url(), &link, "", "").await;
        assert_eq!(wire.status(), "403");
        assert!(
            String::from_utf8(wire.body)
                .unwrap()
                .contains("Request has expired")
        );
    }
}

#[tokio::test]
async fn above_the_limit_requests_are_refused_until_time_passes() {
    let limit = Some(Limit {
        per_minute: 2,
        retry_after: Some(30),
    });
    let vendors = vendors(
        100,
        Options {
            limit,
            ..Options::default()
        },
    );
    for status in ["200", "200", "429"] {
        assert_eq!(sign_in(&vendors).await.status(), status);
    }
    vendors.set_now(NOW.plus_millis(60_000));
    assert_eq!(sign_in(&vendors).await.status(), "200");
}

/// The headers of a request to S3 that is signed as it should be; its path holds all it says.
fn aws_signed(vendors: &Vendors, path: &str) -> String {
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let time = vendors
        .now()
        .datetime()
        .format("%Y%m%dT%H%M%SZ")
        .to_string();
    let names = "host;x-amz-content-sha256;x-amz-date";
    let canonical = format!(
        "GET\n{path}\n{query}\nhost:x\nx-amz-content-sha256:{EMPTY}\nx-amz-date:{time}\n\n{names}\n{EMPTY}"
    );
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let hash = hex(&sha2::Digest::finalize(sha2::Digest::chain_update(
        <Sha256 as sha2::Digest>::new(),
        canonical,
    )));
    let scope = format!("{}/eu-central-1/s3/aws4_request", &time[..8]);
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
    let mut key = format!("AWS4{}", CREDENTIALS.secret_access_key).into_bytes();
    for part in [&time[..8], "eu-central-1", "s3", "aws4_request", &text] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(part.as_bytes());
        key = mac.finalize().into_bytes().to_vec();
    }
    let (id, signature) = (CREDENTIALS.access_key_id, hex(&key));
    format!(
        "authorization: AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, \
         Signature={signature}\r\nx-amz-date: {time}\r\nx-amz-content-sha256: {EMPTY}\r\n"
    )
}

async fn from_aws(vendors: &Vendors, path: &str) -> Wire {
    let headers = aws_signed(vendors, path);
    exchange_open(
        vendors.aws_url(),
        &format!("GET {path}"),
        &format!("connection: close\r\n{headers}"),
        "",
    )
    .await
}

#[tokio::test]
async fn a_bucket_is_listed_and_read_on_the_wire() {
    let vendors = vendors(2_000, Options::default());
    let keys = vendors.keys("acme-audit");
    let list = from_aws(&vendors, "/acme-audit?list-type=2&max-keys=1").await;
    assert_eq!(list.status(), "200");
    let text = String::from_utf8(list.body).unwrap();
    assert!(text.contains(&format!("<Key>{}</Key>", keys[0])), "{text}");
    let object = from_aws(&vendors, &format!("/acme-audit/{}", keys[0])).await;
    assert_eq!(object.body, vendors.object("acme-audit", &keys[0]).unwrap());
    assert_eq!(object.announced(), object.body.len());
    assert!(object.head.contains("etag: \"") && object.head.contains("last-modified: "));
    let digest = vendors
        .keys("acme-trail")
        .into_iter()
        .find(|key| key.contains("_CloudTrail_"));
    let file = from_aws(&vendors, &format!("/acme-trail/{}", digest.unwrap())).await;
    assert!(
        file.head.contains("content-encoding: gzip\r\n") && file.body.starts_with(&[0x1f, 0x8b])
    );
    assert_eq!(from_aws(&vendors, "/acme-audit/none").await.status(), "404");
    let purposes: Vec<Purpose> = vendors.requests().iter().map(|one| one.purpose).collect();
    let (list, read) = (Purpose::ListObjects, Purpose::ReadObject);
    assert_eq!(purposes, [list, read, read, read]);
    assert!(
        vendors
            .requests()
            .iter()
            .all(|one| one.vendor == Vendor::Aws)
    );
}

#[tokio::test]
async fn objects_are_put_replaced_and_taken_away() {
    let vendors = vendors(100, Options::default());
    let read = async || from_aws(&vendors, "/acme-audit/audit/2020/01/01/late.json").await;
    let key = "audit/2020/01/01/late.json";
    assert!(!vendors.put_object("nobody", key, "x", NOW));
    assert!(vendors.put_object("acme-audit", key, "one", NOW.plus_millis(1_000)));
    assert_eq!(read().await.status(), "404", "it is not there yet");
    vendors.set_now(NOW.plus_millis(1_000));
    assert_eq!(read().await.body, b"one");
    vendors.put_object("acme-audit", key, "two", NOW);
    assert_eq!(read().await.body, b"two");
    assert!(vendors.keys("acme-audit").iter().any(|one| one == key));
    assert!(vendors.delete_object("acme-audit", key));
    assert!(!vendors.delete_object("acme-audit", key));
    assert_eq!(read().await.status(), "404");
}

#[tokio::test]
async fn aws_goes_wrong_in_its_own_words() {
    let vendors = vendors(100, Options::default());
    let hint = Fault::TooMany {
        retry_after: None,
        retry_in: None,
    };
    let list = "/acme-audit?list-type=2";
    for (fault, status, says) in [
        (hint, "503", "<Code>SlowDown</Code>"),
        (Fault::Status(503), "503", "<Code>SlowDown</Code>"),
        (Fault::Status(500), "500", "<Code>InternalError</Code>"),
        (Fault::Status(502), "502", "Bad Gateway"),
        (Fault::Html, "200", "<html>"),
    ] {
        vendors.set_faults(&Faults::first(1, fault, Purpose::ListObjects));
        let wire = from_aws(&vendors, list).await;
        assert_eq!(wire.status(), status);
        let text = String::from_utf8(wire.body).unwrap();
        assert!(text.contains(says), "{text}");
    }
    vendors.set_faults(&Faults::first(1, hint, Purpose::LogEvents));
    let logs = exchange(vendors.aws_url(), "POST /", "", "{}").await;
    assert_eq!(logs.status(), "400");
    assert!(
        logs.body
            .ends_with(br#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#)
    );
    vendors.set_faults(&Faults::first(1, Fault::Cut, Purpose::ListObjects));
    let cut = from_aws(&vendors, list).await;
    assert_eq!(cut.body.len(), cut.announced() / 2);
    vendors.set_faults(&Faults::first(1, Fault::Drop, Purpose::ListObjects));
    assert_eq!(from_aws(&vendors, list).await.head, "");
    assert_eq!(from_aws(&vendors, list).await.status(), "200");
}

#[tokio::test]
async fn the_directory_and_exports_go_wrong_as_the_rest_does() {
    let vendors = vendors(100, Options::default());
    let directory = async || {
        let basic = "authorization: Basic ZXhhbXBsZVNjaW1Vc2VybmFtZTpleGFtcGxlU2NpbTpQYXNzd29yZC8wMTIzNDU2Nzg5\r\n";
        exchange_open(
            vendors.sendsafely_url(),
            "GET /scim/v2/Users",
            &format!("connection: close\r\n{basic}"),
            "",
        )
        .await
    };
    let export = async || {
        let line = "POST /api/v3/audit-logs/export";
        exchange_open(vendors.safe_url(), line, "connection: close\r\n", "{}").await
    };
    assert_eq!(directory().await.status(), "200");
    assert_eq!(export().await.status(), "403");
    for fault in [Fault::Status(502), Fault::Drop, Fault::Cut] {
        vendors.set_faults(&Faults::first(1, fault, Purpose::Directory));
        let wire = directory().await;
        assert!(wire.status() != "200" || wire.body.len() < wire.announced());
        vendors.set_faults(&Faults::first(1, fault, Purpose::ExportAsk));
        let wire = export().await;
        assert!(wire.status() != "403" || wire.body.len() < wire.announced());
    }
    let hit = vendors
        .requests()
        .into_iter()
        .filter(|one| one.fault.is_some());
    assert_eq!(hit.count(), 6);
}

#[tokio::test]
async fn many_pages_of_a_large_log_are_quick() {
    let vendors = vendors(20_000, Options::default());
    let path = "/api/v2.0/enterprise/audit-logs/";
    let total = vendors.world().sendsafely_visible(NOW).len();
    let start = Instant::now();
    let (mut row, mut rows) = (0, 0);
    loop {
        let body = format!(r#"{{"pageSize":100,"rowIndex":{row}}}"#);
        let wire = exchange(
            vendors.sendsafely_url(),
            &format!("POST {path}"),
            &signed(path, &body),
            &body,
        )
        .await;
        let page: serde_json::Value = serde_json::from_slice(&wire.body).unwrap();
        rows += page["auditLogs"].as_array().unwrap().len();
        match page["pagination"]["nextRowIndex"].as_str() {
            Some(next) => row = next.parse().unwrap(),
            None => break,
        }
    }
    assert_eq!(rows, total);
    let pages = vendors.requests().len();
    assert!(pages >= 118, "{pages} pages");
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{pages} pages took {:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn nothing_answers_once_stopped() {
    let vendors = vendors(100, Options::default());
    let address = vendors
        .safe_url()
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    vendors.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}
