//! `import`: files downloaded by hand, and what comes of them.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;
use trailkeep::archive::Archive;
use trailkeep::demo::{Options, Plan, Vendors, World, write_csv, write_ndjson};
use trailkeep::event::Timestamp;
use trailkeep::fetch::Fetch;
use trailkeep::fetch::clock::{Clock, TestClock};
use trailkeep::fetch::limit::Limits;
use trailkeep::fetch::wire::http::Http;
use trailkeep::kind::{self, FeedKind, Kind, Settings};
use trailkeep::record::PAGE_RECORDS_MAX;
use trailkeep::secret::Secret;
use trailkeep::sync::{Job, Supply, Wishes, sync};

use crate::support::sandbox::{Output, Sandbox};

/// 2026-11-20T12:00:00Z
const NOW: Timestamp = Timestamp::from_millis(1_795_176_000_000);

const ODD_JSON: &str = concat!(
    r#"{ "eventId" : "0bc1d2e3-0000-4000-8000-000000000001","timestamp":"2026-10-01T12:00:00.000Z","#,
    r#"  "eventType":"USER_EVENT","action":"LOGIN","authenticatedUser":"ann@example.com","#,
    "\t\"ipAddress\":\"192.0.2.1\" , \"LogDetails\": {\"n\" : 1.50, \"\\u00e9\": \"é\"}}"
);

const ODD_CSV: &str = concat!(
    "\"2026-10-01 12:00:00Z\",u-1,\"Ann, \"\"the\"\" first\",User logged in,",
    "\"two\nlines\",192.0.2.1:4711"
);

const HEADER: &str = "Timestamp,User ID,Username,Activity,Module,Source IP and Port";

fn plan(events: usize) -> Plan {
    Plan {
        seed: 7,
        events,
        days: 30,
        now: NOW,
    }
}

fn ndjson(events: usize) -> Vec<u8> {
    let mut file = Vec::new();
    write_ndjson(plan(events), &mut file).unwrap();
    file
}

fn csv(events: usize) -> Vec<u8> {
    let mut file = Vec::new();
    write_csv(plan(events), &mut file).unwrap();
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Received, added, duplicate and quarantined of each file; they add up.
#[track_caller]
fn counts(output: &Output) -> Vec<[u64; 4]> {
    let outcomes: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    let files = outcomes.as_array().unwrap().iter();
    let counts: Vec<[u64; 4]> = files
        .map(|file| {
            ["received", "added", "duplicate", "quarantined"]
                .map(|count| file[count].as_u64().unwrap())
        })
        .collect();
    for [received, added, duplicate, quarantined] in &counts {
        assert_eq!(*received, added + duplicate + quarantined, "{output}");
    }
    counts
}

const ACME: &[&str] = &["--source", "acme", "--kind", "sendsafely", "-o", "json"];
const SAFE_US: &[&str] = &["--source", "safe-us", "--kind", "safe", "-o", "json"];

fn import(sandbox: &Sandbox, files: &[&str], source: &[&str]) -> Output {
    sandbox.run_with(&[&["import"], files, source].concat())
}

#[test]
fn the_same_file_adds_nothing_a_second_time_however_it_is_packed() {
    let sandbox = Sandbox::new();
    let file = ndjson(500);
    sandbox.write_bytes("a.ndjson", &file);
    sandbox.write_bytes("b.gz", &gzip(&file));
    let mut zip = zip::ZipWriter::new(File::create(sandbox.path("c.zip")).unwrap());
    zip.start_file("a.ndjson", zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(&file).unwrap();
    zip.finish().unwrap();
    let output = import(&sandbox, &["a.ndjson", "b.gz", "c.zip", "a.ndjson"], ACME);
    output.exits(0);
    let again = [500, 0, 500, 0];
    assert_eq!(counts(&output), [[500, 500, 0, 0], again, again, again]);
    let fed = sandbox.run_fed(&[&["import", "-"], ACME].concat(), "b.gz");
    assert_eq!(counts(&fed), [again]);
    let batches = sandbox.run_with(&["query", "select count(*) as batches from batches"]);
    assert!(
        batches.stdout.ends_with("5\n"),
        "each file is a batch\n{batches}"
    );
}

#[test]
fn equal_rows_of_a_csv_are_as_many_as_they_are() {
    let sandbox = Sandbox::new();
    let line = format!("{ODD_CSV}\n");
    sandbox.write("one.csv", &format!("{HEADER}\n{line}"));
    sandbox.write("three.csv", &format!("{HEADER}\n{line}{line}{line}"));
    let output = import(&sandbox, &["one.csv", "three.csv", "one.csv"], SAFE_US);
    assert_eq!(counts(&output), [[1, 1, 0, 0], [3, 2, 1, 0], [1, 0, 1, 0]]);
    sandbox.write_bytes("many.csv", &csv(2_000));
    let output = import(&sandbox, &["many.csv", "many.csv"], SAFE_US);
    let [first, second] = counts(&output)[..] else {
        panic!("{output}")
    };
    assert_eq!(first[0], first[1], "{output}");
    assert_eq!(second, [first[0], 0, first[0], 0]);
}

#[test]
fn records_come_back_byte_for_byte() {
    let sandbox = Sandbox::new();
    sandbox.write("odd.json", &format!("[\n {ODD_JSON} ]\n"));
    sandbox.write_bytes(
        "odd.csv.gz",
        &gzip(format!("{HEADER}\r\n{ODD_CSV}\r\n").as_bytes()),
    );
    import(&sandbox, &["odd.json"], ACME).exits(0);
    import(&sandbox, &["odd.csv.gz"], SAFE_US).exits(0);
    for (source, record) in [("acme", ODD_JSON), ("safe-us", ODD_CSV)] {
        let sql = format!("select raw(e.key) as record from events e where e.source = '{source}'");
        let output = sandbox.run_with(&["query", &sql, "-o", "json"]);
        let rows: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(rows[0]["record"], record, "{output}");
    }
    let sql = "select raw(null) as a, raw(7) as b, typeof(raw((select min(key) from events))) as c";
    let output = sandbox.run_with(&["query", sql, "-o", "jsonl"]);
    assert_eq!(output.stdout, "{\"a\":null,\"b\":null,\"c\":\"text\"}\n");
}

#[test]
fn what_is_not_understood_is_counted_and_kept_with_its_reason() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "audit.csv",
        "Timestamp,User ID,Activity\n2026-10-01T12:00:00Z,u-1,Login\nnonsense,u-2,Logout\n",
    );
    let output = sandbox.run("import audit.csv --source safe-us --kind safe");
    assert_snapshot!(without_took(&output), @"
    FILE RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK OUTCOME
    audit.csv 2 1 0 1 … complete
    ------- stderr -------
    warning: audit.csv: 1 record was not understood; why: trailkeep query 'select * from quarantine'
    ");
    let sql = "select source, line, reason, record from quarantine";
    assert_snapshot!(sandbox.run_with(&["query", sql]), @"
    source   line  reason                      record
    ───────  ────  ──────────────────────────  ───────────────────
    safe-us     3  `nonsense` is no timestamp  nonsense,u-2,Logout
    ");
}

#[test]
fn a_bad_file_stops_no_other() {
    let sandbox = Sandbox::new();
    let file = ndjson(50);
    sandbox.write_bytes("good.ndjson", &file);
    sandbox.write("page.json", "<!DOCTYPE html>\n<html><title>Sign in</title>");
    let gzip = gzip(&file);
    sandbox.write_bytes("cut.gz", &gzip[..gzip.len() / 2]);
    sandbox.write_bytes("safe.csv", &csv(3));
    let output =
        sandbox.run("import page.json cut.gz safe.csv good.ndjson --source acme --kind sendsafely");
    assert_snapshot!(without_took(&output), @"
    FILE RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK OUTCOME
    page.json 0 0 0 0 … failed
    cut.gz 0 0 0 0 … failed
    safe.csv 0 0 0 0 … failed
    good.ndjson 50 50 0 0 … complete
    ------- stderr -------
    error: page.json: it is a web page, not an export
    hint: check the url of the source, and sign in again if it was downloaded by hand
    error: cut.gz: the gzip data is cut short
    hint: download it again
    error: safe.csv: the file is no JSON
    hint: SendSafely exports its audit log as JSON or NDJSON; is it from another vendor?
    [exit status: 3]
    ");
    let sql = "select feed, outcome, error from batches";
    let batches = sandbox.run_with(&["query", sql]);
    assert_eq!(batches.stdout.matches("failed").count(), 3, "{batches}");
}

#[test]
fn a_file_of_another_vendor_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("log.ndjson", &ndjson(5));
    let output = sandbox.run("import log.ndjson --source safe-us --kind safe");
    assert_snapshot!(without_took(&output), @"
    FILE RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK OUTCOME
    log.ndjson 0 0 0 0 … failed
    ------- stderr -------
    error: log.ndjson: the records are SendSafely's: they have `authenticatedUser`
    hint: name a source of kind sendsafely
    [exit status: 3]
    ");
    sandbox
        .run("import log.ndjson --source acme --kind sendsafely")
        .exits(0);
    assert_snapshot!(sandbox.run("import log.ndjson --source acme --kind safe"), @"
    ------- stderr -------
    error: source `acme` is of kind sendsafely, not safe
      hint: a source is one tenant of one vendor; give the other another name
    [exit status: 2]
    ");
}

#[cfg(unix)]
#[test]
fn a_terminal_obeys_no_name_of_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write("\u{1b}[2J\u{202e}.csv", "Colour,Weight\nred,1\n");
    let files = ["\u{1b}[2J\u{202e}.csv"];
    let output = sandbox.run_with(&[&["import"], &files[..], &SAFE_US[..4]].concat());
    output.exits(3);
    for said in [&output.stdout, &output.stderr] {
        assert!(said.contains("␛[2J\u{fffd}.csv"), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    }
}

#[test]
fn names_are_looked_at_before_anything_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("log.ndjson", &ndjson(5));
    let run = |files: &str| sandbox.run(&format!("import {files} --source acme --kind sendsafely"));
    assert_snapshot!(run("log.ndjson lgo.ndjson"), @"
    ------- stderr -------
    error: lgo.ndjson cannot be read
      caused by: No such file or directory (os error 2)
    [exit status: 2]
    ");
    assert_snapshot!(run("home"), @"
    ------- stderr -------
    error: home cannot be read
      caused by: is a directory
      hint: name the files in it: home/*
    [exit status: 2]
    ");
    assert_snapshot!(run("- -"), @"
    ------- stderr -------
    error: standard input can be read only once
    [exit status: 2]
    ");
    assert!(!sandbox.path("trailkeep.db").exists());
}

#[test]
fn a_source_is_configured_or_has_its_kind_named() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("log.ndjson", &ndjson(5));
    assert_snapshot!(sandbox.run("import log.ndjson --source acme"), @"
    ------- stderr -------
    error: there is no source `acme`
      hint: no source is configured
      hint: one that is not configured needs --kind safe|sendsafely
    [exit status: 2]
    ");
    sandbox.write(
        "trailkeep.toml",
        "archive = \"kept.db\"\n[source.acme]\nkind = \"sendsafely\"\nurl = \"https://acme.sendsafely.com\"\n",
    );
    assert_snapshot!(sandbox.run("import log.ndjson --source acne"), @"
    ------- stderr -------
    error: there is no source `acne`
      hint: did you mean `acme`?
      hint: one that is not configured needs --kind safe|sendsafely
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("import log.ndjson --source acme --kind safe"), @"
    ------- stderr -------
    error: source `acme` is of kind sendsafely, not safe
      hint: a source is one tenant of one vendor; give the other another name
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("import log.ndjson --source Acme --kind safe"), @"
    ------- stderr -------
    error: `Acme` is no name for a source
      hint: use small letters, digits and hyphens: safe-us
    [exit status: 2]
    ");
    // No secret is configured, and none is needed.
    sandbox.run("import log.ndjson --source acme").exits(0);
    assert!(sandbox.path("kept.db").exists());
    sandbox
        .run("import log.ndjson --source acme --archive other.db")
        .exits(0);
    assert!(sandbox.path("other.db").exists());
}

#[test]
fn an_interrupted_import_keeps_what_it_has_and_says_so() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("import - --source acme --kind sendsafely");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // More than one page, and no end: the import waits for the rest.
    input.write_all(&ndjson(PAGE_RECORDS_MAX * 3 / 2)).unwrap();
    let began = Instant::now();
    while count(&sandbox) == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is kept");
    }
    let id = child.id().to_string();
    let killed = Command::new("kill").args(["-INT", &id]).status();
    assert!(killed.unwrap().success());
    let mut said = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    while !said.contains("ending; once more ends at once") {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("interrupted"), "{said}");
    assert!(count(&sandbox) > 0);
}

#[test]
fn what_the_api_brought_is_not_added_again() {
    let sandbox = Sandbox::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let vendors = Vendors::start(World::new(plan(3_000)), Options::default()).unwrap();
    let clock = Arc::new(TestClock::at(NOW));
    let theirs = clock.clone();
    vendors.set_clock(move || theirs.now());
    let archive = Archive::open(&sandbox.path("trailkeep.db"), "test").unwrap();
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let (jobs, wishes) = (jobs(&vendors, &clock), Wishes::default());
    let synced = sync(archive, jobs, wishes, clock, Arc::new(|_| ()), stopped);
    for outcome in runtime.block_on(synced).unwrap().1 {
        assert!(outcome.ending.is_ok(), "{outcome:?}");
    }
    for (kind, header) in [("safe", header(&sandbox)), ("sendsafely", String::new())] {
        let records = records(&sandbox, kind);
        assert!(records.len() > 500, "{kind}: {}", records.len());
        let file = format!("{header}{}\n", records.join("\n"));
        sandbox.write("again", &file);
        let source = ["--source", kind, "--kind", kind, "-o", "json"];
        let output = import(&sandbox, &["again"], &source);
        let count = records.len() as u64;
        assert_eq!(counts(&output), [[count, 0, count, 0]], "{kind}");
    }
}

#[test]
fn a_stretch_that_makes_no_sense_is_refused_before_anything_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("log.ndjson", &ndjson(5));
    let refused = |covers: &str| {
        let output = sandbox.run(&format!(
            "import log.ndjson --source acme --kind sendsafely --covers {covers}"
        ));
        output.exits(2);
        assert!(!sandbox.path("trailkeep.db").exists(), "{output}");
        output.stderr
    };
    assert_snapshot!(refused("2026-01-01"), @"error: `2026-01-01` is no stretch of time: write 2026-01-01..2026-04-01, its end not in it");
    assert_snapshot!(refused("2026-01-01..soon"), @"error: `soon` is no time: write 2026-09-01, 2026-09-01T12:00:00Z, or 48h, 7d, 3mo back from now");
    assert_snapshot!(refused("2026-04-01..2026-01-01"), @"error: `2026-04-01..2026-01-01` ends before it begins");
    assert_snapshot!(refused("2026-04-01..2026-04-01"), @"error: `2026-04-01..2026-04-01` ends before it begins");
    assert_snapshot!(refused("2999-01-01..3000-01-01"), @"
    error: --covers is in the future
      hint: it is the stretch of time of which the files hold everything: 2026-01-01..2026-04-01
    ");
}

#[test]
fn what_a_file_covers_ends_at_the_latest_now() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("log.ndjson", &ndjson(5));
    let source = [ACME, &["--covers", "2026-10-01..2999-01-01"]].concat();
    import(&sandbox, &["log.ndjson"], &source).exits(0);
    let sql = "select feed, state, from_time, to_time > '2026-10-02' as later,
               to_time <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now') as past from coverage";
    assert_snapshot!(sandbox.run_with(&["query", sql, "-o", "csv"]), @"
    feed,state,from_time,later,past
    file,complete,2026-10-01T00:00:00.000Z,1,1
    ");
}

#[test]
fn what_several_files_cover_is_claimed_with_the_last_if_all_were_read_whole() {
    let claimed = |files: &[&str]| {
        let sandbox = Sandbox::new();
        for name in ["a.ndjson", "b.ndjson"] {
            sandbox.write_bytes(name, &ndjson(5));
        }
        sandbox.write("bad.json", "<!DOCTYPE html>");
        let source = [ACME, &["--covers", "2026-10-01..2026-11-01"]].concat();
        let output = import(&sandbox, files, &source);
        let sql = "select state, from_time, to_time, batch from coverage";
        let coverage = sandbox.run_with(&["query", sql, "-o", "csv"]).stdout;
        let rows = coverage.lines().skip(1).map(str::to_owned);
        (output.status, output.stderr, rows.collect::<Vec<_>>())
    };
    let (status, said, rows) = claimed(&["a.ndjson", "b.ndjson"]);
    let row = "complete,2026-10-01T00:00:00.000Z,2026-11-01T00:00:00.000Z,2";
    assert_eq!(
        (status, said.as_str(), rows),
        (Some(0), "", vec![row.into()])
    );
    for files in [
        ["bad.json", "a.ndjson", "b.ndjson"],
        ["a.ndjson", "bad.json", "b.ndjson"],
        ["a.ndjson", "b.ndjson", "bad.json"],
    ] {
        let (status, said, rows) = claimed(&files);
        assert_eq!((status, rows), (Some(3), Vec::new()), "{files:?}");
        let warning = "warning: --covers is not held to be covered, for not every file";
        assert!(said.contains(warning), "{said}");
    }
}

/// How many events are in the archive, if there is one by now.
fn count(sandbox: &Sandbox) -> u64 {
    let output = sandbox.run_with(&["query", "select count(*) from events", "-o", "csv"]);
    let count = output.stdout.lines().nth(1);
    count.map_or(0, |count| count.parse().unwrap())
}

/// Every feed of both vendors; the sources are called as their kinds.
fn jobs(vendors: &Vendors, clock: &Arc<TestClock>) -> Vec<Job> {
    let ours = vendors.credentials();
    let safe = [("username", ours.username), ("password", ours.password)];
    let sendsafely = [("api_key", ours.api_key), ("api_secret", ours.api_secret)];
    [
        settings("safe", vendors.safe_url(), &safe),
        settings("sendsafely", vendors.sendsafely_url(), &sendsafely),
    ]
    .iter()
    .flat_map(|settings| {
        let kind = kind::find(&settings.table).unwrap();
        let feeds = kind.feeds.iter().filter(|feed| feed.access.is_none());
        feeds.map(|feed| job(kind, feed, settings, clock))
    })
    .collect()
}

fn settings(kind: &str, url: &str, secrets: &[(&str, &str)]) -> Settings {
    let found = kind::find(kind).unwrap();
    let mut settings = Settings::defaults(&found.access, kind, url.parse().ok());
    for (key, value) in secrets {
        let secret = Secret::new(*value);
        settings.secrets.insert((*key).to_owned(), secret);
    }
    settings
}

fn job(
    kind: &'static Kind,
    feed: &'static FeedKind,
    settings: &Settings,
    clock: &Arc<TestClock>,
) -> Job {
    let settings = settings.clone();
    let fetch = Fetch::new(
        Arc::new(Http::default()),
        clock.clone(),
        Arc::new(Limits::default()),
        (kind.access.root)(&settings).unwrap(),
        (kind.access.credentials)(&settings).unwrap(),
        6_000,
    );
    Job {
        source: kind.name.to_owned(),
        kind: kind.name,
        feed: feed.name.to_owned(),
        interval: Duration::ZERO,
        limits: feed.limits(&settings),
        covers: None,
        supply: Supply::Fetch(Box::new(fetch)),
        open: Box::new(move |start| (feed.open)(&settings, start)),
    }
}

/// What the archive holds of a source, as it was received.
fn records(sandbox: &Sandbox, source: &str) -> Vec<String> {
    let sql = "select raw(key) as record from events where source = :source";
    let given = format!("source={source}");
    let output = sandbox.run_with(&["query", sql, "-p", &given, "-o", "jsonl"]);
    let record = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["record"].as_str().unwrap().to_owned()
    };
    output.stdout.lines().map(record).collect()
}

/// The header line of a source's first CSV.
fn header(sandbox: &Sandbox) -> String {
    let sql = "select w.text from page p join word w on w.id = p.header order by p.id limit 1";
    let output = sandbox.run_with(&["query", sql, "-o", "jsonl"]);
    let row: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    format!("{}\n", row["text"].as_str().unwrap())
}

/// Took and bytes differ from run to run.
fn without_took(output: &Output) -> String {
    let text = output.to_string();
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let words = words.join(" ");
        match words.find(" B 0.").or_else(|| words.find(" kB 0.")) {
            Some(at) => {
                let number = words[..at].rfind(' ').unwrap_or(at);
                let outcome = words.rsplit(' ').next().unwrap_or_default();
                format!("{} … {outcome}", &words[..number])
            }
            None => words,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
