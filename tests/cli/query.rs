//! `query`: saved, in files, ad hoc; in every format; and what is wrong with it.

mod coverage;
mod explain;
mod look;

use std::fs;
use std::io;
use std::process::Command;

use insta::assert_snapshot;
use trailkeep::archive::reader::FUNCTIONS;
use trailkeep::demo::{Plan, write_csv, write_ndjson};
use trailkeep::event::Timestamp;
use trailkeep::query::{Parameter, saved};

use crate::support::sandbox::{Output, Sandbox};

const EVENTS: &str = r#"[
{"eventId":"0bc1d2e3-0000-4000-8000-000000000001","timestamp":"2026-10-01T12:00:00.000Z","eventType":"USER_EVENT","action":"LOGIN","authenticatedUser":"ann@example.com","ipAddress":"192.0.2.1"},
{"eventId":"0bc1d2e3-0000-4000-8000-000000000002","timestamp":"2026-10-01T12:30:00.000Z","eventType":"PACKAGE_EVENT","action":"PACKAGE_FILE_DOWNLOAD","authenticatedUser":"Anonymous Recipient","ipAddress":"198.51.100.7","LogDetails":{"packageId":"P1","fileName":"plan | v1.pdf","fileSize":2048}},
{"eventId":"0bc1d2e3-0000-4000-8000-000000000003","timestamp":"2026-10-02T08:15:00.500Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"ann@example.com","ipAddress":"203.0.113.9"}
]"#;

fn archive() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("log.json", EVENTS);
    sandbox
        .run("import log.json --source acme --kind sendsafely")
        .exits(0);
    sandbox
}

fn ask(sandbox: &Sandbox, sql: &str, more: &str) -> Output {
    let more: Vec<&str> = more.split_whitespace().collect();
    sandbox.run_with(&[&["query", sql], more.as_slice()].concat())
}

const WHO: &str = "select time, action, port, actor from events order by time";

#[test]
fn without_a_question_the_saved_queries_are_listed() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "xdg/trailkeep/queries/mine.sql",
        "-- What I ask\n-- param who text\n-- param n integer = null\nselect :who, :n",
    );
    sandbox.write(
        "xdg/trailkeep/queries/broken.sql",
        "-- Broken\n-- param since tim\nselect :since",
    );
    let output = sandbox.run("query");
    output.exits(0);
    let lines = |name: &str| {
        let mut lines = output.stdout.lines().map(str::split_whitespace);
        let line = lines.find(|words| words.clone().next() == Some(name));
        line.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let shown = ["name", "mine", "broken", "access", "failed-logins", "event"].map(lines);
    assert_snapshot!(shown.join("\n"), @"
    name description
    mine who=? What I ask (n=)
    broken (cannot be used: parameter `since` has type `tim`; there are text, integer, number, time and flag)
    access
    failed-logins Failed sign-ins, by person and address, most attempts first (minimum=1)
    event id=? One event, with who did it
    ");
    for saved in saved::list(None).unwrap() {
        let query = saved.query.unwrap();
        assert!(lines(&saved.name).contains(&query.about), "{output}");
    }
    let json = sandbox.run("query -o json");
    let list: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let named = |name: &str| {
        let mut list = list.as_array().unwrap().iter();
        list.find(|one| one["name"] == name).unwrap().clone()
    };
    assert_eq!(named("mine")["folder"], serde_json::Value::Null);
    let failed = named("failed-logins");
    assert_eq!(failed["folder"], "access");
    assert_eq!(failed["parameters"], "since=30d until= minimum=1");
}

/// Saved queries in a folder of the user's, and one that is called like a folder.
fn own_queries() -> Sandbox {
    let sandbox = Sandbox::new();
    for (file, sql) in [
        ("own/mine", "-- What I ask\n-- tags: soc2-cc6.1\nselect 1"),
        ("own/ours", "-- What we ask\nselect 2"),
        ("sharing", "-- All that is shared\nselect 3"),
    ] {
        sandbox.write(&format!("xdg/trailkeep/queries/{file}.sql"), sql);
    }
    sandbox
}

#[test]
fn a_folder_or_a_tag_lists_its_queries() {
    let sandbox = own_queries();
    let own = sandbox.run("query own");
    own.exits(0);
    let lines: Vec<&str> = own.stdout.lines().map(str::trim_end).collect();
    assert_snapshot!(lines.join("\n"), @"
    name    description
    ──────  ───────────
    own
      mine  What I ask
      ours  What we ask
    ");
    let names = |tag: &str| {
        let list = sandbox.run(&format!("query {tag} -o json"));
        list.exits(0);
        let list: Vec<serde_json::Value> = serde_json::from_str(&list.stdout).unwrap();
        let names = list.iter().map(|one| one["name"].to_string());
        names.collect::<Vec<_>>()
    };
    let (tagged, mine) = (names("soc2-cc6.1"), "\"mine\"".to_owned());
    assert!(tagged.len() > 5 && tagged.contains(&mine), "{tagged:?}");
    assert!(!names("admin").contains(&mine));
}

#[test]
fn a_query_goes_before_the_folder_of_its_name_and_is_what_parameters_are_for() {
    let sandbox = own_queries();
    // It is asked, and for that there is no archive.
    sandbox.run("query sharing").exits(2);
    for (in_vain, why) in [
        ("query own -p a=1", "`own` stands for 2 saved"),
        ("query own --explain", "`own` stands for 2 saved"),
        (
            "query owm",
            "there is no saved query `owm`\n  hint: did you mean `own`",
        ),
        ("query cc6", "did you mean `soc2-cc6.1`"),
    ] {
        let refused = sandbox.run(in_vain);
        refused.exits(2);
        assert!(refused.stderr.contains(why), "{refused}");
    }
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused() {
    let sandbox = archive();
    let backwards = sandbox.run("query failed-logins -p since=2026-11-01 -p until=2026-10-01");
    backwards.exits(2);
    let why = "the period ends at 2026-10-01T00:00:00.000Z, before it begins at 2026-11-01";
    assert!(backwards.stderr.contains(why), "{backwards}");
}

#[test]
fn rows_are_written_in_every_format() {
    let sandbox = archive();
    assert_snapshot!(ask(&sandbox, WHO, ""), @"
    time                      action                 port  actor
    ────────────────────────  ─────────────────────  ────  ───────────────────
    2026-10-01T12:00:00.000Z  LOGIN                        ann@example.com
    2026-10-01T12:30:00.000Z  PACKAGE_FILE_DOWNLOAD        Anonymous Recipient
    2026-10-02T08:15:00.500Z  LOGIN_FAILED                 ann@example.com
    ");
    assert_snapshot!(ask(&sandbox, WHO, "-o csv"), @"
    time,action,port,actor
    2026-10-01T12:00:00.000Z,LOGIN,,ann@example.com
    2026-10-01T12:30:00.000Z,PACKAGE_FILE_DOWNLOAD,,Anonymous Recipient
    2026-10-02T08:15:00.500Z,LOGIN_FAILED,,ann@example.com
    ");
    assert_snapshot!(ask(&sandbox, WHO, "-o json"), @r#"
    [
    {"time":"2026-10-01T12:00:00.000Z","action":"LOGIN","port":null,"actor":"ann@example.com"},
    {"time":"2026-10-01T12:30:00.000Z","action":"PACKAGE_FILE_DOWNLOAD","port":null,"actor":"Anonymous Recipient"},
    {"time":"2026-10-02T08:15:00.500Z","action":"LOGIN_FAILED","port":null,"actor":"ann@example.com"}
    ]
    "#);
    assert_snapshot!(ask(&sandbox, WHO, "-o jsonl"), @r#"
    {"time":"2026-10-01T12:00:00.000Z","action":"LOGIN","port":null,"actor":"ann@example.com"}
    {"time":"2026-10-01T12:30:00.000Z","action":"PACKAGE_FILE_DOWNLOAD","port":null,"actor":"Anonymous Recipient"}
    {"time":"2026-10-02T08:15:00.500Z","action":"LOGIN_FAILED","port":null,"actor":"ann@example.com"}
    "#);
    let files = "select file_name, file_size from sendsafely_events where package_id = 'P1'";
    assert_snapshot!(ask(&sandbox, files, "-o markdown"), @r"
    | file_name | file_size |
    | --- | --- |
    | plan \| v1.pdf | 2048 |
    ");
}

#[test]
fn a_page_of_html_is_titled_with_what_was_asked() {
    let sandbox = archive();
    let files = "select file_name, file_size from sendsafely_events where package_id = 'P1'";
    let titled = format!("\n-- What is in <P1>\n{files}");
    ask(&sandbox, &titled, "--to files.htm").exits(0);
    let page = fs::read_to_string(sandbox.path("files.htm")).unwrap();
    let body = page.split_once("<body>\n").unwrap().1;
    assert_snapshot!(body, @r#"
    <h1>What is in &lt;P1&gt;</h1>
    <table>
    <thead>
    <tr><th scope="col">file_name</th><th scope="col">file_size</th></tr>
    </thead>
    <tbody>
    <tr><td>plan | v1.pdf</td><td class="number">2048</td></tr>
    </tbody>
    </table>
    <p>1 row</p>
    </body>
    </html>
    "#);
}

#[test]
fn mistakes_are_pointed_at() {
    let sandbox = archive();
    assert_snapshot!(ask(&sandbox, "select acter from events", ""), @"
    ------- stderr -------
    error: no such column: acter
      select acter from events
             ^^^^^
      hint: did you mean `actor`?
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, "select * from evens", ""), @"
    ------- stderr -------
    error: no such table: evens
      select * from evens
                    ^^^^^
      hint: did you mean `events`?
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, "select *\nfrm events", ""), @r#"
    ------- stderr -------
    error: near "frm": syntax error
      frm events
      ^^^
      hint: did you mean `from`?
    [exit status: 2]
    "#);
}

#[test]
fn mistakes_without_a_word_to_them_are_named() {
    let sandbox = archive();
    assert_snapshot!(ask(&sandbox, "select 1; select 2", ""), @"
    ------- stderr -------
    error: one query at a time
      select 1; select 2
                ^^^^^^
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, "select (1", ""), @"
    ------- stderr -------
    error: incomplete input
      select (1
               ^
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, " ", ""), @"
    ------- stderr -------
    error: there is no query here
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, "select raw(1.5)", ""), @"
    ------- stderr -------
    error: raw() takes the `key` or the `event_id` of an event
      select raw(1.5)
             ^^^
    [exit status: 2]
    ");
}

#[test]
fn whatever_does_not_read_is_refused_and_does_nothing() {
    let sandbox = archive();
    for (sql, what) in [
        ("attach 'other.db' as other", "ATTACH"),
        ("vacuum into 'leak.db'", "VACUUM"),
        ("pragma journal_mode = delete", "PRAGMA journal_mode"),
        ("create temp table t (x)", "CREATE"),
        ("select load_extension('x.so')", "load_extension()"),
        ("delete from event", "DELETE"),
    ] {
        let output = ask(&sandbox, sql, "");
        output.exits(2);
        let said = format!("error: {what} is refused: queries only read the archive\n  {sql}\n");
        assert!(output.stderr.starts_with(&said), "{output}");
        assert!(output.stdout.is_empty(), "{output}");
    }
    assert!(!sandbox.path("other.db").exists() && !sandbox.path("leak.db").exists());
    let count = ask(&sandbox, "select count(*) as n from events", "-o csv");
    assert_eq!(count.stdout.replace('\r', ""), "n\n3\n");
}

#[test]
fn a_query_that_takes_too_long_is_ended() {
    let endless =
        "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
    assert_snapshot!(ask(&archive(), endless, "--timeout 1s"), @"
    ------- stderr -------
    error: the query did not finish within 1 s
      hint: narrow it with `time >= …`, or allow more with --timeout
    [exit status: 2]
    ");
    assert_snapshot!(ask(&archive(), "select 1", "--timeout 1m"), @"
    ------- stderr -------
    error: invalid value '1m' for '--timeout <D>': `1m` is ambiguous: write `min` for minutes or `mo` for months

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn parameters_are_given_by_name() {
    let sandbox = archive();
    let saved = "query failed-logins -p since=2026-09-01 -o csv";
    assert_snapshot!(sandbox.run(saved), @"
    source,actor,name,email,ip,failures,first_failure,last_failure
    acme,ann@example.com,,,203.0.113.9,1,2026-10-02T08:15:00.500Z,2026-10-02T08:15:00.500Z
    ");
    assert_snapshot!(sandbox.run("query failed-logins -p sinec=7d"), @"
    ------- stderr -------
    error: failed-logins.sql: there is no parameter `sinec`
      hint: did you mean `since`?
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("query failed-logins -p since=5m"), @"
    ------- stderr -------
    error: failed-logins.sql: parameter `since`: `5m` is ambiguous: write `min` for minutes or `mo` for months
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("query failed-logins -p minimum=few"), @"
    ------- stderr -------
    error: failed-logins.sql: parameter `minimum`: `few` is not a whole number
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("query event"), @"
    ------- stderr -------
    error: event.sql: parameter `id` is not given
      hint: give it: -p id=… (the vendor's id of the event)
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("query event -p id"), @"
    ------- stderr -------
    error: invalid value 'id' for '--param <NAME=VALUE>': write NAME=VALUE

    For more information, try '--help'.
    [exit status: 2]
    ");
    let own = "select count(*) as n from events where actor = :who";
    let given = sandbox.run_with(&["query", own, "-p", "who=Anonymous Recipient", "-o", "jsonl"]);
    assert_eq!(given.stdout, "{\"n\":1}\n");
}

#[test]
fn a_question_is_a_name_a_file_sql_or_standard_input() {
    let sandbox = archive();
    sandbox.write(
        "own/count.sql",
        "-- Count\nselect count(*) as n\nfrom events",
    );
    let counted = sandbox.run("query own/count.sql -o jsonl");
    assert_eq!(counted.to_string(), "{\"n\":3}\n");
    let fed = sandbox.run_fed(&["query", "-", "-o", "jsonl"], "own/count.sql");
    assert_eq!(fed.to_string(), "{\"n\":3}\n");
    sandbox.write(
        "xdg/trailkeep/queries/count.sql",
        "select count(*) as mine from events",
    );
    let saved = sandbox.run("query count -o jsonl");
    assert_eq!(saved.to_string(), "{\"mine\":3}\n");
}

#[test]
fn a_question_that_cannot_be_read_is_named_with_its_place() {
    let sandbox = archive();
    assert_snapshot!(sandbox.run("query faild-logins"), @"
    ------- stderr -------
    error: there is no saved query `faild-logins`
      hint: did you mean `failed-logins`?
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("query own/none.sql"), @"
    ------- stderr -------
    error: own/none.sql cannot be read
      caused by: No such file or directory (os error 2)
      hint: it must be a file with SQL that you may read
    [exit status: 2]
    ");
    sandbox.write(
        "own/wrong.sql",
        "-- Wrong\nselect time,\n\tacter\nfrom events",
    );
    assert_snapshot!(sandbox.run("query own/wrong.sql"), @"
    ------- stderr -------
    error: own/wrong.sql:3:2: no such column: acter
       acter
       ^^^^^
      hint: did you mean `actor`?
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run_fed(&["query", "-"], "own/wrong.sql"), @"
    ------- stderr -------
    error: standard input:3:2: no such column: acter
       acter
       ^^^^^
      hint: did you mean `actor`?
    [exit status: 2]
    ");
    sandbox.write("own/header.sql", "-- Wrong\n-- param since tim\nselect 1");
    assert_snapshot!(sandbox.run("query own/header.sql"), @"
    ------- stderr -------
    error: own/header.sql: parameter `since` has type `tim`; there are text, integer, number, time and flag
    [exit status: 2]
    ");
}

#[test]
fn a_file_of_rows_is_there_whole_or_not_at_all() {
    let sandbox = archive();
    assert_snapshot!(ask(&sandbox, WHO, "--to who.csv"), @"
    ------- stderr -------
    3 rows to who.csv
    ");
    assert_snapshot!(fs::read_to_string(sandbox.path("who.csv")).unwrap(), @"
    time,action,port,actor
    2026-10-01T12:00:00.000Z,LOGIN,,ann@example.com
    2026-10-01T12:30:00.000Z,PACKAGE_FILE_DOWNLOAD,,Anonymous Recipient
    2026-10-02T08:15:00.500Z,LOGIN_FAILED,,ann@example.com
    ");
    ask(&sandbox, "select 1 as n", "--to n.jsonl").exits(0);
    assert_eq!(
        fs::read_to_string(sandbox.path("n.jsonl")).unwrap(),
        "{\"n\":1}\n"
    );
    // The rows before the mistake do not take the place of what is there.
    let late = "select abs(x) from (select 1 as x union all select -9223372036854775807 - 1)";
    ask(&sandbox, late, "--to n.jsonl").exits(2);
    assert_eq!(
        fs::read_to_string(sandbox.path("n.jsonl")).unwrap(),
        "{\"n\":1}\n"
    );
    let names = fs::read_dir(sandbox.path("")).unwrap();
    let left = names.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(".tmp")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn what_is_given_in_vain_has_a_hint() {
    let sandbox = archive();
    assert_snapshot!(sandbox.run("query timeline -p colour=red"), @"
    ------- stderr -------
    error: timeline.sql: there is no parameter `colour`
      hint: its parameters: who, since, until
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, "select 1", "-p colour=red"), @"
    ------- stderr -------
    error: there is no parameter `colour`
      hint: it declares none
    [exit status: 2]
    ");
}

/// A file takes its name when it is whole; what it was called before is nobody's business.
#[cfg(target_os = "linux")]
#[test]
fn a_file_is_named_as_the_user_named_it() {
    assert_snapshot!(ask(&archive(), "select 1", "--to /proc/who.csv"), @"
    ------- stderr -------
    error: /proc/who.csv cannot be written: entity not found
    [exit status: 2]
    ");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let sandbox = archive();
    assert_snapshot!(ask(&sandbox, WHO, "--to who.xlsx"), @"
    ------- stderr -------
    error: no format is known by the ending `.xlsx`
      hint: name one with -o: table, csv, json, jsonl, markdown, html
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, WHO, "--to no/who.csv"), @"
    ------- stderr -------
    error: no/who.csv cannot be written: there is no folder no
    [exit status: 2]
    ");
    assert_snapshot!(ask(&sandbox, WHO, "--to home"), @"
    ------- stderr -------
    error: home cannot be written: it is no regular file
    [exit status: 2]
    ");
}

#[test]
fn a_limit_that_cuts_says_so() {
    let sandbox = archive();
    let ids = "select event_id from events order by time";
    assert_snapshot!(ask(&sandbox, ids, "--limit 2"), @"
    event_id
    ────────────────────────────────────
    0bc1d2e3-0000-4000-8000-000000000001
    0bc1d2e3-0000-4000-8000-000000000002
    ------- stderr -------
    there are more; --limit ends after 2 rows
    ");
    assert_snapshot!(ask(&sandbox, "select 1 as n", "--limit 1"), @"
    n
    ─
    1
    ");
}

#[test]
fn without_an_archive_there_is_a_hint() {
    assert_snapshot!(Sandbox::new().run("query events-by-day"), @"
    ------- stderr -------
    error: there is no archive at trailkeep.db
      hint: run `trailkeep sync` to make it, or name another with --archive
    [exit status: 2]
    ");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let sandbox = archive();
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let many = "with recursive n(x) as (select 1 union all select x + 1 from n limit 100000) select x from n";
    let mut command = sandbox.command("query -o csv");
    let output = command.arg(many).stdout(writer).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn saved_queries_run_unchanged_in_sqlite3() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        println!("not tested: there is no sqlite3 here");
        return;
    }
    let sandbox = demo_archive();
    for saved in saved::list(None).unwrap() {
        let query = saved.query.unwrap();
        if calls_ours(&query.sql) {
            continue;
        }
        let given = query.parameters.iter().map(value).collect::<Vec<_>>();
        let theirs = sqlite3(&sandbox, &query.sql, &given);
        let set = given.iter().filter(|(_, value)| *value != "null");
        let set: Vec<String> = set
            .map(|(name, value)| format!("-p{name}={value}"))
            .collect();
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let ours =
            sandbox.run_with(&[&["query", &saved.name, "-o", "csv"], set.as_slice()].concat());
        ours.exits(0);
        // Of no rows sqlite3 writes no header either.
        let rows = |text: &str| text.lines().skip(1).count();
        assert_eq!(rows(&ours.stdout), rows(&theirs), "{}", saved.name);
    }
}

/// Whether a query calls a function that SQLite's shell does not have.
fn calls_ours(sql: &str) -> bool {
    let code = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or(line));
    let code = code.collect::<Vec<_>>().join("\n").to_lowercase();
    let is_called = |name: &str| {
        let mut found = code.match_indices(name);
        found.any(|(at, _)| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let begins = !code[..at].ends_with(is_word);
            begins && code[at + name.len()..].trim_start().starts_with('(')
        })
    };
    let mut ours = FUNCTIONS.iter();
    ours.any(|function| is_called(function.name)) || code.contains(" regexp ")
}

#[test]
fn a_query_that_sqlite3_cannot_run_is_told_by_its_calls() {
    for (sql, ours) in [
        ("select raw (key) from events", true),
        ("select * from search('x')", true),
        ("select x REGEXP 'y'", true),
        ("select 1 -- by regexp('x', y)", false),
        ("select straw(1), raw, search", false),
    ] {
        assert_eq!(calls_ours(sql), ours, "{sql}");
    }
}

/// A value for a parameter, so that the query finds what there is.
fn value(parameter: &Parameter) -> (&str, &str) {
    let value = match parameter.name.as_str() {
        "since" | "known" | "baseline" => "2026-01-01T00:00:00.000Z",
        "at" => "2026-12-01T00:00:00.000Z",
        "file" | "who" | "package" | "domain" | "ip" => "%",
        _ => parameter.default.as_deref().unwrap_or("x"),
    };
    (&parameter.name, value)
}

/// An archive made by import from files of both vendors.
fn demo_archive() -> Sandbox {
    let sandbox = Sandbox::new();
    let plan = Plan {
        seed: 7,
        events: 2_000,
        days: 60,
        now: Timestamp::from_millis(1_795_176_000_000),
    };
    let (mut ndjson, mut csv) = (Vec::new(), Vec::new());
    write_ndjson(plan, &mut ndjson).unwrap();
    write_csv(plan, &mut csv).unwrap();
    sandbox.write_bytes("log.ndjson", &ndjson);
    sandbox.write_bytes("report.csv", &csv);
    for (file, source) in [
        ("log.ndjson", "acme --kind sendsafely"),
        ("report.csv", "safe-us --kind safe"),
    ] {
        sandbox
            .run(&format!("import {file} --source {source}"))
            .exits(0);
    }
    sandbox
}

fn sqlite3(sandbox: &Sandbox, sql: &str, given: &[(&str, &str)]) -> String {
    let mut command = Command::new("sqlite3");
    command.args(["-readonly", "-csv", "-header", "-bail"]);
    for (name, value) in given {
        let value = match *value {
            // What is not set is null.
            "null" => continue,
            "yes" => "1".to_owned(),
            "no" => "0".to_owned(),
            value if value.parse::<f64>().is_ok() => value.to_owned(),
            value => format!("\"'{value}'\""),
        };
        command.args(["-cmd", &format!(".parameter set :{name} {value}")]);
    }
    // A file on standard input, for what begins with a comment would be taken for an option.
    sandbox.write("asked.sql", &format!("{sql};\n"));
    let asked = fs::File::open(sandbox.path("asked.sql")).unwrap();
    command.arg(sandbox.path("trailkeep.db")).stdin(asked);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{sql}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}
