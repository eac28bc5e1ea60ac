//! `query --explain`, and what is said before every event is read.

use insta::assert_snapshot;
use rusqlite::Connection;

use super::{archive, ask};

#[test]
fn a_saved_query_is_explained() {
    let sandbox = archive();
    sandbox.write(
        "xdg/trailkeep/queries/mine.sql",
        "-- Mine\n-- param since time = 2026-10-01\n-- param who text = null\n\
         select time, actor from events\nwhere time >= :since and (:who is null or actor = :who)\norder by time",
    );
    assert_snapshot!(sandbox.run("query mine --explain -p who=O'Neill"), @"");
}

#[test]
fn sql_is_explained_to_programs() {
    let output = ask(
        &archive(),
        "select events from actors where source = :s",
        "--explain -o json -p s=acme",
    );
    assert_snapshot!(output, @"");
}

#[test]
fn what_cannot_be_explained_says_why() {
    let sandbox = archive();
    for (sql, more, said) in [
        (
            "select acter from events",
            "",
            "error: no such column: acter",
        ),
        ("delete from event", "", "error: DELETE is refused"),
        ("select :x", "", "error: parameter `x` is not given"),
        (
            "pragma table_info(events)",
            "",
            "error: only what selects can be explained",
        ),
        (
            "select 1",
            "-o csv",
            "error: what explains a query is no `csv`",
        ),
        (
            "select 1",
            "--to file",
            "error: the argument '--explain' cannot be used with",
        ),
    ] {
        let output = ask(&sandbox, sql, &format!("--explain {more}"));
        output.exits(2);
        assert!(output.stderr.starts_with(said), "{sql}\n{output}");
    }
}

/// As the archive counts them, who did many things did very many.
#[test]
fn reading_every_one_of_many_events_is_said_before() {
    let sandbox = archive();
    let all = "select count(*) as n from events where ip like '192.%'";
    assert_eq!(ask(&sandbox, all, "-o csv").stderr, "");
    let writer = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    writer
        .execute("update actor_span set events = 1000000", [])
        .unwrap();
    let output = ask(&sandbox, all, "-o csv");
    output.exits(0);
    assert_eq!(output.stdout, "n\n1\n");
    let said = "this reads all 2,000,000 events; a bound on time narrows it, as in time >= '2";
    assert!(output.stderr.starts_with(said), "{output}");
    for (sql, more) in [
        (all, "-o csv -q"),
        (
            "select count(*) from events where time > '2026-10-01'",
            "-o csv",
        ),
        ("select events from actors", "-o csv"),
    ] {
        assert_eq!(ask(&sandbox, sql, more).stderr, "", "{sql} {more}");
    }
}
