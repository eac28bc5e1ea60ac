//! Where the archive and all else may lie, and what the service is then allowed.

use super::*;

fn setup(archive: &str) -> Setup {
    Setup {
        program: "/usr/local/bin/trailkeep".to_owned(),
        config: "/etc/trailkeep/trailkeep.toml".to_owned(),
        archive: archive.to_owned(),
        ..Setup::default()
    }
}

/// The lines that differ from setup to setup.
fn lines(setup: &Setup, user: Option<&str>) -> Vec<String> {
    let text = Sandbox::new(setup, user).unwrap().to_string();
    let lines = text.lines().filter(|line| !HARDENING.contains(line));
    lines
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

const TEMPORARY: &str = "Environment=TMPDIR=/var/tmp";

const STRICTER: [&str; 2] = ["MemoryDenyWriteExecute=yes", "ProcSubset=pid"];

#[test]
fn an_archive_of_the_systems_belongs_to_a_user_of_its_own() {
    for (archive, writable) in [
        (
            "/var/lib/trailkeep/trailkeep.db",
            &["StateDirectory=trailkeep", "StateDirectoryMode=0700"][..],
        ),
        (
            "/var/lib/acme/audit/a.db",
            &["StateDirectory=acme/audit", "StateDirectoryMode=0700"],
        ),
        (
            "/var/lib/a b/a.db",
            &[r#"ReadWritePaths="/var/lib/a b""#][..],
        ),
        ("/var/lib/a.db", &["ReadWritePaths=/var/lib"]),
        (
            "/srv/100% audit/a.db",
            &[r#"ReadWritePaths="/srv/100%% audit""#],
        ),
        ("/homes/alice/a.db", &["ReadWritePaths=/homes/alice"]),
        ("/tmp/trail/a.db", &["BindPaths=/tmp/trail"]),
    ] {
        let mut expected = vec!["User=trailkeep"];
        expected.extend(writable);
        expected.extend(["ProtectHome=yes", TEMPORARY, "RemoveIPC=yes"]);
        expected.extend(STRICTER);
        assert_eq!(lines(&setup(archive), None), expected, "{archive}");
    }
}

#[test]
fn of_a_home_only_what_is_needed_is_seen() {
    let mut setup = setup("/home/alice/logs/a.db");
    setup.config = "/home/alice/.config/trailkeep/trailkeep.toml".to_owned();
    setup.program = "/home/alice/.cargo/bin/trailkeep".to_owned();
    setup.files = [
        "/home/alice/logs/key",
        "/home/alice/my keys/key",
        "/etc/key",
    ]
    .map(str::to_owned)
    .into();
    let mut expected = vec![
        "User=alice",
        "BindPaths=/home/alice/logs",
        "ProtectHome=tmpfs",
        "BindReadOnlyPaths=/home/alice/.cargo/bin/trailkeep",
        "BindReadOnlyPaths=/home/alice/.config/trailkeep/trailkeep.toml",
        r#"BindReadOnlyPaths="/home/alice/my keys/key""#,
        TEMPORARY,
    ];
    expected.extend(STRICTER);
    assert_eq!(lines(&setup, None), expected);
}

#[test]
fn a_program_in_a_home_is_seen_by_a_user_of_its_own() {
    let mut setup = setup("/var/lib/trailkeep/a.db");
    setup.program = "/root/.cargo/bin/trailkeep".to_owned();
    let lines = lines(&setup, None);
    for line in [
        "User=trailkeep",
        "ProtectHome=tmpfs",
        "BindReadOnlyPaths=/root/.cargo/bin/trailkeep",
    ] {
        assert!(lines.iter().any(|there| there == line), "{lines:?}");
    }
}

/// What `pass` reads of a home is not known, nor what it is written in.
#[test]
fn a_command_sees_the_home_that_it_may_need() {
    let mut setup = setup("/home/alice/logs/a.db");
    setup.commands.insert("pass".to_owned());
    let expected = [
        "User=alice",
        "ReadWritePaths=/home/alice/logs",
        "ProtectHome=read-only",
        TEMPORARY,
    ];
    assert_eq!(lines(&setup, None), expected);
    let warnings = Sandbox::new(&setup, None).unwrap().warnings();
    assert!(warnings[0].contains("`pass` will print"), "{warnings:?}");
}

#[test]
fn a_user_is_the_one_who_is_named_or_whose_home_it_is() {
    for (archive, named, user) in [
        ("/var/lib/trailkeep/a.db", None, "trailkeep"),
        ("/home/alice/a.db", None, "alice"),
        ("/home/a.db", None, "trailkeep"),
        ("/root/a.db", None, "root"),
        ("/rootless/a.db", None, "trailkeep"),
        ("/home/alice/a.db", Some("bob"), "bob"),
        ("/srv/a.db", Some("1000"), "1000"),
    ] {
        let setup = setup(archive);
        let sandbox = Sandbox::new(&setup, named).unwrap();
        assert_eq!(sandbox.user, user, "{archive}");
    }
    for wrong in ["", "a b", "-a", "a\nExecStart=/bin/sh", "%i", "a:b"] {
        let setup = setup("/srv/trailkeep/a.db");
        assert!(Sandbox::new(&setup, Some(wrong)).is_err(), "{wrong:?}");
    }
}

/// `RemoveIPC=` takes away all of a user's, whoever made it.
#[test]
fn somebodys_own_shared_memory_is_let_be() {
    let setup = setup("/srv/trailkeep/a.db");
    let removes = |user| {
        let lines = lines(&setup, user);
        lines.iter().any(|line| line == "RemoveIPC=yes")
    };
    assert!(removes(None));
    assert!(!removes(Some("alice")));
}

#[test]
fn a_folder_that_is_not_the_archives_own_is_warned_of() {
    for (archive, warned) in [
        ("/var/lib/trailkeep/a.db", false),
        ("/home/alice/logs/a.db", false),
        ("/data/a.db", false),
        ("/home/alice/a.db", true),
        ("/var/lib/a.db", true),
        ("/a.db", true),
    ] {
        let setup = setup(archive);
        let warnings = Sandbox::new(&setup, None).unwrap().warnings();
        assert_eq!(!warnings.is_empty(), warned, "{archive}: {warnings:?}");
    }
    let setup = setup("/root/audit/a.db");
    let warnings = Sandbox::new(&setup, None).unwrap().warnings();
    assert!(warnings[0].contains("as root"), "{warnings:?}");
}

#[test]
fn where_aws_finds_no_keys_is_warned_of() {
    for (archive, user, command, files) in [
        (
            "/var/lib/trailkeep/a.db",
            None,
            None,
            "no ~/.aws but /var/lib/trailkeep/.aws;",
        ),
        ("/home/alice/logs/a.db", None, None, "no ~/.aws;"),
        ("/srv/logs/a.db", Some("bob"), None, "no ~/.aws;"),
        (
            "/home/alice/logs/a.db",
            None,
            Some("pass"),
            "no ~/.aws but that of alice;",
        ),
    ] {
        let mut setup = setup(archive);
        setup.commands.extend(command.map(str::to_owned));
        let warned = |setup: &Setup| {
            let warnings = Sandbox::new(setup, user).unwrap().warnings();
            warnings
                .into_iter()
                .find(|warning| warning.contains(".aws"))
        };
        assert_eq!(warned(&setup), None);
        setup.chained = ["acme/s3", "safe-us/cloudtrail"].map(str::to_owned).into();
        let warning = warned(&setup).unwrap();
        assert!(
            warning.starts_with("acme/s3, safe-us/cloudtrail: "),
            "{warning}"
        );
        assert!(warning.contains(files), "{warning}");
    }
}

#[test]
fn the_steps_are_those_that_this_setup_needs() {
    let steps = |archive: &str, config: &str| {
        let mut setup = setup(archive);
        setup.config = config.to_owned();
        Sandbox::new(&setup, None).unwrap().steps().join("\n")
    };
    insta::assert_snapshot!(steps("/var/lib/trailkeep/a.db", "/etc/trailkeep.toml"), @"
    useradd --system --home-dir /var/lib/trailkeep --shell /usr/sbin/nologin trailkeep
    (systemd makes /var/lib/trailkeep, or gives it to trailkeep with all that is in it)
    chown trailkeep /etc/trailkeep.toml
    ");
    insta::assert_snapshot!(steps("/srv/audit logs/a.db", "/etc/trailkeep.toml"), @"
    useradd --system --home-dir /var/lib/trailkeep --shell /usr/sbin/nologin trailkeep
    install -d -o trailkeep -m 0700 '/srv/audit logs'
    chown trailkeep /etc/trailkeep.toml
    ");
    insta::assert_snapshot!(steps("/home/alice/logs/a.db", "/home/alice/a.toml"), @"");
}
