//! `init`, and the walk from there: config, sources.

use std::fs;

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

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

/// The table of a feed as it is when its reader took the first mark from each line.
fn uncommented(written: &str, table: &str) -> String {
    let head = format!("# [source.{table}]");
    let is_of_it = |line: &&str| line.starts_with("# ");
    let lines = written.lines().skip_while(|line| *line != head);
    let lines = lines.take_while(is_of_it).map(|line| &line[2..]);
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_feeds_table_works_when_its_marks_are_taken_away() {
    let sandbox = Sandbox::new();
    sandbox.run("init").exits(0);
    let mut written = fs::read_to_string(sandbox.path("trailkeep.toml")).unwrap();
    for kind in trailkeep::kind::KINDS {
        for feed in kind.feeds.iter().filter(|feed| feed.access.is_some()) {
            let table = uncommented(&written, &format!("{}.{}", kind.name, feed.name));
            assert!(!table.is_empty(), "{}", feed.name);
            written.push_str(&table);
        }
    }
    sandbox.write("trailkeep.toml", &written);
    sandbox.run("config").exits(0);
    sandbox.run("sync --dry-run").exits(0);
    assert_snapshot!(sandbox.run("sources").single_spaced(), @"
    NAME KIND URL FEEDS
    safe safe https://us.safeone.ai reports, cloudwatch, cloudtrail
    sendsafely sendsafely https://acme.sendsafely.com api, s3, scim
    ");
}

#[test]
fn a_bucket_is_read_with_the_settings_that_the_file_shows() {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(50);
    vendors.configure(&mut sandbox);
    sandbox.run("init other.toml").exits(0);
    let written = fs::read_to_string(sandbox.path("other.toml")).unwrap();
    let table = uncommented(&written, "sendsafely.s3");
    let mut config = "[source.sendsafely]\nkind = \"sendsafely\"\n".to_owned() + &table;
    for (old, new) in [
        ("acme-audit-logs", "acme-audit"),
        ("https://aws.acme.example", vendors.aws_url()),
        ("# endpoint", "endpoint"),
        ("# path_style = false", "path_style = true"),
        ("# access_key_id", "access_key_id"),
        ("# secret_access_key", "secret_access_key"),
        ("AWS_ACCESS_KEY_ID", "AUDIT_KEY"),
        ("AWS_SECRET_ACCESS_KEY", "AUDIT_SECRET"),
    ] {
        assert!(config.contains(old), "{old}\n{config}");
        config = config.replace(old, new);
    }
    sandbox.write("other.toml", &config);
    let synced = sandbox.run("--config other.toml sync");
    synced.exits(0);
    assert!(synced.stdout.contains("sendsafely/s3"), "{synced}");
}
