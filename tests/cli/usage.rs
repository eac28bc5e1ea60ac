//! The frame: help, flags, usage errors, closed pipes.

use std::io;

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;

#[test]
fn a_command_nobody_knows_is_a_usage_error() {
    assert_snapshot!(Sandbox::new().run("snyc"), @"
    ------- stderr -------
    error: unrecognized subcommand 'snyc'

      tip: a similar subcommand exists: 'sync'

    Usage: trailkeep [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn quiet_and_verbose_exclude_each_other() {
    assert_snapshot!(Sandbox::new().run("sources -q -v"), @"
    ------- stderr -------
    error: the argument '--quiet' cannot be used with '--verbose'

    Usage: trailkeep sources --quiet

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn no_arguments_are_answered_with_help() {
    let output = Sandbox::new().run("");
    output.exits(2);
    assert!(output.stderr.contains("Usage: trailkeep"), "{output}");
    assert!(output.stdout.is_empty(), "{output}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    let sandbox = Sandbox::new();
    for arguments in ["--help", "init --help", "--version"] {
        let output = sandbox.run(arguments);
        output.exits(0);
        assert!(output.stdout.contains("trailkeep"), "{output}");
        assert!(output.stderr.is_empty(), "{output}");
    }
}

#[test]
fn every_command_says_what_it_does() {
    let sandbox = Sandbox::new();
    let help = sandbox.run("--help").stdout;
    let commands = help
        .split("Commands:")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next());
    let commands: Vec<&str> = commands
        .unwrap()
        .lines()
        .filter(|line| !line.is_empty())
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for line in commands {
        assert!(
            line.split_whitespace().count() > 2,
            "`{line}` does not say what it does"
        );
    }
}

#[test]
fn completions_know_the_commands() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        let output = sandbox.run(&format!("completions {shell}"));
        output.exits(0);
        for word in ["sources", "schedule", "launchd"] {
            assert!(output.stdout.contains(word), "{output}");
        }
    }
}

#[test]
fn the_man_page_is_of_the_program_or_of_one_command() {
    let sandbox = Sandbox::new();
    let whole = sandbox.run("man");
    assert!(whole.stdout.contains(".TH trailkeep"), "{whole}");
    let one = sandbox.run("man init");
    assert!(one.stdout.contains("trailkeep init"), "{one}");
    assert_snapshot!(sandbox.run("man snyc"), @"
    ------- stderr -------
    error: there is no command `snyc`
      hint: `trailkeep --help` lists the commands
    [exit status: 2]
    ");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = Sandbox::new()
        .command("completions bash")
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn data_that_cannot_be_written_is_a_failure() {
    let sandbox = Sandbox::new();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = sandbox
        .command("completions bash")
        .stdout(full)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("error: standard output cannot be written: No space left"),
        "{stderr}"
    );
    assert_eq!(output.status.code(), Some(2));
}
