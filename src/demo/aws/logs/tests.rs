//! Tests of the simulated CloudWatch Logs, without a network.

use super::*;
use crate::demo::aws::AwsOptions;
use crate::demo::aws::signature::tests::{call, sign};
use crate::demo::world::{Blemishes, Plan};
use crate::demo::{LogEvent, SafeEvent};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z
const HOUR: i64 = 3_600_000;
const TARGET: &str = "Logs_20140328.FilterLogEvents";
const JSON: &str = "application/x-amz-json-1.1";

struct Bench {
    aws: Aws,
    world: World,
    now: Timestamp,
}

impl Bench {
    fn new(logs: LogsOptions) -> Bench {
        let options = AwsOptions {
            logs,
            ..AwsOptions::default()
        };
        Bench::with(options)
    }

    fn with(options: AwsOptions) -> Bench {
        let plan = Plan {
            seed: 3,
            events: 1_500,
            days: 6,
            now: NOW,
        };
        let blemishes = Blemishes {
            late: 0.2,
            repeats: 0.1,
            garbage: 0.05,
        };
        Bench {
            aws: Aws::new(options),
            world: World::with_blemishes(plan, blemishes),
            now: NOW,
        }
    }

    fn send(&mut self, call: &Call) -> (u16, Value) {
        let answer = self.aws.answer(call, &self.world, self.now);
        assert_eq!(answer.content_type, JSON);
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// Sends a request that is signed as it should be.
    fn ask(&mut self, body: &str) -> (u16, Value) {
        let call = sign(request(body), "eu-central-1", "logs", self.now);
        self.send(&call)
    }

    /// The events of the group between two moments, and the pages they came in. A second goes by
    /// with each page, so that nothing is throttled.
    fn walk(&mut self, from: Timestamp, to: Timestamp, more: &str) -> (Vec<Value>, Vec<usize>) {
        let (mut all, mut sizes, mut token) = (Vec::new(), Vec::new(), String::new());
        loop {
            let (from, to) = (from.millis(), to.millis());
            let body = format!(
                r#"{{"logGroupName":"/safe/audit","startTime":{from},"endTime":{to}{more}{token}}}"#
            );
            let (status, page) = self.ask(&body);
            assert_eq!((status, &page["searchedLogStreams"]), (200, &json!([])));
            let events = page["events"].as_array().unwrap();
            sizes.push(events.len());
            all.extend(events.clone());
            match page.get("nextToken") {
                Some(next) => token = format!(r#","nextToken":{next}"#),
                None => return (all, sizes),
            }
            self.now = self.now.plus_millis(1000);
        }
    }
}

fn request(body: &str) -> Call {
    let headers = [
        ("host", "logs.test"),
        ("x-amz-target", TARGET),
        ("content-type", JSON),
    ];
    call("POST /", &headers, body)
}

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["__type"].as_str().unwrap_or(""))
}

fn ids(events: &[Value]) -> Vec<String> {
    let id = |event: &Value| event["eventId"].as_str().unwrap().to_owned();
    events.iter().map(id).collect()
}

const GROUP: &str = r#"{"logGroupName":"/safe/audit"}"#;

#[test]
fn all_that_was_ingested_comes_once_in_order_in_pages_of_any_size() {
    for (limit, page_events) in [(10_000, 10_000), (7, 10_000), (100, 33), (1, 1)] {
        let mut bench = Bench::new(LogsOptions {
            page_events,
            noise: 0.1,
            ..LogsOptions::default()
        });
        let from = NOW.plus_millis(-120 * HOUR);
        // What is ingested during the walk is another matter.
        let to = NOW.plus_millis(-90 * HOUR);
        let (events, sizes) = bench.walk(from, to, &format!(r#","limit":{limit}"#));
        let truth = bench.world.cloudwatch_visible(NOW, 0.1);
        let truth: Vec<&LogEvent<'_>> = truth
            .iter()
            .filter(|event| from <= event.time && event.time <= to)
            .collect();
        let expected: Vec<String> = truth.iter().map(|e| e.event_id.clone()).collect();
        assert_eq!(ids(&events), expected);
        assert!(truth.len() > 50 && truth.iter().any(|event| event.row.is_none()));
        assert!(sizes.iter().all(|size| *size <= limit.min(page_events)));
        assert_eq!(sizes.contains(&0), sizes.len() > 2, "{sizes:?}");
        let event = &events[0];
        assert_eq!(event["timestamp"], truth[0].time.millis());
        assert_eq!(event["ingestionTime"], truth[0].ingested_at.millis());
    }
}

#[test]
fn ids_are_unique_and_stay_though_events_come_late() {
    let bench = Bench::new(LogsOptions::default());
    let early = bench
        .world
        .cloudwatch_visible(NOW.plus_millis(-24 * HOUR), 0.2);
    let late = bench.world.cloudwatch_visible(NOW, 0.2);
    let ids: std::collections::BTreeSet<&str> = late.iter().map(|e| e.event_id.as_str()).collect();
    assert_eq!(ids.len(), late.len());
    assert!(
        ids.iter()
            .all(|id| id.len() == 56 && id.bytes().all(|b| b.is_ascii_digit()))
    );
    assert!(
        early
            .iter()
            .all(|event| ids.contains(event.event_id.as_str()))
    );
    let rows = late.iter().filter(|event| event.row.is_some()).count();
    assert_eq!(rows, bench.world.safe_visible(NOW, 365).len());
    let equal = late
        .windows(2)
        .any(|two| two[0].row.is_some() && two[0].row == two[1].row);
    assert!(equal, "equal rows are apart by their ids");
}

#[test]
fn both_ends_are_within_and_late_events_are_seen_from_their_ingestion_on() {
    let mut bench = Bench::new(LogsOptions::default());
    let visible = bench.world.cloudwatch_visible(NOW, 0.0);
    let late = visible.iter().find(|event| event.ingested_at > event.time);
    let (id, time, seen) = late
        .map(|e| (e.event_id.clone(), e.time, e.ingested_at))
        .unwrap();
    bench.now = seen;
    let (events, _) = bench.walk(time, time, "");
    assert!(ids(&events).contains(&id));
    bench.now = seen.plus_millis(-60_000);
    let (events, _) = bench.walk(time, time, "");
    assert!(!ids(&events).contains(&id));
}

#[test]
fn a_stream_can_be_asked_for_alone() {
    let mut bench = Bench::new(LogsOptions::default());
    let (from, to) = (NOW.plus_millis(-120 * HOUR), NOW.plus_millis(-90 * HOUR));
    let (all, _) = bench.walk(from, to, "");
    let (one, _) = bench.walk(from, to, r#","logStreamNames":["safe-api/1"]"#);
    let (two, _) = bench.walk(from, to, r#","logStreamNamePrefix":"safe-api/2""#);
    assert!(
        one.iter()
            .all(|event| event["logStreamName"] == "safe-api/1")
            && !one.is_empty()
    );
    assert_eq!(one.len() + two.len(), all.len());
}

#[test]
fn a_token_is_good_for_its_own_walk_and_for_a_day() {
    let mut bench = Bench::new(LogsOptions {
        empty_every: None,
        ..LogsOptions::default()
    });
    let body = |more: &str| format!(r#"{{"logGroupName":"/safe/audit","startTime":1{more}}}"#);
    let (_, first) = bench.ask(&body(r#","limit":5"#));
    let token = format!(r#","nextToken":{}"#, first["nextToken"]);
    let (_, second) = bench.ask(&body(&format!(r#"{token},"limit":5"#)));
    assert_ne!(
        ids(second["events"].as_array().unwrap()),
        ids(first["events"].as_array().unwrap())
    );
    let again = bench.ask(&body(&format!(r#"{token},"limit":5"#))).1;
    assert_eq!(
        again["events"], second["events"],
        "a request may be repeated"
    );
    let other = bench.ask(&body(&format!(r#"{token},"endTime":9"#)));
    assert_eq!(error(&other), (400, "InvalidParameterException"));
    bench.now = NOW.plus_millis(24 * HOUR - 1);
    assert_eq!(bench.ask(&body(&token)).0, 200);
    bench.now = NOW.plus_millis(24 * HOUR);
    let dead = bench.ask(&body(&token));
    assert_eq!(error(&dead), (400, "InvalidParameterException"));
}

#[test]
fn more_than_five_a_second_are_throttled() {
    let mut bench = Bench::new(LogsOptions::default());
    for _ in 0..5 {
        assert_eq!(bench.ask(GROUP).0, 200);
    }
    let (status, body) = bench.ask(GROUP);
    assert_eq!((status, &body["message"]), (400, &json!("Rate exceeded")));
    assert_eq!(body["__type"], "ThrottlingException");
    bench.now = NOW.plus_millis(1000);
    assert_eq!(bench.ask(GROUP).0, 200);
}

/// Bodies and what they are refused with.
const REFUSED: &[(&str, &str)] = &[
    ("[]", "InvalidParameterException"),
    ("{}", "InvalidParameterException"),
    (
        r#"{"logGroupName":"/safe/other"}"#,
        "ResourceNotFoundException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","logGroupIdentifier":"/safe/audit"}"#,
        "InvalidParameterException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","limit":0}"#,
        "InvalidParameterException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","limit":10001}"#,
        "InvalidParameterException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","startTime":-1}"#,
        "InvalidParameterException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","startTime":2,"endTime":1}"#,
        "InvalidParameterException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","filterPattern":"x"}"#,
        "InvalidParameterException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","nextToken":"x"}"#,
        "InvalidParameterException",
    ),
    (
        r#"{"logGroupName":"/safe/audit","orderBy":"x"}"#,
        "InvalidParameterException",
    ),
];

#[test]
fn what_the_api_does_not_have_is_refused() {
    let mut bench = Bench::new(LogsOptions {
        per_second: None,
        ..LogsOptions::default()
    });
    let arn =
        r#"{"logGroupIdentifier":"arn:aws:logs:eu-central-1:111122223333:log-group:/safe/audit"}"#;
    assert_eq!(bench.ask(arn).0, 200);
    for (body, code) in REFUSED {
        assert_eq!(error(&bench.ask(body)), (400, *code), "{body}");
    }
}

/// A bench with a temporary key, and a request that says so but is not signed yet.
fn temporary() -> (Bench, Call) {
    let bench = Bench::with(AwsOptions {
        temporary_until: Some(NOW.plus_millis(HOUR)),
        ..AwsOptions::default()
    });
    let mut call = request(GROUP);
    let token = crate::demo::server::CREDENTIALS.session_token;
    let name = "x-amz-security-token";
    call.headers.insert(name, token.parse().unwrap());
    (bench, call)
}

#[test]
fn who_signs_wrongly_is_refused_in_the_words_of_the_service() {
    let (mut bench, _) = temporary();
    let signed = |region, at| sign(temporary().1, region, "logs", at);
    assert_eq!(bench.send(&signed("eu-central-1", NOW)).0, 200);
    let mut other = signed("eu-central-1", NOW);
    let target = "Logs_20140328.GetLogEvents".parse().unwrap();
    other.headers.insert("x-amz-target", target);
    let without = sign(request(GROUP), "eu-central-1", "logs", NOW);
    let far = NOW.plus_millis(HOUR);
    for (call, code) in [
        (request(GROUP), "MissingAuthenticationTokenException"),
        (without, "UnrecognizedClientException"),
        (signed("us-east-1", NOW), "InvalidSignatureException"),
        (signed("eu-central-1", far), "InvalidSignatureException"),
        (other, "InvalidSignatureException"),
    ] {
        assert_eq!(error(&bench.send(&call)), (400, code));
    }
}

#[test]
fn a_key_dies_or_may_not() {
    let (mut bench, call) = temporary();
    bench.now = NOW.plus_millis(HOUR);
    let late = sign(call, "eu-central-1", "logs", bench.now);
    assert_eq!(error(&bench.send(&late)), (400, "ExpiredTokenException"));
    let mut denied = Bench::with(AwsOptions {
        denied: vec!["logs:FilterLogEvents"],
        ..AwsOptions::default()
    });
    assert_eq!(error(&denied.ask(GROUP)), (400, "AccessDeniedException"));
}

/// A row in a form, with its time or without.
fn line(form: LogForm, garbage: bool) -> String {
    let row = SafeEvent {
        time: Timestamp::from_millis(1_642_050_230_428),
        visible_at: Timestamp::from_millis(1_642_050_230_428),
        ip: "2001:db8::1".into(),
        port: 443,
        user_id: "u-1".into(),
        username: "maria.doe@x.example".into(),
        activity: "Group 'a|b=\"c\"' updated".into(),
        module: "Groups",
        garbage,
    };
    form.line(&LogEvent {
        event_id: "1".to_owned(),
        time: row.time,
        ingested_at: row.time,
        row: Some(&row),
    })
}

#[test]
fn the_forms_of_a_record() {
    let envelope = "{\"level\":\"info\",\"message\":\"Group 'a|b=\\\"c\\\"' updated\",\"metadata\":{\
        \"action\":\"Group 'a|b=\\\"c\\\"' updated\",\"module\":\"Groups\",\"sourceIp\":\"2001:db8::1\",\
        \"sourcePort\":443,\"tenantId\":\"northwind\",\"userEmail\":\"maria.doe@x.example\",\"userId\":\"u-1\"},\
        \"service\":\"safe-api\",\"timestamp\":\"2022-01-13T05:03:50.428Z\",\"type\":\"audit\"}";
    assert_eq!(line(LogForm::Envelope, false), envelope);
    let lambda = "2022-01-13T05:03:50.428Z\t8f5a1c0e-3b52-4b0e-9d1a-6f0f2f9f8a11\tINFO\t";
    assert_eq!(
        line(LogForm::Lambda, false),
        format!("{lambda}{envelope}\n")
    );
    let nested: Value = serde_json::from_str(&line(LogForm::Nested, false)).unwrap();
    assert_eq!(nested["log"], format!("{envelope}\n"));
    let masked = line(LogForm::Masked, false);
    assert_eq!(
        masked,
        envelope.replace("maria.doe@x.example", "ma**a.do*@x.ex****e")
    );
    let python = line(LogForm::PythonEnvelope, false);
    assert!(python.starts_with("{\"timestamp\":\"2022-01-13 05:03:50,428\",\"level\":\"INFO\""));
    assert_eq!(
        line(LogForm::Cef, false),
        "Jan 13 2022 05:03:50 safe-app-1 CEF:0|SAFE Security|SAFE|3.1|Groups|Group 'a\\|b=\"c\"' updated|3|\
         rt=1642050230428 src=2001:db8::1 spt=443 suid=u-1 suser=maria.doe@x.example \
         act=Group 'a|b\\=\"c\"' updated"
    );
    for form in [
        LogForm::Envelope,
        LogForm::PythonEnvelope,
        LogForm::Cef,
        LogForm::Masked,
    ] {
        assert!(!line(form, true).contains("2022") && !line(form, true).contains("1642050"));
    }
}

#[test]
fn a_mix_has_every_form_and_lines_that_are_none() {
    let mut bench = Bench::new(LogsOptions {
        form: LogForm::Mixed,
        noise: 0.2,
        ..LogsOptions::default()
    });
    let (events, _) = bench.walk(
        NOW.plus_millis(-120 * HOUR),
        NOW.plus_millis(-90 * HOUR),
        "",
    );
    let lines: Vec<&str> = events
        .iter()
        .map(|e| e["message"].as_str().unwrap())
        .collect();
    for part in [
        "{\"level\":\"info\"",
        "{\"timestamp\"",
        "\tINFO\t{",
        "{\"log\"",
        "**",
        "CEF:0|",
        "START Req",
        "[1,2",
    ] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part}");
    }
}
