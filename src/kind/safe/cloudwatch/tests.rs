//! The feed against a small log group that pages as CloudWatch does, and no better.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::feed::{Body, Method, Request, Target};
use crate::kind::safe::KIND;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const HOUR: i64 = 3_600_000;

/// Events in order of time, a page of them at most so large; between two pages, empty ones.
struct Group {
    times: Vec<i64>,
    page: usize,
    empty: usize,
    /// It answers every question as if it had asked for all there is.
    is_deaf: bool,
    /// It gives the same token again and again.
    is_stuck: bool,
    asked: Vec<Value>,
    waited: Duration,
}

impl Group {
    fn new(ago: impl IntoIterator<Item = i64>) -> Group {
        let mut times: Vec<i64> = ago.into_iter().map(|ago| NOW.millis() - ago).collect();
        times.sort_unstable();
        Group {
            times,
            page: 3,
            empty: 2,
            is_deaf: false,
            is_stuck: false,
            asked: Vec::new(),
            waited: Duration::ZERO,
        }
    }

    fn answer(&mut self, request: &Request) -> Response {
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.target, Target::Tenant("/".to_owned()));
        let target = ("x-amz-target", "Logs_20140328.FilterLogEvents".to_owned());
        assert!(request.headers.contains(&target));
        let asked: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        self.asked.push(asked.clone());
        let (from, to) = (asked["startTime"].as_i64(), asked["endTime"].as_i64());
        let within = |at: &i64| self.is_deaf || (from <= Some(*at) && Some(*at) <= to);
        let events = self.times.iter().enumerate().filter(|(_, at)| within(at));
        let events: Vec<Value> = events.map(|(id, at)| event(id, *at)).collect();
        // A token says how many pages were given, empty ones among them.
        let given = asked["nextToken"]
            .as_str()
            .map_or(0, |t| t.parse().unwrap());
        let (round, part) = (given / (self.empty + 1), given % (self.empty + 1));
        let page = events.chunks(self.page).nth(round).filter(|_| part == 0);
        let is_more = (round + 1) * self.page < events.len() || part < self.empty;
        let mut answer = json!({"events": page.unwrap_or_default(), "searchedLogStreams": []});
        if self.is_stuck {
            answer["nextToken"] = json!("1");
        } else if is_more {
            answer["nextToken"] = json!((given + 1).to_string());
        }
        Response {
            status: 200,
            content_type: "application/x-amz-json-1.1".to_owned(),
            body: Body::Memory(answer.to_string().into_bytes()),
        }
    }
}

fn event(id: usize, at: i64) -> Value {
    let message = json!({"type": "audit", "action": "Login", "userId": "u1"}).to_string();
    json!({"logStreamName": "a", "timestamp": at, "ingestionTime": at + 5, "message": message,
        "eventId": id.to_string()})
}

fn settings() -> Settings {
    let feed = KIND.feeds.iter().find(|feed| feed.name == "cloudwatch");
    let access = feed.unwrap().access.as_ref().unwrap();
    let mut settings = Settings::defaults(access, "safe-us.cloudwatch", None);
    let group = ("log_group".to_owned(), "/safe/audit".to_owned());
    settings.texts.extend([group]);
    let slice = ("slice".to_owned(), Duration::from_secs(86_400));
    settings.durations.extend([slice]);
    settings
}

fn start(reads: &[(i64, i64)]) -> Start {
    let reads = reads.iter().map(|(from, to)| Period {
        from: NOW.plus_millis(-from * HOUR),
        to: NOW.plus_millis(-to * HOUR),
    });
    Start {
        reads: reads.collect(),
        ..Start::of("safe-us", NOW)
    }
}

fn drive(group: &mut Group, start: &Start) -> Result<Vec<Page>, FeedError> {
    let mut feed = open(&settings(), start).unwrap();
    let mut pages = Vec::new();
    for _ in 0..10_000 {
        match feed.next(NOW)? {
            Step::Ask(request) => feed.read(group.answer(&request), NOW)?,
            Step::Keep(page) => pages.push(*page),
            Step::Wait(pause) => group.waited += pause,
            Step::Done => return Ok(pages),
            step => panic!("{step:?}"),
        }
    }
    panic!("the pass does not end")
}

fn ids(pages: &[Page]) -> Vec<String> {
    let events = pages
        .iter()
        .flat_map(|page| page.events.iter().map(move |e| (page, e)));
    events
        .filter_map(|(page, e)| page.vendor_id(e).map(str::to_owned))
        .collect()
}

#[test]
fn every_event_of_every_slice_comes_once_however_the_pages_lie() {
    // One lies on the end of a slice, which is the beginning of the next.
    let times = (1..200)
        .map(|n| n * HOUR / 2)
        .chain([24 * HOUR, 24 * HOUR + 1]);
    for (page, empty) in [(1, 0), (3, 2), (7, 0), (500, 5)] {
        let mut group = Group {
            page,
            empty,
            ..Group::new(times.clone())
        };
        let pages = drive(&mut group, &start(&[(72, 30), (24, 0)])).unwrap();
        let got = ids(&pages);
        let within = |at: &i64| {
            let ago = NOW.millis() - at;
            (30 * HOUR < ago && ago <= 72 * HOUR) || (0 < ago && ago <= 24 * HOUR)
        };
        let all = group.times.iter().enumerate().filter(|(_, at)| within(at));
        let all: BTreeSet<String> = all.map(|(id, _)| id.to_string()).collect();
        assert_eq!(got.len(), all.len(), "page {page}");
        assert_eq!(got.into_iter().collect::<BTreeSet<_>>(), all);
        let claims: Vec<Claim> = pages.iter().filter_map(|page| page.covers).collect();
        assert_eq!(claims.len(), 3, "a slice is at most a day");
        assert!(claims.iter().all(|claim| claim.as_of == NOW));
    }
}

#[test]
fn a_slice_is_claimed_with_its_last_page_only() {
    let mut group = Group::new((1..20).map(|n| n * HOUR));
    let pages = drive(&mut group, &start(&[(24, 0)])).unwrap();
    let claims = pages.iter().map(|page| page.covers.is_some());
    let claims: Vec<bool> = claims.collect();
    assert!(claims.len() > 3 && claims.iter().rev().skip(1).all(|claimed| !claimed));
    assert_eq!(claims.last(), Some(&true));
    let windows = pages.iter().map(|page| page.window == Window::Opens);
    assert_eq!(windows.filter(|opens| *opens).count(), 1);
}

#[test]
fn never_more_than_five_requests_a_second() {
    let mut group = Group::new((1..20).map(|n| n * HOUR));
    drive(&mut group, &start(&[(72, 0)])).unwrap();
    let requests = u32::try_from(group.asked.len()).unwrap();
    assert_eq!(group.waited, PACE * (requests - 1));
}

#[test]
fn an_answer_that_cannot_be_right_is_an_error() {
    let deaf = Group {
        is_deaf: true,
        ..Group::new([HOUR, 50 * HOUR])
    };
    let stuck = Group {
        is_stuck: true,
        ..Group::new([HOUR])
    };
    for (mut group, why) in [(deaf, "not asked for"), (stuck, "any further")] {
        let error = drive(&mut group, &start(&[(24, 0)]))
            .unwrap_err()
            .to_string();
        assert!(error.contains(why), "{error}");
        assert!(error.contains("log group /safe/audit"), "{error}");
    }
}

#[test]
fn the_question_says_what_the_settings_say() {
    let arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/safe/audit";
    let mut settings = settings();
    for (key, text) in [
        ("log_group", arn),
        ("stream_prefix", "a-"),
        ("filter", "{ $.x = 1 }"),
    ] {
        settings.texts.insert(key.to_owned(), text.to_owned());
    }
    let slice = Period {
        from: NOW,
        to: NOW.plus_millis(HOUR),
    };
    let request = Question::of(&settings).unwrap().request(slice, Some("t"));
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
    let expected = json!({
        "logGroupIdentifier": arn, "logStreamNamePrefix": "a-", "filterPattern": "{ $.x = 1 }",
        "startTime": NOW.millis(), "endTime": NOW.millis() + HOUR - 1, "limit": 10_000,
        "nextToken": "t",
    });
    assert_eq!(body, expected);
    settings.texts.remove("log_group");
    let error = Question::of(&settings).err().unwrap();
    assert_eq!(
        error.to_string(),
        "source.safe-us.cloudwatch: log_group is not set"
    );
}
