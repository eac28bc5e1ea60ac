//! Records in the forms that AWS documents, files that are none, and anything at all.

use super::*;
use crate::event::{Event, Identity, Span, Text};
use crate::record::{COLUMNS_MAX, PAGE_RECORDS_MAX};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::Write;

const ID: &str = "6a0b1c2d-0000-4000-8000-00000000000";

/// A record with what every record has, and what this one has besides. The number is its id's.
fn record(number: usize, own: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": "arn:aws:iam::111122223333:user/ann", "accountId": "111122223333",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "ann"},
        "eventTime": "2026-11-21T23:02:28Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.9",
        "userAgent": "aws-cli/2.13.5",
        "requestParameters": {"userName": "bob"},
        "responseElements": null,
        "requestID": "c9f1f0a0-1111-4222-8333-444455556666",
        "eventID": format!("{ID}{number:x}"),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management"
    });
    for (name, value) in own.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn file(records: &[Value]) -> Vec<u8> {
    json!({ "Records": records }).to_string().into_bytes()
}

fn log_file(bytes: impl Into<Vec<u8>>) -> Result<LogFile, FeedError> {
    match open(Body::Memory(bytes.into()))? {
        Content::Log(file) => Ok(file),
        Content::Digest => panic!("a digest"),
        Content::Insight => panic!("insights"),
    }
}

/// Pages of files, one after another, as a feed makes them.
fn pages(files: &[Vec<u8>]) -> Result<Vec<Page>, FeedError> {
    let (mut pages, mut batch) = (Vec::new(), Batch::default());
    for bytes in files {
        let mut file = log_file(bytes.clone())?;
        while file.fill(&mut batch)? {
            pages.push(page(std::mem::take(&mut batch)));
        }
    }
    pages.push(page(batch));
    Ok(pages)
}

fn one(record: &Value) -> Page {
    pages(&[file(std::slice::from_ref(record))])
        .unwrap()
        .remove(0)
}

fn text(page: &Page, text: Option<&Text>) -> String {
    text.map_or("-", |text| page.text(text)).to_owned()
}

/// What an event says in columns, but for its time.
fn said(page: &Page, event: &Event) -> [String; 6] {
    let columns = [
        &event.event_type,
        &event.action,
        &event.actor,
        &event.on_behalf_of,
        &event.ip,
        &event.target,
    ];
    columns.map(|column| text(page, column.as_ref()))
}

fn details(page: &Page, event: &Event) -> Value {
    serde_json::from_str(&page.details_json(event).unwrap()).unwrap()
}

#[test]
fn a_record_is_an_event() {
    let given = record(1, json!({}));
    let page = one(&given);
    let event = &page.events[0];
    assert_eq!(
        said(&page, event),
        [
            "AwsApiCall",
            "CreateUser",
            "arn:aws:iam::111122223333:user/ann",
            "-",
            "203.0.113.9",
            "iam.amazonaws.com"
        ]
    );
    assert_eq!(event.time.value.to_string(), "2026-11-21T23:02:28.000Z");
    assert_eq!(page.vendor_id(event), Some(&*format!("{ID}1")));
    assert_eq!(page.slice(event.raw), given.to_string().as_bytes());
    let placed = [
        "eventTime",
        "eventName",
        "sourceIPAddress",
        "eventID",
        "eventType",
    ];
    let mut rest = given.as_object().unwrap().clone();
    rest.retain(|name, _| !placed.contains(&name.as_str()));
    let names = |details: &Value| details.as_object().unwrap().keys().cloned().collect();
    let in_order: Vec<String> = names(&details(&page, event));
    assert_eq!(in_order, rest.keys().cloned().collect::<Vec<_>>());
    assert_eq!(details(&page, event), Value::Object(rest));
}

#[test]
fn values_are_pointed_at_where_they_stand() {
    let page = one(&record(1, json!({})));
    let event = &page.events[0];
    let at = |span: Option<Span>| std::str::from_utf8(page.slice(span.unwrap())).unwrap();
    assert_eq!(at(event.time.at), "2026-11-21T23:02:28Z");
    for text in [
        &event.event_type,
        &event.action,
        &event.actor,
        &event.ip,
        &event.target,
    ] {
        assert!(matches!(text, Some(Text::In(_))), "{text:?}");
    }
    assert!(matches!(event.identity, Identity::Vendor(Text::In(_))));
    assert!(
        event
            .details
            .iter()
            .all(|detail| matches!(detail.json, Text::In(_)))
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn every_documented_sort_of_record_says_who_did_what_to_what() {
    let session = "arn:aws:sts::111122223333:assumed-role/SafeReadLogs/siem";
    let object = "arn:aws:s3:::acme-audit/AWSLogs/x.json.gz";
    for (own, expected) in [
        (
            json!({"eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn",
                "eventSource": "signin.amazonaws.com",
                "userIdentity": {"type": "IAMUser", "accountId": "111122223333", "accessKeyId": "",
                    "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
                "errorMessage": "No username found in supplied account",
                "responseElements": {"ConsoleLogin": "Failure"}}),
            "AwsConsoleSignIn ConsoleLogin HIDDEN_DUE_TO_SECURITY_REASONS - 203.0.113.9 signin.amazonaws.com",
        ),
        (
            json!({"eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn",
                "eventSource": "signin.amazonaws.com",
                "userIdentity": {"type": "Root", "principalId": "111122223333",
                    "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"},
                "sourceIPAddress": "2001:DB8::1"}),
            "AwsConsoleSignIn ConsoleLogin arn:aws:iam::111122223333:root - 2001:db8::1 signin.amazonaws.com",
        ),
        (
            json!({"eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
                "userIdentity": {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
                "sourceIPAddress": "ec2.amazonaws.com", "userAgent": "ec2.amazonaws.com",
                "resources": [{"accountId": "111122223333", "type": "AWS::IAM::Role",
                    "ARN": "arn:aws:iam::111122223333:role/safe-app"}]}),
            "AwsApiCall AssumeRole ec2.amazonaws.com - ec2.amazonaws.com arn:aws:iam::111122223333:role/safe-app",
        ),
        (
            json!({"eventName": "GetObject", "eventSource": "s3.amazonaws.com",
                "eventCategory": "Data", "managementEvent": false, "readOnly": true,
                "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLE:siem",
                    "arn": session, "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE",
                    "sessionContext": {"sessionIssuer": {"type": "Role",
                        "principalId": "AROAEXAMPLE", "userName": "SafeReadLogs",
                        "arn": "arn:aws:iam::111122223333:role/SafeReadLogs"}}},
                "resources": [{"type": "AWS::S3::Object", "ARN": object},
                    {"accountId": "111122223333", "type": "AWS::S3::Bucket",
                        "ARN": "arn:aws:s3:::acme-audit"}]}),
            &format!("AwsApiCall GetObject {session} - 203.0.113.9 {object}"),
        ),
        (
            json!({"eventName": "ListObjects", "eventSource": "s3.amazonaws.com",
                "errorCode": "AccessDenied", "errorMessage": "Access Denied",
                "userIdentity": {"type": "AWSAccount", "principalId": "AIDAEXAMPLE",
                    "accountId": "444455556666"},
                "resources": [{"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::acme-audit/"},
                    {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::acme-audit"}]}),
            "AwsApiCall ListObjects AIDAEXAMPLE - 203.0.113.9 arn:aws:s3:::acme-audit",
        ),
        (
            json!({"eventName": "AssumeRoleWithWebIdentity", "eventSource": "sts.amazonaws.com",
                "userIdentity": {"type": "WebIdentityUser",
                    "principalId": "accounts.google.com:app.example:104", "userName": "104",
                    "identityProvider": "accounts.google.com"}}),
            "AwsApiCall AssumeRoleWithWebIdentity 104 - 203.0.113.9 sts.amazonaws.com",
        ),
        (
            json!({"eventName": "RotateKey", "eventSource": "kms.amazonaws.com",
                "eventType": "AwsServiceEvent", "sourceIPAddress": "AWS Internal",
                "userIdentity": {"accountId": "111122223333", "invokedBy": "AWS Internal"},
                "resources": [{"ARN": "arn:aws:kms:us-east-1:111122223333:key/k", "accountId": "1"}]}),
            "AwsServiceEvent RotateKey AWS Internal - AWS Internal arn:aws:kms:us-east-1:111122223333:key/k",
        ),
        (
            json!({"eventName": "GetData", "eventSource": "example.amazonaws.com",
                "sourceIPAddress": "AWS Internal/3",
                "userIdentity": {"type": "IdentityCenterUser", "accountId": "111122223333",
                    "onBehalfOf": {"userId": "544894e8-80c1", "identityStoreArn": "arn:x"}}}),
            "AwsApiCall GetData IdentityCenterUser 544894e8-80c1 AWS Internal/3 example.amazonaws.com",
        ),
        (
            json!({"userIdentity": null, "resources": null, "sourceIPAddress": "-"}),
            "AwsApiCall CreateUser - - - iam.amazonaws.com",
        ),
        (
            json!({"userIdentity": {"type": "Unknown", "userName": " ", "arn": {}},
                "resources": [], "eventSource": null}),
            "AwsApiCall CreateUser Unknown - 203.0.113.9 -",
        ),
    ] {
        let page = one(&record(1, own.clone()));
        assert_eq!(said(&page, &page.events[0]).join(" "), expected, "{own}");
        let kept = details(&page, &page.events[0]);
        for name in ["userIdentity", "resources", "eventSource", "errorCode"] {
            let given = own
                .get(name)
                .or((name == "eventSource").then_some(&kept[name]));
            assert!(
                given.is_none_or(|given| *given == kept[name]),
                "{name}: {own}"
            );
        }
    }
}

#[test]
fn what_does_not_fit_a_column_stays_a_detail() {
    for (own, name) in [
        (
            json!({"sourceIPAddress": "203.0.113.9, 10.0.0.1"}),
            "sourceIPAddress",
        ),
        (
            json!({"sourceIPAddress": "203.0.113.9:443"}),
            "sourceIPAddress",
        ),
        (json!({"sourceIPAddress": null}), "sourceIPAddress"),
        (json!({"eventName": {"a": 1}}), "eventName"),
        (json!({"eventType": ""}), "eventType"),
    ] {
        let page = one(&record(1, own.clone()));
        assert_eq!(details(&page, &page.events[0])[name], own[name], "{own}");
    }
    let twice = record(1, json!({}))
        .to_string()
        .replacen('{', "{\"eventName\":\"First\",", 1);
    let page = page_of(&format!("{{\"Records\":[{twice}]}}"));
    assert_eq!(said(&page, &page.events[0])[1], "First");
    assert_eq!(details(&page, &page.events[0])["eventName"], "CreateUser");
}

fn page_of(text: &str) -> Page {
    pages(&[text.into()]).unwrap().remove(0)
}

#[test]
fn a_record_that_is_not_understood_is_kept_with_the_reason() {
    let many: serde_json::Map<String, Value> = (0..=COLUMNS_MAX)
        .map(|n| (format!("m{n}"), Value::Null))
        .collect();
    for (given, reason) in [
        (
            record(1, json!({"eventID": null})).to_string(),
            "no eventID",
        ),
        (record(1, json!({"eventID": ""})).to_string(), "no eventID"),
        (
            record(1, json!({"eventTime": null})).to_string(),
            "no eventTime",
        ),
        (
            record(1, json!({"eventTime": "soon"})).to_string(),
            "`soon` is no timestamp",
        ),
        (
            record(1, Value::Object(many)).to_string(),
            "more than 1000 members",
        ),
        (
            "7".to_owned(),
            "no JSON object: invalid type: integer `7`, expected an object",
        ),
        (
            "{\"eventID\":}".to_owned(),
            "no JSON object: expected value",
        ),
    ] {
        let good = record(2, json!({}));
        let page = page_of(&format!("{{\"Records\":[{given},\n{good}]}}"));
        assert_eq!((page.events.len(), page.rejects.len()), (1, 1), "{reason}");
        assert_eq!(page.rejects[0].reason, reason);
        assert_eq!(page.slice(page.rejects[0].raw), given.as_bytes());
    }
}

#[test]
fn files_are_told_by_their_content() {
    let digest = json!({"awsAccountId": "111122223333", "digestStartTime": "2026-11-21T22:00:00Z",
        "digestEndTime": "2026-11-21T23:00:00Z", "digestS3Bucket": "b", "logFiles": [
            {"s3Bucket": "b", "s3Object": "AWSLogs/…", "hashValue": "0f", "hashAlgorithm": "SHA-256"}]});
    let mut quiet = digest.clone();
    quiet["logFiles"] = json!([]);
    let insight = record(
        1,
        json!({"eventType": "AwsCloudTrailInsight", "insightDetails": {"state": "Start"}}),
    );
    let category = record(1, json!({"eventCategory": "Insight"}));
    let call = record(
        1,
        json!({"requestParameters": {"eventType": "AwsCloudTrailInsight"}}),
    );
    let long = record(
        1,
        json!({"requestParameters": "x".repeat(FIRST_RECORD_BYTES)}),
    );
    for (bytes, expected) in [
        (file(&[call]), "log"),
        (file(&[long]), "log"),
        (file(&[]), "log"),
        (b"{ \"Records\" :\n[ ] }".to_vec(), "log"),
        (digest.to_string().into_bytes(), "digest"),
        (quiet.to_string().into_bytes(), "digest"),
        (file(&[insight]), "insight"),
        (file(&[category]), "insight"),
    ] {
        for bytes in [gzip(&bytes), bytes] {
            let content = open(Body::Memory(bytes)).map_err(|error| error.to_string());
            let told = content.map(|content| match content {
                Content::Log(_) => "log",
                Content::Digest => "digest",
                Content::Insight => "insight",
            });
            assert_eq!(told.as_deref(), Ok(expected));
        }
    }
}

#[test]
fn a_file_without_records_is_an_empty_page() {
    let page = pages(&[file(&[]), gzip(&file(&[]))]).unwrap().remove(0);
    assert_eq!((page.received(), page.bytes.len()), (0, 0));
}

#[test]
fn a_file_that_is_none_of_cloudtrail_s_says_what_it_is() {
    let none = "the file is none of CloudTrail's: ";
    for (bytes, why) in [
        (
            "version account-id srcaddr\n2 1 10.0.0.1\n",
            "it is no JSON",
        ),
        (
            "[{\"Records\":[]}]",
            "it is no object with a list `Records`",
        ),
        ("{}", "it is no object with a list `Records`"),
        (
            "{\"fileVersion\":\"1.0\",\"configurationItems\":[]}",
            "it has no list `Records`, but `fileVersion`, `configurationItems`",
        ),
        (
            "{\"Records\":{}}",
            "it has no list `Records`, but `Records`",
        ),
    ] {
        match log_file(bytes).err().unwrap() {
            FeedError::Unreadable { why: found, .. } => {
                assert_eq!(found, format!("{none}{why}"));
            }
            other => panic!("{bytes}: {other:?}"),
        }
    }
}

#[test]
fn a_damaged_file_says_where_and_leaves_the_page_as_it_was() {
    let records = [record(1, json!({})), record(2, json!({}))];
    let text = file(&records);
    let cut = text[..text.len() - 40].to_vec();
    let packed = gzip(&text);
    let place = format!("the JSON is cut short at byte {}", cut.len());
    for (bytes, why) in [
        (cut, place.as_str()),
        (
            text[..text.len() - 1].to_vec(),
            "the JSON is cut short at byte",
        ),
        (
            packed[..packed.len() - 60].to_vec(),
            "the gzip data is cut short",
        ),
        (Vec::new(), "the file is empty"),
        (
            b"<Error><Code>NoSuchKey</Code></Error>".to_vec(),
            "it is an error message",
        ),
        ([text.as_slice(), b"{}"].concat(), "the JSON is damaged"),
    ] {
        let mut batch = Batch::default();
        assert!(!log_file(file(&records)).unwrap().fill(&mut batch).unwrap());
        let before = (batch.bytes.clone(), batch.records.clone());
        let read = log_file(bytes).and_then(|mut file| file.fill(&mut batch));
        match read {
            Err(FeedError::Damaged { why: found, .. }) => {
                assert!(found.starts_with(why), "{found} / {why}");
            }
            other => panic!("{why}: {other:?}"),
        }
        assert_eq!((batch.bytes, batch.records), before, "{why}");
    }
}

#[test]
fn small_files_share_a_page_and_a_large_one_takes_several() {
    let small = |number| gzip(&file(&[record(number, json!({}))]));
    let line = record(7, json!({})).to_string();
    let lines = vec![line.as_str(); PAGE_RECORDS_MAX].join(",");
    let large = format!("{{\"Records\":[{lines}]}}").into_bytes();
    let shared = pages(&[small(1), small(2), small(3)]).unwrap();
    let ids: Vec<_> = shared[0]
        .events
        .iter()
        .map(|event| shared[0].vendor_id(event))
        .collect();
    let expected = [1, 2, 3].map(|number| format!("{ID}{number}"));
    assert_eq!(ids, expected.each_ref().map(|id| Some(id.as_str())));
    let split = pages(&[small(1), large, small(2)]).unwrap();
    assert!(split.len() > 1);
    let received: usize = split.iter().map(Page::received).sum();
    assert_eq!(received, PAGE_RECORDS_MAX + 2);
    for page in &split {
        assert!(
            page.events
                .iter()
                .all(|event| page.slice(event.raw).starts_with(b"{\"eventVersion"))
        );
    }
}

/// Any JSON, not deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any_name(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_name() -> impl Strategy<Value = String> {
    let known = [
        "eventID",
        "eventTime",
        "eventName",
        "eventType",
        "userIdentity",
        "sourceIPAddress",
        "arn",
        "resources",
        "ARN",
        "onBehalfOf",
        "userId",
        "eventSource",
    ];
    prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn every_record_comes_out_as_it_went_in_and_none_is_lost(
        given in proptest::collection::vec((any_json(), any::<bool>()), 0..8),
        split in 0..9_usize,
    ) {
        let own = |(n, (value, is_real)): (usize, &(Value, bool))| match value {
            Value::Object(_) if *is_real => record(n, value.clone()),
            other => other.clone(),
        };
        let records: Vec<Value> = given.iter().enumerate().map(own).collect();
        let (first, second) = records.split_at(split.min(records.len()));
        let files = [file(first), gzip(&file(second))];
        // A first record that says so makes the file one of insights.
        let mut page = Batch::default();
        let mut read = Vec::new();
        for (bytes, records) in files.iter().zip([first, second]) {
            if let Content::Log(mut file) = open(Body::Memory(bytes.clone())).unwrap() {
                prop_assert!(!file.fill(&mut page).unwrap());
                read.extend_from_slice(records);
            }
        }
        let page = super::page(page);
        prop_assert_eq!(page.received(), read.len());
        let mut spans: Vec<Span> = page.events.iter().map(|event| event.raw).collect();
        spans.extend(page.rejects.iter().map(|reject| reject.raw));
        spans.sort_by_key(|span| span.start);
        for (span, record) in spans.iter().zip(&read) {
            prop_assert_eq!(&serde_json::from_slice::<Value>(page.slice(*span)).unwrap(), record);
        }
        for event in &page.events {
            let raw: Value = serde_json::from_slice(page.slice(event.raw)).unwrap();
            for (name, value) in details(&page, event).as_object().unwrap() {
                prop_assert_eq!(value, &raw[name]);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(text in "[\\[\\]{}\":,a1\\\\ ]{0,40}", cut in 0..400_usize) {
        let whole = file(&[record(1, json!({}))]);
        for bytes in [
            format!("{{\"Records\":[{text}]}}").into_bytes(),
            format!("{{\"Records\":[{{\"eventID\":\"1\",{text}}}]}}").into_bytes(),
            [&whole[..cut.min(whole.len())], text.as_bytes()].concat(),
        ] {
            if let Ok(Content::Log(mut file)) = open(Body::Memory(bytes)) {
                let mut batch = Batch::default();
                let _more = file.fill(&mut batch);
                let _page = page(batch);
            }
        }
    }
}
