//! What is made of servers that lie.

use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use url::Url;

use super::http::{Http, Timeouts};
use super::*;
use crate::fetch::Progress;
use crate::fetch::liar::{Act, Liar, json, with};

fn get(url: &Url) -> WireRequest {
    WireRequest {
        method: Method::Get,
        url: url.clone(),
        headers: Vec::new(),
        body: None,
        statuses: &[],
        body_limit: BodyLimit::Memory(1_000),
        gzip: true,
        listener: None,
    }
}

/// A transport that waits long enough for a busy machine.
fn http() -> Http {
    Http::default()
}

/// A transport that soon has enough.
fn impatient() -> Http {
    Http::new(Timeouts {
        idle: Duration::from_millis(300),
        memory: Duration::from_millis(800),
        ..Timeouts::default()
    })
}

async fn answer(acts: Vec<Act>) -> Result<WireResponse, TransportError> {
    let liar = Liar::start(vec![acts]).await;
    http().send(get(&liar.url)).await
}

fn send(bytes: impl AsRef<[u8]>) -> Act {
    Act::Send(bytes.as_ref().to_vec())
}

fn bytes(answer: WireResponse) -> Vec<u8> {
    answer.body.bytes().expect("a body")
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn encoded(body: &[u8]) -> Act {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n");
    let head = head + "content-type: Application/JSON; charset=utf-8\r\n\r\n";
    send([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn a_body_cut_short_is_an_error() {
    let (pause, reset) = (Act::Pause(Duration::from_millis(20)), Act::Reset);
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[1,2]";
    let chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,2]\r\n";
    let open = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[1,2]";
    for (what, acts) in [
        ("less than its length", vec![send(short)]),
        ("a reset", vec![send(short), pause.clone(), reset.clone()]),
        ("no last chunk", vec![send(chunk)]),
        ("half a chunk", vec![send(chunk), send("5\r\n[1")]),
        ("a reset between chunks", vec![send(chunk), pause, reset]),
        ("no end at all", vec![send(open)]),
    ] {
        let error = answer(acts).await.expect_err(what);
        assert!(matches!(error, TransportError::Cut(_)), "{what}: {error:?}");
        assert!(error.is_retryable(), "{what}");
    }
}

#[tokio::test]
async fn a_body_with_its_end_is_whole() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                   2\r\n[1\r\n3\r\n,2]\r\n0\r\n\r\n";
    for whole in [json("200 OK", "[1,2]"), chunked.to_owned()] {
        let answer = answer(vec![send(whole)]).await.expect("an answer");
        assert_eq!(bytes(answer), b"[1,2]");
    }
    let empty = "HTTP/1.1 204 No Content\r\n\r\n";
    let answer = answer(vec![send(empty)]).await.expect("an answer");
    assert_eq!((answer.status, bytes(answer)), (204, Vec::new()));
}

#[tokio::test]
async fn silence_and_dripping_come_to_an_end() {
    let head = Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".to_vec());
    let pause = |millis| Act::Pause(Duration::from_millis(millis));
    for (what, acts) in [
        ("before the head", vec![pause(2_000)]),
        ("in the body", vec![head.clone(), send("1"), pause(2_000)]),
    ] {
        let liar = Liar::start(vec![acts]).await;
        let error = impatient().send(get(&liar.url)).await.expect_err(what);
        assert!(
            matches!(error, TransportError::Silent(_)),
            "{what}: {error:?}"
        );
        assert!(error.is_retryable(), "{what}");
    }
    let mut drip = vec![head];
    drip.extend((0..100).flat_map(|_| [send("1"), pause(20)]));
    let liar = Liar::start(vec![drip]).await;
    let error = impatient().send(get(&liar.url)).await;
    let error = error.expect_err("dripping");
    assert!(matches!(error, TransportError::Slow(_)), "{error:?}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn what_is_no_http_is_an_error() {
    for acts in [vec![], vec![Act::Reset], vec![send("SSH-2.0-x\r\n\r\n")]] {
        let error = answer(acts).await.expect_err("no HTTP");
        assert!(matches!(error, TransportError::Broken(_)), "{error:?}");
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn nobody_listening_is_an_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let url = Url::parse(&format!("http://{address}/secret-path")).expect("a URL");
    let error = http().send(get(&url)).await.expect_err("nobody listens");
    assert!(matches!(error, TransportError::Connect(_)), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("secret-path"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_an_error_and_one_at_the_limit_is_not() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = |length: usize| format!("{length:x}\r\n{}\r\n", "x".repeat(length));
    for (length, disk, fits) in [
        (1_000, false, true),
        (1_001, false, false),
        (1_000, true, true),
        (1_001, true, false),
    ] {
        let body = format!("{head}{}0\r\n\r\n", chunk(length));
        let liar = Liar::answering([body]).await;
        let mut request = get(&liar.url);
        if disk {
            request.body_limit = BodyLimit::Disk(1_000);
        }
        let answer = http().send(request).await;
        if fits {
            assert_eq!(bytes(answer.expect("it fits")).len(), length);
        } else {
            assert!(matches!(
                answer,
                Err(TransportError::TooLarge { limit: 1_000 })
            ));
        }
    }
}

#[tokio::test]
async fn an_endless_body_is_not_read_on_beyond_the_limit() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("200\r\n{}\r\n", "x".repeat(0x200));
    let mut acts = vec![send(head)];
    acts.extend((0..10).map(|_| send(&chunk)));
    acts.push(Act::Pause(Duration::from_secs(5)));
    let error = answer(acts).await.expect_err("it does not end");
    assert!(
        matches!(error, TransportError::TooLarge { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_disk_body_is_streamed_to_a_file_and_rewound() {
    let body = "line\n".repeat(100_000);
    let liar = Liar::answering([with("200 OK", "", &body)]).await;
    let heard = Arc::new(Mutex::new(0));
    let hears = Arc::clone(&heard);
    let mut request = get(&liar.url);
    request.body_limit = BodyLimit::Disk(1 << 20);
    request.listener = Some(Arc::new(move |progress| {
        if let Progress::Bytes(bytes) = progress {
            *hears.lock().unwrap() = bytes;
        }
    }));
    let answer = http().send(request).await.expect("an answer");
    let Body::Disk(mut file) = answer.body else {
        panic!("not on disk: {answer:?}");
    };
    let mut read = String::new();
    file.read_to_string(&mut read).expect("it can be read");
    assert_eq!(read, body);
    assert_eq!(*heard.lock().unwrap(), body.len() as u64);
}

#[tokio::test]
async fn a_compressed_answer_is_decompressed_where_that_was_offered() {
    let plain = b"{\"values\":[]}".repeat(50);
    let zipped = gzipped(&plain);
    let answer = answer(vec![encoded(&zipped)]).await.expect("an answer");
    assert_eq!(answer.content_type, "application/json");
    assert_eq!(bytes(answer), plain);

    let liar = Liar::start(vec![vec![encoded(&zipped)]]).await;
    let mut request = get(&liar.url);
    request.gzip = false;
    request.body_limit = BodyLimit::Disk(1_000);
    let answer = http().send(request).await.expect("an answer");
    assert_eq!(bytes(answer), zipped, "a stored .gz stays what it is");
    let asked = liar.heard().concat();
    assert!(asked.contains("accept-encoding: identity"), "{asked}");
}

#[tokio::test]
async fn a_compressed_answer_is_whole_within_the_limit_or_an_error() {
    let zipped = gzipped(b"{\"values\":[]}");
    let cut = answer(vec![encoded(&zipped[..zipped.len() - 9])]).await;
    assert!(matches!(cut, Err(TransportError::Cut(_))), "{cut:?}");
    let bomb = gzipped(&vec![b' '; 1 << 20]);
    assert!(bomb.len() > 1_000, "the bomb is caught before it goes off");
    let liar = Liar::start(vec![vec![encoded(&bomb)]]).await;
    let mut request = get(&liar.url);
    request.body_limit = BodyLimit::Memory(4_000);
    let large = http().send(request).await;
    assert!(
        matches!(large, Err(TransportError::TooLarge { .. })),
        "{large:?}"
    );
    let odd = with("200 OK", "content-encoding: br\r\n", "xx");
    let odd = answer(vec![send(odd)]).await;
    assert!(matches!(odd, Err(TransportError::Encoding)), "{odd:?}");
}

#[tokio::test]
async fn of_an_error_answer_the_beginning_is_read_even_if_it_is_cut() {
    let cut = "HTTP/1.1 503 No\r\nretry-after: 7\r\ncontent-length: 99\r\n\r\n{\"message\":\"x\"}";
    let answer_cut = answer(vec![send(cut)]).await.expect("an answer");
    assert_eq!(answer_cut.status, 503);
    assert_eq!(answer_cut.retry_after.as_deref(), Some("7"));
    assert_eq!(bytes(answer_cut), b"{\"message\":\"x\"}");

    let long = json("500 No", &"x".repeat(100_000));
    let answer_long = answer(vec![send(long)]).await.expect("an answer");
    assert_eq!(bytes(answer_long).len(), 64 << 10);
}

#[tokio::test]
async fn a_part_of_a_body_that_nobody_asked_for_is_no_answer() {
    let liar = Liar::answering([json("206 Partial Content", "[1,")]).await;
    let request = get(&liar.url);
    assert!(!request.accepts(206) && request.accepts(200) && request.accepts(202));
    assert!(!request.accepts(302) && !request.accepts(404));
    let answer = http().send(request).await.expect("an answer");
    assert_eq!(answer.status, 206);
}

#[tokio::test]
async fn a_request_goes_out_as_it_was_made() {
    let liar = Liar::answering([json("200 OK", "{}"), json("200 OK", "{}")]).await;
    let mut request = get(&liar.url.join("/a/b?c=1&d=%20").expect("a URL"));
    request.headers = vec![("ss-api-key", Secret::new("key"))];
    http().send(request).await.expect("an answer");
    let mut request = get(&liar.url);
    request.method = Method::Post;
    request.body = Some("{\"ä\": 1}".to_owned());
    http().send(request).await.expect("an answer");

    let heard = liar.heard();
    assert!(
        heard[0].starts_with("GET /a/b?c=1&d=%20 HTTP/1.1\r\n"),
        "{heard:?}"
    );
    for line in [
        "ss-api-key: key\r\n",
        "accept-encoding: gzip\r\n",
        concat!("user-agent: trailkeep/", env!("CARGO_PKG_VERSION"), "\r\n"),
    ] {
        assert!(heard[0].contains(line), "{line} in {heard:?}");
    }
    assert!(!heard[0].contains("authorization"), "{heard:?}");
    assert!(
        heard[1].contains("content-type: application/json\r\n"),
        "{heard:?}"
    );
    assert!(heard[1].ends_with("\r\n\r\n{\"ä\": 1}"), "{heard:?}");
}

#[tokio::test]
async fn a_header_that_cannot_be_is_an_error_without_its_value() {
    let liar = Liar::answering([json("200 OK", "{}")]).await;
    let mut request = get(&liar.url);
    request.headers = vec![("authorization", Secret::new("Bearer tok\nen"))];
    let error = http().send(request).await.expect_err("a line break");
    assert!(matches!(error, TransportError::Header("authorization")));
    assert!(!error.is_retryable());
    assert!(liar.heard().is_empty());
}

#[test]
fn plain_http_goes_to_loopback_alone() {
    for (url, secure) in [
        ("https://us.safeone.ai/", true),
        ("http://127.0.0.1:8080/", true),
        ("http://127.9.9.9/", true),
        ("http://[::1]:80/", true),
        ("http://localhost:1/", true),
        ("http://us.safeone.ai/", false),
        ("http://10.0.0.1/", false),
        ("http://localhost.evil.example/", false),
        ("http://127.0.0.1.evil.example/", false),
        ("http://[::ffff:10.0.0.1]/", false),
        ("ftp://127.0.0.1/", false),
        ("file:///etc/passwd", false),
    ] {
        let checked = check_secure(&Url::parse(url).expect("a URL"));
        assert_eq!(checked.is_ok(), secure, "{url}");
    }
}

#[tokio::test]
async fn plain_http_elsewhere_is_refused_before_anything_is_sent() {
    let url = Url::parse("http://192.0.2.1/p?q=1").expect("a URL");
    let error = http().send(get(&url)).await.expect_err("not secure");
    assert!(matches!(&error, TransportError::Insecure { host } if host == "192.0.2.1"));
}

#[tokio::test]
async fn https_speaks_tls_from_the_first_byte() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    let first_byte = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        tokio::io::AsyncReadExt::read_u8(&mut stream).await
    });
    let url = Url::parse(&format!("https://{address}/")).expect("a URL");
    let error = http()
        .send(get(&url))
        .await
        .expect_err("nobody answers in TLS");
    match error {
        TransportError::Connect(_) => {
            let handshake = 0x16;
            assert_eq!(first_byte.await.unwrap().unwrap(), handshake);
        }
        // A machine without root certificates cannot even try.
        TransportError::Tls(why) => assert!(why.contains("certificate"), "{why}"),
        other => panic!("{other:?}"),
    }
}
