//! `trailkeep coverage`: strips, gaps and what to do about them.

use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use crate::support::ledger::Ledger;
use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

/// What differs from day to day; how long an open stretch is, from hour to hour.
fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d+)?Z", "MOMENT"),
        (r"\d{4}-\d\d-\d\d", "A-DAY"),
        (r"\b\d+ (h|min|s)\b", "HOURS"),
        (r"\b\d+ days from now", "DAYS from now"),
    ]
}

macro_rules! assert_output {
    ($output:expr, @$expected:literal) => {
        with_settings!({filters => filters()}, { assert_snapshot!($output, @$expected) })
    };
}

const API: Ledger<'_> = Ledger {
    source: "acme",
    kind: "sendsafely",
    feed: "api",
    every: Duration::ZERO,
    stretches: &[
        (60, 50, "complete"),
        (50, 46, "lost"),
        (46, 21, "complete"),
        (18, 3, "complete"),
        (3, 0, "open"),
    ],
};

const REPORTS: Ledger<'_> = Ledger {
    source: "safe-us",
    kind: "safe",
    feed: "reports",
    stretches: &[(30, 2, "complete"), (2, 0, "open")],
    ..API
};

fn archive(ledgers: &[&Ledger<'_>]) -> Sandbox {
    let sandbox = Sandbox::new();
    ledgers.iter().for_each(|ledger| ledger.keep(&sandbox));
    sandbox
}

#[test]
fn strips_line_up_and_gaps_say_what_to_do() {
    let sandbox = archive(&[&API, &REPORTS]);
    let output = sandbox.run("coverage");
    output.exits(0);
    assert_output!(output, @"
    FEED             FROM               TO                 COMPLETE  OPEN    GAP     LOST
    acme/api         MOMENT  MOMENT  50 days   3 days  3 days  4 days
    safe-us/reports  MOMENT  MOMENT  28 days   HOURS    -       -

                     'A-DAY   'A-DAY   'A-DAY   'A-DAY
    acme/api         ██████████xxxx█████████████████████████!!!███████████████░░░░
    safe-us/reports                                ████████████████████████████░░░

    █ complete  ░ open  ! gap  x lost; the worst per day

    acme/api lost MOMENT to MOMENT (4 days): the vendor has it no longer, since MOMENT
      if somebody has an export: trailkeep import FILE --source acme --covers MOMENT..MOMENT
    acme/api gap MOMENT to MOMENT (3 days): lost from MOMENT on, DAYS from now
      with `acme` in the config file: trailkeep sync acme/api
    ");
}

#[test]
fn a_gap_names_the_command_that_mends_it() {
    let not_due = Ledger {
        every: Duration::from_secs(86_400),
        ..API
    };
    for (ledger, hint) in [
        (&API, "\n  trailkeep sync acme/api\n"),
        (
            &not_due,
            "or before with --force: trailkeep sync acme/api\n",
        ),
    ] {
        let mut sandbox = archive(&[ledger]);
        Simulated::with(0).configure(&mut sandbox);
        let output = sandbox.run("coverage acme");
        output.exits(0);
        assert!(output.stdout.contains(hint), "{output}");
    }
}

#[test]
fn only_gaps_are_findings() {
    let sandbox = archive(&[&API, &REPORTS]);
    let output = sandbox.run("coverage --gaps");
    assert_output!(output, @"
    acme/api lost MOMENT to MOMENT (4 days): the vendor has it no longer, since MOMENT
      if somebody has an export: trailkeep import FILE --source acme --covers MOMENT..MOMENT
    acme/api gap MOMENT to MOMENT (3 days): lost from MOMENT on, DAYS from now
      with `acme` in the config file: trailkeep sync acme/api
    [exit status: 1]
    ");
    let output = sandbox.run("coverage --gaps safe-us");
    assert_output!(output, @"
    ------- stderr -------
    there is no gap, and nothing is lost
    ");
    // What is older than that reaches no further.
    for (since, status) in [("40d", 1), ("15d", 0)] {
        let output = sandbox.run(&format!("coverage --gaps --since {since}"));
        output.exits(status);
        assert!(!output.stdout.contains("acme/api lost "), "{output}");
    }
    sandbox.run("coverage --since 20d").exits(0);
}

#[test]
fn what_a_file_is_said_to_cover_mends_a_loss() {
    let file = Ledger {
        feed: "file",
        stretches: &[(70, 65, "complete"), (51, 46, "complete")],
        ..API
    };
    let sandbox = archive(&[&API, &file]);
    assert_output!(sandbox.run("coverage acme"), @"
    FEED       FROM               TO                 COMPLETE  OPEN    GAP     LOST
    acme/api   MOMENT  MOMENT  54 days   3 days  3 days  -
    acme/file  MOMENT  MOMENT  10 days   -       -       -

               'A-DAY   'A-DAY   'A-DAY   'A-DAY   'A-DAY
    acme/api             ███████████████████████████████████████!!!███████████████░░░░
    acme/file  █████              █████

    █ complete  ░ open  ! gap  x lost; the worst per day

    acme/api gap MOMENT to MOMENT (3 days): lost from MOMENT on, DAYS from now
      with `acme` in the config file: trailkeep sync acme/api
    ");
}

#[test]
fn the_unit_is_as_long_as_it_takes_to_fit() {
    let mut sandbox = archive(&[&API]);
    sandbox.set("COLUMNS", "40");
    sandbox.set("LANG", "C");
    let output = sandbox.run("coverage").stdout;
    let widest = output
        .lines()
        .skip(2)
        .take(4)
        .map(|line| line.chars().count());
    assert!(widest.max().unwrap() <= 40, "{output}");
    assert!(
        output.contains("# complete  . open  ! gap  x lost; the worst per week"),
        "{output}"
    );
    let strip = output
        .lines()
        .find(|line| line.starts_with("acme/api  #"))
        .unwrap();
    assert!(strip.contains("#xx#") || strip.contains("#x#"), "{output}");
    assert!(!output.contains('\u{1b}'), "{output}");
}

#[test]
fn coverage_can_be_had_as_json() {
    let sandbox = archive(&[&API, &REPORTS]);
    let output = sandbox.run("coverage -o json");
    output.exits(0);
    let feeds: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
    let standings = |feed: &Value| {
        let sections = feed["sections"].as_array().unwrap().iter();
        let standings = sections.map(|one| one["standing"].as_str().unwrap().to_owned());
        standings.collect::<Vec<_>>().join(" ")
    };
    let api = "complete lost complete gap complete open";
    assert_eq!(standings(&feeds[0]), api);
    assert_eq!(standings(&feeds[1]), "complete open");
    for feed in &feeds {
        let sections = feed["sections"].as_array().unwrap();
        assert_eq!(feed["from"], sections[0]["from"]);
        assert!(
            sections
                .windows(2)
                .all(|two| two[0]["to"] == two[1]["from"])
        );
    }
}

#[test]
fn gaps_can_be_had_as_json() {
    let sandbox = archive(&[&API, &REPORTS]);
    let output = sandbox.run("coverage --gaps -o json");
    output.exits(1);
    let feeds: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (feeds.len(), feeds[0]["source"].as_str()),
        (1, Some("acme"))
    );
    let gaps = serde_json::to_string_pretty(&feeds[0]["gaps"]).unwrap();
    assert_output!(gaps, @r#"
    [
      {
        "from": "MOMENT",
        "to": "MOMENT",
        "standing": "lost",
        "lost_from": null,
        "remedy": "trailkeep import FILE --source acme --covers MOMENT..MOMENT"
      },
      {
        "from": "MOMENT",
        "to": "MOMENT",
        "standing": "gap",
        "lost_from": "MOMENT",
        "remedy": "trailkeep sync acme/api"
      }
    ]
    "#);
    sandbox.run("coverage safe-us --gaps -o json").exits(0);
}

#[test]
fn the_archive_decides_what_there_is_to_show() {
    assert_output!(Sandbox::new().run("coverage"), @"
    ------- stderr -------
    error: there is no archive at trailkeep.db
      hint: run `trailkeep sync` to make it, or name another with --archive
    [exit status: 2]
    ");
    let mut sandbox = archive(&[&API]);
    assert_output!(sandbox.run("coverage acm"), @"
    ------- stderr -------
    error: there is no source `acm`
      hint: did you mean `acme`?
    [exit status: 2]
    ");
    assert_output!(sandbox.run("coverage acme/apo"), @"
    ------- stderr -------
    error: there is no feed `apo` of a source `acme`
      hint: did you mean `acme/api`?
    [exit status: 2]
    ");
    assert_output!(sandbox.run("coverage nothing-like-it"), @"
    ------- stderr -------
    error: there is no source `nothing-like-it`
      hint: known: acme, acme/api
    [exit status: 2]
    ");
    Simulated::with(0).configure(&mut sandbox);
    assert_output!(sandbox.run("coverage safe-us"), @"
    ------- stderr -------
    safe-us/reports has not run yet: trailkeep sync safe-us/reports
    ");
}

#[test]
fn a_first_sync_is_complete_but_for_what_is_young() {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(50);
    vendors.configure(&mut sandbox);
    sandbox.run("sync").exits(0);
    let output = sandbox.run("coverage --since 10d");
    assert_output!(output, @"
    FEED             FROM               TO                 COMPLETE  OPEN  GAP  LOST
    acme/api         MOMENT  MOMENT  7 days    HOURS  -    -
    safe-us/reports  MOMENT  MOMENT  8 days    HOURS  -    -

                     'A-DAY
    acme/api         ████████░░░
    safe-us/reports  █████████░░

    █ complete  ░ open  ! gap  x lost; the worst per day
    ");
    // Both are shown from the moment asked for.
    let from = |row: usize| output.stdout.lines().nth(row)?.split_whitespace().nth(1);
    assert!(from(1).is_some() && from(1) == from(2), "{output}");
    let gaps = sandbox.run("coverage --gaps");
    gaps.exits(0);
    assert_output!(gaps, @"
    ------- stderr -------
    there is no gap, and nothing is lost
    ");
}
