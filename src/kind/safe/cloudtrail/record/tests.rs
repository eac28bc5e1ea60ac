//! Records in the forms that AWS documents.

mod any;
mod files;

use super::*;
use crate::event::{Event, Identity, Span, Text};
use crate::record::COLUMNS_MAX;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write;

const ID: &str = "6a0b1c2d-0000-4000-8000-00000000000";

/// A record with what every record has, and what this one has besides. The number is its id's.
fn record(number: usize, own: &Value) -> Value {
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
    let given = record(1, &json!({}));
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
    let page = one(&record(1, &json!({})));
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
        let page = one(&record(1, &own));
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
        let page = one(&record(1, &own));
        assert_eq!(details(&page, &page.events[0])[name], own[name], "{own}");
    }
    let twice = record(1, &json!({}))
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
            record(1, &json!({"eventID": null})).to_string(),
            "no eventID",
        ),
        (record(1, &json!({"eventID": ""})).to_string(), "no eventID"),
        (
            record(1, &json!({"eventTime": null})).to_string(),
            "no eventTime",
        ),
        (
            record(1, &json!({"eventTime": "soon"})).to_string(),
            "`soon` is no timestamp",
        ),
        (
            record(1, &Value::Object(many)).to_string(),
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
        let good = record(2, &json!({}));
        let page = page_of(&format!("{{\"Records\":[{given},\n{good}]}}"));
        assert_eq!((page.events.len(), page.rejects.len()), (1, 1), "{reason}");
        assert_eq!(page.rejects[0].reason, reason);
        assert_eq!(page.slice(page.rejects[0].raw), given.as_bytes());
    }
}
