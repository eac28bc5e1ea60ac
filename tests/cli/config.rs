//! The config file as the binary finds it, and what `config` and `sources` say of it.

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;

const SAFE: &str = r#"
[source.safe-us]
kind = "safe"
url = "https://us.safeone.ai"
"#;

/// What no output may hold.
const MARKER: &str = "hunter2-marker";

#[test]
fn without_a_config_file_there_are_defaults_and_no_sources() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("config").single_spaced(), @"
    KEY VALUE FROM
    config (none) default
    archive trailkeep.db default
    queries $DIR/xdg/trailkeep/queries default
    search true default
    status.stale 26h default
    status.loss 14d default
    ");
    assert_snapshot!(sandbox.run("sources"), @"
    ------- stderr -------
    no source is configured; `trailkeep init` writes a config file
    ");
}

#[test]
fn the_config_file_is_found_here_then_in_the_users_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("xdg/trailkeep/trailkeep.toml", "archive = \"own.db\"\n");
    assert_snapshot!(sandbox.run("config").single_spaced(), @"
    KEY VALUE FROM
    config $DIR/xdg/trailkeep/trailkeep.toml default
    archive $DIR/xdg/trailkeep/own.db $DIR/xdg/trailkeep/trailkeep.toml:1
    queries $DIR/xdg/trailkeep/queries default
    search true default
    status.stale 26h default
    status.loss 14d default
    ");
    sandbox.write("trailkeep.toml", "\narchive = \"here.db\"\n");
    assert_snapshot!(sandbox.run("config").single_spaced(), @"
    KEY VALUE FROM
    config trailkeep.toml default
    archive here.db trailkeep.toml:2
    queries queries default
    search true default
    status.stale 26h default
    status.loss 14d default
    ");
}

#[test]
fn a_flag_goes_before_a_variable() {
    let mut sandbox = Sandbox::new();
    sandbox.write("one.toml", "archive = \"one.db\"\n");
    sandbox.write("two.toml", "archive = \"two.db\"\n");
    sandbox.set("TRAILKEEP_CONFIG", "one.toml");
    sandbox.set("TRAILKEEP_ARCHIVE", "variable.db");
    assert_snapshot!(sandbox.run("config").single_spaced(), @"
    KEY VALUE FROM
    config one.toml env TRAILKEEP_CONFIG
    archive variable.db env TRAILKEEP_ARCHIVE
    queries queries default
    search true default
    status.stale 26h default
    status.loss 14d default
    ");
    assert_snapshot!(sandbox.run("config --config two.toml --archive flag.db").single_spaced(), @"
    KEY VALUE FROM
    config two.toml --config
    archive flag.db --archive
    queries queries default
    search true default
    status.stale 26h default
    status.loss 14d default
    ");
}

#[test]
fn a_config_file_that_was_named_must_be_there() {
    assert_snapshot!(Sandbox::new().run("sources --config no.toml"), @"
    ------- stderr -------
    error: there is no config file no.toml
      hint: `trailkeep init no.toml` writes one
    [exit status: 2]
    ");
}

#[test]
fn a_config_file_that_cannot_be_read_says_why() {
    assert_snapshot!(Sandbox::new().run("sources --config home"), @"
    ------- stderr -------
    error: home cannot be read
      caused by: Is a directory (os error 21)
      hint: it must be a text file that you may read
    [exit status: 2]
    ");
}

#[test]
fn a_mistake_is_shown_with_its_place_and_a_hint() {
    let sandbox = Sandbox::new();
    sandbox.write("trailkeep.toml", &format!("{SAFE}urll = 1\n"));
    assert_snapshot!(sandbox.run("sources"), @"
    ------- stderr -------
    error: trailkeep.toml:5:1: source.safe-us.urll: unknown key
      hint: did you mean `url`?
    [exit status: 2]
    ");
}

#[test]
fn secrets_are_never_shown() {
    let mut sandbox = Sandbox::new();
    sandbox.set("SAFE_API_USERNAME", MARKER);
    let text = format!(
        "{SAFE}username = {{ env = \"SAFE_API_USERNAME\" }}\npassword = {{ env = \"UNSET\" }}\n\
         [source.acme]\nkind = \"sendsafely\"\nurl = \"https://acme.sendsafely.com\"\n\
         api_key = {{ file = \"key\" }}\napi_secret = {{ command = [\"echo\", \"{MARKER}\"] }}\n"
    );
    sandbox.write("trailkeep.toml", &text);
    sandbox.write("key", MARKER);
    let open = sandbox.run("config");
    close(&sandbox, "key");
    let closed = sandbox.run("config");
    for output in [
        &open,
        &closed,
        &sandbox.run("sources"),
        &sandbox.run("config -v"),
    ] {
        output.exits(0);
        let said = output.to_string();
        assert!(!said.contains(MARKER), "a secret is shown");
    }
    assert!(
        open.stdout
            .contains("(not set, file key may be read by others)"),
        "{open}"
    );
    let shown = closed.single_spaced();
    let shown: Vec<&str> = ["username", "password", "api_key", "api_secret"]
        .map(|key| shown.lines().find(|line| line.contains(key)).unwrap_or(key))
        .into();
    assert_snapshot!(shown.join("\n"), @"
    source.safe-us.username (set, from env SAFE_API_USERNAME) trailkeep.toml:5
    source.safe-us.password (not set, env UNSET) trailkeep.toml:6
    source.acme.api_key (set, from file key) trailkeep.toml:10
    source.acme.api_secret (from command echo, not run) trailkeep.toml:11
    ");
}

#[test]
fn a_secret_in_the_config_file_is_refused_and_not_repeated() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "trailkeep.toml",
        &format!("{SAFE}password = \"{MARKER}\"\n"),
    );
    let output = sandbox.run("config");
    assert!(!output.to_string().contains(MARKER), "a secret is shown");
    assert_snapshot!(output, @r#"
    ------- stderr -------
    error: trailkeep.toml:5:12: source.safe-us.password: a secret is referred to and never written here itself
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    [exit status: 2]
    "#);
}

#[test]
fn sources_are_listed_in_the_files_order() {
    let sandbox = Sandbox::new();
    let acme = "[source.acme]\nkind = \"sendsafely\"\nurl = \"https://acme.sendsafely.com/\"\n";
    sandbox.write("trailkeep.toml", &format!("{SAFE}{acme}"));
    let output = sandbox.run("sources");
    output.exits(0);
    let names = output
        .stdout
        .lines()
        .map(|line| line.split_whitespace().next().unwrap_or(""));
    assert_eq!(names.collect::<Vec<_>>(), ["NAME", "safe-us", "acme"]);
    assert!(
        output.stdout.contains("https://acme.sendsafely.com"),
        "{output}"
    );
}

fn close(sandbox: &Sandbox, file: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(sandbox.path(file), mode).unwrap();
    }
}
