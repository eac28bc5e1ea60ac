//! Each fault does what it says, against a plain server that knows one thing: asked for a number,
//! it says as many bytes.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{Breakable, Fault, Rule, When};

#[test]
fn what_is_not_told_to_break_is_whole() {
    let proxy = proxy([]);
    let mut client = Client::new(&proxy);
    for length in [1, 100_000, 7] {
        assert_eq!(client.ask(length).unwrap(), length);
    }
    assert_eq!(proxy.take_asked(), ["1", "100000", "7"]);
    assert_eq!(proxy.take_asked(), [""; 0]);
    assert_eq!(proxy.struck(), 0);
}

#[test]
fn a_cut_answer_ends_after_so_many_bytes() {
    for (after, length) in [(0, 1), (10, 11), (70_000, 200_000)] {
        let proxy = proxy([Fault::Cut(after).when(When::Always)]);
        assert_eq!(Client::new(&proxy).ask(length).unwrap(), after);
        assert_eq!(proxy.struck(), 1);
    }
    let proxy = proxy([Fault::Cut(10).when(When::Always)]);
    assert_eq!(
        Client::new(&proxy).ask(10).unwrap(),
        10,
        "no longer than that"
    );
    assert_eq!(proxy.struck(), 0);
}

#[test]
fn a_reset_connection_is_no_end() {
    for after in [0, 10] {
        let proxy = proxy([Fault::Reset(after).when(When::Always)]);
        let error = Client::new(&proxy).ask(200_000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(proxy.struck(), 1);
    }
}

#[test]
fn a_stalled_answer_comes_whole_and_late() {
    let wait = Duration::from_millis(300);
    let proxy = proxy([Fault::Stall(10, wait).when(When::Always)]);
    let mut client = Client::new(&proxy);
    assert_eq!(client.ask(10).unwrap(), 10, "no longer than that");
    assert_eq!(proxy.struck(), 0);
    let began = Instant::now();
    assert_eq!(client.ask(50_000).unwrap(), 50_000);
    assert!(began.elapsed() >= wait);
    assert_eq!(proxy.struck(), 1);
}

#[test]
fn a_throttled_answer_comes_whole_at_its_rate() {
    let proxy = proxy([Fault::Throttle(100_000).when(When::Always)]);
    let began = Instant::now();
    assert_eq!(Client::new(&proxy).ask(50_000).unwrap(), 50_000);
    // The last piece is there before its time is over.
    assert!(
        began.elapsed() >= Duration::from_millis(440),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(proxy.struck(), 1);
}

#[test]
fn who_refuses_closes_what_is_open_until_it_accepts_again() {
    let proxy = proxy([]);
    let mut client = Client::new(&proxy);
    client.ask(5).unwrap();
    proxy.refuses(true);
    assert_ne!(client.ask(5).unwrap_or_default(), 5);
    let error = TcpStream::connect(address(&proxy)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    proxy.refuses(false);
    assert_eq!(Client::new(&proxy).ask(5).unwrap(), 5);
}

#[test]
fn faults_strike_the_answers_they_are_for() {
    let cut = |when| Fault::Cut(1).when(when);
    for (rule, expected) in [
        (cut(When::Always), [1, 1, 1, 1, 1, 1]),
        (cut(When::Nth(2)), [60, 1, 62, 60, 61, 62]),
        (cut(When::First(2)), [1, 1, 62, 60, 61, 62]),
        (cut(When::Every(2)), [60, 1, 62, 1, 61, 1]),
        (cut(When::Nth(2)).asked("61"), [60, 61, 62, 60, 1, 62]),
    ] {
        let proxy = proxy([rule.clone()]);
        // A connection each, for some end.
        let said = [60, 61, 62, 60, 61, 62].map(|length| Client::new(&proxy).ask(length).unwrap());
        assert_eq!(said, expected, "{rule:?}");
    }
}

#[test]
fn answers_of_one_connection_count_as_those_of_many() {
    let proxy = proxy([Fault::Cut(1).when(When::Nth(3))]);
    let mut client = Client::new(&proxy);
    assert_eq!(
        [7, 7, 7].map(|length| client.ask(length).unwrap()),
        [7, 7, 1]
    );
}

#[test]
fn the_first_rule_that_fits_decides_and_new_rules_count_anew() {
    let rules = [
        Fault::Cut(1).when(When::Nth(2)),
        Fault::Cut(2).when(When::Always),
    ];
    let proxy = proxy(rules.clone());
    for _ in 0..2 {
        let said = [9, 9, 9].map(|length| Client::new(&proxy).ask(length).unwrap());
        assert_eq!(said, [2, 1, 2]);
        proxy.breaks(rules.clone());
    }
}

#[test]
fn a_proxy_that_is_dropped_listens_no_more() {
    let proxy = proxy([]);
    let address = address(&proxy).parse().unwrap();
    drop(proxy);
    let began = Instant::now();
    let patience = Duration::from_secs(1);
    while TcpStream::connect_timeout(&address, patience).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn new(proxy: &Breakable) -> Client {
        Client(BufReader::new(TcpStream::connect(address(proxy)).unwrap()))
    }

    /// How many bytes came when it asked for so many.
    fn ask(&mut self, length: usize) -> io::Result<usize> {
        writeln!(self.0.get_mut(), "{length}")?;
        let mut bytes = Vec::new();
        self.0.by_ref().take(length as u64).read_to_end(&mut bytes)
    }
}

fn address(proxy: &Breakable) -> &str {
    proxy.url.trim_start_matches("http://")
}

/// A proxy before a new server.
fn proxy(rules: impl IntoIterator<Item = Rule>) -> Breakable {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Breakable::before(&format!("http://{}", listener.local_addr().unwrap()));
    proxy.breaks(rules);
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || say(&stream.unwrap()));
        }
    });
    proxy
}

/// Its client may go at any time.
fn say(mut stream: &TcpStream) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let length: usize = line.parse().unwrap();
        if stream.write_all(&vec![b'x'; length]).is_err() {
            return;
        }
    }
}
