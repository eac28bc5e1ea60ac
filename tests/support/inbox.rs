//! A server that takes whatever is posted or asked, and answers with the status it was told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server on loopback, for as long as the tests run.
pub(crate) struct Inbox {
    /// Its root, without a slash at the end.
    pub(crate) url: String,
    status: Arc<AtomicU16>,
    got: Arc<Mutex<Vec<Letter>>>,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// `POST /path`
    pub(crate) to: String,
    pub(crate) body: String,
}

impl Inbox {
    pub(crate) fn open() -> Inbox {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (status, got) = (Arc::new(AtomicU16::new(200)), Arc::default());
        let inbox = Inbox {
            url,
            status: Arc::clone(&status),
            got: Arc::clone(&got),
        };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let letter = read(&stream);
                let to = letter.to.clone();
                got.lock().unwrap().push(letter);
                answer(stream, status.load(Ordering::SeqCst), &to);
            }
        });
        inbox
    }

    /// How it answers from now on.
    pub(crate) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What came since the last call.
    pub(crate) fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }
}

fn read(stream: &TcpStream) -> Letter {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_ascii_lowercase());
    }
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let to = head[0].trim_end_matches(" http/1.1").to_owned();
    Letter {
        to,
        body: String::from_utf8(body).unwrap(),
    }
}

/// Quotes what was asked for, as servers that find nothing do.
fn answer(mut stream: TcpStream, status: u16, to: &str) {
    let says = format!("nothing at {to}");
    let head = format!("HTTP/1.1 {status} Status\r\nconnection: close");
    let length = says.len();
    write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{says}").unwrap();
}
