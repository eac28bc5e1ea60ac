//! A machine that slept for months: what comes back is healed, what does not is told once, and an
//! export made by hand fills it.

use std::fs::File;

use insta::{assert_snapshot, with_settings};
use rusqlite::Connection;
use trailkeep::demo::{Plan, write_ndjson};
use trailkeep::fetch::clock::{Clock, SystemClock};

use super::sync::{filters, ready, whole};
use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

const DAY: i64 = 86_400_000;

/// Synced so many days ago, since when two hundred events happened.
fn slept(days: i64) -> (Sandbox, Simulated) {
    let (sandbox, vendors) = ready(200);
    sandbox.run("sync").exits(0);
    let db = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    let millis = days * DAY;
    db.execute_batch(&format!(
        "update stretch set from_time = from_time - {millis}, to_time = to_time - {millis},
             as_of = as_of - {millis};
         update batch set started_at = started_at - {millis}, ended_at = ended_at - {millis};
         update page set archived_at = archived_at - {millis};
         update checkpoint set json = json_set(json, '$.last_complete',
             json_extract(json, '$.last_complete') - {millis}) where feed = 'reports'"
    ))
    .unwrap();
    let now = vendors.now();
    vendors.world().advance(now, 200);
    (sandbox, vendors)
}

/// Writes an export of so many events from the days before the vendor's window.
fn export(sandbox: &Sandbox, events: usize) {
    let plan = Plan {
        seed: 9,
        events,
        days: 25,
        now: SystemClock.now().plus_millis(-91 * DAY),
    };
    let mut file = File::create(sandbox.path("export.ndjson")).unwrap();
    write_ndjson(plan, &mut file).unwrap();
}

/// The command that the hint names.
fn hinted(stderr: &str) -> String {
    let line = stderr
        .lines()
        .find_map(|line| line.split_once("trailkeep import FILE"));
    format!("import export.ndjson{}", line.expect("a hint").1)
}

const NO_GAPS: &str = "source,feed,state,from_time,to_time\n";

fn gaps(sandbox: &Sandbox) -> String {
    let sql = "select source, feed, state, from_time, to_time from gaps";
    sandbox.run_with(&["query", sql, "-o", "csv"]).stdout
}

macro_rules! assert_output {
    ($output:expr, @$expected:literal) => {
        with_settings!({filters => filters()}, { assert_snapshot!($output, @$expected) })
    };
}

#[test]
fn after_120_days_what_is_left_is_healed_and_what_is_lost_is_told_once_and_can_be_filled() {
    let (sandbox, _vendors) = slept(120);
    let woken = sandbox.run("sync");
    woken.exits(3);
    assert_output!(whole(&woken), @"
    FEED RECEIVED ADDED DUPLICATE QUARANTINED BYTES TOOK NEXT
    safe-us/reports 160 80 80 0 SIZE TOOK MOMENT
    acme/api 240 120 120 0 SIZE TOOK MOMENT
    error: acme/api: 30 days are lost: the vendor no longer has MOMENT to MOMENT
      hint: an export made in time fills it: trailkeep import FILE --source acme --covers MOMENT..MOMENT
      hint: this is told once; it stays on record: trailkeep query 'select * from gaps'
    ");
    assert_output!(gaps(&sandbox), @"
    source,feed,state,from_time,to_time
    acme,api,lost,MOMENT,MOMENT
    ");

    let again = sandbox.run("sync --force");
    again.exits(0);
    assert_output!(again.stderr, @"
    warning: safe-us/reports: asked before its time: the vendor wants to be left alone until MOMENT
    warning: acme/api: asked before its time: the vendor wants to be left alone until MOMENT
    ");

    export(&sandbox, 150);
    let imported = sandbox.run(&hinted(&woken.stderr));
    imported.exits(0);
    assert!(imported.stdout.contains("150"), "{imported}");
    assert_eq!(gaps(&sandbox), NO_GAPS);
    let kept = sandbox.run_with(&["query", "select count(*) as n from events", "-o", "csv"]);
    assert_eq!(kept.stdout, "n\n550\n");
    sandbox.run("sync --force").exits(0);
}

#[test]
fn what_an_export_covers_is_not_told_as_lost() {
    let (sandbox, _vendors) = slept(120);
    export(&sandbox, 10);
    sandbox
        .run("import export.ndjson --source acme --covers 121d..89d")
        .exits(0);
    let woken = sandbox.run("sync -o json");
    woken.exits(0);
    assert!(!woken.stdout.contains("from"), "{woken}");
    assert_eq!(gaps(&sandbox), NO_GAPS);
}

#[test]
fn what_lies_before_an_export_is_read_all_the_same() {
    let (sandbox, _vendors) = slept(120);
    export(&sandbox, 10);
    sandbox
        .run("import export.ndjson --source acme --covers 70d..60d")
        .exits(0);
    let sql = "select state, count(*) as n from gaps group by 1 order by 1";
    let standing = || sandbox.run_with(&["query", sql, "-o", "csv"]).stdout;
    assert_eq!(standing(), "state,n\ngap,3\nlost,1\n");
    sandbox.run("sync").exits(3);
    assert_eq!(standing(), "state,n\nlost,1\n");
}

#[test]
fn after_400_days_both_vendors_have_lost_some() {
    let (sandbox, _vendors) = slept(400);
    let woken = sandbox.run("sync");
    woken.exits(3);
    assert_output!(woken.stderr, @"
    error: safe-us/reports: 35 days are lost: the vendor no longer has MOMENT to MOMENT
      hint: an export made in time fills it: trailkeep import FILE --source safe-us --covers MOMENT..MOMENT
      hint: this is told once; it stays on record: trailkeep query 'select * from gaps'
    error: acme/api: 310 days are lost: the vendor no longer has MOMENT to MOMENT
      hint: an export made in time fills it: trailkeep import FILE --source acme --covers MOMENT..MOMENT
      hint: this is told once; it stays on record: trailkeep query 'select * from gaps'
    ");
    sandbox.run("sync --force").exits(0);
}
