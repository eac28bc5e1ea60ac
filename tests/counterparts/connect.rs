//! What `connect` prints for DuckDB and Datasette, run as it is printed by the real tools, while a
//! writer has the archive open.

use crate::support::busy::Busy;
use crate::support::counterparts::folder;

fn busy() -> Busy {
    let mut busy = Busy::new();
    busy.find_programs_in(folder("bin").to_str().unwrap());
    busy
}

/// What `install sqlite` would fetch, in the place where it looks first.
const EXTENSION: &str = "
    of=\"$(python -c 'import duckdb_extension_sqlite_scanner as e; print(e.__path__[0])')/extensions\"
    platform=\"$(duckdb -noheader -list -c 'pragma platform')\"
    for version in \"$of\"/*; do
        to=\"$HOME/.duckdb/extensions/${version##*/}/$platform\"
        mkdir -p \"$to\" && cp \"$version\"/* \"$to\"
    done";

#[test]
#[ignore = "needs DuckDB: tests/run"]
fn duckdb_reads_beside_the_writer_as_printed() {
    let busy = busy();
    assert_eq!(busy.shell(EXTENSION, ""), "");
    let printed = busy.connect("duckdb");
    let ask = |sql: &str| busy.shell(&printed, &format!(".mode list\n.headers off\n{sql}\n"));
    let count = "from sqlite_query('trailkeep', 'select count(*) from events');";
    assert_eq!(ask(count), "3\n");
    let gaps = "from sqlite_query('trailkeep', 'select source, feed, state from gaps');";
    assert_eq!(ask(gaps), busy.gaps());

    // What it shows in comments is meant to be tried.
    let shown = printed.lines().filter_map(|line| line.strip_prefix("#   "));
    let shown: Vec<&str> = shown.collect();
    let copied = format!(
        "{}\nselect min(time) = timestamptz '2026-10-01 12:00:00Z', sum(batch) from events;",
        shown.join("\n")
    );
    let answer = ask(&copied);
    assert!(answer.contains("ann@example.com|2\n"), "{answer}");
    assert!(answer.ends_with("true|3\n"), "{answer}");
    let refused = ask("insert into trailkeep.main.word values (9, 'x');");
    assert!(refused.contains("read-only"), "{refused}");
}

#[test]
#[ignore = "needs Datasette: tests/run"]
fn datasette_reads_beside_the_writer_as_printed() {
    let busy = busy();
    let printed = busy.connect("datasette");
    let line = printed.lines().find(|line| !line.starts_with('#')).unwrap();
    // The address it names, asked without a port.
    let address = printed.split("PORT").nth(1).unwrap();
    let root = address.split(';').next().unwrap();
    assert_eq!(root, "/audit~20log");
    let get = |query: &str| busy.shell(&format!("{line} --get '{root}{query}'"), "");
    assert_eq!(
        get(".json?sql=select+count(*)+as+n+from+events&_shape=array"),
        "[{\"n\": 3}]\n"
    );
    let gaps = get(".json?sql=select+source,feed,state+from+gaps&_shape=arrays");
    for line in busy.gaps().lines() {
        let row = format!("[\"{}\"]", line.replace('|', "\", \""));
        assert!(gaps.contains(&row), "{gaps}");
    }
    let refused = get(".json?sql=delete+from+cursor");
    assert!(refused.contains("must be a SELECT"), "{refused}");
}
