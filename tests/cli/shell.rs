//! `shell`: its commands and statements from a file, and at a terminal.

#[cfg(target_os = "linux")]
mod terminal;

use insta::assert_snapshot;

use crate::support::sandbox::{Output, Sandbox};

const EVENTS: &str = r#"[
{"eventId":"0bc1d2e3-0000-4000-8000-000000000001","timestamp":"2026-10-01T12:00:00.000Z","eventType":"USER_EVENT","action":"LOGIN","authenticatedUser":"ann@example.com","ipAddress":"192.0.2.1"},
{"eventId":"0bc1d2e3-0000-4000-8000-000000000002","timestamp":"2026-10-02T08:15:00.500Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"bob@example.com","ipAddress":"203.0.113.9"}
]"#;

fn archive() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("log.json", EVENTS);
    sandbox
        .run("import log.json --source acme --kind sendsafely")
        .exits(0);
    sandbox
}

/// The shell with these lines on standard input.
fn fed(sandbox: &Sandbox, arguments: &str, lines: &str) -> Output {
    sandbox.write("lines.sql", lines);
    let arguments: Vec<&str> = std::iter::once("shell")
        .chain(arguments.split_whitespace())
        .collect();
    sandbox.run_fed(&arguments, "lines.sql")
}

#[test]
fn statements_of_a_file_run_one_after_another() {
    let lines = "-- Who\nselect actor\nfrom events\n\norder by time; select ';' as text;\n\
                 .mode jsonl\nselect count(*) as n from events";
    assert_snapshot!(fed(&archive(), "-o csv", lines), @r#"
    actor
    ann@example.com
    bob@example.com
    text
    ;
    {"n":2}
    "#);
}

#[test]
fn a_saved_query_is_run_by_its_name() {
    let sandbox = archive();
    sandbox.write(
        "xdg/trailkeep/queries/mine.sql",
        "-- Mine\n-- param who text\n-- param n integer = 1\nselect :who as who, :n as n",
    );
    let lines = "mine who='Ann Lee'\n.run mine who=Bob n=2\n.params set who Eve\nmine;\n\
                 select :who as anybody;\nselect 1 as no_place_for_it;\n.params\n\
                 .params clear who\n.params\n.queries mine\n";
    assert_snapshot!(fed(&sandbox, "-o csv", lines), @"
    who,n
    Ann Lee,1
    who,n
    Bob,2
    who,n
    Eve,1
    anybody
    Eve
    no_place_for_it
    1
    name  value
    ────  ─────
    who   Eve
    -- Mine
    -- param who text
    -- param n integer = 1
    select :who as who, :n as n
    ------- stderr -------
    no value is set; `.params set since 7d` sets one
    ");
}

#[test]
fn the_first_mistake_ends_a_file_with_its_place() {
    let lines = "select 1 as one;\n\nselect 2; select acter\n  from events;\nselect 3;";
    assert_snapshot!(fed(&archive(), "-o csv", lines), @"
    one
    1
    2
    2
    ------- stderr -------
    error: standard input:3:18: no such column: acter
                select acter
                       ^^^^^
      hint: did you mean `actor`?
    [exit status: 2]
    ");
}

#[test]
fn what_does_not_read_is_refused() {
    for sql in [
        "delete from event;",
        "attach 'x.db' as x;",
        "vacuum into 'x.db';",
    ] {
        let output = fed(&archive(), "", sql);
        output.exits(2);
        assert!(
            output.stderr.contains("is refused: queries only read"),
            "{output}"
        );
    }
}

#[test]
fn what_is_misspelt_is_known_by_its_nearest_name() {
    let sandbox = archive();
    for (line, said) in [
        (
            ".tabels",
            "there is no command `.tabels`\n  hint: did you mean `.tables`?",
        ),
        (
            ".xyzzy",
            "there is no command `.xyzzy`\n  hint: `.help` lists the commands",
        ),
        (
            ".schema evnts",
            "there is no view `evnts`\n  hint: did you mean `events`?",
        ),
        (
            "failed-login",
            "there is no saved query `failed-login`\n  hint: did you mean `failed-logins`",
        ),
        (
            ".mode xml",
            "there is no format `xml`\n  hint: formats: table, csv",
        ),
        (".limit many", "it is written `.limit [N | off]`"),
        (".timeout 5m", "`5m` is ambiguous"),
        (".tables events", "it is written `.tables`"),
        (
            "event",
            "event.sql: parameter `id` is not given\n  hint: give it: ",
        ),
    ] {
        let output = fed(&sandbox, "", line);
        output.exits(2);
        assert!(output.stderr.contains(said), "{line}\n{output}");
        assert!(output.stdout.is_empty(), "{line}\n{output}");
    }
}

#[test]
fn an_answer_ends_with_what_is_known_of_its_time() {
    let lines = "-- param since time = 2026-10-01\n-- param until time = 2026-10-02\n\
                 select :since as since;\n.coverage off\nselect 1 as one;\nfailed-logins since=2026-10-02\n";
    let output = fed(&archive(), "", lines);
    output.exits(0);
    let (first, rest) = output.stdout.split_once("\none\n").unwrap();
    let coverage = "coverage acme: nothing known of 2026-10-01T00:00Z to 2026-10-02T00:00Z";
    assert!(first.ends_with(coverage), "{output}");
    assert!(
        rest.contains("bob@example.com") && !rest.contains("coverage"),
        "{output}"
    );
}

#[test]
fn what_there_is_is_listed() {
    let sandbox = archive();
    assert_snapshot!(fed(&sandbox, "", ".help"), @"
    .tables                                  the views there are, with their columns
    .schema [VIEW]                           the columns of a view, each with an example
    .queries [NAME]                          the saved queries, those with a tag, or the text of one
    .run NAME [PARAMETER=VALUE]…             runs a saved query; its name alone does the same
    .explain SQL | NAME [PARAMETER=VALUE]…   how a query is answered, and what serves it
    .params [set NAME VALUE | clear [NAME]]  values for parameters, for every query that has them
    .mode [FORMAT [LOOK]…]                   how rows are written: json, csv safe, table wide ago, …
    .limit [N | off]                         how many rows of an answer are written at most
    .timeout [D]                             how long a query may work: 90s, 10min
    .coverage [on | off | auto]              which time is complete; or whether answers end with it
    .help                                    this list
    .quit                                    ends the shell, as Ctrl-D does
    ------- stderr -------
    A statement ends with ; or an empty line. Ctrl-C stops a query, Ctrl-D ends the shell.
    ");
    assert_snapshot!(fed(&sandbox, "", ".schema coverage"), @"
    column
    ───────────
    source
    feed
    from_time
    to_time
    state
    as_of
    first_batch
    batch
    ");
    let views = fed(&sandbox, "", ".tables").stdout;
    assert!(views.contains("\nevents"), "{views}");
    let queries = fed(&sandbox, "", ".queries").stdout;
    assert!(queries.contains("\n  failed-logins"), "{queries}");
    let columns = fed(&sandbox, "", ".schema").stdout;
    assert!(
        columns.contains("\nevents             archived_at\n"),
        "{columns}"
    );
}

#[test]
fn what_is_set_is_shown_and_can_be_set_otherwise() {
    let sandbox = archive();
    let lines = ".limit\n.timeout\n.limit off\n.timeout 90s\n.limit\n.timeout\n";
    assert_eq!(
        fed(&sandbox, "--limit 5", lines).stdout,
        "5\n1min\noff\n90s\n"
    );
    let formats = fed(&sandbox, "-o csv", ".mode").stdout;
    assert!(formats.contains("\n*  csv "), "{formats}");
    for format in trailkeep::format::FORMATS {
        assert!(formats.contains(format.about), "{formats}");
    }
    let lines = ".mode table vertical grouped\nselect 12345 as a, '=1' as b;\n\
                 .mode csv safe\nselect 12345 as a, '=1' as b;\n.mode csv vertical\n";
    assert_snapshot!(fed(&sandbox, "", lines), @"
    ─── 1 ───
    a  12,345
    b  =1
    a,b
    12345,'=1
    ------- stderr -------
    error: --vertical is for a table, and this is csv
    [exit status: 2]
    ");
}

#[test]
fn nothing_follows_a_quit() {
    let output = fed(
        &archive(),
        "-o csv",
        "select 1 as a;\n.quit\nselect 2 as b;",
    );
    output.exits(0);
    assert_eq!(output.stdout, "a\n1\n");
}
