//! How answers look: flags, and what a terminal shows by itself.

use insta::assert_snapshot;

use super::{archive, ask};
#[cfg(target_os = "linux")]
use crate::support::terminal::Terminal;

#[test]
fn a_table_looks_as_it_is_told() {
    let sandbox = archive();
    let sql = "select 1234567 as bytes, 1234567 as key, null as none, '' as empty, \
               '2020-01-01T00:00:00.000Z' as time";
    assert_snapshot!(ask(&sandbox, sql, "--numbers grouped --vertical"), @"
    ─── 1 ───
    bytes  1,234,567
    key    1234567
    none
    empty
    time   2020-01-01T00:00:00.000Z
    ");
    assert_snapshot!(ask(&sandbox, sql, ""), @"
      bytes      key  none  empty  time
    ───────  ───────  ────  ─────  ────────────────────────
    1234567  1234567               2020-01-01T00:00:00.000Z
    ");
    let ago = ask(&sandbox, sql, "--ago");
    let shown = " days ago, 2020-01-01T00:00:00.000Z\n";
    assert!(ago.stdout.ends_with(shown), "{ago}");
}

#[test]
fn a_csv_may_be_safe_to_open() {
    let sql = "select '=cmd()' as formula, -5 as number, '-5' as text";
    assert_snapshot!(ask(&archive(), sql, "-o csv --safe-csv"), @"
    formula,number,text
    '=cmd(),-5,'-5
    ");
}

#[test]
fn a_flag_for_another_format_is_a_mistake() {
    let sandbox = archive();
    for (more, said) in [
        ("-o csv --wide", "--wide is for a table, and this is csv"),
        (
            "-o json --vertical",
            "--vertical is for a table, and this is json",
        ),
        ("-o jsonl --ago", "--ago is for a table, and this is jsonl"),
        (
            "-o html --numbers plain",
            "--numbers is for a table, and this is html",
        ),
        ("--safe-csv", "--safe-csv is for csv, and this is table"),
        (
            "--wide --vertical",
            "the argument '--wide' cannot be used with '--vertical'",
        ),
    ] {
        let output = ask(&sandbox, "select 1", more);
        output.exits(2);
        let said = format!("error: {said}\n");
        assert!(output.stderr.starts_with(&said), "{more}\n{output}");
    }
}

#[cfg(target_os = "linux")]
const NUMBERS: &str = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 40) \
                       select x * 1000 as much, null as none, printf('%0200d', x) as long from n";

/// What a terminal of 20 lines shows of a query.
#[cfg(target_os = "linux")]
fn shown(pager: &str, sql: &str, more: &[&str]) -> String {
    let mut sandbox = archive();
    sandbox.set("PAGER", pager);
    let mut command = sandbox.command("query");
    command.arg(sql).args(more);
    Terminal::run(&command, 80, 20).ends(0)
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_longer_than_the_screen_is_shown_by_a_pager() {
    let paged = shown("sed s/^/paged:/", NUMBERS, &[]);
    assert!(paged.starts_with("paged:  much  none  long"), "{paged}");
    assert!(paged.contains("\npaged:40,000  null  0000"), "{paged}");
    assert!(paged.contains("\n40 rows, "), "{paged}");
    for (pager, sql, more) in [
        ("sed s/^/paged:/", NUMBERS, &["--no-pager"][..]),
        ("sed s/^/paged:/", NUMBERS, &["--limit", "5"]),
        ("sed s/^/paged:/", NUMBERS, &["--to", "file.txt"]),
        ("", NUMBERS, &[]),
        ("no-such-pager -x", NUMBERS, &[]),
    ] {
        let shown = shown(pager, sql, more);
        assert!(
            !shown.contains("paged:") && shown.contains(" rows"),
            "{more:?}\n{shown}"
        );
    }
}

/// Outsiders choose the names of files; elsewhere than on a terminal every byte stays what it is.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_obeys_nothing_that_is_in_a_row() {
    let evil = "select char(27) || '[31m' || char(7, 155, 8238) || 'x' as name";
    for format in ["table", "csv", "json", "jsonl", "markdown"] {
        let seen = shown("", evil, &["-o", format]);
        let obeyed = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'];
        assert!(
            !seen.contains(obeyed) && seen.contains("[31m"),
            "{format}: {seen}"
        );
    }
    let written = ask(&archive(), evil, "-o csv").stdout;
    assert!(
        written.contains("\u{1b}[31m\u{7}\u{9b}\u{202e}x"),
        "{written}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_pager_that_is_left_is_no_failure() {
    let endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n";
    let shown = shown("head -n 3", endless, &["-o", "csv", "--timeout", "600s"]);
    assert_eq!(shown, "x\n1\n2\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_table_is_cut_only_where_it_may_be() {
    let cut = shown("", NUMBERS, &["--limit", "1"]);
    assert!(cut.contains('…'), "{cut}");
    let wide = shown("", NUMBERS, &["--limit", "1", "--wide"]);
    let long = format!("{:0200}", 1);
    assert!(wide.contains(&long), "{wide}");
    let plain = shown("", NUMBERS, &["--numbers", "plain"]);
    assert!(plain.contains("40000"), "{plain}");
}

#[cfg(target_os = "linux")]
#[test]
fn reading_many_events_is_seen_and_stopped_by_ctrl_c() {
    let sandbox = archive();
    let writer = rusqlite::Connection::open(sandbox.path("trailkeep.db")).unwrap();
    writer
        .execute("update actor_span set events = 1000000", [])
        .unwrap();
    let endless = "with recursive n(x) as (select 1 union all select x + 1 from n) \
                   select count(*) from events, n";
    let mut command = sandbox.command("query");
    command.arg(endless);
    let mut terminal = Terminal::run(&command, 80, 20);
    terminal.shows("this reads all 2,000,000 events");
    // How long it has worked.
    terminal.shows("2s");
    terminal.types("\x03");
    let shown = terminal.ends(130);
    assert!(shown.contains("error: the query was stopped"), "{shown}");
}
