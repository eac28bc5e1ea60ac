//! `trailkeep check`: saved queries that say what their answer should be.

mod forms;
mod new;

use std::fs;
use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::ledger::Ledger;
use crate::support::sandbox::Sandbox;

/// What differs from run to run.
macro_rules! assert_output {
    ($output:expr, @$expected:literal) => {{
        let filters = vec![
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z?", "MOMENT"),
            (r#"time="[\d.]+""#, r#"time="SECONDS""#),
        ];
        with_settings!({filters => filters}, { assert_snapshot!($output, @$expected) })
    }};
}

use assert_output;

const EVENTS: &str = r#"[
{"eventId":"0bc1d2e3-0000-4000-8000-000000000001","timestamp":"2026-10-01T12:00:00.000Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"ann@example.com","ipAddress":"192.0.2.1"},
{"eventId":"0bc1d2e3-0000-4000-8000-000000000002","timestamp":"2026-10-01T12:30:00.000Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"bob <b&b@example.com>","ipAddress":"198.51.100.7"},
{"eventId":"0bc1d2e3-0000-4000-8000-000000000003","timestamp":"2026-10-02T08:15:00.500Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"ann@example.com","ipAddress":"203.0.113.9"}
]"#;

/// Three failures, no coverage, and four checks with the tag `mine`: alarm, error, pass, pass.
fn archive() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("log.json", EVENTS);
    sandbox
        .run("import log.json --source acme --kind sendsafely")
        .exits(0);
    for (name, header, sql) in [
        (
            "a-failures",
            "-- Who failed to sign in\n-- expect: no rows\n-- severity: high\n-- param who text = null  a person",
            "select time, actor from events where action = 'LOGIN_FAILED'\nand (:who is null or actor = :who) order by time",
        ),
        (
            "b-broken",
            "-- Nobody can tell\n-- expect: no rows",
            "select acter from events",
        ),
        (
            "c-few",
            "-- How many there are\n-- expect: at most 5 rows\n-- severity: low",
            "select event_id from events",
        ),
        (
            "d-some",
            "-- That there are some\n-- expect: at least 1 row\n-- severity: critical",
            "select event_id from events",
        ),
        ("e-plain", "-- No check", "select 1"),
    ] {
        save(&sandbox, name, &format!("{header}\n-- tags: mine\n{sql}"));
    }
    sandbox
}

fn save(sandbox: &Sandbox, name: &str, sql: &str) {
    sandbox.write(&format!("xdg/trailkeep/queries/{name}.sql"), sql);
}

fn read(sandbox: &Sandbox, file: &str) -> String {
    let text = fs::read_to_string(sandbox.path(file)).unwrap();
    text.replace(sandbox.path("").to_str().unwrap(), "$DIR/")
}

fn json(sandbox: &Sandbox, arguments: &str) -> Value {
    let output = sandbox.run(&format!("check {arguments} -o json"));
    serde_json::from_str(&output.stdout).expect(&output.stderr)
}

#[test]
fn each_check_passes_or_alarms_with_the_rows_that_offend_or_has_no_answer() {
    let sandbox = archive();
    assert_output!(sandbox.run("check mine --limit 2"), @"
    alarm  high      a-failures: 3 rows; expected no rows
        Who failed to sign in
        time                      actor
        ────────────────────────  ─────────────────────
        MOMENT  ann@example.com
        MOMENT  bob <b&b@example.com>
        and 1 more: trailkeep query a-failures

    error  -         b-broken: $DIR/xdg/trailkeep/queries/b-broken.sql:4:8: no such column: acter
          select acter from events
                 ^^^^^
        hint: did you mean `actor`?

    pass   low       c-few: 3 rows; expected at most 5 rows
    pass   critical  d-some: 3 rows; expected at least 1 row
    4 checks: 1 error, 1 alarm, 2 pass
    [exit status: 2]
    ");
    assert_output!(sandbox.run("check a-failures d-some"), @"
    alarm  high      a-failures: 3 rows; expected no rows
        Who failed to sign in
        time                      actor
        ────────────────────────  ─────────────────────
        MOMENT  ann@example.com
        MOMENT  bob <b&b@example.com>
        MOMENT  ann@example.com

    pass   critical  d-some: 3 rows; expected at least 1 row
    2 checks: 1 alarm, 1 pass
    [exit status: 1]
    ");
    assert_output!(sandbox.run("check c-few d-some"), @"
    pass   low       c-few: 3 rows; expected at most 5 rows
    pass   critical  d-some: 3 rows; expected at least 1 row
    2 checks: 2 pass
    ");
}

#[test]
fn programs_read_all_of_it() {
    let sandbox = archive();
    let round = json(&sandbox, "mine --limit 1");
    assert_eq!(round["outcome"], "error");
    let names = round["checks"].as_array().unwrap().iter();
    let names: Vec<&Value> = names.map(|check| &check["outcome"]).collect();
    assert_eq!(names, ["alarm", "error", "pass", "pass"]);
    let broken = &round["checks"][1];
    let error = broken["error"].as_str().unwrap();
    let says = "b-broken.sql:4:8: no such column: acter";
    assert!(error.contains(says), "{error}");
    assert_eq!(broken["hints"][0], "did you mean `actor`?");
    assert_eq!(broken["rows"], Value::Null);
}

#[test]
fn an_alarm_is_an_object_with_the_rows_that_offend() {
    let sandbox = archive();
    let mut check = json(&sandbox, "a-failures --limit 1")["checks"][0].take();
    check["took_ms"] = 0.into();
    assert_snapshot!(serde_json::to_string_pretty(&check).unwrap(), @r#"
    {
      "name": "a-failures",
      "about": "Who failed to sign in",
      "tags": [
        "mine"
      ],
      "severity": "high",
      "expect": "no rows",
      "parameters": {},
      "outcome": "alarm",
      "rows": 3,
      "new_rows": null,
      "offending": [
        {
          "time": "2026-10-01T12:00:00.000Z",
          "actor": "ann@example.com"
        }
      ],
      "complete": null,
      "coverage": null,
      "error": null,
      "hints": null,
      "sha256": "9526c9245b7dbfe1a46a3d1218dee3ee4466151e8b4ad8b90b95b3163910d8f0",
      "took_ms": 0
    }
    "#);
    let sql = fs::read(sandbox.path("xdg/trailkeep/queries/a-failures.sql")).unwrap();
    let hash = <sha2::Sha256 as sha2::Digest>::digest(sql);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(check["sha256"], hash.as_str());
}

#[test]
fn parameters_go_to_the_checks_that_have_them() {
    let sandbox = archive();
    let given = "mine -p who=ann@example.com";
    let round = json(&sandbox, given);
    let check = &round["checks"][0];
    assert_eq!(
        (&check["rows"], &check["parameters"]["who"]),
        (&2.into(), &"ann@example.com".into())
    );
    assert_eq!(round["checks"][2]["rows"], 3);
    assert_output!(sandbox.run("check mine -p whom=ann"), @"
    ------- stderr -------
    error: none of these checks has a parameter `whom`
      hint: their parameters: who
    [exit status: 2]
    ");
    assert_output!(sandbox.run_with(&["check", "a-failures", "--limit", "0", "-p", "who=bob <b&b@example.com>"]), @"
    alarm  high      a-failures: 1 row; expected no rows
        Who failed to sign in
        and 1 more: trailkeep query a-failures -p who='bob <b&b@example.com>'

    1 check: 1 alarm
    [exit status: 1]
    ");
}

#[test]
fn what_is_no_check_is_told() {
    let sandbox = archive();
    assert_snapshot!(sandbox.run("check e-plain"), @"
    ------- stderr -------
    error: `e-plain` does not say what to expect
      hint: a check has a line `-- expect: no rows`, `-- expect: at most 5 rows` or `-- expect: at least 1 row` in its header
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("check a-failure"), @"
    ------- stderr -------
    error: there is no check or tag `a-failure`
      hint: did you mean `a-failures`?
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("check c-few --severity high"), @"
    ------- stderr -------
    error: none of these checks is of severity high or more
      hint: a check has its severity from a line `-- severity: high` in its header
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("check --severity hihg"), @"
    ------- stderr -------
    error: invalid value 'hihg' for '--severity <SEVERITY>': there are low, medium, high and critical

    For more information, try '--help'.
    [exit status: 2]
    ");
    save(&sandbox, "f-wrong", "-- x\n-- expect: no row\nselect 1");
    assert_snapshot!(sandbox.run("check f-wrong"), @"
    error  -         f-wrong: $DIR/xdg/trailkeep/queries/f-wrong.sql:2:15: expect: `row` is out of place; write `no rows`, `at most 5 rows` or `at least 1 row`
          -- expect: no row
                        ^^^
        hint: did you mean `rows`?

    1 check: 1 error
    [exit status: 2]
    ");
}

#[test]
fn a_pass_over_time_that_is_not_complete_says_so() {
    let sandbox = Sandbox::new();
    let feed = Ledger {
        source: "acme",
        kind: "sendsafely",
        feed: "api",
        every: Duration::ZERO,
        stretches: &[(50, 21, "complete"), (18, 2, "complete"), (2, 0, "open")],
    };
    feed.keep(&sandbox);
    let sql = "-- Nothing\n-- expect: no rows\n-- param since time = 30d\nselect 1 from events where time >= :since";
    save(&sandbox, "late-nights", sql);
    assert_output!(sandbox.run("check late-nights"), @"
    pass   -         late-nights: no rows
        coverage acme: gap MOMENT to MOMENT; else complete MOMENT to MOMENT; open from MOMENT on

    1 check: 1 pass
    ");
    assert_output!(sandbox.run("check late-nights -p since=10d --complete"), @"
    pass   -         late-nights: no rows
    1 check: 1 pass
    ");
    assert_output!(sandbox.run("check late-nights --complete"), @"
    alarm  -         late-nights: no rows; its time is not complete
        Nothing
        coverage acme: gap MOMENT to MOMENT; else complete MOMENT to MOMENT; open from MOMENT on

    1 check: 1 alarm
    [exit status: 1]
    ");
    let round = json(&sandbox, "late-nights");
    assert_eq!(round["checks"][0]["complete"], false);
    let coverage = round["checks"][0]["coverage"][0].as_str().unwrap();
    assert!(coverage.starts_with("coverage acme: gap "), "{coverage}");
}

#[test]
fn every_run_is_on_record() {
    let sandbox = archive();
    sandbox.run("check mine").exits(2);
    sandbox.run("check a-failures -p who=nobody").exits(0);
    sandbox.run("check c-few").exits(0);
    let ask = |sql: &str| sandbox.run_with(&["query", sql]);
    let columns = "name, outcome, rows, new_rows, complete, parameters, expect, severity, version";
    assert_snapshot!(ask(&format!("select {columns} from checks order by name, parameters")), @r#"
    name        outcome  rows  new_rows  complete  parameters        expect          severity  version
    ──────────  ───────  ────  ────────  ────────  ────────────────  ──────────────  ────────  ───────
    a-failures  pass        0                      {"who":"nobody"}  no rows         high      0.1.0
    a-failures  alarm       3                      {}                no rows         high      0.1.0
    b-broken    error                              {}                no rows                   0.1.0
    c-few       pass        3                      {}                at most 5 rows  low       0.1.0
    d-some      pass        3                      {}                at least 1 row  critical  0.1.0
    "#);
    let runs =
        ask("select name, error, length(sha256) as hash, ran_at > '2026' as ran from check_runs");
    assert_snapshot!(runs, @"
    name        error                                                                                                                    hash  ran
    ──────────  ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────  ────  ───
    a-failures                                                                                                                             64    1
    b-broken    $DIR/xdg/trailkeep/queries/b-broken.sql:4:8: no such column: acter␊  select acter from events␊         ^^^^^    64    1
    c-few                                                                                                                                  64    1
    d-some                                                                                                                                 64    1
    a-failures                                                                                                                             64    1
    c-few                                                                                                                                  64    1
    ");
}

#[test]
fn an_archive_of_an_older_program_is_checked_but_nothing_is_put_on_record() {
    let sandbox = archive();
    let db = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    db.pragma_update(None, "user_version", 5).unwrap();
    assert_snapshot!(sandbox.run("check c-few"), @"
    pass   low       c-few: 3 rows; expected at most 5 rows
    1 check: 1 pass
    ------- stderr -------
    warning: this run is not on record: trailkeep.db was written by an older trailkeep
    ");
    assert_snapshot!(sandbox.run("check c-few --new"), @"
    ------- stderr -------
    error: trailkeep.db was written by an older trailkeep
      hint: the next `trailkeep sync` or `import` brings it up to date
    [exit status: 2]
    ");
    let missing = Sandbox::new();
    save(&missing, "c-few", "-- x\n-- expect: no rows\nselect 1");
    assert_snapshot!(missing.run("check c-few"), @"
    ------- stderr -------
    error: there is no archive at trailkeep.db
      hint: run `trailkeep sync` to make it, or name another with --archive
    [exit status: 2]
    ");
}
