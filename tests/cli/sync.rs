//! `trailkeep sync` against the simulated vendors.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use insta::{assert_snapshot, with_settings};
use serde_json::Value;
use trailkeep::archive::Archive;
use trailkeep::demo::{Fault, Faults, Purpose};

use crate::support::sandbox::{Output, Sandbox};
use crate::support::vendors::Simulated;

const MARKER: &str = "hunter2-marker";

/// What differs from run to run: moments, lengths, sizes.
pub(super) fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z", "MOMENT"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d", "MOMENT"),
        (r"\d+(\.\d+)? k?B\b", "SIZE"),
        (r"\d+\.\d s\b", "TOOK"),
        (r#""(bytes|took_ms)": \d+"#, r#""$1": N"#),
    ]
}

macro_rules! assert_output {
    ($output:expr, @$expected:literal) => {
        with_settings!({filters => filters()}, { assert_snapshot!($output, @$expected) })
    };
}

mod dry_run;

pub(super) fn ready(events: usize) -> (Sandbox, Simulated) {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(events);
    vendors.configure(&mut sandbox);
    (sandbox, vendors)
}

pub(super) fn whole(output: &Output) -> String {
    format!("{}\n{}", output.single_spaced(), output.stderr)
}

/// received, added, duplicate and quarantined, of all feeds together; of each they add up.
fn sums(output: &Output) -> [u64; 4] {
    let feeds: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
    for feed in &feeds {
        let count = |key: &str| feed[key].as_u64().unwrap();
        let kept = count("added") + count("duplicate") + count("quarantined");
        assert_eq!(count("received"), kept, "{feed}");
    }
    ["received", "added", "duplicate", "quarantined"]
        .map(|key| feeds.iter().map(|feed| feed[key].as_u64().unwrap()).sum())
}

#[test]
fn the_first_sync_adds_everything_and_the_next_is_not_due() {
    let (sandbox, _vendors) = ready(200);
    let first = sandbox.run("sync");
    first.exits(0);
    assert_output!(whole(&first), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 80 80 0 0 SIZE TOOK MOMENT
    acme/api 120 120 0 0 SIZE TOOK MOMENT
    ");
    let second = sandbox.run("sync");
    second.exits(0);
    assert_output!(whole(&second), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 0 0 0 0 SIZE TOOK MOMENT
    acme/api 0 0 0 0 SIZE TOOK MOMENT
    safe-us/reports: not due until MOMENT; --force asks all the same
    acme/api: not due until MOMENT; --force asks all the same
    ");
}

#[test]
fn what_is_read_again_is_not_added_again() {
    let (sandbox, _vendors) = ready(200);
    let [received, added, ..] = sums(&sandbox.run("sync -o json"));
    assert_eq!((received, added), (200, 200));
    let again = sandbox.run("sync --since 10d -o json");
    again.exits(0);
    let [received, added, duplicate, quarantined] = sums(&again);
    assert_eq!((added, duplicate, quarantined), (0, received, 0));
    assert!(received >= 200, "{again}");
}

#[test]
fn a_summary_can_be_had_as_json() {
    let (sandbox, _vendors) = ready(200);
    assert_output!(sandbox.run("sync acme -o json"), @r#"
    [
      {
        "source": "acme",
        "feed": "api",
        "outcome": "complete",
        "received": 120,
        "added": 120,
        "duplicate": 0,
        "conflicts": 0,
        "quarantined": 0,
        "late": 0,
        "late_by_ms": 0,
        "bytes": N,
        "took_ms": N,
        "next": "MOMENT",
        "lost": [],
        "notices": [],
        "error": null
      }
    ]
    "#);
}

#[test]
fn only_what_is_named_is_pulled() {
    let (sandbox, vendors) = ready(50);
    sandbox.run("sync safe-us/reports -o json").exits(0);
    let asked = vendors.requests();
    assert!(asked.iter().all(|one| one.purpose != Purpose::AuditLog));
    assert_output!(sandbox.run("sync safe-su"), @"
    ------- stderr -------
    error: there is no source `safe-su`
      hint: did you mean `safe-us`?
    [exit status: 2]
    ");
    assert_output!(sandbox.run("sync safe-us/report"), @"
    ------- stderr -------
    error: source `safe-us` has no feed `report`
      hint: did you mean `safe-us/reports`?
    [exit status: 2]
    ");
    assert_output!(sandbox.run("sync acme --since 5m"), @"
    ------- stderr -------
    error: `5m` is ambiguous: write `min` for minutes or `mo` for months
    [exit status: 2]
    ");
}

#[test]
fn without_sources_there_is_a_way_to_begin() {
    assert_output!(Sandbox::new().run("sync"), @"
    ------- stderr -------
    error: no source is configured
      hint: `trailkeep init` writes a config file to begin with
    [exit status: 2]
    ");
}

#[test]
fn refused_credentials_exit_with_4_and_stop_no_other_source() {
    let (mut sandbox, _vendors) = ready(100);
    sandbox.set("ACME_SECRET", MARKER);
    let output = sandbox.run("sync -v");
    output.exits(4);
    assert!(!output.to_string().contains(MARKER), "{output}");
    assert_output!(output.single_spaced(), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 40 40 0 0 SIZE TOOK MOMENT
    acme/api 0 0 0 0 SIZE TOOK (failed)
    ");
    assert_output!(sandbox.run("sync acme").stderr, @"
    error: acme/api: SendSafely refuses the credentials: AUTHENTICATION_FAILED: Invalid API Signature
      hint: are they those of this tenant, still valid, and of an administrator or a role that may read it?
    ");
}

#[test]
fn a_source_that_fails_stops_no_other() {
    let (sandbox, vendors) = ready(100);
    vendors.set_faults(&Faults::first(1, Fault::Status(501), Purpose::AuditLog));
    let output = sandbox.run("sync");
    output.exits(3);
    assert_output!(whole(&output), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 40 40 0 0 SIZE TOOK MOMENT
    acme/api 0 0 0 0 SIZE TOOK (failed)
    error: acme/api: 127.0.0.1:PORT answered 501 (audit log MOMENT to MOMENT, row 0): Service Unavailable Service Unavailable
    ");
    let rest = sandbox.run("sync -o json");
    rest.exits(0);
    assert_eq!(sums(&rest)[1], 60, "{rest}");
}

#[test]
fn an_order_whose_answer_is_lost_is_held_back_until_it_is_forced() {
    let (sandbox, vendors) = ready(100);
    vendors.set_faults(&Faults::first(1, Fault::Drop, Purpose::ReportAsk));
    let lost = sandbox.run("sync safe-us");
    lost.exits(3);
    assert_output!(whole(&lost), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 0 0 0 0 SIZE TOOK (failed)
    error: safe-us/reports: 127.0.0.1:PORT could not be asked (report of 365 days): the connection broke: connection closed before message completed; it may have taken the request all the same
      hint: it is not sent again so soon, lest it be done twice; the next sync says from when on, --force sends it now
    ");
    let held = sandbox.run("sync safe-us");
    held.exits(3);
    assert_output!(whole(&held), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 0 0 0 0 SIZE TOOK (failed)
    error: safe-us/reports: SAFE may have taken an order of a report that it did not confirm: another is not made before MOMENT
      hint: sync again after MOMENT, or at once with --force
    ");
    sandbox.run("sync safe-us --force").exits(0);
}

#[test]
fn a_source_without_its_secret_stops_no_other() {
    let (mut sandbox, _vendors) = ready(100);
    sandbox.set("SAFE_PASSWORD", "");
    let output = sandbox.run("sync");
    output.exits(2);
    assert_output!(whole(&output), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 0 0 0 0 SIZE TOOK (failed)
    acme/api 60 60 0 0 SIZE TOOK MOMENT
    error: safe-us/reports: trailkeep.toml:6:12: source.safe-us.password: env SAFE_PASSWORD is empty
      hint: a secret has at least one character
    ");
}

#[test]
fn quiet_says_nothing_where_all_is_well() {
    let (sandbox, _vendors) = ready(50);
    assert_output!(sandbox.run("sync --quiet"), @"");
    let json = sandbox.run("sync --quiet --force -o json");
    assert_eq!(sums(&json)[1], 0, "{json}");
    assert_output!(sandbox.run("sync --quiet nosuch"), @"
    ------- stderr -------
    error: there is no source `nosuch`
      hint: known sources: safe-us, acme
    [exit status: 2]
    ");
}

#[test]
fn what_is_to_come_cannot_be_read_again() {
    let (sandbox, _vendors) = ready(50);
    assert_output!(sandbox.run("sync --since 2999-01-01"), @"
    ------- stderr -------
    error: --since is in the future
      hint: it is from when on to read again: 2026-09-01, or 30d back from now
    [exit status: 2]
    ");
}

#[test]
fn a_locked_archive_says_who_has_it() {
    let (sandbox, _vendors) = ready(50);
    let holder = "trailkeep sync, process 7, since yesterday";
    let _archive = Archive::open(&sandbox.path("trailkeep.db"), holder).unwrap();
    assert_output!(sandbox.run("sync"), @"
    ------- stderr -------
    error: trailkeep.db is in use by trailkeep sync, process 7, since yesterday
      hint: wait for it to end
    [exit status: 5]
    ");
}

#[test]
fn no_secret_is_printed_however_much_is_said() {
    let (sandbox, vendors) = ready(50);
    let output = sandbox.run("sync -v").to_string();
    let secrets = vendors.credentials();
    for secret in [secrets.password, secrets.api_key, secrets.api_secret] {
        assert!(!output.contains(secret), "{output}");
    }
    assert!(!output.contains("Signature="), "{output}");
    assert!(
        output.contains("acme/api: asking for audit log"),
        "{output}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_sync_keeps_what_it_has_and_the_next_completes_it() {
    for signal in ["INT", "TERM"] {
        let (sandbox, vendors) = ready(3_000);
        vendors.set_faults(&stalled(Duration::from_millis(40)));
        let child = begun(&sandbox);
        // A dozen weeks without events come first, then some twenty pages.
        wait_until(|| asked_for_pages(&vendors) >= 20);
        send(signal, &child);
        // As `timeout` does; the same once more.
        send(signal, &child);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(130));
        let feeds: Vec<Value> = serde_json::from_slice(&ended.stdout).unwrap();
        assert_eq!(feeds[1]["outcome"], "interrupted");
        let added = feeds[1]["added"].as_u64().unwrap();
        assert!((1..1_800).contains(&added), "{added}");
        vendors.set_faults(&Faults::default());
        let rest = sandbox.run("sync acme -o json");
        rest.exits(0);
        assert_eq!(sums(&rest)[1], 1_800 - added, "{rest}");
    }
}

#[cfg(unix)]
fn begun(sandbox: &Sandbox) -> Child {
    let mut command = sandbox.command("sync -o json");
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[cfg(unix)]
fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &pid]).status();
    assert!(sent.unwrap().success());
}

/// Every page of the audit log is a while in coming.
fn stalled(duration: Duration) -> Faults {
    Faults {
        rate: 1.0,
        kinds: vec![Fault::Stall(duration)],
        purposes: vec![Purpose::AuditLog],
        in_a_row: u32::MAX,
        ..Faults::default()
    }
}

fn asked_for_pages(vendors: &Simulated) -> usize {
    let requests = vendors.requests();
    let pages = requests
        .iter()
        .filter(|one| one.purpose == Purpose::AuditLog);
    pages.count()
}

pub(super) fn wait_until(come: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !come() {
        assert!(Instant::now() < deadline, "it did not come");
        std::thread::yield_now();
    }
}
