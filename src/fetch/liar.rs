//! A server that answers with any bytes at all: for tests of what is made of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A server on loopback that answers one connection after another as told, then no more.
pub(super) struct Liar {
    /// Its root.
    pub(super) url: Url,
    heard: Arc<Mutex<Vec<String>>>,
}

/// What the server does with a connection, once it has read the request.
#[derive(Clone)]
pub(super) enum Act {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Does nothing for a while.
    Pause(Duration),
    /// Breaks the connection off.
    Reset,
}

impl Liar {
    /// A server that answers each connection with the next of `answers`, and closes it.
    pub(super) async fn start(answers: Vec<Vec<Act>>) -> Liar {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        tokio::spawn(async move {
            for acts in answers {
                let (stream, _) = listener.accept().await.expect("a connection");
                // Clients that go away are part of the game.
                let _gone = answer(stream, acts, &hears).await;
            }
        });
        let url = Url::parse(&format!("http://{address}/")).expect("a URL");
        Liar { url, heard }
    }

    /// A server that answers each connection with the next of these texts.
    pub(super) async fn answering<const N: usize>(answers: [String; N]) -> Liar {
        let send = |text: String| vec![Act::Send(text.into_bytes())];
        Liar::start(answers.map(send).into()).await
    }

    /// The requests so far, as they came, header names in lower case.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// An honest answer of JSON.
pub(super) fn json(status: &str, body: &str) -> String {
    with(status, "content-type: application/json\r\n", body)
}

/// An honest answer with these header lines.
pub(super) fn with(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

async fn answer(
    mut stream: TcpStream,
    acts: Vec<Act>,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let request = read(&mut stream).await?;
    heard.lock().unwrap().push(request);
    for act in acts {
        match act {
            Act::Send(bytes) => stream.write_all(&bytes).await?,
            Act::Pause(duration) => tokio::time::sleep(duration).await,
            Act::Reset => return stream.set_zero_linger(),
        }
    }
    stream.shutdown().await
}

/// Reads one request: its head, and as much body as it announces.
async fn read(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(read > 0, "a request without an end: {text}");
            continue;
        };
        let lines = head.lines().map(str::to_ascii_lowercase);
        let mut lengths = lines.filter_map(|line| {
            let length = line.strip_prefix("content-length: ")?;
            length.parse::<usize>().ok()
        });
        if read == 0 || body.len() >= lengths.next().unwrap_or(0) {
            return Ok(text);
        }
    }
}
