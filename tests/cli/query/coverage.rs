//! The line under an answer that says what is known of the time asked for.

use std::fs;
use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use rusqlite::Connection;

use crate::support::ledger::Ledger;
use crate::support::sandbox::Sandbox;

macro_rules! assert_output {
    ($output:expr, @$expected:literal) => {{
        let filters = vec![(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", "MOMENT")];
        with_settings!({filters => filters}, { assert_snapshot!($output, @$expected) })
    }};
}

/// A source that is complete, and one with a gap of three days.
fn archive() -> Sandbox {
    let sandbox = Sandbox::new();
    let complete = Ledger {
        source: "safe-us",
        kind: "safe",
        feed: "reports",
        every: Duration::ZERO,
        stretches: &[(60, 2, "complete"), (2, 0, "open")],
    };
    let gap = Ledger {
        source: "acme",
        kind: "sendsafely",
        feed: "api",
        stretches: &[(50, 21, "complete"), (18, 2, "complete"), (2, 0, "open")],
        ..complete
    };
    complete.keep(&sandbox);
    gap.keep(&sandbox);
    sandbox
}

#[test]
fn a_query_with_a_time_ends_with_what_is_known_of_it() {
    let sandbox = archive();
    assert_output!(sandbox.run("query failed-logins"), @"
    source  actor  name  email  ip  failures  first_failure  last_failure
    ──────  ─────  ────  ─────  ──  ────────  ─────────────  ────────────

    coverage acme: gap MOMENT to MOMENT; else complete MOMENT to MOMENT; open from MOMENT on
    coverage safe-us: complete MOMENT to MOMENT; open from MOMENT on
    ");
    assert_output!(sandbox.run("query failed-logins -p since=10d -o markdown"), @"
    | source | actor | name | email | ip | failures | first_failure | last_failure |
    | --- | --- | --- | --- | --- | --- | --- | --- |

    coverage acme: complete MOMENT to MOMENT; open from MOMENT on<br>
    coverage safe-us: complete MOMENT to MOMENT; open from MOMENT on
    ");
    assert_output!(sandbox.run("query failed-logins --no-coverage"), @"
    source  actor  name  email  ip  failures  first_failure  last_failure
    ──────  ─────  ────  ─────  ──  ────────  ─────────────  ────────────
    ");
    sandbox.run("query events-by-day --to days.html").exits(0);
    let page = fs::read_to_string(sandbox.path("days.html")).unwrap();
    let (_, footer) = page.split_once("</table>\n").unwrap();
    assert_output!(footer, @"
    <p>0 rows</p>
    <footer><p>coverage acme: gap MOMENT to MOMENT; else complete MOMENT to MOMENT; open from MOMENT on<br>
    coverage safe-us: complete MOMENT to MOMENT; open from MOMENT on</p></footer>
    </body>
    </html>
    ");
}

#[test]
fn formats_for_programs_have_it_only_where_it_is_asked_for_and_beside_them() {
    let sandbox = archive();
    for format in ["csv", "json", "jsonl"] {
        let bare = sandbox.run(&format!("query failed-logins -o {format}"));
        bare.exits(0);
        assert!(bare.stderr.is_empty(), "{bare}");
        let told = sandbox.run(&format!("query failed-logins -o {format} --coverage"));
        assert_eq!(told.stdout, bare.stdout);
        assert_eq!(
            told.stderr.matches("coverage acme: gap ").count(),
            1,
            "{told}"
        );
        assert_eq!(told.stderr.lines().count(), 2, "{told}");
    }
    let quiet = sandbox.run("query failed-logins -o csv --coverage -q");
    assert!(quiet.stderr.is_empty(), "{quiet}");
}

#[test]
fn any_query_can_be_asked_for_it() {
    let sandbox = archive();
    assert_output!(sandbox.run_with(&["query", "select 1 as n"]), @"
    n
    ─
    1
    ");
    assert_output!(sandbox.run_with(&["query", "select 1 as n", "--coverage"]), @"
    n
    ─
    1

    coverage acme: gap MOMENT to MOMENT; else complete MOMENT to MOMENT; open from MOMENT on
    coverage safe-us: complete MOMENT to MOMENT; open from MOMENT on
    ");
    let of_one = "\n-- x\n-- param since time = 40d\n-- param until time = 25d\n\
                  -- param source text\nselect :since < :until as n where :source <> ''";
    let asked = |source: &str| sandbox.run_with(&["query", of_one, "-p", source]);
    assert_output!(asked("source=acme"), @"
    n
    ─
    1

    coverage acme: complete MOMENT to MOMENT
    ");
    // What is yet to come is no part of it.
    let to_come = [
        "query",
        of_one,
        "-p",
        "source=acme",
        "-p",
        "until=2999-01-01",
    ];
    let to_come = sandbox.run_with(&to_come).stdout;
    assert!(to_come.ends_with("Z on\n"), "{to_come}");
    assert_output!(asked("source=acne"), @"
    n
    ─
    1

    coverage acne: nothing known of MOMENT to MOMENT
    ");
}

#[test]
fn a_limit_changes_nothing_about_what_is_known() {
    let sandbox = archive();
    let two = "\n-- param since time = 5d\nselect :since < 'x' as n union all select 0";
    assert_output!(sandbox.run_with(&["query", two, "--limit", "1"]), @"
    n
    ─
    1

    coverage acme: complete MOMENT to MOMENT; open from MOMENT on
    coverage safe-us: complete MOMENT to MOMENT; open from MOMENT on
    ------- stderr -------
    there are more; --limit ends after 1 row
    ");
}

#[test]
fn an_answer_is_not_withheld_because_coverage_is_not_known() {
    let sandbox = archive();
    let db = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    assert_output!(sandbox.run("coverage"), @"
    ------- stderr -------
    error: trailkeep.db was written by an older trailkeep
      hint: the next `trailkeep sync` or `import` brings it up to date
    [exit status: 2]
    ");
    let output = sandbox.run("query failed-logins");
    output.exits(0);
    assert_output!(output, @"
    source  actor  name  email  ip  failures  first_failure  last_failure
    ──────  ─────  ────  ─────  ──  ────────  ─────────────  ────────────
    ------- stderr -------
    warning: coverage is not known: trailkeep.db was written by an older trailkeep
    ");
}
