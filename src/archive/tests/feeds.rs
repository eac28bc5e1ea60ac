//! Several feeds of one source: events that come by more than one, objects of buckets, logs.

use super::*;
use crate::event::Object;

const TIME: &str = "2026-09-01T10:00:00.000Z";

fn object(key: &str, etag: &str) -> Object {
    Object {
        bucket: "acme-audit".to_owned(),
        key: key.to_owned(),
        etag: etag.to_owned(),
        size: 3,
        modified: NOW,
    }
}

fn begin(sandbox: &mut Sandbox, feed: &'static str) -> Batch {
    let run = Run { feed, ..RUN };
    sandbox.archive.begin(&run, NOW).unwrap()
}

fn ingest_by(sandbox: &mut Sandbox, batch: &Batch, page: Page) -> Ingested {
    let draft = Draft::new(page, batch.source);
    sandbox.archive.ingest(batch, &draft, NOW).unwrap()
}

#[test]
fn an_event_that_comes_by_two_feeds_is_one_event_with_both_on_record() {
    let mut sandbox = Sandbox::new();
    let api = sandbox.batch.clone();
    let s3 = begin(&mut sandbox, "s3");
    let both = [("1", TIME, "LOGIN"), ("2", TIME, "LOGIN")];
    ingest_by(&mut sandbox, &api, page(&both[..1]));
    let counts = ingest_by(&mut sandbox, &s3, page(&both));
    assert_eq!((counts.added, counts.duplicate), (1, 1));
    // The feed that began first may be the one that comes second; and once is enough.
    for _ in 0..2 {
        ingest_by(&mut sandbox, &api, page(&both));
    }
    let of_feeds = "select event_id, feed, batch from sightings order by 1, batch";
    let seen = ["1|api|1", "1|s3|2", "2|api|1", "2|s3|2"];
    assert_eq!(sandbox.rows(of_feeds), seen);
    assert_eq!(
        sandbox.rows("select event_id, feed from events order by 1"),
        ["1|api", "2|s3"]
    );
}

#[test]
fn a_feed_alone_notes_nothing_of_what_it_reads_again() {
    let mut sandbox = Sandbox::new();
    for _ in 0..2 {
        sandbox.ingest(page(&[("1", TIME, "LOGIN")]));
    }
    assert_eq!(sandbox.rows("select count(*) from sighting"), ["0"]);
}

#[test]
fn the_same_id_with_other_content_was_seen_by_the_second_feed_all_the_same() {
    let mut sandbox = Sandbox::new();
    let s3 = begin(&mut sandbox, "s3");
    sandbox.ingest(page(&[("1", TIME, "LOGIN")]));
    let counts = ingest_by(&mut sandbox, &s3, page(&[("1", TIME, "LOGOUT")]));
    assert_eq!(counts.conflict, 1);
    let of_feeds = "select feed from sightings order by 1";
    assert_eq!(sandbox.rows(of_feeds), ["api", "s3"]);
}

#[test]
fn an_object_is_new_until_it_is_archived_as_it_is_now() {
    let mut sandbox = Sandbox::new();
    let s3 = begin(&mut sandbox, "s3");
    let read = [object("a/b/1.json", "e1"), object("top.json", "e2")];
    let objects = read.to_vec();
    ingest_by(
        &mut sandbox,
        &s3,
        Page {
            objects,
            ..Page::default()
        },
    );
    let changed = object("a/b/1.json", "e3");
    let larger = Object {
        size: 4,
        ..object("top.json", "e2")
    };
    let elsewhere = Object {
        bucket: "other".to_owned(),
        ..object("top.json", "e2")
    };
    let new = [
        changed.clone(),
        larger.clone(),
        elsewhere.clone(),
        object("a/b/2.json", "e1"),
    ];
    let all = read.iter().chain(&new).cloned().collect();
    assert_eq!(sandbox.archive.unseen(&s3, all).unwrap(), new);
    // What one feed has read, another has not.
    let api = sandbox.batch.clone();
    assert_eq!(sandbox.archive.unseen(&api, read.to_vec()).unwrap(), read);
    assert_eq!(
        sandbox.rows("select source, feed, object, etag, size, batch from objects order by 3"),
        [
            "acme|s3|s3://acme-audit/a/b/1.json|e1|3|2",
            "acme|s3|s3://acme-audit/top.json|e2|3|2"
        ]
    );
}

#[test]
fn objects_that_share_a_hash_are_told_apart() {
    let mut sandbox = Sandbox::new();
    let s3 = begin(&mut sandbox, "s3");
    let objects = vec![object("1.json", "e1")];
    ingest_by(
        &mut sandbox,
        &s3,
        Page {
            objects,
            ..Page::default()
        },
    );
    // As if the hashes of both were the same.
    let rename = "update object set name = '2.json', etag = 'e2'";
    Connection::open(&sandbox.path)
        .unwrap()
        .execute_batch(rename)
        .unwrap();
    let both = vec![object("1.json", "e1")];
    assert_eq!(sandbox.archive.unseen(&s3, both.clone()).unwrap(), both);
    ingest_by(
        &mut sandbox,
        &s3,
        Page {
            objects: both.clone(),
            ..Page::default()
        },
    );
    assert!(sandbox.archive.unseen(&s3, both).unwrap().is_empty());
    assert_eq!(sandbox.rows("select count(*) from object"), ["2"]);
}

#[test]
fn a_file_fills_no_gap_of_another_log() {
    let mut sandbox = Sandbox::new();
    let limits = RUN.limits.map(|limits| Limits {
        log: Log::Infrastructure,
        ..limits
    });
    let trail = Run {
        feed: "cloudtrail",
        limits,
        ..RUN
    };
    let trail = sandbox.archive.begin(&trail, NOW).unwrap();
    let file = Run {
        feed: FILE_FEED,
        limits: None,
        ..RUN
    };
    let file = sandbox.archive.begin(&file, NOW).unwrap();
    let api = sandbox.batch.clone();
    let day = |from: i64, to: i64| Page {
        covers: Some(Claim {
            period: Period {
                from: NOW.plus_millis(from * 86_400_000),
                to: NOW.plus_millis(to * 86_400_000),
            },
            as_of: NOW,
        }),
        ..Page::default()
    };
    for batch in [&trail, &api] {
        ingest_by(&mut sandbox, batch, day(-30, -20));
        ingest_by(&mut sandbox, batch, day(-10, -5));
    }
    ingest_by(&mut sandbox, &file, day(-20, -10));
    let stretches = |feed| {
        let known = sandbox.archive.coverage_with_files("acme", feed).unwrap();
        known.stretches().len()
    };
    assert_eq!((stretches("api"), stretches("cloudtrail")), (1, 2));
}

#[test]
fn what_cloudtrail_tells_stands_in_a_view_of_its_own() {
    let mut sandbox = Sandbox::new();
    let run = Run {
        source: "safe-us",
        kind: "safe",
        feed: "cloudtrail",
        ..RUN
    };
    let trail = sandbox.archive.begin(&run, NOW).unwrap();
    let mut told = page(&[("1", TIME, "GetObject")]);
    let say = |name: &str, json: &str| Detail {
        name: name.into(),
        json: json.into(),
    };
    told.events[0].details = vec![
        say("eventSource", r#""s3.amazonaws.com""#),
        say("awsRegion", r#""eu-central-1""#),
        say(
            "userIdentity",
            r#"{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann"}"#,
        ),
        say("readOnly", "true"),
        say("requestParameters", r#"{"bucketName":"b"}"#),
        say("responseElements", "null"),
    ];
    told.events[0].ip = Some("192.0.2.1".into());
    ingest_by(&mut sandbox, &trail, told);
    let report = Run {
        feed: "reports",
        ..run
    };
    let report = sandbox.archive.begin(&report, NOW).unwrap();
    ingest_by(&mut sandbox, &report, page(&[("2", TIME, "LOGIN")]));
    let told = "select event_id, event_name, event_source, aws_region, user_type, user_arn,
        source_ip, read_only, request_parameters, response_elements from cloudtrail_events";
    let arn = "arn:aws:iam::1:user/ann";
    let row = format!(
        r#"1|GetObject|s3.amazonaws.com|eu-central-1|IAMUser|{arn}|192.0.2.1|1|{{"bucketName":"b"}}|-"#
    );
    assert_eq!(sandbox.rows(told), [row]);
    assert_eq!(sandbox.rows("select action from safe_events"), ["LOGIN"]);
}
