//! `connect`: what it prints. That it works is shown by the real tools, here SQLite's own shell;
//! those that `tests/set-up` installs are in `counterparts`.

use insta::assert_snapshot;

use crate::support::busy::Busy;
use crate::support::sandbox::Sandbox;

#[test]
fn without_a_tool_they_are_listed() {
    assert_snapshot!(Sandbox::new().run("connect"), @r"
    sqlite3    SQLite's own shell
    duckdb     DuckDB, whose SQL is asked of SQLite or of a copy
    datasette  Datasette: tables, facets and SQL in a browser, and as JSON
    grafana    Grafana, by its SQLite data source
    powerbi    Power BI and Excel, by ODBC
    ------- stderr -------
    `trailkeep connect TOOL` prints how it opens the archive
    ");
}

#[test]
fn there_must_be_an_archive_and_the_tool_must_be_known() {
    let sandbox = Sandbox::new();
    let missing = sandbox.run("connect sqlite3");
    missing.exits(2);
    assert!(missing.stderr.contains("there is no archive"), "{missing}");
    let unknown = sandbox.run("connect excel");
    unknown.exits(2);
    assert!(unknown.stderr.contains("powerbi"), "{unknown}");
}

#[test]
fn settings_name_the_archive_by_its_whole_path() {
    let busy = Busy::new();
    let path = busy.path();
    let yaml = busy.connect("grafana");
    assert!(yaml.contains(&format!("path: \"{path}\"")), "{yaml}");
    let odbc = busy.connect("powerbi");
    let uri = path.replace(' ', "%20").replace('\'', "%27");
    let setting = format!("Database=file:{uri}?mode=ro;");
    assert!(odbc.contains(&setting), "{odbc}");
}

#[test]
fn the_shell_of_sqlite_reads_beside_the_writer_as_printed() {
    let busy = Busy::new();
    let printed = busy.connect("sqlite3");
    let count = busy.shell(&printed, "select count(*) from events;");
    assert_eq!(count, "3\n");
    let gaps = busy.shell(&printed, "select source, feed, state from gaps;");
    assert_eq!(
        gaps,
        busy.gaps(),
        "by SQLite's own shell, which may be an old one"
    );
    let refused = busy.shell(&printed, "delete from cursor;");
    assert!(refused.contains("readonly"), "{refused}");
}
