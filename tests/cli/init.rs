//! `init`, and the walk from there: config, sources.

use std::fs;

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;

#[test]
fn the_file_it_writes_is_closed_to_others_and_never_replaced() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("init"), @"
    ------- stderr -------
    wrote trailkeep.toml
    next: fill it in, then `trailkeep sources`
    ");
    let file = sandbox.path("trailkeep.toml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    fs::write(&file, "# mine\n").unwrap();
    assert_snapshot!(sandbox.run("init"), @"
    ------- stderr -------
    error: trailkeep.toml is there already
      hint: name another file, or move that one away
    [exit status: 2]
    ");
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    assert_snapshot!(Sandbox::new().run("init no/such/folder.toml"), @"
    ------- stderr -------
    error: no/such/folder.toml cannot be written
      caused by: No such file or directory (os error 2)
      hint: is there such a folder, and may you write in it?
    [exit status: 2]
    ");
}

#[test]
fn quiet_says_nothing() {
    assert_snapshot!(Sandbox::new().run("init -q other.toml"), @"");
}

#[test]
fn what_it_writes_is_what_config_and_sources_read() {
    let sandbox = Sandbox::new();
    sandbox.run("init").exits(0);
    let written = fs::read_to_string(sandbox.path("trailkeep.toml")).unwrap();
    let shown = sandbox.run("config");
    shown.exits(0);
    let listed = sandbox.run("sources");
    listed.exits(0);
    for kind in trailkeep::kind::KINDS {
        assert!(listed.stdout.contains(kind.url_example), "{listed}");
        for setting in kind.access.settings {
            let key = format!("source.{}.{} ", kind.name, setting.key);
            assert!(shown.stdout.contains(&key), "{key} is missing in\n{shown}");
            assert!(
                written.contains(setting.about),
                "{} is missing in\n{written}",
                setting.key
            );
        }
    }
}
