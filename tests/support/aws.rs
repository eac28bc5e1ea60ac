//! A small client that fills the counterparts of AWS with what the tests need there. It shares
//! nothing with the client that is under test.

pub(crate) mod signature;

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use trailkeep::event::Timestamp;
use trailkeep::fetch::clock::{Clock, SystemClock};
use url::Url;

use self::signature::{Keys, Signed, hash, moment};

pub(crate) const REGION: &str = "eu-central-1";

/// One who asks a server in one's own name. It belongs to the runtime it was first used in.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// The server's root, without a slash at the end.
    url: String,
    keys: Keys,
}

/// What is asked for.
struct Ask<'a> {
    service: &'static str,
    method: Method,
    /// Of segments in plain words, encoded when it is asked.
    path: &'a str,
    query: &'a [(&'a str, &'a str)],
    headers: &'a [(&'static str, &'a str)],
    body: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(url: &str, keys: Keys) -> Client {
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        Client {
            http: http.build().expect("loopback needs nothing of the machine"),
            url: url.to_owned(),
            keys,
        }
    }

    /// Signs and asks; an answer of any status is one.
    async fn ask(&self, ask: Ask<'_>) -> Result<Answer, reqwest::Error> {
        let path = encode(ask.path, true);
        let query = query(ask.query);
        let headers = self.headers(&ask, &path, &query);
        let url = format!("{}{path}?{query}", self.url);
        let mut request = self.http.request(ask.method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.body(ask.body).send().await?;
        Ok(Answer {
            status: answer.status().as_u16(),
            body: answer.bytes().await?.to_vec(),
        })
    }

    fn headers(&self, ask: &Ask<'_>, path: &str, query: &str) -> BTreeMap<&'static str, String> {
        let (time, body_hash) = (SystemClock.now(), hash(&ask.body));
        let url = Url::parse(&self.url).unwrap();
        let plain = ask.headers.iter();
        let mut headers: BTreeMap<&'static str, String> = plain
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        headers.insert("host", url.authority().to_owned());
        headers.insert("x-amz-date", moment(time));
        headers.insert("x-amz-content-sha256", body_hash.clone());
        let token = self.keys.token.clone();
        headers.extend(token.map(|token| ("x-amz-security-token", token)));
        let signed = Signed {
            method: ask.method.as_str(),
            path,
            query,
            headers: &headers,
            body_hash: &body_hash,
            service: ask.service,
            region: REGION,
            time,
        };
        let authorization = signed.authorization(&self.keys);
        headers.insert("authorization", authorization);
        headers
    }

    /// Asks S3 for what is at a path.
    pub(crate) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        self.s3(Method::GET, path, query, Vec::new()).await
    }

    async fn s3(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, reqwest::Error> {
        let ask = Ask {
            service: "s3",
            method,
            path,
            query,
            headers: &[],
            body,
        };
        self.ask(ask).await
    }

    pub(crate) async fn create_bucket(&self, bucket: &str) {
        let path = format!("/{bucket}");
        let body = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>\
             </CreateBucketConfiguration>"
        );
        let answer = self.s3(Method::PUT, &path, &[], body.into_bytes()).await;
        answer.unwrap().ok();
    }

    pub(crate) async fn put(&self, bucket: &str, key: &str, bytes: Vec<u8>) {
        self.try_put(bucket, key, bytes).await.unwrap().ok();
    }

    pub(crate) async fn try_put(
        &self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
    ) -> Result<Answer, reqwest::Error> {
        let path = format!("/{bucket}/{key}");
        self.s3(Method::PUT, &path, &[], bytes).await
    }

    /// Puts objects many at a time, in no order.
    pub(crate) async fn put_all(
        &self,
        bucket: &str,
        objects: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) {
        let puts = objects
            .into_iter()
            .map(|(key, bytes)| async move { self.try_put(bucket, &key, bytes).await });
        let answers = stream::iter(puts).buffer_unordered(AT_A_TIME);
        let all = answers.try_for_each(async |answer| {
            answer.ok();
            Ok(())
        });
        all.await.unwrap();
    }

    /// One page of a bucket's objects, as XML.
    pub(crate) async fn list(&self, bucket: &str, query: &[(&str, &str)]) -> String {
        let query = [&[("list-type", "2")], query].concat();
        let path = format!("/{bucket}");
        self.get(&path, &query).await.unwrap().ok().text()
    }

    /// Asks CloudWatch Logs: `PutLogEvents` and the like.
    pub(crate) async fn logs(&self, action: &str, body: &Value) -> Value {
        let target = format!("Logs_20140328.{action}");
        let ask = Ask {
            service: "logs",
            method: Method::POST,
            path: "/",
            query: &[],
            headers: &[
                ("content-type", "application/x-amz-json-1.1"),
                ("x-amz-target", &target),
            ],
            body: body.to_string().into_bytes(),
        };
        let answer = self.ask(ask).await.unwrap().ok();
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// A log group with these streams.
    pub(crate) async fn create_group(&self, group: &str, streams: &[&str]) {
        let named = json!({"logGroupName": group});
        self.logs("CreateLogGroup", &named).await;
        for stream in streams {
            let named = json!({"logGroupName": group, "logStreamName": stream});
            self.logs("CreateLogStream", &named).await;
        }
    }

    /// Events in the order of time, as many as there are: each request takes 10,000.
    pub(crate) async fn put_events(
        &self,
        group: &str,
        stream: &str,
        events: &[(Timestamp, String)],
    ) {
        for events in events.chunks(EVENTS_A_REQUEST) {
            let events: Vec<Value> = events
                .iter()
                .map(|(time, message)| json!({"timestamp": time.millis(), "message": message}))
                .collect();
            let body = json!({"logGroupName": group, "logStreamName": stream, "logEvents": events});
            let answer = self.logs("PutLogEvents", &body).await;
            assert!(answer["rejectedLogEventsInfo"].is_null(), "{answer}");
        }
    }

    /// Keys for an hour, from STS.
    pub(crate) async fn assume_role(&self, role: &str) -> Keys {
        let form = query(&[
            ("Action", "AssumeRole"),
            ("RoleArn", role),
            ("RoleSessionName", "trailkeep"),
            ("Version", "2011-06-15"),
        ]);
        let ask = Ask {
            service: "sts",
            method: Method::POST,
            path: "/",
            query: &[],
            headers: &[("content-type", "application/x-www-form-urlencoded")],
            body: form.into_bytes(),
        };
        let answer = self.ask(ask).await.unwrap().ok().text();
        let one = |name| tags(&answer, name).concat();
        Keys {
            id: one("AccessKeyId"),
            secret: one("SecretAccessKey"),
            token: Some(one("SessionToken")),
        }
    }
}

impl Answer {
    /// It has what was asked for.
    #[track_caller]
    pub(crate) fn ok(self) -> Answer {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

const AT_A_TIME: usize = 32;
const EVENTS_A_REQUEST: usize = 10_000;

/// The texts within all elements of this name.
pub(crate) fn tags(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let after = xml.split(&open).skip(1);
    let within = after.filter_map(|rest| rest.split(&close).next());
    within.map(str::to_owned).collect()
}

/// Pairs encoded and in order, as signatures want them.
fn query(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter();
    let mut pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (encode(name, false), encode(value, false)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn encode(text: &str, is_path: bool) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |encoded, byte| {
        if plain(byte) || (is_path && byte == b'/') {
            encoded + char::from(byte).encode_utf8(&mut [0; 4])
        } else {
            format!("{encoded}%{byte:02X}")
        }
    })
}

#[test]
fn paths_and_queries_are_encoded_as_signatures_want_them() {
    assert_eq!(encode("/a b/c=+ä", true), "/a%20b/c%3D%2B%C3%A4");
    assert_eq!(
        query(&[("b", "/"), ("a-b", ""), ("a", "&")]),
        "a=%26&a-b=&b=%2F"
    );
}
