//! The shell at a real terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::archive;
use crate::support::sandbox::Sandbox;
use crate::support::terminal::Terminal;

/// A person would not wonder yet; a machine with much else to do needs most of it.
const PATIENCE: Duration = Duration::from_secs(2);

const PROMPT: &str = "trailkeep> ";

fn shell(sandbox: &Sandbox, arguments: &str) -> Terminal {
    let command = sandbox.command(&format!("shell {arguments}"));
    let mut terminal = Terminal::run(&command, 100, 30);
    terminal.shows(PROMPT);
    terminal
}

#[test]
fn a_statement_is_written_over_lines() {
    let mut terminal = shell(&archive(), "");
    terminal.types("select actor\r");
    terminal.types("from events where actor <> ';'\r");
    terminal.types("order by time;\r");
    terminal.shows("ann@example.com");
    terminal.shows("2 rows");
    terminal.shows(PROMPT);
    // An empty line ends it, too.
    terminal.types("select 6 * 7 as answer\r\r");
    terminal.shows("42");
    terminal.shows(PROMPT);
    terminal.types("\x04");
    terminal.ends(0);
}

#[test]
fn a_mistake_is_shown_and_the_shell_goes_on() {
    let mut terminal = shell(&archive(), "");
    terminal.types("select acter from events;\r");
    terminal.shows("error: no such column: acter");
    terminal.shows("hint: did you mean `actor`");
    terminal.shows(PROMPT);
    terminal.types("event\r");
    terminal.shows("give it: .params set id");
    terminal.shows(PROMPT);
    terminal.types(".quit\r");
    terminal.ends(0);
}

#[test]
fn tab_completes() {
    let mut terminal = shell(&archive(), "");
    terminal.types("failed-l\t since=2026-10-01\r");
    terminal.shows("bob@example.com");
    terminal.shows(PROMPT);
    terminal.types("select event_i\t from eve\t limit 1;\r");
    terminal.shows("0bc1d2e3-0000-4000-8000-000000000001");
    terminal.shows(PROMPT);
    terminal.types("\x04");
    terminal.ends(0);
}

/// Endless, and said and seen to read everything.
const ENDLESS: &str = "with recursive n(x) as (select 1 union all select x + 1 from n) \
                       select count(*) from events, n;\r";

#[test]
fn ctrl_c_stops_the_query_and_not_the_shell() {
    let sandbox = archive();
    Connection::open(sandbox.path("trailkeep.db"))
        .unwrap()
        .execute("update actor_span set events = 1000000", [])
        .unwrap();
    let mut terminal = shell(&sandbox, "");
    for _ in 0..3 {
        terminal.types(ENDLESS);
        terminal.shows("this reads all 2,000,000 events");
        // How long it has worked by then.
        terminal.shows("1s");
        let pressed = Instant::now();
        terminal.types("\x03");
        terminal.shows("stopped");
        assert!(pressed.elapsed() < PATIENCE, "{:?}", pressed.elapsed());
        terminal.shows(PROMPT);
    }
    terminal.types("select 'never run'\x03");
    terminal.shows(PROMPT);
    terminal.types("select 6 * 7 as answer;\r");
    terminal.shows("42");
    terminal.shows(PROMPT);
    terminal.types(".quit\r");
    terminal.ends(0);
}

#[test]
fn what_was_typed_is_kept_for_nobody_else_and_without_secrets() {
    let mut sandbox = archive();
    sandbox.set("SAFE_API_PASSWORD", "hunter22");
    let mut terminal = shell(&sandbox, "");
    for line in ["select 1,\r 2;", "select 'hunter22';", " select 'unseen';"] {
        terminal.types(line);
        terminal.types("\r");
        terminal.shows("1 row");
        terminal.shows(PROMPT);
    }
    terminal.types("\x04");
    terminal.ends(0);
    let file = sandbox.path("home/.local/state/trailkeep/history");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = fs::read_to_string(&file).unwrap();
    assert_eq!(kept, "#V2\nselect 1,\\n 2;\n");
    let mut terminal = shell(&sandbox, "");
    terminal.types("\x1b[A\r");
    terminal.shows("1 row");
    terminal.shows(PROMPT);
    terminal.types("\x04");
    terminal.ends(0);
}

#[test]
fn nothing_is_kept_where_that_is_not_wanted() {
    let sandbox = archive();
    let mut terminal = shell(&sandbox, "--no-history");
    terminal.types("select 1;\r");
    terminal.shows("1 row");
    terminal.shows(PROMPT);
    terminal.types("\x04");
    terminal.ends(0);
    assert!(!sandbox.path("home/.local").exists());
}
