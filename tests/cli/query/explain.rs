//! `query --explain`, and what is said before every event is read.

use insta::assert_snapshot;
use rusqlite::Connection;

use super::{archive, ask};

#[test]
fn a_saved_query_is_explained() {
    let sandbox = archive();
    sandbox.write(
        "xdg/trailkeep/queries/mine.sql",
        "-- Mine\n-- param since time = 2026-10-01\n-- param until time = 2026-10-31\n\
         -- param who text = null\nselect time, actor from events\n\
         where time >= :since and time < :until and (:who is null or actor = :who)\norder by time",
    );
    assert_snapshot!(sandbox.run("query mine --explain -p who=O'Neill"), @"
    -- Mine
    -- param since time = 2026-10-01
    -- param until time = 2026-10-31
    -- param who text = null
    select time, actor from events
    where time >= :since and time < :until and (:who is null or actor = :who)
    order by time

    with :since = '2026-10-01T00:00:00.000Z'
         :until = '2026-10-31T00:00:00.000Z'
         :who = 'O''Neill'

    how it is answered
      reads the events of 30 days by their time: a range of the table, about 3 of 3
      first, and keeps the rows:
        finds the events of people by an index
      finds the events of people by stretch and person: an index
      finds the texts of a column by name: an index
      finds the texts of a column by name: an index
      looks up texts by number

    the order of time serves it: it reads only the events of its time
    ");
}

#[test]
fn sql_is_explained_to_programs() {
    let output = ask(
        &archive(),
        "select events from actors where source = :s",
        "--explain -o json -p s=acme",
    );
    output.exits(0);
    let told: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(told["sql"], "select events from actors where source = :s");
    assert_eq!(told["parameters"], serde_json::json!({"s": "acme"}));
    assert_eq!(told["served_by"], "roll-up");
    let first = serde_json::json!({"depth": 0, "does": "reads the roll-up of actors"});
    assert_eq!(told["steps"][0], first);
    assert_eq!(told["plan"][0]["detail"], "SCAN a");
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
    let all = "select count(*) as n from events where port is null or port > 0";
    assert_eq!(ask(&sandbox, all, "-o csv").stderr, "");
    let writer = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    writer
        .execute("update actor_span set events = 1000000", [])
        .unwrap();
    let output = ask(&sandbox, all, "-o csv");
    output.exits(0);
    assert_eq!(output.stdout, "n\n3\n");
    let said = "this reads all 2,000,000 events; a bound on time narrows it, as in time >= '2";
    assert!(output.stderr.starts_with(said), "{output}");
    for (sql, more) in [
        (all, "-o csv -q"),
        ("select port from events where key = 7", "-o csv"),
        ("select events from actors", "-o csv"),
    ] {
        let output = ask(&sandbox, sql, more);
        output.exits(0);
        assert_eq!(output.stderr, "", "{sql} {more}");
    }
}
