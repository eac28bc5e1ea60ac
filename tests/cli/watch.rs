//! `trailkeep watch`: the real binary, real signals, and a socket that stands for systemd's.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;
use trailkeep::demo::{Fault, Faults, Purpose};

use crate::support::inbox::Inbox;
use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

/// A daemon that runs, and what it says.
struct Daemon {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Daemon {
    fn start(sandbox: &Sandbox, arguments: &str) -> Daemon {
        let mut child = sandbox
            .command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Daemon { child, stderr }
    }

    /// What it says next.
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.stderr.read_line(&mut line).unwrap() > 0, "it ended");
        line.trim_end().to_owned()
    }

    /// The next so many lines, in the order of the alphabet: feeds run side by side.
    fn lines(&mut self, count: usize) -> Vec<String> {
        let mut lines: Vec<String> = (0..count).map(|_| without_time(&self.line())).collect();
        lines.sort();
        lines
    }

    fn send(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended well.
    fn ended(mut self) -> Duration {
        let asked = Instant::now();
        let mut rest = String::new();
        while self.stderr.read_line(&mut rest).unwrap() > 0 {}
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{rest}");
        asked.elapsed()
    }
}

/// A test that fails leaves no daemon behind.
impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn without_time(line: &str) -> String {
    let (_, rest) = line.split_once(' ').unwrap();
    let parts = rest.split("; next ").collect::<Vec<_>>();
    let without_length = parts[0].split(" in ").next().unwrap();
    without_length.to_owned()
}

fn ready(events: usize) -> (Sandbox, Simulated) {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(events);
    vendors.configure(&mut sandbox);
    (sandbox, vendors)
}

#[test]
fn it_runs_every_feed_and_ends_when_it_is_told_to() {
    let (sandbox, _vendors) = ready(200);
    for signal in ["TERM", "INT"] {
        let mut daemon = Daemon::start(&sandbox, "watch");
        assert_eq!(daemon.line(), "ready: watching 2 feeds");
        let expected = match signal {
            "TERM" => [
                "acme/api: 120 added of 120 received",
                "safe-us/reports: 80 added of 80 received",
            ],
            _ => ["acme/api: not due", "safe-us/reports: not due"],
        };
        assert_eq!(daemon.lines(2), expected);
        // While it sleeps, others may write.
        sandbox.write("more.ndjson", "");
        sandbox.run("import more.ndjson --source acme").exits(0);
        daemon.send(signal);
        assert!(daemon.ended() < Duration::from_secs(5));
    }
    sandbox.run("query events-by-day").exits(0);
}

#[test]
fn told_to_end_in_the_middle_of_a_page_it_loses_nothing() {
    let (sandbox, vendors) = ready(3_000);
    vendors.set_faults(&Faults {
        rate: 1.0,
        kinds: vec![Fault::Stall(Duration::from_millis(40))],
        purposes: vec![Purpose::AuditLog],
        in_a_row: u32::MAX,
        ..Faults::default()
    });
    let mut daemon = Daemon::start(&sandbox, "watch acme");
    assert_eq!(daemon.line(), "ready: watching 1 feed");
    let pages = || {
        let requests = vendors.requests();
        requests
            .iter()
            .filter(|one| one.purpose == Purpose::AuditLog)
            .count()
    };
    super::sync::wait_until(|| pages() >= 20);
    daemon.send("TERM");
    assert!(daemon.line().starts_with("ending: "));
    let line = without_time(&daemon.line());
    assert!(line.starts_with("acme/api: interrupted; "), "{line}");
    assert!(daemon.ended() < Duration::from_secs(10));
    vendors.set_faults(&Faults::default());
    sandbox.run("sync acme").exits(0);
    let count = "select count(*) as n from events";
    let counted = sandbox.run_with(&["query", count, "-o", "jsonl"]);
    assert_eq!(counted.stdout.trim(), r#"{"n":1800}"#);
}

#[test]
fn it_reads_the_config_again_and_stays_with_the_old_one_if_that_is_wrong() {
    let (sandbox, _vendors) = ready(50);
    let whole = std::fs::read_to_string(sandbox.path("trailkeep.toml")).unwrap();
    let at = whole.find("[source.acme]").unwrap();
    sandbox.write("trailkeep.toml", &whole[..at]);
    let mut daemon = Daemon::start(&sandbox, "watch");
    assert_eq!(daemon.line(), "ready: watching 1 feed");
    assert_eq!(
        daemon.lines(1),
        ["safe-us/reports: 20 added of 20 received"]
    );
    sandbox.write("trailkeep.toml", "archive = 7\n");
    daemon.send("HUP");
    let refused = daemon.line();
    assert!(
        refused.starts_with("not reloaded: ") && refused.contains("archive"),
        "{refused}"
    );
    assert!(daemon.line().contains("hint: "));
    sandbox.write("trailkeep.toml", &whole);
    daemon.send("HUP");
    assert_eq!(daemon.line(), "reloaded: watching 2 feeds");
    let lines = [
        "acme/api: 30 added of 30 received",
        "safe-us/reports: not due",
    ];
    assert_eq!(daemon.lines(2), lines);
    daemon.send("TERM");
    daemon.ended();
}

#[test]
fn a_feed_that_fails_is_told_on_one_line_and_does_not_hold_the_other_up() {
    let (sandbox, vendors) = ready(50);
    vendors.set_faults(&Faults {
        rate: 1.0,
        kinds: vec![Fault::Status(403)],
        purposes: vec![Purpose::AuditLog],
        in_a_row: u32::MAX,
        ..Faults::default()
    });
    let mut daemon = Daemon::start(&sandbox, "watch -o json");
    let event: Value = serde_json::from_str(&daemon.line()).unwrap();
    assert_eq!(event["event"], "ready");
    let mut runs: Vec<Value> = (0..2)
        .map(|_| serde_json::from_str(&daemon.line()).unwrap())
        .collect();
    runs.sort_by_key(|run| run["feed"].to_string());
    assert_eq!(
        (&runs[0]["outcome"], &runs[0]["source"]),
        (&"failed".into(), &"acme".into())
    );
    assert!(
        runs[0]["error"].as_str().unwrap().contains("403"),
        "{}",
        runs[0]
    );
    assert!(runs[0]["next"].as_str() > runs[0]["time"].as_str());
    assert_eq!(runs[1]["outcome"], "complete");
    assert_eq!(runs[1]["added"], 20);
    daemon.send("TERM");
    daemon.ended();
}

#[test]
fn whom_the_config_names_is_told_of_each_run() {
    let (sandbox, vendors) = ready(50);
    let inbox = Inbox::open();
    let config = std::fs::read_to_string(sandbox.path("trailkeep.toml")).unwrap();
    sandbox.write("url", &format!("{}/hook", inbox.url));
    std::fs::set_permissions(sandbox.path("url"), PermissionsExt::from_mode(0o600)).unwrap();
    let notify = "[notify]\nurl = { file = \"url\" }\nping = { file = \"url\" }\n";
    sandbox.write("trailkeep.toml", &format!("{notify}{config}"));
    vendors.set_faults(&Faults {
        rate: 1.0,
        kinds: vec![Fault::Status(403)],
        purposes: vec![Purpose::AuditLog],
        in_a_row: u32::MAX,
        ..Faults::default()
    });
    let mut daemon = Daemon::start(&sandbox, "watch acme");
    assert_eq!(daemon.line(), "ready: watching 1 feed");
    assert!(daemon.line().contains("acme/api: failed: "));
    let letters = Mutex::new(Vec::new());
    super::sync::wait_until(|| {
        let mut letters = letters.lock().unwrap();
        letters.extend(inbox.take());
        !letters.is_empty()
    });
    daemon.send("TERM");
    daemon.ended();
    let told = letters.into_inner().unwrap();
    let events: Vec<Value> = told
        .iter()
        .map(|letter| serde_json::from_str::<Value>(&letter.body).unwrap()["event"].clone())
        .collect();
    assert!(events.contains(&"failure".into()), "{events:?}");
    assert!(
        told.iter().all(|letter| letter.to == "post /hook"),
        "{told:?}"
    );
}

#[test]
fn systemd_hears_that_it_is_ready_and_alive_and_what_it_does() {
    let (mut sandbox, _vendors) = ready(50);
    let path = sandbox.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    sandbox.set("NOTIFY_SOCKET", path.to_str().unwrap());
    sandbox.set("WATCHDOG_USEC", "300000");
    let daemon = Daemon::start(&sandbox, "watch");
    let mut heard = String::new();
    let mut hear_until = |word: &str| {
        let mut buffer = [0; 4_096];
        while !heard.contains(word) {
            let length = socket.recv(&mut buffer).expect(word);
            heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
            heard.push('\n');
        }
    };
    hear_until("READY=1\nSTATUS=watching 2 feeds");
    hear_until("WATCHDOG=1");
    hear_until("STATUS=acme/api ok, next ");
    daemon.send("HUP");
    hear_until("RELOADING=1\nMONOTONIC_USEC=");
    daemon.send("TERM");
    hear_until("STOPPING=1");
    daemon.ended();
}

#[test]
fn without_sources_there_is_nothing_to_watch() {
    let sandbox = Sandbox::new();
    let output = sandbox.run("watch");
    output.exits(2);
    assert!(
        output.stderr.contains("no source is configured"),
        "{output}"
    );
}
