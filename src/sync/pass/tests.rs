//! A pass whose feed asks for many things side by side.

use std::sync::Mutex;

use futures_util::future::BoxFuture;

use crate::archive::Archive;
use crate::event::{Page, Timestamp};
use crate::feed::{Body, Credentials, Feed, FeedError, Request, Response, Step};
use crate::fetch::clock::TestClock;
use crate::fetch::wire::{Transport, TransportError, WireRequest, WireResponse};
use crate::fetch::{Fetch, FetchError};
use crate::secret::Secret;
use crate::sync::*;

/// Answers `/7` with 7, the later ones sooner; refuses what it does not have, and is stopped in
/// the midst of what never comes.
struct Store {
    missing: &'static str,
    endless: &'static str,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Transport for Store {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<WireResponse, TransportError>> {
        Box::pin(async move {
            let path = request.url.path();
            if path == self.endless {
                self.stop.send_replace(true);
                std::future::pending::<()>().await;
            }
            let late = if path == "/0" { 20 } else { 1 };
            tokio::time::sleep(Duration::from_millis(late)).await;
            Ok(WireResponse {
                status: if path == self.missing { 404 } else { 200 },
                content_type: String::new(),
                retry_after: None,
                date: None,
                location: None,
                body: Body::Memory(path.as_bytes().to_vec()),
            })
        })
    }
}

/// A feed that asks for twelve things at once, and what it hears.
#[derive(Clone, Default)]
struct Fan(Arc<Mutex<Vec<String>>>);

impl Fan {
    fn note(&self, words: String) {
        self.0.lock().unwrap().push(words);
    }

    fn heard(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Feed for Fan {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        if !self.heard().is_empty() {
            return Ok(Step::Done);
        }
        let get = |number| Request::get(format!("/{number}"), format!("thing {number}"));
        Ok(Step::AskAll((0..12).map(get).collect()))
    }

    fn read(&mut self, answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        let body = answer.body.bytes()?;
        self.note(String::from_utf8(body).unwrap());
        Ok(())
    }

    fn given_up(&mut self, may_be_taken: bool, _now: Timestamp) -> Option<Page> {
        self.note(format!("given up, may be taken: {may_be_taken}"));
        None
    }
}

/// What the feed hears, what it is seen to ask for, and how it ends.
async fn fan(missing: &'static str, endless: &'static str) -> (Vec<String>, Vec<String>, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(&folder.path().join("archive.db"), "a test").unwrap();
    let clock = Arc::new(TestClock::at(Timestamp::from_millis(1_790_000_000_000)));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let store = Store {
        missing,
        endless,
        stop,
    };
    let fetch = Fetch::new(
        Arc::new(store),
        clock.clone(),
        Arc::default(),
        url::Url::parse("https://store.example/").unwrap(),
        Credentials::Token(Secret::new("a token")),
        6_000,
    );
    let feed = Fan::default();
    let job = job(feed.clone(), fetch);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let sees = Arc::clone(&asked);
    let watch: Watch = Arc::new(move |progress| {
        if let Stage::Asking(purpose) = progress.stage {
            sees.lock().unwrap().push(purpose);
        }
    });
    let synced = sync(archive, vec![job], Wishes::default(), clock, watch, stopped).await;
    let outcome = synced.unwrap().1.remove(0);
    let asked = asked.lock().unwrap().clone();
    (feed.heard(), asked, outcome)
}

fn job(feed: Fan, fetch: Fetch) -> Job {
    Job {
        source: "acme".to_owned(),
        kind: "stub",
        feed: "fan".to_owned(),
        interval: Duration::ZERO,
        limits: None,
        covers: None,
        open: Box::new(move |_| Ok(Box::new(feed))),
        supply: Supply::Fetch(Box::new(fetch)),
    }
}

fn numbered(word: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{word}{number}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_read_in_the_order_in_which_they_were_asked_for() {
    let (heard, asked, outcome) = fan("none", "none").await;
    assert_eq!(heard, numbered("/", 12));
    assert_eq!(asked, numbered("thing ", 12));
    assert_eq!(outcome.bytes, heard.concat().len() as u64);
    assert!(outcome.ending.is_ok(), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_ends_the_pass_after_those_before_it() {
    let (heard, _, outcome) = fan("/5", "none").await;
    let (last, before) = heard.split_last().unwrap();
    assert_eq!(before, numbered("/", 5));
    assert_eq!(last, "given up, may be taken: false");
    assert!(
        matches!(
            &outcome.ending,
            Err(SyncError::Fetch(FetchError::Status { status: 404, .. }))
        ),
        "{outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_can_be_stopped_in_the_midst() {
    let (heard, _, outcome) = fan("none", "/3").await;
    assert!(heard.len() <= 3, "{heard:?}");
    assert!(
        matches!(outcome.ending, Err(SyncError::Interrupted)),
        "{outcome:?}"
    );
}
