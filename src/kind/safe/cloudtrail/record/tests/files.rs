//! Files of records, files of other things, and damaged ones.

use super::*;
use crate::record::PAGE_RECORDS_MAX;

#[test]
fn files_are_told_by_their_content() {
    let digest = json!({"awsAccountId": "111122223333", "digestStartTime": "2026-11-21T22:00:00Z",
        "digestEndTime": "2026-11-21T23:00:00Z", "digestS3Bucket": "b", "logFiles": [
            {"s3Bucket": "b", "s3Object": "AWSLogs/…", "hashValue": "0f", "hashAlgorithm": "SHA-256"}]});
    let mut quiet = digest.clone();
    quiet["logFiles"] = json!([]);
    let insight = record(
        1,
        &json!({"eventType": "AwsCloudTrailInsight", "insightDetails": {"state": "Start"}}),
    );
    let category = record(1, &json!({"eventCategory": "Insight"}));
    let call = record(
        1,
        &json!({"requestParameters": {"eventType": "AwsCloudTrailInsight"}}),
    );
    let long = record(
        1,
        &json!({"requestParameters": "x".repeat(FIRST_RECORD_BYTES)}),
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
    let records = [record(1, &json!({})), record(2, &json!({}))];
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
    let small = |number| gzip(&file(&[record(number, &json!({}))]));
    let line = record(7, &json!({})).to_string();
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
