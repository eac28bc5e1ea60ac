//! `[notify]`: whom to tell, and of what.

use std::path::Path;

use insta::assert_snapshot;

use super::{environment, in_words, mistakes, read, read_in};
use crate::config::{Origin, resolve_url, template};
use crate::notify::Occasion;

fn with(line: &str) -> String {
    format!("[notify]\ncommand = [\"page-me\"]\n{line}\n")
}

#[test]
fn nobody_is_told_where_nobody_is_named() {
    let notify = read("").unwrap().notify;
    assert!(notify.command.is_none() && notify.url.is_none() && notify.ping.is_none());
    assert_eq!(notify.on.value, Occasion::ALL);
    assert_eq!(notify.on.origin, Origin::Default);
}

#[test]
fn a_program_is_found_from_the_config_file_and_words_choose() {
    let text = "[notify]\ncommand = [\"hooks/page\", \"-u\"]\non = [\"lost\", \"recovery\"]\n";
    let notify = read_in(Path::new("/etc/tk"), text).unwrap().notify;
    let command = notify.command.unwrap().value;
    assert_eq!(command, ["/etc/tk/hooks/page", "-u"]);
    assert_eq!(notify.on.value, [Occasion::Lost, Occasion::Recovery]);
}

#[test]
fn mistakes_are_placed() {
    let lines = [
        "urll = { env = \"A\" }",
        "url = \"https://hunter2.example\"",
        "ping = { env = \"\" }",
        "on = [\"failures\"]",
        "on = []",
        "on = [\"recovery\"]",
        "on = \"lost\"",
    ];
    let mut texts: Vec<String> = lines.map(with).into();
    texts.push("[notify]\n".to_owned());
    texts.push("[notify]\ncommand = []\n".to_owned());
    texts.push("[notify]\ncommand = \"page-me\"\n".to_owned());
    texts.push("notify = true\n".to_owned());
    let words = mistakes(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(!words.contains("hunter2"), "{words}");
    assert_snapshot!(words, @r#"
    trailkeep.toml:3:1: notify.urll: unknown key
      hint: did you mean `url`?
    trailkeep.toml:3:7: notify.url: a secret is referred to and never written here itself
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:3:16: notify.ping.env: is empty
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:3:6: notify.on: unknown word `failures`
      hint: did you mean `failure`?
    trailkeep.toml:3:6: notify.on: leaves nothing to tell of
      hint: name some of failure, gap, loss, lost, stale, recovery, check
    trailkeep.toml:3:6: notify.on: leaves nothing to tell of
      hint: name some of failure, gap, loss, lost, stale, recovery, check
    trailkeep.toml:3:6: notify.on: is text
      hint: it must be a list of texts in quotes: ["one", "two"]
    trailkeep.toml:1:2: notify: names nobody to tell
      hint: write command = ["…"], url = { env = "…" } or ping = { env = "…" }
    trailkeep.toml:2:11: notify.command: names no program
      hint: write command = ["…"], url = { env = "…" } or ping = { env = "…" }
    trailkeep.toml:2:11: notify.command: is text
      hint: it must be a list of texts in quotes: ["one", "two"]
    trailkeep.toml:1:10: notify: is true or false
      hint: it must be a table
    "#);
}

#[test]
fn a_url_goes_over_tls_or_stays_on_the_machine_and_is_never_shown() {
    let notify = read("[notify]\nurl = { env = \"URL\" }\n").unwrap().notify;
    let url = notify.url.unwrap();
    for fine in ["https://a.example/hunter2", "http://127.0.0.1:9/hunter2\n"] {
        let secret = resolve_url(&url, &environment(&[("URL", fine)])).unwrap();
        assert_eq!(secret.expose(), fine.trim_end());
    }
    let wrong = ["http://a.example/hunter2", "hunter2", "ftp://hunter2", ""];
    let words =
        wrong.map(|text| in_words(&resolve_url(&url, &environment(&[("URL", text)])).unwrap_err()));
    assert_snapshot!(words.join("\n"), @"
    trailkeep.toml:2:7: notify.url: env URL is not encrypted
      hint: it begins with https://; http:// is for this machine only
    trailkeep.toml:2:7: notify.url: env URL is no URL
      hint: it begins with https://
    trailkeep.toml:2:7: notify.url: env URL is not encrypted
      hint: it begins with https://; http:// is for this machine only
    trailkeep.toml:2:7: notify.url: env URL is empty
      hint: a secret has at least one character
    ");
}

#[test]
fn the_table_that_init_leaves_out_can_be_read_once_it_is_put_in() {
    let written = template::config_file(&[]);
    let (_, table) = written.split_once("# [notify]").unwrap();
    let set = table.lines().filter(|line| line.contains(" = "));
    let set: Vec<&str> = set.map(|line| line.trim_start_matches("# ")).collect();
    let notify = read(&format!("[notify]\n{}", set.join("\n")))
        .unwrap()
        .notify;
    assert!(notify.command.is_some() && notify.url.is_some() && notify.ping.is_some());
    assert_eq!(notify.on.value, Occasion::ALL);
    assert_ne!(notify.on.origin, Origin::Default);
}
