//! A bucket in memory, and an archive that keeps what comes of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use url::Url;

use crate::event::{Checkpoint, Claim, Object, Page, Timestamp, Window};
use crate::feed::{Body, BodyLimit, FeedError, Request, Response, Start, Step, Target};
use crate::kind::{Settings, find};

/// 2026-11-22T12:00:00Z
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_795_348_800_000);

pub(super) fn day(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// The key of an object that was put at that moment.
pub(super) fn key(before: &str, moment: Timestamp, after: &str) -> String {
    format!("{before}{}{after}", moment.datetime().format("%Y/%m/%d/"))
}

/// A line with one record.
pub(super) fn record(id: &str, time: Timestamp) -> String {
    format!("{{\"eventId\":\"{id}\",\"timestamp\":\"{time}\",\"action\":\"A\"}}\n")
}

/// A bucket, and what goes wrong with it.
pub(super) struct Store {
    pub(super) objects: BTreeMap<String, (String, Timestamp)>,
    pub(super) page_keys: usize,
    pub(super) prefix: String,
    pub(super) ignore: String,
    pub(super) since: Option<Timestamp>,
    pub(super) force: bool,
    /// Its end is missing when it is fetched.
    pub(super) cut: Option<String>,
    pub(super) replaced: Option<String>,
    pub(super) deleted: Option<String>,
    pub(super) denied: bool,
    pub(super) frozen: Vec<&'static str>,
    /// Lists the first keys last.
    pub(super) rotated: bool,
    /// Begins anew at the end.
    pub(super) circles: bool,
    pub(super) elsewhere: bool,
    /// What was listed, what was fetched, and how many at once.
    pub(super) lists: Vec<String>,
    pub(super) gets: Vec<String>,
    pub(super) rounds: Vec<usize>,
}

impl Default for Store {
    fn default() -> Store {
        Store {
            objects: BTreeMap::new(),
            page_keys: 5,
            prefix: String::new(),
            ignore: String::new(),
            since: None,
            force: false,
            cut: None,
            replaced: None,
            deleted: None,
            denied: false,
            frozen: Vec::new(),
            rotated: false,
            circles: false,
            elsewhere: false,
            lists: Vec::new(),
            gets: Vec::new(),
            rounds: Vec::new(),
        }
    }
}

impl Store {
    pub(super) fn put(&mut self, key: &str, body: &str, at: Timestamp) {
        self.objects.insert(key.to_owned(), (body.to_owned(), at));
    }

    fn answer(&mut self, request: &Request) -> Response {
        let Target::Tenant(url) = &request.target else {
            panic!("a pre-signed URL")
        };
        let url = Url::parse(url).expect("a URL");
        assert_eq!(
            url.host_str(),
            Some("acme-audit.s3.eu-central-1.amazonaws.com")
        );
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let (status, body) = if query.contains_key("list-type") {
            self.list(&query)
        } else {
            let path = url.path().strip_prefix('/').expect("a path");
            let path = format!("={}", path.replace('+', "%2B"));
            let mut key = url::form_urlencoded::parse(path.as_bytes());
            self.fetch(request, &key.next().expect("a key").1)
        };
        assert!(status == 200 || request.statuses.contains(&status));
        let (BodyLimit::Memory(limit) | BodyLimit::Disk(limit)) = request.body_limit;
        assert!(body.len() as u64 <= limit);
        Response {
            status,
            content_type: String::new(),
            body: Body::Memory(body.into_bytes()),
        }
    }

    fn list(&mut self, query: &BTreeMap<String, String>) -> (u16, String) {
        self.lists.push(format!("{query:?}"));
        if self.elsewhere {
            return (
                301,
                error(
                    "PermanentRedirect",
                    "<Endpoint>acme-audit.s3.eu-west-1.amazonaws.com</Endpoint>",
                ),
            );
        }
        let prefix = query.get("prefix").map_or("", String::as_str);
        let mut keys: Vec<&String> = self.objects.keys().collect();
        keys.retain(|key| key.starts_with(prefix));
        if self.rotated {
            keys.rotate_left(self.page_keys);
        }
        let from = match (query.get("continuation-token"), query.get("start-after")) {
            (Some(token), _) => token.parse().expect("a token of mine"),
            (None, Some(_)) if self.rotated => panic!("there is nothing to leap over"),
            (None, Some(after)) => keys.partition_point(|key| *key <= after),
            (None, None) => 0,
        };
        let to = (from + self.page_keys).min(keys.len());
        let listed: String = keys[from..to].iter().map(|key| self.entry(key)).collect();
        let more = to < keys.len() || self.circles;
        let next = if to < keys.len() { to } else { 0 };
        let next = format!("<NextContinuationToken>{next}</NextContinuationToken>");
        let next = if more { next.as_str() } else { "" };
        (
            200,
            format!(
                "<ListBucketResult><Name>acme-audit</Name><IsTruncated>{more}</IsTruncated>{next}{listed}</ListBucketResult>"
            ),
        )
    }

    fn entry(&self, key: &str) -> String {
        let (body, modified) = &self.objects[key];
        let class = if self.frozen.contains(&key) {
            "DEEP_ARCHIVE"
        } else {
            "STANDARD"
        };
        format!(
            "<Contents><Key>{key}</Key><LastModified>{modified}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size><StorageClass>{class}</StorageClass></Contents>",
            etag(body),
            body.len(),
        )
    }

    fn fetch(&mut self, request: &Request, key: &str) -> (u16, String) {
        self.gets.push(key.to_owned());
        let is = |one: &Option<String>| one.as_deref() == Some(key);
        let body = &self.objects[key].0;
        assert_eq!(
            request.headers,
            [("if-match", format!("\"{}\"", etag(body)))]
        );
        if self.denied {
            return (403, error("AccessDenied", ""));
        }
        if is(&self.replaced) {
            return (412, error("PreconditionFailed", ""));
        }
        if is(&self.deleted) {
            return (404, error("NoSuchKey", ""));
        }
        let end = if is(&self.cut) {
            body.len() / 2
        } else {
            body.len()
        };
        (200, body[..end].to_owned())
    }
}

fn etag(body: &str) -> String {
    format!(
        "e{:x}",
        body.bytes()
            .fold(7_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte))
    )
}

fn error(code: &str, more: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>m</Message>{more}</Error>")
}

/// What has been archived.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) events: BTreeSet<String>,
    pub(super) objects: HashSet<Object>,
    pub(super) checkpoints: BTreeMap<String, String>,
    pub(super) claim: Option<Claim>,
    pub(super) notices: Vec<String>,
    pub(super) pages: Vec<KeptPage>,
}

/// One page of it.
pub(super) struct KeptPage {
    pub(super) events: usize,
    pub(super) objects: Vec<String>,
    pub(super) window: Window,
}

impl Kept {
    fn keep(&mut self, page: Page) {
        assert_eq!(page.rejects.len(), 0);
        let ids = page.events.iter().filter_map(|event| page.vendor_id(event));
        self.events.extend(ids.map(str::to_owned));
        self.pages.push(KeptPage {
            events: page.events.len(),
            objects: page.objects.iter().map(|one| one.key.clone()).collect(),
            window: page.window,
        });
        self.objects.extend(page.objects);
        for Checkpoint { partition, json } in page.checkpoints {
            self.checkpoints.insert(partition, json);
        }
        self.claim = page.covers.or(self.claim);
        self.notices.extend(page.notices);
    }
}

/// A pass from its beginning to its end.
pub(super) fn pass(store: &mut Store, kept: &mut Kept, now: Timestamp) -> Result<(), FeedError> {
    assert!(pass_until(store, kept, now, usize::MAX)?, "it never ended");
    Ok(())
}

/// A pass that ends after so many steps; whether it came to its end before.
pub(super) fn pass_until(
    store: &mut Store,
    kept: &mut Kept,
    now: Timestamp,
    steps: usize,
) -> Result<bool, FeedError> {
    let checkpoints = kept.checkpoints.iter().map(|(partition, json)| Checkpoint {
        partition: partition.clone(),
        json: json.clone(),
    });
    let start = Start {
        checkpoints: checkpoints.collect(),
        since: store.since,
        force: store.force,
        ..Start::of("acme", now)
    };
    let feeds = find("sendsafely").expect("a kind").feeds;
    let s3 = feeds.iter().find(|feed| feed.name == "s3").expect("a feed");
    let mut feed = (s3.open)(&settings(store), &start).expect("settings that suffice");
    for _ in 0..steps.min(100_000) {
        match feed.next(now)? {
            Step::Ask(request) => feed.read(store.answer(&request), now)?,
            Step::AskAll(requests) => {
                store.rounds.push(requests.len());
                for request in &requests {
                    feed.read(store.answer(request), now)?;
                }
            }
            Step::Sift(mut objects) => {
                objects.retain(|object| !kept.objects.contains(object));
                feed.sifted(objects);
            }
            Step::Keep(page) => kept.keep(*page),
            Step::Wait(_) => panic!("there is nothing to wait for"),
            Step::Done => return Ok(true),
        }
    }
    Ok(false)
}

fn settings(store: &Store) -> Settings {
    let mut settings = Settings::defaults(&crate::kind::bucket::ACCESS, "acme.s3", None);
    for (key, text) in [
        ("bucket", "acme-audit"),
        ("region", "eu-central-1"),
        ("prefix", &store.prefix),
        ("ignore", &store.ignore),
    ] {
        settings.texts.insert(key.to_owned(), text.to_owned());
    }
    settings
}
