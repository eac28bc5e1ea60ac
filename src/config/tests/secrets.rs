//! Secrets: how they are referred to, and what keeps them out of sight.

use std::fs;

use insta::assert_snapshot;

use super::{SOURCE, environment, in_words, mistakes_in_line, read, read_in, with};
use crate::config::is_credential_name;
use crate::kind::Settings;

#[test]
fn a_secret_is_a_reference_to_one_place() {
    let words = mistakes_in_line(&[
        "token = \"hunter2\"",
        "token = {}",
        "token = { env = \"A\", file = \"b\" }",
        "token = { env = \"\" }",
        "token = { command = [] }",
        "token = { command = [\"pass\", 1] }",
    ]);
    assert!(!words.contains("hunter2"), "{words}");
    assert_snapshot!(words, @r#"
    trailkeep.toml:4:9: source.one.token: a secret is referred to and never written here itself
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:4:1: source.one.token: a reference names one place
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:4:1: source.one.token: a reference names one place
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:4:17: source.one.token.env: is empty
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:4:21: source.one.token.command: names no program
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:4:21: source.one.token.command: is a list
      hint: it must be a list of texts in quotes: ["one", "two"]
    "#);
}

#[test]
fn a_source_without_its_secrets_is_no_mistake_until_they_are_needed() {
    let config = read(&with("token = { env = \"VENDOR_TOKEN\" }")).unwrap();
    let source = config.source("one").unwrap();
    assert!(source.own.settings.secrets.is_empty());
    assert_snapshot!(in_words(&source.own.resolve(&environment(&[])).unwrap_err()), @"
    trailkeep.toml:4:9: source.one.token: env VENDOR_TOKEN is not set
      hint: set it: export VENDOR_TOKEN='…'
    ");
    let empty = environment(&[("VENDOR_TOKEN", "")]);
    assert_snapshot!(in_words(&source.own.resolve(&empty).unwrap_err()), @"
    trailkeep.toml:4:9: source.one.token: env VENDOR_TOKEN is empty
      hint: a secret has at least one character
    ");
    let settings = source
        .own
        .resolve(&environment(&[("VENDOR_TOKEN", "hunter2\n")]))
        .unwrap();
    assert_eq!(settings.secret("token").unwrap().expose(), "hunter2");

    let config = read(SOURCE).unwrap();
    let error = config
        .source("one")
        .unwrap()
        .own
        .resolve(&environment(&[]))
        .unwrap_err();
    assert_snapshot!(in_words(&error), @r#"
    trailkeep.toml:1:9: source.one.token: is not set
      hint: write token = { env = "VENDOR_TOKEN" }
    "#);
}

/// A config file beside a secret file `token`, which is refused in these words; FOLDER stands for
/// where they lie.
#[cfg(unix)]
fn resolve_file(contents: &[u8], mode: u32) -> Result<Settings, String> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, contents).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    let config = read_in(folder.path(), &with("token = { file = \"token\" }")).unwrap();
    let settings = config.source("one").unwrap().own.resolve(&environment(&[]));
    let folder = folder.path().display().to_string();
    settings.map_err(|error| in_words(&error).replace(&folder, "FOLDER"))
}

#[cfg(unix)]
#[test]
fn a_file_of_a_secret_is_closed_to_others() {
    for (mode, is_right) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
        assert_eq!(resolve_file(b"hunter2", mode).is_ok(), is_right, "{mode:o}");
    }
    assert_snapshot!(resolve_file(b"hunter2", 0o644).unwrap_err(), @"
    FOLDER/trailkeep.toml:4:9: source.one.token: file FOLDER/token may be read by others
      hint: chmod 600 FOLDER/token
    ");
}

#[cfg(unix)]
#[test]
fn a_file_of_a_secret_is_a_short_text() {
    let settings = resolve_file(b"hunter2\r\n", 0o600).unwrap();
    assert_eq!(settings.secret("token").unwrap().expose(), "hunter2");
    assert_snapshot!(resolve_file(b"\n", 0o600).unwrap_err(), @"
    FOLDER/trailkeep.toml:4:9: source.one.token: file FOLDER/token is empty
      hint: a secret has at least one character
    ");
    assert_snapshot!(resolve_file(b"\xff", 0o600).unwrap_err(), @"
    FOLDER/trailkeep.toml:4:9: source.one.token: file FOLDER/token is no UTF-8 text
      hint: a secret is text; encode it if it is not
    ");
    assert_snapshot!(resolve_file(&[b'x'; 100_000], 0o600).unwrap_err(), @"
    FOLDER/trailkeep.toml:4:9: source.one.token: file FOLDER/token is longer than 64 KiB
      hint: is it a secret?
    ");
    let missing = read(&with("token = { file = \"no/such/file\" }")).unwrap();
    let error = missing
        .source("one")
        .unwrap()
        .own
        .resolve(&environment(&[]))
        .unwrap_err();
    assert_snapshot!(in_words(&error), @"
    trailkeep.toml:4:9: source.one.token: file no/such/file cannot be read
      hint: it must be a file that you may read
    ");
}

#[cfg(unix)]
#[test]
fn a_command_says_a_secret_or_its_words_stay_unseen() {
    let resolve = |command: &str| {
        let config = read(&with(&format!("token = {{ command = {command} }}"))).unwrap();
        config.source("one").unwrap().own.resolve(&environment(&[]))
    };
    let settings = resolve(r#"["printf", "%s\\n", "hunter2 $HOME"]"#).unwrap();
    assert_eq!(settings.secret("token").unwrap().expose(), "hunter2 $HOME");
    let failing = resolve(r#"["sh", "-c", "echo hunter2; exit 3"]"#).unwrap_err();
    assert_snapshot!(in_words(&failing), @"
    trailkeep.toml:4:9: source.one.token: command sh ended with exit status: 3
      hint: run it by hand to see why
    ");
    assert_snapshot!(in_words(&resolve(r#"["true"]"#).unwrap_err()), @"
    trailkeep.toml:4:9: source.one.token: command true is empty
      hint: a secret has at least one character
    ");
    assert_snapshot!(in_words(&resolve(r#"["no-such-program"]"#).unwrap_err()), @"
    trailkeep.toml:4:9: source.one.token: command no-such-program cannot be run
      hint: is it installed? it is run as written, without a shell
    ");
    assert_snapshot!(in_words(&resolve(r#"["yes"]"#).unwrap_err()), @"
    trailkeep.toml:4:9: source.one.token: command yes is longer than 64 KiB
      hint: is it a secret?
    ");
}

/// A service's folder of credentials with this one in it; what is said of it, or the secret.
#[cfg(unix)]
fn resolve_credential(name: &str, mode: u32, set: &[(&str, &str)]) -> Result<String, String> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, "from-credential\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    let mut environment = environment(set);
    let folder = folder.path().as_os_str().to_owned();
    environment
        .variables
        .insert("CREDENTIALS_DIRECTORY".into(), folder.clone());
    let config = read(&with("token = { env = \"VENDOR_TOKEN\" }")).unwrap();
    let settings = config.source("one").unwrap().own.resolve(&environment);
    let folder = folder.into_string().unwrap();
    settings
        .map(|settings| settings.secret("token").unwrap().expose().to_owned())
        .map_err(|error| in_words(&error).replace(&folder, "FOLDER"))
}

#[cfg(unix)]
#[test]
fn a_credential_stands_in_for_a_variable_that_is_not_set() {
    let credential = |set| resolve_credential("VENDOR_TOKEN", 0o400, set);
    assert_eq!(credential(&[]).unwrap(), "from-credential");
    let set = [("VENDOR_TOKEN", "from-variable")];
    assert_eq!(credential(&set).unwrap(), "from-variable");
    assert_snapshot!(credential(&[("VENDOR_TOKEN", "")]).unwrap_err(), @"
    trailkeep.toml:4:9: source.one.token: env VENDOR_TOKEN is empty
      hint: a secret has at least one character
    ");
    assert_snapshot!(resolve_credential("OTHER", 0o400, &[]).unwrap_err(), @"
    trailkeep.toml:4:9: source.one.token: env VENDOR_TOKEN is not set
      hint: the unit needs LoadCredential=VENDOR_TOKEN:FILE, FILE being where it is
    ");
}

/// systemd lets the service's user read by an access list: its mask shows as the group's bits.
#[cfg(unix)]
#[test]
fn a_credential_may_be_read_by_its_group_and_no_other() {
    for (mode, is_right) in [
        (0o400, true),
        (0o440, true),
        (0o600, true),
        (0o660, false),
        (0o444, false),
        (0o401, false),
    ] {
        let resolved = resolve_credential("VENDOR_TOKEN", mode, &[]);
        assert_eq!(resolved.is_ok(), is_right, "{mode:o}: {resolved:?}");
    }
    assert_snapshot!(resolve_credential("VENDOR_TOKEN", 0o444, &[]).unwrap_err(), @"
    trailkeep.toml:4:9: source.one.token: credential VENDOR_TOKEN may be read by others
      hint: chmod 600 FOLDER/VENDOR_TOKEN
    ");
}

#[test]
fn a_credential_lies_in_its_folder() {
    for (name, is_right) in [
        ("SAFE_API_TOKEN", true),
        ("safe.api-token", true),
        ("", false),
        ("..", false),
        ("../token", false),
        ("/etc/shadow", false),
        ("a:b", false),
        ("a b", false),
        ("%n", false),
    ] {
        assert_eq!(is_credential_name(name), is_right, "{name}");
    }
    let config = read(&with("token = { env = \"../token\" }")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "hunter2").unwrap();
    let sub_folder = folder.path().join("credentials");
    fs::create_dir(&sub_folder).unwrap();
    let set = [("CREDENTIALS_DIRECTORY", sub_folder.to_str().unwrap())];
    let resolved = config
        .source("one")
        .unwrap()
        .own
        .resolve(&environment(&set));
    assert!(resolved.is_err(), "a credential outside of its folder");
}
