//! Tests of the simulated S3, without a network: what lies in the buckets, and how it is served.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::export::{EXPORT_LATE_MAX_MILLIS, Layout, ObjectFormat};
use super::signature::tests::{call, sign};
use super::*;
use crate::demo::TrailEvent;
use crate::demo::world::{Blemishes, Plan};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z
const HOUR: i64 = 3_600_000;
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Bench {
    aws: Aws,
    world: World,
    now: Timestamp,
}

impl Bench {
    fn new(options: AwsOptions) -> Bench {
        let plan = Plan {
            seed: 3,
            events: 1_500,
            days: 6,
            now: NOW,
        };
        let blemishes = Blemishes {
            late: 0.1,
            ..Blemishes::default()
        };
        Bench {
            aws: Aws::new(options),
            world: World::with_blemishes(plan, blemishes),
            now: NOW,
        }
    }

    /// Sends a request that is signed as it should be.
    fn ask(&mut self, line: &str, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("host", "aws.test"), ("x-amz-content-sha256", EMPTY)];
        all.extend(headers);
        let call = sign(call(line, &all, ""), "eu-central-1", "s3", self.now);
        self.aws.answer(&call, &self.world, self.now)
    }

    fn list(&mut self, query: &str) -> (u16, String) {
        let answer = self.ask(&format!("GET /acme-audit?list-type=2{query}"), &[]);
        (answer.status, text(&answer))
    }

    /// All keys of a bucket as its lists tell them, page by page, and how many pages there were.
    fn walk(&mut self, bucket: &str, query: &str) -> (Vec<String>, usize) {
        let (mut keys, mut pages, mut token) = (Vec::new(), 0, String::new());
        loop {
            let line = format!("GET /{bucket}?list-type=2{query}{token}");
            let page = text(&self.ask(&line, &[]));
            let found = elements(&page, "Key");
            assert_eq!(elements(&page, "KeyCount"), [found.len().to_string()]);
            keys.extend(found);
            pages += 1;
            match elements(&page, "NextContinuationToken").first() {
                Some(next) => {
                    assert_eq!(elements(&page, "IsTruncated"), ["true"]);
                    let next: String =
                        url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                    token = format!("&continuation-token={next}");
                }
                None => {
                    assert_eq!(elements(&page, "IsTruncated"), ["false"]);
                    return (keys, pages);
                }
            }
        }
    }

    fn put(&mut self, key: &str, body: &'static str) {
        self.aws.deliver(&self.world, self.now);
        let bucket = self.aws.bucket(EXPORT_BUCKET).unwrap();
        bucket.put(key, Bytes::from_static(body.as_bytes()), NOW);
    }

    /// What every object of a bucket holds, decompressed.
    fn contents(&mut self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let (keys, _) = self.walk(bucket, "");
        let read = |key: String| {
            let answer = self.ask(&format!("GET /{bucket}/{key}"), &[]);
            assert_eq!(answer.status, 200, "{key}");
            let mut bytes = answer.body.to_vec();
            if bytes.starts_with(&[0x1f, 0x8b]) {
                let mut decoder = flate2::read::GzDecoder::new(answer.body.as_ref());
                bytes.clear();
                decoder.read_to_end(&mut bytes).unwrap();
            }
            (key, bytes)
        };
        keys.into_iter().map(read).collect()
    }
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let found = answer.headers.iter().find(|header| header.0 == name);
    found.map_or("", |header| &header.1)
}

/// The contents of all elements of this name.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&start).skip(1);
    parts
        .map(|part| part.split(&end).next().unwrap().to_owned())
        .collect()
}

fn export(layout: Layout, format: ObjectFormat, gzip: bool) -> AwsOptions {
    let export = ExportOptions {
        layout,
        format,
        gzip,
        late: 0.2,
        ..ExportOptions::default()
    };
    AwsOptions {
        export,
        ..AwsOptions::default()
    }
}

/// The ids in an object, whatever its format.
fn ids(bytes: &[u8]) -> Vec<String> {
    let values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let values = values.map(Result::unwrap).flat_map(|value| match value {
        Value::Array(values) => values,
        value => vec![value],
    });
    values
        .map(|value| value["eventId"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_export_holds_what_was_visible_in_every_form() {
    for (layout, format, gzip) in [
        (Layout::DateFolders, ObjectFormat::Ndjson, true),
        (Layout::DatePartitions, ObjectFormat::Array, true),
        (Layout::DateInName, ObjectFormat::Concatenated, false),
        (Layout::Random, ObjectFormat::OneEach, true),
    ] {
        let options = export(layout, format, gzip);
        let mut bench = Bench::new(options.clone());
        let held: Vec<String> = bench
            .contents(EXPORT_BUCKET)
            .values()
            .flat_map(|o| ids(o))
            .collect();
        let distinct: BTreeSet<String> = held.iter().cloned().collect();
        let visible = bench.world.export_visible(NOW, &options.export);
        let truth: BTreeSet<String> = visible.iter().map(|entry| entry.id()).collect();
        assert_eq!(distinct, truth, "{layout:?}");
        let all = bench.world.sendsafely_visible(NOW).len();
        assert!(truth.len() > 600 && truth.len() < all, "some come later");
        assert!(held.len() > distinct.len(), "some are in two objects");
    }
}

#[test]
fn keys_look_as_their_layout_says() {
    for (layout, format, gzip, form) in [
        (
            Layout::DateFolders,
            ObjectFormat::Ndjson,
            true,
            "audit/2026/09/16/acme-20260916T100000Z.ndjson.gz",
        ),
        (
            Layout::DateFolders,
            ObjectFormat::Array,
            false,
            "audit/2026/09/16/acme-20260916T100000Z.json",
        ),
        (
            Layout::DatePartitions,
            ObjectFormat::Array,
            true,
            "audit/dt=2026-09-16/part-",
        ),
        (
            Layout::DateInName,
            ObjectFormat::Ndjson,
            false,
            "audit/audit-2026-09-16T10-00.ndjson",
        ),
    ] {
        let mut bench = Bench::new(export(layout, format, gzip));
        let (keys, _) = bench.walk(EXPORT_BUCKET, "");
        assert!(
            keys.iter().any(|key| key.starts_with(form)),
            "{form}: {}",
            keys[0]
        );
    }
    let mut random = Bench::new(export(Layout::Random, ObjectFormat::Ndjson, true));
    let (keys, _) = random.walk(EXPORT_BUCKET, "");
    assert!(keys.iter().all(|key| key.len() == "audit/".len() + 36));
}

#[test]
fn objects_are_there_once_delivered_and_never_change() {
    let mut bench = Bench::new(export(Layout::DateFolders, ObjectFormat::Ndjson, true));
    let first = bench.contents(EXPORT_BUCKET);
    let (mut before, mut stragglers) = (first.clone(), 0);
    for _ in 0..8 {
        let now = bench.now.plus_millis(2 * HOUR);
        bench.world.advance(now, 40);
        bench.now = now;
        let options = bench.aws.options.export;
        let truth = bench.world.export_visible(now, &options);
        let truth: BTreeSet<String> = truth.iter().map(|entry| entry.id()).collect();
        let held = bench.contents(EXPORT_BUCKET);
        let found = held.values().flat_map(|object| ids(object));
        assert_eq!(found.collect::<BTreeSet<String>>(), truth);
        let last = before.keys().next_back().unwrap();
        let new = held.keys().filter(|key| !before.contains_key(*key));
        stragglers += new.filter(|key| *key < last).count();
        before = held;
    }
    assert!(
        first
            .iter()
            .all(|(key, body)| before.get(key) == Some(body))
    );
    assert!(stragglers > 0, "some come before what is there");
}

#[test]
fn the_same_seed_fills_the_same_buckets_however_often_one_looks() {
    let options = export(Layout::Random, ObjectFormat::Ndjson, true);
    let [mut one, mut two] = [Bench::new(options.clone()), Bench::new(options)];
    one.now = NOW.plus_millis(-48 * HOUR);
    one.walk(EXPORT_BUCKET, "");
    one.walk(TRAIL_BUCKET, "");
    one.now = NOW;
    for bucket in [EXPORT_BUCKET, TRAIL_BUCKET] {
        assert_eq!(one.contents(bucket), two.contents(bucket), "{bucket}");
    }
}

/// Id and time of all records of CloudTrail's log files, which lie where their names say.
fn records(held: &BTreeMap<String, Vec<u8>>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (key, body) in held.iter().filter(|(key, _)| key.contains("_CloudTrail_")) {
        let name = key.rsplit('/').next().unwrap();
        let parts: Vec<&str> = name.split('_').collect();
        let [account, "CloudTrail", region, minute, unique] = parts[..] else {
            panic!("{name}");
        };
        assert_eq!((minute.len(), unique.len()), (14, 16 + ".json.gz".len()));
        let day = format!("{}/{}/{}", &minute[..4], &minute[4..6], &minute[6..8]);
        assert!(
            key.contains(&format!("/{account}/CloudTrail/{region}/{day}/")),
            "{key}"
        );
        let body: Value = serde_json::from_slice(body).unwrap();
        for record in body["Records"].as_array().unwrap() {
            assert_eq!(record["awsRegion"], region);
            found.push((
                record["eventID"].to_string(),
                record["eventTime"].to_string(),
            ));
        }
    }
    found
}

#[test]
fn the_trail_holds_every_event_of_cloudtrail_and_more_that_is_none() {
    let options = AwsOptions {
        trail: TrailOptions {
            prefix: "logs/",
            organisation: Some("o-abc123"),
        },
        ..AwsOptions::default()
    };
    let mut bench = Bench::new(options);
    let held = bench.contents(TRAIL_BUCKET);
    assert!(held.keys().all(|key| key.starts_with("logs/AWSLogs/")));
    assert_eq!(held["logs/AWSLogs/o-abc123/111122223333/CloudTrail/"], b"");
    let found = records(&held);
    let distinct: BTreeSet<_> = found.iter().cloned().collect();
    let truth = bench.world.cloudtrail_visible(NOW);
    let said = |event: &&TrailEvent| {
        let time = event.time.datetime().format("%Y-%m-%dT%H:%M:%SZ");
        (format!("\"{}\"", event.id()), format!("\"{time}\""))
    };
    assert_eq!(distinct, truth.iter().map(said).collect());
    assert!(
        truth.len() > 100 && found.len() > distinct.len(),
        "{}",
        truth.len()
    );
    let late = |e: &&&TrailEvent| e.visible_at.since(e.time).as_secs() > 80_000;
    assert!(
        truth.iter().filter(late).count() > 0,
        "some files are days late"
    );
    for kind in ["_CloudTrail-Digest_", "_CloudTrail-Insight_"] {
        assert!(held.keys().any(|key| key.contains(kind)), "{kind}");
    }
}

#[test]
fn a_list_comes_in_pages_in_the_order_of_bytes() {
    let mut bench = Bench::new(export(Layout::Random, ObjectFormat::OneEach, false));
    for key in [
        "Z",
        "audit/é",
        "audit/z",
        "audit/\u{10348}",
        "audit/\u{ffee}",
    ] {
        bench.put(key, "{}");
    }
    let (keys, pages) = bench.walk(EXPORT_BUCKET, "&max-keys=100");
    assert_eq!(pages, keys.len().div_ceil(100));
    assert!(keys.is_sorted() && keys.len() > 700);
    assert_eq!(keys[0], "Z");
    assert_eq!(bench.walk(EXPORT_BUCKET, "").0, keys, "1000 a page");
    assert_eq!(bench.walk(EXPORT_BUCKET, "&max-keys=9999").1, 1);
    let (some, _) = bench.walk(EXPORT_BUCKET, "&prefix=audit/%C3%A9&max-keys=1");
    assert_eq!(some, ["audit/é"]);
    let after = format!("&start-after={}", keys[keys.len() - 3]);
    assert_eq!(bench.walk(EXPORT_BUCKET, &after).0, keys[keys.len() - 2..]);
    let (_, none) = bench.list("&max-keys=0");
    assert!(none.contains("<KeyCount>0<") && none.contains("<IsTruncated>false<"));
}

#[test]
fn a_list_folds_what_lies_behind_a_delimiter() {
    let mut bench = Bench::new(export(Layout::DateFolders, ObjectFormat::Ndjson, true));
    bench.put("audit/README", "x");
    let mut token = String::new();
    let mut days = Vec::new();
    loop {
        let (_, page) = bench.list(&format!(
            "&prefix=audit/2026/09/&delimiter=/&max-keys=2{token}"
        ));
        assert_eq!(elements(&page, "Key"), [""; 0]);
        let found = elements(&page, "CommonPrefixes");
        assert_eq!(elements(&page, "KeyCount"), [found.len().to_string()]);
        days.extend(found);
        match elements(&page, "NextContinuationToken").first() {
            Some(next) => token = format!("&continuation-token={}", next.replace('=', "%3D")),
            None => break,
        }
    }
    let first = "<Prefix>audit/2026/09/15/</Prefix>";
    assert_eq!((days.len(), days[0].as_str()), (7, first), "{days:?}");
    let (_, top) = bench.list("&prefix=audit/&delimiter=/");
    assert_eq!(elements(&top, "Key"), ["audit/README"]);
    assert_eq!(
        elements(&top, "CommonPrefixes"),
        ["<Prefix>audit/2026/</Prefix>"]
    );
}

#[test]
fn what_xml_or_a_url_cannot_hold_is_written_otherwise() {
    let mut bench = Bench::new(AwsOptions::default());
    bench.put("x/a b+c&<d>\"\u{1}.json", "{}");
    let (_, plain) = bench.list("&prefix=x/");
    assert_eq!(
        elements(&plain, "Key"),
        ["x/a b+c&amp;&lt;d&gt;&quot;&#1;.json"]
    );
    let (_, encoded) = bench.list("&prefix=x/a%20b&encoding-type=url");
    assert_eq!(
        elements(&encoded, "Key"),
        ["x/a+b%2Bc%26%3Cd%3E%22%01.json"]
    );
    assert_eq!(elements(&encoded, "Prefix"), ["x/a+b"]);
    let contents = elements(&encoded, "Contents");
    assert!(contents[0].contains("<LastModified>2026-09-21T14:13:20.000Z</LastModified>"));
    assert!(contents[0].contains("<Size>2</Size><StorageClass>STANDARD</StorageClass>"));
    let etag = elements(&encoded, "ETag").remove(0);
    let answer = bench.ask("GET /acme-audit/x/a%20b%2Bc%26%3Cd%3E%22%01.json", &[]);
    assert_eq!((answer.status, text(&answer).as_str()), (200, "{}"));
    assert_eq!(etag.replace("&quot;", "\""), header(&answer, "etag"));
    assert_eq!(
        header(&answer, "last-modified"),
        "Mon, 21 Sep 2026 14:13:20 GMT"
    );
}

#[test]
fn an_object_is_read_whole_in_part_or_if_it_is_the_same() {
    let mut bench = Bench::new(AwsOptions::default());
    bench.put("k", "0123456789");
    let mut ask = |name, value| bench.ask("GET /acme-audit/k", &[(name, value)]);
    let whole = ask("accept", "*/*");
    let etag = header(&whole, "etag").to_owned();
    for (range, status, body) in [
        ("bytes=0-3", 206, "0123"),
        ("bytes=8-", 206, "89"),
        ("bytes=-3", 206, "789"),
        ("bytes=5-99", 206, "56789"),
        ("bytes=10-", 416, "InvalidRange"),
        ("lines=1-2", 416, "InvalidRange"),
    ] {
        let answer = ask("range", range);
        assert_eq!(answer.status, status, "{range}");
        assert!(text(&answer).contains(body), "{range}");
        assert_eq!(header(&answer, "content-range").is_empty(), status != 206);
    }
    assert_eq!(ask("if-match", &etag).status, 200);
    let other = ask("if-match", "\"0\"");
    assert!(other.status == 412 && text(&other).contains("<Code>PreconditionFailed</Code>"));
    assert_eq!(ask("if-none-match", &etag).status, 501);
    bench.put("k", "other");
    assert_eq!(
        bench
            .ask("GET /acme-audit/k", &[("if-match", &etag)])
            .status,
        412
    );
    bench.aws.bucket(EXPORT_BUCKET).unwrap().delete("k");
    assert_eq!(bench.ask("GET /acme-audit/k", &[]).status, 404);
}

#[test]
fn what_s3_does_not_allow_is_refused_in_its_words() {
    let mut bench = Bench::new(AwsOptions::default());
    for (line, status, code) in [
        ("GET /nobody?list-type=2", 404, "NoSuchBucket"),
        ("GET /acme-audit/nothing", 404, "NoSuchKey"),
        ("GET /acme-audit", 400, "InvalidArgument"),
        (
            "GET /acme-audit?list-type=2&marker=a",
            400,
            "InvalidArgument",
        ),
        (
            "GET /acme-audit?list-type=2&continuation-token=YQ%3D%3D",
            400,
            "InvalidArgument",
        ),
        (
            "GET /acme-audit?list-type=2&max-keys=x",
            400,
            "InvalidArgument",
        ),
        ("PUT /acme-audit/k", 405, "MethodNotAllowed"),
        (
            "GET /acme-trail/AWSLogs/?versionId=1",
            501,
            "NotImplemented",
        ),
    ] {
        let answer = bench.ask(line, &[]);
        let body = text(&answer);
        assert!(
            body.contains(&format!("<Code>{code}</Code>")),
            "{line}: {body}"
        );
        assert_eq!(answer.status, status, "{line}");
    }
    assert_eq!(bench.ask("HEAD /acme-audit", &[]).status, 200);
}

const LIST: &str = "GET /acme-audit?list-type=2";
const PLAIN: &[(&str, &str)] = &[("host", "aws.test"), ("x-amz-content-sha256", EMPTY)];

/// Sixteen minutes on.
const FAR: Timestamp = NOW.plus_millis(960_000);

fn signed(region: &str, service: &str, at: Timestamp) -> Call {
    sign(call(LIST, PLAIN, ""), region, service, at)
}

/// A request whose signature was changed after it was signed as it should be.
fn edited(edit: fn(String) -> String) -> Call {
    let mut call = signed("eu-central-1", "s3", NOW);
    let header = call.header("authorization").unwrap().to_owned();
    let header = edit(header).parse().unwrap();
    call.headers.insert("authorization", header);
    call
}

#[test]
fn who_signs_wrongly_or_too_late_is_refused() {
    let mut bench = Bench::new(AwsOptions::default());
    let good = signed("eu-central-1", "s3", NOW);
    assert_eq!(bench.aws.answer(&good, &bench.world, NOW).status, 200);
    let mut other_query = good;
    other_query.query.push_str("&max-keys=1");
    for (call, status, code) in [
        (call(LIST, PLAIN, ""), 403, "AccessDenied"),
        (other_query, 403, "SignatureDoesNotMatch"),
        (edited(|header| header + "0"), 403, "SignatureDoesNotMatch"),
        (
            edited(|h| h.replace("AKIA", "AKIB")),
            403,
            "InvalidAccessKeyId",
        ),
        (
            edited(|h| h.replace("SHA256", "SHA1")),
            400,
            "AuthorizationHeaderMalformed",
        ),
        (
            signed("eu-central-1", "s3", FAR),
            403,
            "RequestTimeTooSkewed",
        ),
        (
            signed("eu-central-1", "logs", NOW),
            400,
            "AuthorizationHeaderMalformed",
        ),
        (signed("us-east-1", "s3", NOW), 301, "PermanentRedirect"),
    ] {
        let answer = bench.aws.answer(&call, &bench.world, NOW);
        assert_eq!(elements(&text(&answer), "Code"), [code]);
        assert_eq!(answer.status, status, "{code}");
        let told = header(&answer, "x-amz-bucket-region");
        assert_eq!(told == "eu-central-1", status == 301);
    }
}

#[test]
fn a_key_may_not_do_everything_nor_as_often_as_it_likes() {
    let options = |denied: &[&'static str]| AwsOptions {
        denied: denied.to_vec(),
        s3_per_second: Some(3),
        ..AwsOptions::default()
    };
    let mut blind = Bench::new(options(&["s3:ListBucket"]));
    blind.put("k", "x");
    assert_eq!(blind.list("").0, 403);
    assert_eq!(blind.ask("GET /acme-audit/k", &[]).status, 200);
    assert_eq!(blind.ask("GET /acme-audit/nothing", &[]).status, 403);
    let slow = blind.ask("GET /acme-audit/k", &[]);
    assert!(slow.status == 503 && text(&slow).contains("<Code>SlowDown</Code>"));
    blind.now = NOW.plus_millis(1000);
    assert_eq!(blind.ask("GET /acme-audit/k", &[]).status, 200);
    let mut mute = Bench::new(options(&["s3:GetObject"]));
    mute.put("k", "x");
    assert_eq!(mute.list("").0, 200);
    assert_eq!(mute.ask("GET /acme-audit/k", &[]).status, 403);
}

#[test]
fn no_delivery_is_later_than_promised() {
    let options = export(Layout::DateFolders, ObjectFormat::Ndjson, true).export;
    let bench = Bench::new(AwsOptions::default());
    let settled = NOW.plus_millis(EXPORT_LATE_MAX_MILLIS + 2 * HOUR + crate::demo::LATE_MAX_MILLIS);
    let all = bench.world.sendsafely_visible(settled).len();
    assert_eq!(bench.world.export_visible(settled, &options).len(), all);
    let settled = NOW.plus_millis(crate::demo::TRAIL_LATE_MAX_MILLIS);
    assert_eq!(bench.world.cloudtrail_visible(settled).len(), 150);
    assert!(bench.world.cloudtrail_visible(NOW).len() < 150);
    assert!(Duration::from_secs(3600) == options.every);
}
