//! What the real servers that stand in for AWS do, so that tests of what we ask them may count on
//! it. They are started for these tests, and `tests/run` installs them. Below are the feeds, pulled from
//! them by the real binary.

mod cloudtrail;
mod cloudwatch;
mod connect;
mod customer;
mod faults;
mod keys;
mod s3;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailkeep::fetch::clock::{Clock, SystemClock};

use crate::laws::run;
use crate::support::aws::signature::Keys;
use crate::support::aws::{Client, tags};
use crate::support::breakable::{Breakable, Fault, When};
use crate::support::counterparts;
use crate::support::counterparts::{moto, seaweedfs};

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn seaweedfs_refuses_a_bad_signature_and_takes_a_good_one() {
    run(async {
        let seaweedfs = seaweedfs().await;
        let client = seaweedfs.client();
        client.create_bucket("signed").await;
        client.put("signed", "a b/ä=1+2.json", b"{}".to_vec()).await;
        let path = "/signed/a b/ä=1+2.json";
        let answer = client.get(path, &[]).await.unwrap().ok();
        assert_eq!(answer.body, b"{}");
        for (keys, code) in [
            (
                Keys {
                    secret: "another".to_owned(),
                    ..counterparts::keys()
                },
                "SignatureDoesNotMatch",
            ),
            (
                Keys {
                    id: "AKIASOMEBODYELSE0000".to_owned(),
                    ..counterparts::keys()
                },
                "InvalidAccessKeyId",
            ),
        ] {
            let stranger = Client::new(&seaweedfs.url, keys);
            let answer = stranger.get(path, &[]).await.unwrap();
            assert_eq!(answer.status, 403);
            assert_eq!(tags(&answer.text(), "Code"), [code]);
        }
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn seaweedfs_lists_page_by_page_and_from_a_key_on() {
    run(async {
        let client = seaweedfs().await.client();
        client.create_bucket("listed").await;
        let keys: Vec<String> = (0..25).map(|n| format!("day/{n:02}")).collect();
        let objects = keys
            .iter()
            .map(|key| (key.clone(), key.clone().into_bytes()));
        client.put_all("listed", objects).await;

        let (mut listed, mut pages, mut token) = (Vec::new(), 0, None::<String>);
        loop {
            let mut query = vec![("prefix", "day/"), ("max-keys", "10")];
            query.extend(token.as_deref().map(|token| ("continuation-token", token)));
            let page = client.list("listed", &query).await;
            listed.extend(tags(&page, "Key"));
            pages += 1;
            token = tags(&page, "NextContinuationToken").pop();
            let is_truncated = tags(&page, "IsTruncated") == ["true"];
            assert_eq!(is_truncated, token.is_some(), "{page}");
            if token.is_none() {
                break;
            }
        }
        assert_eq!((listed, pages), (keys.clone(), 3));

        let page = client.list("listed", &[("start-after", "day/19")]).await;
        assert_eq!(tags(&page, "Key"), keys[20..]);
        let page = client.list("listed", &[("delimiter", "/")]).await;
        assert_eq!(tags(&page, "Prefix").last().unwrap(), "day/");
        assert_eq!(tags(&page, "Key"), [""; 0]);
    });
}

/// AWS lists in the order of bytes, in which `-` and `.` come before `/`. Here a test of what relies
/// on that order would prove nothing.
#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn seaweedfs_lists_folder_by_folder_and_not_byte_by_byte() {
    run(async {
        let client = seaweedfs().await.client();
        client.create_bucket("ordered").await;
        let keys = ["a/1", "a-/1", "a.b/1", "a0"];
        let objects = keys.iter().rev().map(|key| ((*key).to_owned(), vec![b'x']));
        client.put_all("ordered", objects).await;
        let page = client.list("ordered", &[]).await;
        assert_eq!(tags(&page, "Key"), keys);
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn seaweedfs_says_size_and_etag_in_the_listing_as_with_the_object() {
    run(async {
        let client = seaweedfs().await.client();
        client.create_bucket("sized").await;
        client.put("sized", "one", b"first".to_vec()).await;
        let of = async || {
            let page = client.list("sized", &[]).await;
            (tags(&page, "Size").concat(), tags(&page, "ETag").concat())
        };
        let (size, etag) = of().await;
        assert_eq!(size, "5");
        client.put("sized", "one", b"other".to_vec()).await;
        let (size, other) = of().await;
        assert_eq!(size, "5");
        assert_ne!(etag, other);
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn seaweedfs_behind_the_proxy_takes_signatures_and_breaks() {
    run(async {
        let seaweedfs = seaweedfs().await;
        let client = seaweedfs.client();
        client.create_bucket("broken").await;
        client.put("broken", "large", vec![b'x'; 1 << 20]).await;
        let proxy = Breakable::before(&seaweedfs.url);
        let large = "/broken/large";
        let behind = Client::new(&proxy.url, counterparts::keys());
        let answer = behind.get(large, &[]).await.unwrap().ok();
        assert_eq!(answer.body.len(), 1 << 20);
        for fault in [Fault::Cut(500_000), Fault::Reset(500_000)] {
            proxy.breaks([fault.when(When::Nth(1)).asked(large)]);
            behind.list("broken", &[]).await;
            assert!(behind.get(large, &[]).await.is_err(), "{fault:?}");
            behind.get(large, &[]).await.unwrap().ok();
        }
        assert_eq!(proxy.struck(), 2);
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn seaweedfs_lists_a_thousand_objects_a_page_unless_asked_for_fewer() {
    run(async {
        let client = seaweedfs().await.client();
        client.create_bucket("large").await;
        let objects = (0..1_001).map(|n| (format!("{n:04}"), vec![b'x'; 10]));
        client.put_all("large", objects).await;
        let page = client.list("large", &[]).await;
        assert_eq!(tags(&page, "Key").len(), 1_000);
        assert_eq!(tags(&page, "IsTruncated"), ["true"]);
    });
}

#[test]
#[ignore = "needs moto: tests/run"]
fn moto_hands_out_log_events_page_by_page() {
    run(async {
        let client = moto().await.client();
        client.create_group("/safe/audit", &["a", "b"]).await;
        let now = SystemClock.now();
        let events = |stream: &str| {
            let event = |n: i64| (now.plus_millis(n - 60), format!("{stream} {n}"));
            (0..30).map(event).collect::<Vec<_>>()
        };
        for stream in ["a", "b"] {
            client
                .put_events("/safe/audit", stream, &events(stream))
                .await;
        }
        let (mut got, mut pages, mut token) = (BTreeSet::new(), 0, Value::Null);
        loop {
            let mut asks = json!({"logGroupName": "/safe/audit", "limit": 8});
            if token.is_string() {
                asks["nextToken"] = token;
            }
            let page = client.logs("FilterLogEvents", &asks).await;
            for event in page["events"].as_array().unwrap() {
                assert!(event["eventId"].is_string(), "{event}");
                assert!(
                    got.insert(event["message"].to_string()),
                    "{event} came twice"
                );
            }
            pages += 1;
            token = page["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!((got.len(), pages), (60, 8));
    });
}

#[test]
#[ignore = "needs moto: tests/run"]
fn moto_filters_log_events_by_time_ends_included() {
    run(async {
        let client = moto().await.client();
        client.create_group("/safe/timed", &["s"]).await;
        let begin = SystemClock.now().plus_millis(-1_000);
        let events: Vec<_> = (0..5)
            .map(|n| (begin.plus_millis(n), format!("{n}")))
            .collect();
        client.put_events("/safe/timed", "s", &events).await;
        let asks = json!({
            "logGroupName": "/safe/timed",
            "startTime": begin.millis() + 1,
            "endTime": begin.millis() + 3,
        });
        let page = client.logs("FilterLogEvents", &asks).await;
        let events = page["events"].as_array().unwrap();
        let got: Vec<&str> = events
            .iter()
            .map(|event| event["message"].as_str().unwrap())
            .collect();
        assert_eq!(got, ["1", "2", "3"]);
    });
}

#[test]
#[ignore = "needs moto: tests/run"]
fn moto_lends_keys_for_a_role() {
    run(async {
        let client = moto().await.client();
        let keys = client
            .assume_role("arn:aws:iam::123456789012:role/trailkeep")
            .await;
        assert!(keys.id.starts_with("ASIA"), "{keys:?}");
        assert!(!keys.secret.is_empty() && keys.token.is_some_and(|token| !token.is_empty()));
    });
}
