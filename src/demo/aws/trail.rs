//! CloudTrail's bucket: log files under the date of their delivery, and what else lies there:
//! digests, insights and folder markers (documented).

use bytes::Bytes;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::demo::world::World;
use crate::demo::world::people::{hyphenated, uuid};
use crate::demo::world::trail::{ACCOUNTS, TrailEvent, TrailFile};
use crate::event::Timestamp;

use super::TRAIL_BUCKET;
use super::bucket::{Bucket, Object};
use super::gzip::compressed;

/// Where CloudTrail's files lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrailOptions {
    /// What stands before `AWSLogs/`: empty, or ending in a slash.
    pub prefix: &'static str,
    /// The id of the organisation whose trail it is: a folder of its own. A trail of single
    /// accounts, if none.
    pub organisation: Option<&'static str>,
}

/// Which slots have been written.
#[derive(Debug, Default)]
pub(super) struct TrailBucket {
    next: Option<i64>,
}

impl TrailBucket {
    /// Writes the files of the slots that are over by now. A file that is delivered later is
    /// written already, and not there yet.
    pub(super) fn deliver(
        &mut self,
        options: &TrailOptions,
        world: &World,
        bucket: &mut Bucket,
        now: Timestamp,
    ) {
        let mut slots = world.trail_slots(now);
        slots.start = self.next.unwrap_or(slots.start);
        if slots.is_empty() {
            return;
        }
        let files = world.trail_files(slots.clone());
        let first = files.iter().map(|file| file.delivered_at).min();
        if let Some(first) = first.filter(|_| self.next.is_none()) {
            options.mark_folders(bucket, first);
        }
        self.next = Some(slots.end);
        for file in files {
            options.write(&file, bucket);
        }
    }
}

impl TrailOptions {
    /// Objects of no bytes that a console leaves where somebody made a folder.
    fn mark_folders(&self, bucket: &mut Bucket, at: Timestamp) {
        bucket.put(&format!("{}AWSLogs/", self.prefix), Bytes::new(), at);
        for account in ACCOUNTS {
            let folder = self.folder(account);
            bucket.put(&folder, Bytes::new(), at);
            bucket.put(&format!("{folder}CloudTrail/"), Bytes::new(), at);
        }
    }

    fn folder(&self, account: &str) -> String {
        let prefix = self.prefix;
        match self.organisation {
            Some(id) => format!("{prefix}AWSLogs/{id}/{account}/"),
            None => format!("{prefix}AWSLogs/{account}/"),
        }
    }

    /// A log file, the digest of its hour, and for one in 40 an insight.
    fn write(&self, file: &TrailFile<'_>, bucket: &mut Bucket) {
        let mut rng = Rng::with_seed(file.unique);
        let records: Vec<Value> = file.events.iter().map(|event| record(event)).collect();
        let key = self.log_key("CloudTrail", file, &mut rng);
        let object = json_object(&json!({ "Records": records }), file.delivered_at);
        self.write_digest(file, &key, &object, bucket);
        bucket.insert(key, object);
        if rng.u8(..40) == 0 {
            let key = self.log_key("CloudTrail-Insight", file, &mut rng);
            let insight = json!({ "Records": [insight(file, &mut rng)] });
            bucket.insert(key, json_object(&insight, file.delivered_at));
        }
    }

    fn log_key(&self, kind: &str, file: &TrailFile<'_>, rng: &mut Rng) -> String {
        let TrailFile {
            account, region, ..
        } = file;
        let date = file.delivered_at.datetime();
        let (day, minute) = (date.format("%Y/%m/%d"), date.format("%Y%m%dT%H%MZ"));
        let unique: String = (0..16).map(|_| rng.alphanumeric()).collect();
        let folder = self.folder(account);
        format!("{folder}{kind}/{region}/{day}/{account}_{kind}_{region}_{minute}_{unique}.json.gz")
    }

    /// A digest vouches for the files of an hour, and is there after it; this one names the first
    /// of them.
    fn write_digest(&self, file: &TrailFile<'_>, key: &str, log: &Object, bucket: &mut Bucket) {
        const HOUR: i64 = 3_600_000;
        let TrailFile {
            account, region, ..
        } = file;
        let start = file.delivered_at.millis().div_euclid(HOUR) * HOUR;
        let (start, end) = (
            Timestamp::from_millis(start),
            Timestamp::from_millis(start + HOUR),
        );
        let (day, time) = (
            end.datetime().format("%Y/%m/%d"),
            end.datetime().format("%Y%m%dT%H%M%SZ"),
        );
        let folder = self.folder(account);
        let digest_key = format!(
            "{folder}CloudTrail-Digest/{region}/{day}/\
             {account}_CloudTrail-Digest_{region}_management_{region}_{time}.json.gz"
        );
        let delivered = end.plus_millis(600_000);
        if bucket.find(&digest_key, delivered).is_none() {
            let digest = json!({
                "awsAccountId": account,
                "digestStartTime": second(start),
                "digestEndTime": second(end),
                "digestS3Bucket": TRAIL_BUCKET,
                "digestS3Object": digest_key,
                "logFiles": [{
                    "s3Bucket": TRAIL_BUCKET,
                    "s3Object": key,
                    "hashValue": log.etag,
                    "hashAlgorithm": "SHA-256",
                }],
            });
            bucket.insert(digest_key, json_object(&digest, delivered));
        }
    }
}

/// CloudTrail's objects are compressed and say so.
fn json_object(value: &Value, at: Timestamp) -> Object {
    let body = compressed(value.to_string().as_bytes());
    Object::new(body.into(), at).labelled()
}

/// One record, with every member that is always there (documented) and some that may be.
fn record(event: &TrailEvent) -> Value {
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(event),
        "eventTime": second(event.time),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": &*event.from,
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": request(event),
        "responseElements": null,
        "requestID": hyphenated(!event.event_id),
        "eventID": event.id(),
        "readOnly": event.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": event.account,
        "eventCategory": "Management",
    });
    if let Some(error) = event.error {
        record["errorCode"] = json!(error);
        record["errorMessage"] = json!(format!("User is not authorized to perform {}", event.name));
    }
    record
}

fn identity(event: &TrailEvent) -> Value {
    if !event.who.starts_with("arn:") {
        return json!({"type": "AWSService", "invokedBy": &*event.who});
    }
    let session = event.who.rsplit('/').next().unwrap_or_default();
    json!({
        "type": "AssumedRole",
        "principalId": format!("AROAEXAMPLE:{session}"),
        "arn": &*event.who,
        "accountId": event.account,
    })
}

fn request(event: &TrailEvent) -> Value {
    match event.source {
        "s3.amazonaws.com" => json!({"bucketName": "acme-data", "Host": "s3.amazonaws.com"}),
        "sts.amazonaws.com" => Value::Null,
        _ => json!({"dryRun": false}),
    }
}

/// A record of CloudTrail Insights: no event, though it has the form of one.
fn insight(file: &TrailFile<'_>, rng: &mut Rng) -> Value {
    json!({
        "eventVersion": "1.11",
        "eventTime": second(file.delivered_at),
        "awsRegion": file.region,
        "eventID": hyphenated(uuid(rng)),
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": file.account,
        "insightDetails": {"state": "Start", "eventName": "Decrypt", "insightType": "ApiCallRateInsight"},
        "eventCategory": "Insight",
    })
}

fn second(moment: Timestamp) -> String {
    moment.datetime().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
