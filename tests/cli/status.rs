//! `trailkeep status` over archives in every state.

use std::process::{Command, Stdio};

use insta::{assert_snapshot, with_settings};
use rusqlite::{Connection, params};
use serde_json::Value;
use trailkeep::archive::Archive;
use trailkeep::demo::{Fault, Faults, Purpose};

use crate::support::exposition;
use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

/// What differs from run to run: moments and sizes.
fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d+)?Z", "MOMENT"),
        (r"\d+\.\d+ k?B\b", "SIZE"),
        (r"bytes=\d+B", "bytes=N"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d", "MOMENT"),
        (r"=\d{3,}s", "=N"),
        (r"schema \d+", "schema N"),
        (
            r#""(bytes|lag_seconds|seconds_to_loss|schema)": \d+"#,
            r#""$1": N"#,
        ),
    ]
}

macro_rules! assert_output {
    ($output:expr, @$expected:literal) => {
        with_settings!({filters => filters()}, { assert_snapshot!($output, @$expected) })
    };
}

/// A sandbox with an archive whose story is told in minutes before now.
struct Story {
    sandbox: Sandbox,
    archive: Connection,
    now: i64,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

impl Story {
    /// Of SendSafely portals of these names.
    fn of(sources: &[&str]) -> Story {
        let sandbox = Sandbox::new();
        configure(&sandbox, sources);
        let path = sandbox.path("trailkeep.db");
        drop(Archive::open(&path, "a test").unwrap());
        let archive = Connection::open(path).unwrap();
        let sql = "select cast(unixepoch('subsec') * 1000 as integer)";
        let now = archive.query_row(sql, [], |row| row.get(0)).unwrap();
        Story {
            sandbox,
            archive,
            now,
        }
    }

    fn ago(&self, minutes: i64) -> i64 {
        self.now - minutes * 60_000
    }

    /// A run of a feed that began so long ago.
    fn run(&self, source: &str, feed: &str, ago: i64, error: Option<&str>) -> &Story {
        let sql =
            "insert into source (name, kind) values (?1, 'sendsafely') on conflict do nothing";
        self.archive.execute(sql, [source]).unwrap();
        let added = if error.is_none() { 1_000 } else { 0 };
        self.archive
            .execute(
                "insert into batch (source, feed, started_at, outcome, error, added)
                 select id, ?2, ?3, iif(?4 is null, 'complete', 'failed'), ?4, ?5
                 from source where name = ?1",
                params![source, feed, self.ago(ago), error, added],
            )
            .unwrap();
        self
    }

    /// A stretch of a feed's time.
    fn stretch(&self, source: &str, feed: &str, from: i64, to: i64, state: &str) -> &Story {
        self.archive
            .execute(
                "insert into stretch
                 select id, ?2, ?3, ?4, ?5, ?4, 1, 1 from source where name = ?1",
                params![source, feed, self.ago(from), self.ago(to), state],
            )
            .unwrap();
        self
    }

    /// A feed that has run for 70 days and ran so long ago, all being well.
    fn well(&self, source: &str, ago: i64) -> &Story {
        self.run(source, "api", ago, None);
        let settled = ago + 2 * DAY;
        self.stretch(source, "api", 70 * DAY, settled, "complete");
        self.stretch(source, "api", settled, ago, "open")
    }
}

fn configure(sandbox: &Sandbox, sources: &[&str]) {
    let source = |name: &&str| {
        format!("[source.{name}]\nkind = \"sendsafely\"\nurl = \"https://{name}.example\"\n")
    };
    sandbox.write(
        "trailkeep.toml",
        &sources.iter().map(source).collect::<String>(),
    );
}

#[test]
fn after_a_sync_all_is_well() {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(200);
    vendors.configure(&mut sandbox);
    sandbox.run("sync").exits(0);
    let status = sandbox.run("status --check");
    status.exits(0);
    let shown = status.single_spaced();
    let shown: Vec<&str> = shown.lines().collect();
    assert!(
        shown[0].starts_with("OK - 2 feeds, 200 events, next loss in 87 days | "),
        "{status}"
    );
    assert!(shown[3].contains(" s ago in 23 h 80 "), "{status}");
    assert!(shown[4].contains(" s ago in 4 min 120 "), "{status}");
    assert!(shown[4].ends_with(" 0 87 days"), "{status}");
    assert_eq!(status.stderr, "");
}

#[test]
fn a_feed_that_fails_says_why() {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(50);
    vendors.configure(&mut sandbox);
    for _ in 0..2 {
        vendors.set_faults(&Faults::first(1, Fault::Status(501), Purpose::AuditLog));
        sandbox.run("sync acme").exits(3);
    }
    let status = sandbox.run("status acme");
    status.exits(0);
    assert_output!(status.stderr, @"
    warning: acme/api: its last 2 runs failed, the last so: 127.0.0.1:PORT answered 501 (audit log MOMENT to MOMENT, row 0): Service Unavailable Service Unavailable
      hint: `trailkeep sync acme/api` tries again, `trailkeep sources --test` the credentials
    warning: acme/api: has never run to its end
      hint: is the schedule running? `trailkeep sync acme/api` runs it now
    ");
    assert_output!(sandbox.run("status acme --check").stdout.lines().next().unwrap(), @"
    WARNING - acme/api: 2 failures, never succeeded | events=0 bytes=N
    ");
    sandbox.run("sync acme").exits(0);
    assert_eq!(sandbox.run("status acme").stderr, "");
}

#[test]
fn a_healthy_archive_is_one_table() {
    let story = Story::of(&["acme"]);
    story.well("acme", 3);
    assert_output!(story.sandbox.run("status"), @"
    FEED        SUCCESS     NEXT  EVENTS  BYTES    LAG  FAILED  LOSS IN
    acme/api  3 min ago  due now   1,000    0 B  3 min       0  87 days

    archive  trailkeep.db
    size     SIZE, schema N
    events   1,000, 0 quarantined, 0 conflicts
    ");
    assert_output!(story.sandbox.run("status --check").stdout.lines().next().unwrap(), @"
    OK - 1 feed, 1,000 events, next loss in 87 days | events=1000 bytes=N 'acme/api lag'=N 'acme/api loss'=N;;1209600:
    ");
    assert_output!(story.sandbox.run("status --check -q"), @"");
}

#[test]
fn a_stale_feed_is_found() {
    let story = Story::of(&["acme"]);
    story.well("acme", 27 * HOUR);
    assert_output!(story.sandbox.run("status"), @"
    FEED       SUCCESS     NEXT  EVENTS  BYTES   LAG  FAILED  LOSS IN
    acme/api  27 h ago  due now   1,000    0 B  27 h       0  86 days

    archive  trailkeep.db
    size     SIZE, schema N
    events   1,000, 0 quarantined, 0 conflicts
    ------- stderr -------
    warning: acme/api: stale: its last complete run was 27 h ago, at MOMENT
      hint: is the schedule running? `trailkeep sync acme/api` runs it now
    ");
    assert_output!(story.sandbox.run("status --check"), @"
    WARNING - acme/api: last success 27 h ago | events=1000 bytes=N 'acme/api lag'=N 'acme/api loss'=N;;1209600:

    FEED       SUCCESS     NEXT  EVENTS  BYTES   LAG  FAILED  LOSS IN
    acme/api  27 h ago  due now   1,000    0 B  27 h       0  86 days

    archive  trailkeep.db
    size     SIZE, schema N
    events   1,000, 0 quarantined, 0 conflicts
    ------- stderr -------
    warning: acme/api: stale: its last complete run was 27 h ago, at MOMENT
      hint: is the schedule running? `trailkeep sync acme/api` runs it now
    [exit status: 1]
    ");
    let weekly = "[status]\nstale = \"8d\"\n[source.acme]\nkind = \"sendsafely\"\n\
        url = \"https://acme.example\"\n";
    story.sandbox.write("trailkeep.toml", weekly);
    let patient = story.sandbox.run("status --check");
    patient.exits(0);
    assert_eq!(patient.stderr, "");
}

#[test]
fn a_gap_is_found_while_it_can_be_healed() {
    let story = Story::of(&["acme"]);
    story.run("acme", "api", 3, None);
    story.stretch("acme", "api", 70 * DAY, 20 * DAY, "complete");
    story.stretch("acme", "api", 16 * DAY, 2 * DAY, "complete");
    assert_output!(story.sandbox.run("status --check"), @"
    WARNING - acme/api: gap of 4 days | events=1000 bytes=N 'acme/api lag'=N 'acme/api loss'=N;;1209600:

    FEED        SUCCESS     NEXT  EVENTS  BYTES   LAG  FAILED  LOSS IN
    acme/api  3 min ago  due now   1,000    0 B  48 h       0  69 days

    archive  trailkeep.db
    size     SIZE, schema N
    events   1,000, 0 quarantined, 0 conflicts
    ------- stderr -------
    warning: acme/api: 4 days not read that the vendor still has: MOMENT to MOMENT
      hint: `trailkeep sync acme/api` reads what is missing
    [exit status: 1]
    ");
}

#[test]
fn a_loss_that_is_near_is_critical_and_what_is_lost_is_lost() {
    let story = Story::of(&["acme"]);
    story.run("acme", "api", 3, None);
    story.stretch("acme", "api", 120 * DAY, 110 * DAY, "complete");
    story.stretch("acme", "api", 110 * DAY, 105 * DAY, "lost");
    story.stretch("acme", "api", 105 * DAY, 83 * DAY, "complete");
    story.stretch("acme", "api", 82 * DAY, 2 * DAY, "complete");
    assert_output!(story.sandbox.run("status --check"), @"
    CRITICAL - acme/api: loss in 6 days, gap of 24 h | events=1000 bytes=N 'acme/api lag'=N 'acme/api loss'=N;;1209600:

    FEED        SUCCESS     NEXT  EVENTS  BYTES   LAG  FAILED  LOSS IN
    acme/api  3 min ago  due now   1,000    0 B  48 h       0  6 days

    archive  trailkeep.db
    size     SIZE, schema N
    events   1,000, 0 quarantined, 0 conflicts
    lost     acme/api: 5 days, for good
    ------- stderr -------
    warning: acme/api: what is missing since MOMENT is lost from MOMENT on, in 6 days: the vendor forgets it
      hint: `trailkeep sync acme/api` reads it while it is there
    warning: acme/api: 24 h not read that the vendor still has: MOMENT to MOMENT
      hint: `trailkeep sync acme/api` reads what is missing
    [exit status: 1]
    ");
    let later = "[status]\nloss = \"3d\"\n[source.acme]\nkind = \"sendsafely\"\n\
        url = \"https://acme.example\"\n";
    story.sandbox.write("trailkeep.toml", later);
    let first = story.sandbox.run("status --check").stdout;
    assert!(
        first.starts_with("WARNING - acme/api: gap of 24 h | "),
        "{first}"
    );
}

#[test]
fn what_comes_late_names_the_setting_to_raise() {
    let story = Story::of(&["acme"]);
    story.well("acme", 3);
    let late = "update batch set late = 12, late_by = 30 * 3600000";
    story.archive.execute(late, []).unwrap();
    let status = story.sandbox.run("status --check");
    status.exits(0);
    assert!(status.stdout.starts_with("OK - "), "{status}");
    assert_output!(status.stderr, @"
    warning: acme/api: 12 events came late, the latest by 30 h at least; such are waited for 48 h
      hint: raise source.acme.overlap, now 48h
    ");
    let raised = "[source.acme]\nkind = \"sendsafely\"\nurl = \"https://acme.example\"\n\
        overlap = \"4d\"\n";
    story.sandbox.write("trailkeep.toml", raised);
    assert_eq!(story.sandbox.run("status").stderr, "");
}

#[test]
fn before_the_first_sync_every_feed_is_waited_for() {
    let sandbox = Sandbox::new();
    assert_output!(sandbox.run("status"), @"
    ------- stderr -------
    error: no source is configured
      hint: `trailkeep init` writes a config file to begin with
    [exit status: 2]
    ");
    configure(&sandbox, &["acme"]);
    assert_output!(sandbox.run("status"), @"
    FEED      SUCCESS     NEXT  EVENTS  BYTES  LAG  FAILED  LOSS IN
    acme/api    never  due now       0    0 B    -       0  -

    archive  trailkeep.db
    ------- stderr -------
    there is no archive yet; `trailkeep sync` makes it
    warning: acme/api: has never run to its end
      hint: is the schedule running? `trailkeep sync acme/api` runs it now
    ");
    sandbox.run("status --check").exits(1);
    assert!(!sandbox.path("trailkeep.db").exists());
    let json = sandbox.run("status -o json");
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["archive"]["exists"], false);
    assert_eq!(json["feeds"][0]["last_success"], Value::Null);
}

#[test]
fn what_is_no_longer_configured_is_shown_and_not_watched() {
    let story = Story::of(&["acme"]);
    story.well("acme", 3).well("old", 40 * DAY);
    story.run("old", "api", 30 * DAY, Some("refused"));
    story.run("acme", "file", 9 * DAY, None);
    assert_output!(story.sandbox.run("status --check"), @"
    OK - 1 feed, 3,000 events, next loss in 87 days | events=3000 bytes=N 'acme/api lag'=N 'acme/api loss'=N;;1209600:

    FEED           SUCCESS     NEXT  EVENTS  BYTES    LAG  FAILED  LOSS IN
    acme/api     3 min ago  due now   1,000    0 B  3 min       0  87 days
    acme/file   9 days ago        -   1,000    0 B      -       0  -
    old/api    40 days ago        -   1,000    0 B      -       1  -

    archive   trailkeep.db
    size      SIZE, schema N
    events    3,000, 0 quarantined, 0 conflicts
    vanished  old/api: no longer configured, not watched
    ");
}

#[test]
fn what_is_named_must_be_known_and_to_be_checked_configured() {
    let story = Story::of(&["acme"]);
    story.well("acme", 3).well("old", 40 * DAY);
    let one = story.sandbox.run("status old");
    one.exits(0);
    assert_eq!(one.stdout.matches("/api").count(), 2, "{one}");
    assert_output!(story.sandbox.run("status old --check"), @"
    ------- stderr -------
    error: nothing that is named is configured
      hint: there is nothing to check
    [exit status: 2]
    ");
    assert_output!(story.sandbox.run("status odl"), @"
    ------- stderr -------
    error: there is no source `odl`
      hint: known sources: acme
    [exit status: 2]
    ");
    assert_output!(story.sandbox.run("status acme/apj"), @"
    ------- stderr -------
    error: source `acme` has no feed `apj`
      hint: did you mean `acme/api`?
    [exit status: 2]
    ");
    story.sandbox.write("trailkeep.toml", "");
    story.sandbox.run("status").exits(0);
    assert_output!(story.sandbox.run("status --check"), @"
    ------- stderr -------
    error: no source is configured
      hint: add a [source.NAME] table to trailkeep.toml
    [exit status: 2]
    ");
}

#[test]
fn an_archive_of_an_older_program_says_how_to_go_on() {
    let story = Story::of(&["acme"]);
    story
        .archive
        .pragma_update(None, "user_version", 1)
        .unwrap();
    assert_output!(story.sandbox.run("status"), @"
    ------- stderr -------
    error: trailkeep.db is of an older trailkeep
      hint: the next `trailkeep sync` brings it up to date
    [exit status: 2]
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot")]
fn a_program_reads_all_of_it_as_json() {
    let story = Story::of(&["acme"]);
    story.run("acme", "api", 3, None);
    story.stretch("acme", "api", 70 * DAY, 20 * DAY, "complete");
    story.stretch("acme", "api", 16 * DAY, 2 * DAY, "complete");
    assert_output!(story.sandbox.run("status -o json"), @r#"
    {
      "now": "MOMENT",
      "check": "warning",
      "archive": {
        "path": "trailkeep.db",
        "exists": true,
        "events": 1000,
        "bytes": N,
        "quarantined": 0,
        "conflicts": 0,
        "schema": N
      },
      "feeds": [
        {
          "source": "acme",
          "feed": "api",
          "kind": "sendsafely",
          "role": "watched",
          "last_success": "MOMENT",
          "last_run": "MOMENT",
          "next": "MOMENT",
          "events": 1000,
          "received_bytes": 0,
          "covered_to": "MOMENT",
          "lag_seconds": N,
          "failures": 0,
          "error": null,
          "oldest_missing": "MOMENT",
          "lost_from": "MOMENT",
          "seconds_to_loss": N,
          "gap_seconds": 345600,
          "lost_seconds": 0,
          "late_events": 0,
          "late_by_seconds": 0,
          "overlap_seconds": 172800,
          "findings": [
            {
              "finding": "gap",
              "severity": "warning",
              "text": "acme/api: 4 days not read that the vendor still has: MOMENT to MOMENT",
              "hint": "`trailkeep sync acme/api` reads what is missing",
              "gaps": [
                {
                  "from": "MOMENT",
                  "to": "MOMENT"
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
    story.sandbox.run("status -o json --check").exits(1);
}

#[test]
fn metrics_are_in_prometheus_text_format() {
    let odd = "o\"l\\d\nname";
    let story = Story::of(&["acme", "never"]);
    story.well("acme", 30).well(odd, 40 * DAY);
    story.run("acme", "api", 2, Some("no answer"));
    let output = story.sandbox.run("status --prometheus");
    output.exits(0);
    assert_eq!(output.stderr, "");
    let samples = exposition::read(&output.stdout).unwrap();
    let value = |name: &str, source: &str, more: &[(&str, &str)]| {
        let labels = [("source", source), ("feed", "api")].into_iter();
        let labels = labels.chain(more.iter().copied());
        let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
        samples.get(&(name.to_owned(), labels.collect())).copied()
    };
    assert_eq!(value("trailkeep_events_total", odd, &[]), Some(1_000.0));
    assert_eq!(value("trailkeep_failures", odd, &[]), None);
    assert_eq!(value("trailkeep_failures", "acme", &[]), Some(1.0));
    assert_eq!(value("trailkeep_gap_seconds", "acme", &[]), Some(0.0));
    let lag = value("trailkeep_lag_seconds", "acme", &[]).unwrap();
    assert!((1_800.0..1_900.0).contains(&lag), "{lag}");
    let left = value("trailkeep_seconds_to_loss", "acme", &[]).unwrap();
    assert!((87.0 * 86_400.0..88.0 * 86_400.0).contains(&left), "{left}");
    let last = "trailkeep_last_success_timestamp_seconds";
    assert!(value(last, "acme", &[]).unwrap() > 1_700_000_000.0);
    assert_eq!(value(last, "never", &[]), None);
    for (source, finding, found) in [
        ("acme", "failure", 1.0),
        ("acme", "stale", 0.0),
        ("never", "stale", 1.0),
    ] {
        let sample = value("trailkeep_finding", source, &[("finding", finding)]);
        assert_eq!(sample, Some(found), "{source} {finding}");
    }
    story.sandbox.run("status --prometheus --check").exits(1);
    lint(&output.stdout);
}

/// Prometheus's own opinion, where it is installed.
fn lint(text: &str) {
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else { return };
    let mut stdin = promtool.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, text.as_bytes()).unwrap();
    drop(stdin);
    let output = promtool.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn one_form_at_a_time() {
    let sandbox = Sandbox::new();
    sandbox.run("status --prometheus -o json").exits(2);
}
