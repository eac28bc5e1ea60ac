//! `trailkeep tail`: the real binary, its cursors, and pipes that close.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use insta::{Settings, assert_snapshot};
use rusqlite::Connection;
use serde_json::Value;
use trailkeep::demo::{Plan, write_ndjson};

use crate::support::rig::START;
use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

const EVENTS: &str = r#"[
{"eventId":"0bc1d2e3-0000-4000-8000-000000000001","timestamp":"2026-10-01T12:00:00.000Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"ann@example.com","ipAddress":"192.0.2.1"},
{"eventId":"0bc1d2e3-0000-4000-8000-000000000002","timestamp":"2026-10-01T12:30:00.000Z","eventType":"PACKAGE_EVENT","action":"PACKAGE_FILE_DOWNLOAD","authenticatedUser":"Anonymous Recipient","ipAddress":"2001:db8::7","LogDetails":{"packageId":"P1","fileName":"a|b=c \\ \"d\"]\nact=LOGIN é.pdf","fileSize":2048}}
]"#;

/// An archive of two events, the second's file named by somebody with plans.
fn archive() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("log.json", EVENTS);
    sandbox
        .run("import log.json --source acme --kind sendsafely")
        .exits(0);
    sandbox
}

/// Adds one event of a source.
fn import(sandbox: &Sandbox, source: &str, id: &str) {
    let event = format!(
        r#"{{"eventId":"{id}","timestamp":"2025-01-01T00:00:00Z","eventType":"USER_EVENT","action":"LOGIN","authenticatedUser":"ann@example.com"}}"#
    );
    sandbox.write("more.json", &event);
    let arguments = format!("import more.json --source {source} --kind sendsafely");
    sandbox.run(&arguments).exits(0);
}

/// An archive of many, and their ids in the order of archiving.
fn archive_of(events: usize) -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let plan = Plan {
        seed: 3,
        events,
        days: 60,
        now: START,
    };
    let mut log = Vec::new();
    write_ndjson(plan, &mut log).unwrap();
    sandbox.write_bytes("log.ndjson", &log);
    sandbox
        .run("import log.ndjson --source acme --kind sendsafely")
        .exits(0);
    let ids = ids(&sandbox.run("tail -n all").stdout);
    assert_eq!(ids.len(), events);
    (sandbox, ids)
}

fn ids(lines: &str) -> Vec<String> {
    lines.lines().map(id).collect()
}

fn id(line: &str) -> String {
    let event: Value = serde_json::from_str(line).unwrap();
    event["event_id"].as_str().unwrap().to_owned()
}

/// The program with its standard output in a pipe.
struct Piped {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Piped {
    fn start(sandbox: &Sandbox, arguments: &str) -> Piped {
        let mut command = sandbox.command(arguments);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The smallest buffer: what the test has not asked for stays in the pipe.
        let lines = BufReader::with_capacity(1, child.stdout.take().unwrap());
        Piped { child, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.lines.read_line(&mut line).unwrap() > 0, "it ended");
        line
    }

    fn send(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end: the exit code, and what was said.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

/// A test that fails leaves none behind.
impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Moments that differ from run to run.
fn with_filters(check: impl FnOnce()) {
    let mut settings = Settings::clone_current();
    settings.add_filter(r#"("archived_at":|"created":)"[^"]*""#, r#"$1"MOMENT""#);
    settings.add_filter(r#""logged_time":\d+"#, r#""logged_time":N"#);
    settings.add_filter(env!("CARGO_PKG_VERSION"), "VERSION");
    settings.bind(check);
}

#[test]
fn each_dialect_tells_an_event_on_a_line() {
    let sandbox = archive();
    with_filters(|| {
        assert_snapshot!(sandbox.run("tail"), @r#"
        {"key":"1877848621056103922","source":"acme","kind":"sendsafely","feed":"file","event_id":"0bc1d2e3-0000-4000-8000-000000000001","time":"2026-10-01T12:00:00.000Z","event_type":"USER_EVENT","action":"LOGIN_FAILED","actor":"ann@example.com","actor_email":null,"actor_name":null,"actor_role":null,"on_behalf_of":null,"ip":"192.0.2.1","port":null,"target":null,"details":{},"batch":1,"archived_at":"MOMENT"}
        {"key":"1877850508493308017","source":"acme","kind":"sendsafely","feed":"file","event_id":"0bc1d2e3-0000-4000-8000-000000000002","time":"2026-10-01T12:30:00.000Z","event_type":"PACKAGE_EVENT","action":"PACKAGE_FILE_DOWNLOAD","actor":"Anonymous Recipient","actor_email":null,"actor_name":null,"actor_role":null,"on_behalf_of":null,"ip":"2001:db8::7","port":null,"target":"P1","details":{"fileName":"a|b=c \\ \"d\"]\nact=LOGIN é.pdf","fileSize":2048},"batch":1,"archived_at":"MOMENT"}
        "#);
        assert_snapshot!(sandbox.run("tail -o ocsf"), @r#"
        {"activity_id":1,"activity_name":"Logon","category_uid":3,"category_name":"Identity & Access Management","class_uid":3002,"class_name":"Authentication","type_uid":300201,"type_name":"Authentication: Logon","severity_id":2,"severity":"Low","time":1790856000000,"message":"LOGIN_FAILED","status_id":2,"status":"Failure","metadata":{"version":"1.5.0","product":{"name":"SendSafely","vendor_name":"SendSafely"},"uid":"0bc1d2e3-0000-4000-8000-000000000001","event_code":"LOGIN_FAILED","original_time":"2026-10-01T12:00:00.000Z","logged_time":N,"log_name":"file","log_provider":"trailkeep","tenant_uid":"acme"},"user":{"name":"ann@example.com","uid":"ann@example.com","email_addr":"ann@example.com"},"service":{"name":"SendSafely","uid":"acme"},"actor":{"user":{"name":"ann@example.com","uid":"ann@example.com","email_addr":"ann@example.com"}},"src_endpoint":{"ip":"192.0.2.1"},"unmapped":{"event_type":"USER_EVENT"}}
        {"activity_id":2,"activity_name":"Download","category_uid":6,"category_name":"Application Activity","class_uid":6006,"class_name":"File Hosting Activity","type_uid":600602,"type_name":"File Hosting Activity: Download","severity_id":1,"severity":"Informational","time":1790857800000,"message":"PACKAGE_FILE_DOWNLOAD: a|b=c \\ \"d\"]\nact=LOGIN é.pdf","status_id":0,"status":"Unknown","metadata":{"version":"1.5.0","product":{"name":"SendSafely","vendor_name":"SendSafely"},"uid":"0bc1d2e3-0000-4000-8000-000000000002","event_code":"PACKAGE_FILE_DOWNLOAD","original_time":"2026-10-01T12:30:00.000Z","logged_time":N,"log_name":"file","log_provider":"trailkeep","tenant_uid":"acme"},"file":{"name":"a|b=c \\ \"d\"]\nact=LOGIN é.pdf","type_id":1,"type":"Regular File","size":2048},"actor":{"user":{"name":"Anonymous Recipient","uid":"Anonymous Recipient"}},"src_endpoint":{"ip":"2001:db8::7"},"unmapped":{"event_type":"PACKAGE_EVENT","target":"P1","details":{"fileName":"a|b=c \\ \"d\"]\nact=LOGIN é.pdf","fileSize":2048}}}
        "#);
        assert_snapshot!(sandbox.run("tail -n 1 -o ecs --raw"), @r#"{"@timestamp":"2026-10-01T12:30:00.000Z","ecs":{"version":"8.17.0"},"message":"PACKAGE_FILE_DOWNLOAD: a|b=c \\ \"d\"]\nact=LOGIN é.pdf","event":{"kind":"event","category":["file"],"type":["access"],"action":"PACKAGE_FILE_DOWNLOAD","outcome":"unknown","severity":1,"id":"0bc1d2e3-0000-4000-8000-000000000002","module":"sendsafely","dataset":"sendsafely.file","provider":"SendSafely","created":"MOMENT","original":"{\"eventId\":\"0bc1d2e3-0000-4000-8000-000000000002\",\"timestamp\":\"2026-10-01T12:30:00.000Z\",\"eventType\":\"PACKAGE_EVENT\",\"action\":\"PACKAGE_FILE_DOWNLOAD\",\"authenticatedUser\":\"Anonymous Recipient\",\"ipAddress\":\"2001:db8::7\",\"LogDetails\":{\"packageId\":\"P1\",\"fileName\":\"a|b=c \\\\ \\\"d\\\"]\\nact=LOGIN é.pdf\",\"fileSize\":2048}}"},"user":{"id":"Anonymous Recipient","name":"Anonymous Recipient"},"source":{"address":"2001:db8::7","ip":"2001:db8::7"},"file":{"name":"a|b=c \\ \"d\"]\nact=LOGIN é.pdf","extension":"pdf","size":2048},"observer":{"vendor":"SendSafely","product":"SendSafely"},"organization":{"name":"acme"},"related":{"user":["Anonymous Recipient"],"ip":["2001:db8::7"]},"trailkeep":{"source":"acme","feed":"file","event_type":"PACKAGE_EVENT","target":"P1","batch":1,"details":{"fileName":"a|b=c \\ \"d\"]\nact=LOGIN é.pdf","fileSize":2048}}}"#);
        assert_snapshot!(sandbox.run("tail -o cef"), @r#"
        CEF:0|SendSafely|SendSafely|VERSION|LOGIN_FAILED|Authentication: Logon|3|rt=1790856000000 externalId=0bc1d2e3-0000-4000-8000-000000000001 cat=USER_EVENT act=LOGIN_FAILED outcome=failure suid=ann@example.com suser=ann@example.com duser=ann@example.com src=192.0.2.1 dvchost=acme deviceFacility=file
        CEF:0|SendSafely|SendSafely|VERSION|PACKAGE_FILE_DOWNLOAD|File Hosting Activity: Download|1|rt=1790857800000 externalId=0bc1d2e3-0000-4000-8000-000000000002 cat=PACKAGE_EVENT act=PACKAGE_FILE_DOWNLOAD suid=Anonymous Recipient suser=Anonymous Recipient c6a2=2001:db8::7 c6a2Label=Source IPv6 Address fname=a|b\=c \\ "d"]\nact\=LOGIN é.pdf fsize=2048 dvchost=acme deviceFacility=file cs1={"fileName":"a|b\=c \\\\ \\"d\\"]\\nact\=LOGIN é.pdf","fileSize":2048} cs1Label=details cs2=P1 cs2Label=target
        "#);
        assert_snapshot!(sandbox.run("tail -n 1 -o syslog"), @r#"<110>1 2026-10-01T12:30:00.000Z acme trailkeep - PACKAGE_FILE_DOWNLOAD [trailkeep@32473 id="0bc1d2e3-0000-4000-8000-000000000002" feed="file" type="PACKAGE_EVENT" action="PACKAGE_FILE_DOWNLOAD" actor="Anonymous Recipient" ip="2001:db8::7" target="P1" file="a|b=c \\ \"d\"\]#012act=LOGIN é.pdf" ocsf="600602"] {"key":"1877850508493308017","source":"acme","kind":"sendsafely","feed":"file","event_id":"0bc1d2e3-0000-4000-8000-000000000002","time":"2026-10-01T12:30:00.000Z","event_type":"PACKAGE_EVENT","action":"PACKAGE_FILE_DOWNLOAD","actor":"Anonymous Recipient","actor_email":null,"actor_name":null,"actor_role":null,"on_behalf_of":null,"ip":"2001:db8::7","port":null,"target":"P1","details":{"fileName":"a|b=c \\ \"d\"]\nact=LOGIN \u00e9.pdf","fileSize":2048},"batch":1,"archived_at":"MOMENT"}"#);
    });
}

#[test]
fn it_shows_as_many_of_the_last_events_as_asked_for() {
    let (sandbox, all) = archive_of(30);
    for (arguments, from) in [
        ("tail", 20),
        ("tail -n 3", 27),
        ("tail -n 0", 30),
        ("tail -n 99", 0),
    ] {
        assert_eq!(
            ids(&sandbox.run(arguments).stdout),
            all[from..],
            "{arguments}"
        );
    }
    import(&sandbox, "other", "later");
    assert_eq!(ids(&sandbox.run("tail -n 1").stdout), ["later"]);
    let sifted = sandbox.run("tail -n 2 --source acme --feed file");
    assert_eq!(ids(&sifted.stdout), all[28..]);
}

#[test]
fn a_cursor_goes_on_where_the_last_run_ended() {
    let (sandbox, all) = archive_of(1_200);
    let siem = || ids(&sandbox.run("tail --cursor siem").stdout);
    assert_eq!(siem(), all);
    assert_eq!(siem(), [""; 0]);
    // It happened long before the others, and comes after them.
    import(&sandbox, "other", "late");
    let acme = sandbox.run("tail --cursor siem --source acme");
    assert_eq!(acme.stdout, "");
    assert_eq!(siem(), [""; 0], "what was not wanted was passed over");
    assert_eq!(
        ids(&sandbox.run("tail --cursor lake --source other").stdout),
        ["late"]
    );
    assert_eq!(sandbox.run("tail --cursor new --from-now").stdout, "");
    import(&sandbox, "other", "later");
    assert_eq!(
        ids(&sandbox.run("tail --cursor new --from-now").stdout),
        ["later"]
    );
    let mut settings = Settings::clone_current();
    settings.add_filter(r"20\d\d-\d\d-\d\dT[0-9:.]+Z", "MOMENT");
    settings.bind(|| {
        assert_snapshot!(sandbox.run("tail --cursors").single_spaced(), @"
        CURSOR ARCHIVED TO BEHIND MOVED
        lake MOMENT 1 MOMENT
        new MOMENT 0 MOMENT
        siem MOMENT 1 MOMENT
        ");
    });
    sandbox.run("tail --cursor siem --forget").exits(0);
    assert_eq!(siem().len(), 1_202);
    assert_snapshot!(sandbox.run("tail --cursor seim --forget"), @"
    ------- stderr -------
    error: there is no cursor `seim`
      hint: did you mean `siem`?
    [exit status: 2]
    ");
}

#[test]
fn what_cannot_be_handed_over_is_told() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("tail --cursor siem"), @"
    ------- stderr -------
    error: there is no archive at trailkeep.db
      hint: run `trailkeep sync` to make it, or name another with --archive
    [exit status: 2]
    ");
    let sandbox = archive();
    assert_snapshot!(sandbox.run("tail --source acne"), @"
    ------- stderr -------
    error: there is no source `acne`
      hint: did you mean `acme`?
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("tail --feed s4"), @"
    ------- stderr -------
    error: there is no feed `s4`
      hint: known: file
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("tail --cursor Siem"), @"
    ------- stderr -------
    error: invalid value 'Siem' for '--cursor <NAME>': a name has small letters, digits and hyphens, at most 64

    For more information, try '--help'.
    [exit status: 2]
    ");
    sandbox.run("tail --cursor siem -n 3").exits(2);
    sandbox.run("tail --from-now").exits(2);
    sandbox.run("tail --forget").exits(2);
    let db = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    db.pragma_update(None, "user_version", 3).unwrap();
    assert_snapshot!(sandbox.run("tail"), @"
    ------- stderr -------
    error: trailkeep.db was written by an older trailkeep
      hint: the next `trailkeep sync` or `import` brings it up to date
    [exit status: 2]
    ");
    sandbox.run("tail --cursor siem").exits(2);
    sandbox.run("tail --cursors").exits(2);
}

/// `… | head -n 3`: nothing is said, and what stayed in the pipe comes again.
#[test]
fn whoever_stops_reading_misses_nothing() {
    let (sandbox, all) = archive_of(3_000);
    let mut read = Vec::new();
    for lines in [3, 1, 700] {
        let mut tail = Piped::start(&sandbox, "tail --cursor siem");
        read.extend((0..lines).map(|_| id(&tail.line())));
        drop(std::mem::replace(&mut tail.lines, empty()));
        assert_eq!(tail.end(), (Some(0), String::new()));
    }
    read.extend(ids(&sandbox.run("tail --cursor siem").stdout));
    every_one_in_order(&read, &all);
    let shell = sandbox.shell("trailkeep tail -n all | head -n 3");
    assert_eq!(ids(&shell.stdout), all[..3]);
    assert_eq!((shell.stderr.as_str(), shell.status), ("", Some(0)));
}

/// All of it fits into the pipe, so that it was written and the cursor moved before anybody read.
#[test]
fn what_a_pipe_held_when_its_reader_went_away_comes_again() {
    let (sandbox, mut all) = archive_of(60);
    let mut tail = Piped::start(&sandbox, "tail --follow --cursor siem");
    let first = id(&tail.line());
    let db = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    super::sync::wait_until(|| {
        let behind = db.query_row("select behind from cursors", [], |row| row.get(0));
        behind == Ok(0)
    });
    drop(std::mem::replace(&mut tail.lines, empty()));
    import(&sandbox, "acme", "later");
    assert_eq!(tail.end(), (Some(0), String::new()));
    all.push("later".to_owned());
    assert_eq!(first, all[0]);
    assert_eq!(ids(&sandbox.run("tail --cursor siem").stdout), all);
}

/// A pipe that nothing comes from.
fn empty() -> BufReader<ChildStdout> {
    let mut child = Command::new("true").stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    child.wait().unwrap();
    BufReader::new(stdout)
}

/// Each is there, and the first time that it is there in order.
fn every_one_in_order(read: &[String], all: &[String]) {
    let mut seen = BTreeSet::new();
    let first: Vec<&String> = read.iter().filter(|id| seen.insert(*id)).collect();
    assert!(
        first.iter().copied().eq(all),
        "{} of {}",
        first.len(),
        all.len()
    );
}

#[test]
fn killed_at_any_moment_it_leaves_nothing_out() {
    let (sandbox, all) = archive_of(4_000);
    let mut read = Vec::new();
    for lines in [1, 150, 400, 900] {
        let mut tail = Piped::start(&sandbox, "tail --cursor siem");
        read.extend((0..lines).map(|_| id(&tail.line())));
        tail.child.kill().unwrap();
        // What it had written is still to be read; the last line may be cut off.
        let mut rest = Vec::new();
        tail.lines.read_to_end(&mut rest).unwrap();
        let whole = rest
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        read.extend(ids(std::str::from_utf8(&rest[..whole]).unwrap()));
    }
    read.extend(ids(&sandbox.run("tail --cursor siem").stdout));
    every_one_in_order(&read, &all);
}

#[test]
fn it_follows_what_a_sync_adds_until_it_is_told_to_end() {
    let mut sandbox = archive();
    let vendors = Simulated::with(600);
    let mut tail = Piped::start(&sandbox, "tail --follow --cursor siem");
    let mut read: BTreeSet<String> = (0..2).map(|_| tail.line()).collect();
    vendors.configure(&mut sandbox);
    sandbox.run("sync").exits(0);
    read.extend((0..600).map(|_| tail.line()));
    assert_eq!(read.len(), 602);
    tail.send("TERM");
    assert_eq!(tail.end(), (Some(0), String::new()));
    assert_eq!(sandbox.run("tail --cursor siem").stdout, "");
}

#[test]
fn a_cursor_that_is_gone_ends_whoever_follows_it() {
    let sandbox = archive();
    let mut tail = Piped::start(&sandbox, "tail -f --cursor siem");
    let _ = (tail.line(), tail.line());
    sandbox.run("tail --cursor siem --forget").exits(0);
    import(&sandbox, "acme", "another");
    let (status, said) = tail.end();
    assert_eq!(status, Some(5), "{said}");
    assert!(
        said.contains("cursor `siem` was moved by another run"),
        "{said}"
    );
}

/// Nobody reads: it is told to end, and does, and keeps no more than it handed over.
#[test]
fn it_ends_though_nobody_reads() {
    let (sandbox, all) = archive_of(3_000);
    let mut tail = Piped::start(&sandbox, "tail --cursor siem");
    tail.line();
    let asked = Instant::now();
    tail.send("INT");
    assert_eq!(tail.child.wait().unwrap().code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(10));
    let left = sandbox.run("tail --cursor siem");
    assert_eq!(ids(&left.stdout), all);
}
