//! Requests side by side.

use futures_util::future::BoxFuture;

use super::*;
use crate::fetch::width;
use crate::fetch::wire::WireResponse;

/// A vendor that takes its time, and answers `/7` with 7.
struct Crowd {
    /// How long it takes for one of them, and how it answers the first time.
    takes: fn(usize) -> (Duration, u16),
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    under_way: usize,
    most_under_way: usize,
    asked: Vec<(usize, Timestamp)>,
    answered: Vec<usize>,
}

impl Crowd {
    fn new(takes: fn(usize) -> (Duration, u16)) -> Arc<Crowd> {
        Arc::new(Crowd {
            takes,
            log: Mutex::default(),
        })
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    fn asked(&self) -> Vec<usize> {
        self.log().asked.iter().map(|(number, _)| *number).collect()
    }
}

/// The crowd, and the time at which it is asked.
struct Timed(Arc<Crowd>, Arc<TestClock>);

impl wire::Transport for Timed {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<WireResponse, TransportError>> {
        let number: usize = request.url.path()[1..].parse().unwrap();
        let (wait, status) = (self.0.takes)(number);
        assert!(request.listener.is_none(), "bytes of many make no sense");
        Box::pin(async move {
            let first = {
                let mut log = self.0.log();
                let first = log.asked.iter().all(|(asked, _)| *asked != number);
                log.asked.push((number, self.1.now()));
                log.under_way += 1;
                log.most_under_way = log.most_under_way.max(log.under_way);
                first
            };
            tokio::time::sleep(wait).await;
            let mut log = self.0.log();
            log.under_way -= 1;
            log.answered.push(number);
            Ok(WireResponse {
                status: if first { status } else { 200 },
                content_type: String::new(),
                retry_after: None,
                date: None,
                location: None,
                body: Body::Memory(number.to_string().into_bytes()),
            })
        })
    }
}

fn crowded(crowd: &Arc<Crowd>, requests_per_minute: u32) -> (Fetch, Arc<TestClock>) {
    let clock = Arc::new(TestClock::at(START));
    let fetch = Fetch::new(
        Arc::new(Timed(Arc::clone(crowd), Arc::clone(&clock))),
        clock.clone(),
        Arc::default(),
        Url::parse("https://us.example/").unwrap(),
        token(),
        requests_per_minute,
    );
    (fetch, clock)
}

fn requests(count: usize) -> Vec<Request> {
    let get = |number| Request::get(format!("/{number}"), format!("object {number}"));
    (0..count).map(get).collect()
}

/// Everything that is answered, and the error that ended it.
async fn all(fetch: &mut Fetch, count: usize) -> (Vec<usize>, Option<FetchError>) {
    let mut answers = fetch.send_all(requests(count));
    let mut read = Vec::new();
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(answer) => {
                let body = String::from_utf8(answer.body.bytes().unwrap()).unwrap();
                read.push(body.parse().unwrap());
            }
            Err(error) => {
                assert!(answers.next().await.is_none(), "an error ends it");
                return (read, Some(error));
            }
        }
    }
    (read, None)
}

const MANY: u32 = 6_000_000;

#[tokio::test]
async fn answers_come_in_the_order_of_the_requests_whatever_ends_first() {
    let crowd = Crowd::new(|number| (Duration::from_millis([40, 1, 20][number % 3]), 200));
    let (mut fetch, _) = crowded(&crowd, MANY);
    let (read, error) = all(&mut fetch, 30).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(read, (0..30).collect::<Vec<_>>());
    assert!(!crowd.log().answered.is_sorted());
    let bytes: String = (0..30).map(|number| number.to_string()).collect();
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    assert_eq!(fetch.received(), (bytes.len() as u64, digest));
}

#[tokio::test]
async fn no_more_are_under_way_than_the_vendor_bears() {
    let crowd = Crowd::new(|_| (Duration::from_millis(5), 200));
    let (mut fetch, _) = crowded(&crowd, MANY);
    all(&mut fetch, width::START - 1).await;
    assert_eq!(crowd.log().most_under_way, width::START - 1);
    all(&mut fetch, 1_000).await;
    assert_eq!(crowd.log().most_under_way, width::MAX);
}

#[tokio::test]
async fn answers_that_nobody_takes_hold_the_rest_back() {
    let crowd = Crowd::new(|number| (Duration::from_millis(if number == 0 { 50 } else { 0 }), 200));
    let (mut fetch, _) = crowded(&crowd, MANY);
    let mut answers = fetch.send_all(requests(100));
    answers.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    // The first round, the one in the place of the first, and one more, for all was calm.
    assert_eq!(crowd.asked().len(), width::START + 2);
}

#[tokio::test]
async fn throttling_narrows_and_nothing_is_lost() {
    let crowd = Crowd::new(|number| {
        let status = if number < 8 { 503 } else { 200 };
        (Duration::from_millis(3), status)
    });
    let (mut fetch, _) = crowded(&crowd, MANY);
    let (read, error) = all(&mut fetch, 9).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(read, (0..9).collect::<Vec<_>>());
    assert_eq!(
        crowd.log().asked.len(),
        17,
        "each of the first was asked twice"
    );
    let width = fetch.sender.width();
    assert!((4..8).contains(&width), "{width}");
}

#[tokio::test]
async fn one_failure_ends_it_after_the_answers_before() {
    let crowd = Crowd::new(|number| {
        let wait = if number == 3 { 0 } else { 10 };
        (
            Duration::from_millis(wait),
            if number == 3 { 404 } else { 200 },
        )
    });
    let (mut fetch, _) = crowded(&crowd, MANY);
    let (read, error) = all(&mut fetch, 50).await;
    assert_eq!(read, [0, 1, 2]);
    let error = error.expect("it failed");
    assert!(
        matches!(error, FetchError::Status { status: 404, .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("object 3"), "{error}");
    assert_eq!(fetch.received().0, 3);
    let asked = crowd.asked().len();
    assert!(asked <= width::START + 3, "{asked}");
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(crowd.asked().len(), asked, "none is asked after that");
}

#[tokio::test]
async fn side_by_side_is_no_faster_than_allowed() {
    let crowd = Crowd::new(|_| (Duration::from_millis(1), 200));
    let (mut fetch, _) = crowded(&crowd, 60);
    let (read, _) = all(&mut fetch, 130).await;
    assert_eq!(read.len(), 130);
    let log = crowd.log();
    let mut times: Vec<i64> = log.asked.iter().map(|(_, time)| time.millis()).collect();
    times.sort_unstable();
    for minute in times.windows(61) {
        assert!(minute[60] - minute[0] >= 60_000, "{minute:?}");
    }
}

#[tokio::test]
async fn who_stops_listening_stops_it() {
    let crowd = Crowd::new(|number| (Duration::from_millis(if number < 8 { 30 } else { 0 }), 200));
    let (mut fetch, _) = crowded(&crowd, MANY);
    let mut answers = fetch.send_all(requests(50));
    let stopped = tokio::time::timeout(Duration::from_millis(5), answers.next()).await;
    assert!(stopped.is_err());
    drop(answers);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(crowd.asked().len(), width::START);
    assert!(
        crowd.log().answered.is_empty(),
        "what was under way is broken off"
    );
}

/// A vendor that gives one token after another, and takes none but the second.
#[derive(Default)]
struct Doorman(Mutex<Vec<String>>);

impl wire::Transport for Doorman {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<WireResponse, TransportError>> {
        let mut said = self.0.lock().unwrap();
        let proof = request
            .headers
            .iter()
            .find(|(name, _)| *name == "authorization");
        said.push(
            proof
                .map_or("nothing", |(_, value)| value.expose())
                .to_owned(),
        );
        let given = said.iter().filter(|said| said.starts_with("Basic")).count();
        let (status, body) = match said.last().map(String::as_str) {
            Some("Bearer token-2") => (200, "[]".to_owned()),
            Some("Bearer token-1") => (401, String::new()),
            _ => (200, format!("{{\"accessToken\":\"token-{given}\"}}")),
        };
        let waits = Duration::from_millis(request.url.path().len() as u64);
        Box::pin(async move {
            tokio::time::sleep(waits).await;
            Ok(WireResponse {
                status,
                content_type: String::new(),
                retry_after: None,
                date: None,
                location: None,
                body: Body::Memory(body.into_bytes()),
            })
        })
    }
}

#[tokio::test]
async fn one_sign_in_and_one_renewal_do_for_all() {
    let doorman = Arc::new(Doorman::default());
    let mut fetch = Fetch::new(
        doorman.clone(),
        Arc::new(TestClock::at(START)),
        Arc::default(),
        Url::parse("https://us.example/").unwrap(),
        sign_in(),
        MANY,
    );
    let paths = ["/a", "/a-little-later-than-a", "/as-soon", "/b"];
    let requests = paths.map(|path| Request::get(path, "object"));
    let mut answers = fetch.send_all(requests.into());
    for path in paths {
        assert_eq!(answers.next().await.expect(path).expect(path).status, 200);
    }
    let said = doorman.0.lock().unwrap();
    let count = |words: &str| said.iter().filter(|said| said.starts_with(words)).count();
    let counts = ["Basic", "Bearer token-1", "Bearer token-2"].map(count);
    assert_eq!(counts, [2, 4, 4], "{said:?}");
}
