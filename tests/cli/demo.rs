//! `trailkeep demo`, and the commands that it says to go on with.

use crate::support::sandbox::Sandbox;

#[test]
fn a_demo_runs_and_so_do_the_commands_it_names() {
    let sandbox = Sandbox::new();
    let demo = sandbox.run("demo --events 2000 --days 10");
    demo.exits(0);
    assert!(demo.stdout.contains("safe-us/reports"), "{demo}");
    assert!(demo.stdout.contains("failures"), "{demo}");
    let commands = demo.stderr.lines().map(str::trim);
    let commands: Vec<&str> = commands
        .filter(|line| line.starts_with("trailkeep --config"))
        .collect();
    assert!(commands.len() >= 3, "{demo}");
    for command in commands {
        let output = sandbox.shell(command);
        output.exits(0);
        assert!(!output.stdout.is_empty(), "{command}: {output}");
    }
}

#[test]
fn a_demo_leaves_the_users_own_archive_alone() {
    let mut sandbox = Sandbox::new();
    sandbox.set("TRAILKEEP_ARCHIVE", "precious.db");
    let demo = sandbox.run("demo there --events 100 --days 3");
    demo.exits(0);
    assert!(!sandbox.path("precious.db").exists());
    assert!(sandbox.path("there/trailkeep.db").exists());
    assert!(
        demo.stderr.contains("--archive there/trailkeep.db"),
        "{demo}"
    );
    sandbox.run("demo there --archive precious.db").exits(2);
}

#[test]
fn a_demo_replaces_a_demo_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.run("demo --events 100 --days 3").exits(0);
    let again = sandbox.run("demo --events 100 --days 3");
    again.exits(0);
    sandbox.write("mine/letters.txt", "dear…");
    let refused = sandbox.run("demo mine");
    refused.exits(2);
    assert!(
        refused.stderr.contains("mine is there already"),
        "{refused}"
    );
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_a_demo_signs_in_with() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = Sandbox::new();
    let demo = sandbox.run("demo --events 100 --days 3 -v");
    for name in [
        "trailkeep.toml",
        "safe-password",
        "sendsafely-api-secret",
        "aws-secret-access-key",
    ] {
        let path = sandbox.path("trailkeep-demo").join(name);
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!demo.to_string().contains(text.trim()), "{name}");
    }
}
