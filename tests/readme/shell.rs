//! `docs/shell.md`: the shell's commands are there, as `.help` lists them.

use std::collections::BTreeSet;

use super::pages::page;
use super::{DEMO, Sandbox};

#[test]
fn every_command_of_the_shell_is_listed() {
    let mut sandbox = Sandbox::new();
    sandbox.shell(DEMO).exits(0);
    sandbox.set("TRAILKEEP_CONFIG", "trailkeep-demo/trailkeep.toml");
    let help = sandbox.shell("echo .help | trailkeep shell").stdout;
    let known: BTreeSet<&str> = help.lines().filter_map(command).collect();
    assert!(known.len() > 8, "{help}");
    let text = page("docs/shell.md").text;
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let listed: BTreeSet<&str> = cells
        .flat_map(|cell| cell.split('`').filter_map(command))
        .collect();
    assert_eq!(listed, known);
}

/// The command that a text begins with: `.schema`.
fn command(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    word.starts_with('.').then_some(word)
}
