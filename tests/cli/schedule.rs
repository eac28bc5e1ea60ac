//! `schedule`: what it prints is what systemd, a shell and launchd's reader understand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;

use crate::support::sandbox::{Output, Sandbox};

const CONFIG: &str = r#"
archive = "/var/lib/trailkeep/trailkeep.db"
[source.safe-us]
kind = "safe"
url = "https://us.safeone.ai"
username = { env = "SAFE_API_USERNAME" }
password = { env = "SAFE_API_PASSWORD" }
[source.acme]
kind = "sendsafely"
url = "https://acme.sendsafely.com"
api_key = { file = "/run/secrets/key" }
api_secret = { command = ["pass", "acme"] }
"#;

/// A name of everything that a unit, a shell or XML might take for something else.
const ODD: &str = r#"100% 'a' "b" \c $HOME:d;<&>"#;

/// The same without quotes and backslash, for systemd starts no program with these in its path.
const LESS_ODD: &str = "100% a $HOME:d;<&>#";

fn configured() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("trailkeep.toml", CONFIG);
    sandbox
}

/// The same with the config file in a folder `ODD`, and the program in this one.
fn oddly_configured(folder: &str) -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::new();
    sandbox.write(&format!("{ODD}/trailkeep.toml"), CONFIG);
    fs::create_dir_all(sandbox.path(folder)).unwrap();
    let program = sandbox.path(folder).join("trailkeep");
    let built = env!("CARGO_BIN_EXE_trailkeep");
    if fs::hard_link(built, &program).is_err() {
        fs::copy(built, &program).unwrap();
    }
    (sandbox, program)
}

fn schedule(sandbox: &Sandbox, program: &Path, arguments: &[&str]) -> String {
    let output = sandbox
        .command("")
        .get_envs()
        .fold(Command::new(program), |mut command, (name, value)| {
            command.env(name, value.unwrap_or_default());
            command
        })
        .current_dir(sandbox.path(ODD))
        .arg("schedule")
        .args(arguments)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// Without what differs where the program or the temporary folder lie elsewhere.
fn here(output: &Output) -> String {
    let text = output.to_string();
    let text = text.replace(env!("CARGO_BIN_EXE_trailkeep"), "$TRAILKEEP");
    let differs = ["BindReadOnlyPaths=", "ProtectHome=", "warning: $TRAILKEEP "];
    let lines = text
        .lines()
        .filter(|line| !differs.iter().any(|start| line.starts_with(start)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The program of a system that may lack it.
#[expect(clippy::print_stderr, reason = "what is left out is said")]
fn found(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin"];
    let paths = folders.iter().map(|folder| Path::new(folder).join(name));
    let found = paths.into_iter().find(|path| path.exists());
    if found.is_none() {
        eprintln!("left out: there is no {name} on this machine");
    }
    found
}

#[test]
#[expect(clippy::too_many_lines, reason = "whole units")]
fn a_service_is_printed_and_how_to_install_it_is_said() {
    assert_snapshot!(here(&configured().run("schedule systemd")), @r#"
    # /etc/systemd/system/trailkeep.service
    # Printed by `trailkeep schedule systemd`; print it again when the archive moves or a source comes.
    [Unit]
    Description=trailkeep: pulls audit logs into the archive, continuously
    Wants=network-online.target
    After=network-online.target
    RequiresMountsFor=/var/lib/trailkeep
    OnFailure=trailkeep-failed@%n.service
    # Several failures within an hour are one that OnFailure= tells of.
    StartLimitIntervalSec=1h
    StartLimitBurst=5

    [Service]
    Type=notify
    NotifyAccess=main
    WatchdogSec=5min
    ExecStart=$TRAILKEEP --config $DIR/trailkeep.toml watch
    ExecReload=/bin/kill -HUP $MAINPID
    Restart=on-failure
    RestartSec=1min
    # Wrong configuration and a damaged archive do not get better by starting again.
    RestartPreventExitStatus=2 6
    # Asked to end.
    SuccessExitStatus=130
    TimeoutStopSec=30s
    LoadCredential=SAFE_API_PASSWORD:/etc/trailkeep/credentials/SAFE_API_PASSWORD
    LoadCredential=SAFE_API_USERNAME:/etc/trailkeep/credentials/SAFE_API_USERNAME

    User=trailkeep
    StateDirectory=trailkeep
    StateDirectoryMode=0700
    Environment=TMPDIR=/var/tmp
    ProtectSystem=strict
    PrivateTmp=yes
    PrivateMounts=yes
    PrivateDevices=yes
    PrivateUsers=yes
    NoNewPrivileges=yes
    CapabilityBoundingSet=
    ProtectProc=invisible
    ProtectHostname=yes
    ProtectClock=yes
    ProtectKernelTunables=yes
    ProtectKernelModules=yes
    ProtectKernelLogs=yes
    ProtectControlGroups=yes
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
    LockPersonality=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    SystemCallFilter=~@privileged @resources
    SystemCallErrorNumber=EPERM
    LimitCORE=0
    UMask=0077
    RemoveIPC=yes
    # MemoryDenyWriteExecute= and ProcSubset= are left out: not every command that
    # prints a secret works with them.

    [Install]
    WantedBy=multi-user.target

    # /etc/systemd/system/trailkeep-failed@.service
    # Printed by `trailkeep schedule systemd`; print it again when the archive moves or a source comes.
    # Says in the journal that a unit failed: journalctl -t trailkeep -p crit
    # To tell somebody elsewhere too, `systemctl edit trailkeep-failed@.service` and add, for example:
    #   [Service]
    #   PrivateNetwork=no
    #   ExecStart=/usr/bin/curl -sSd "%i failed on %H" https://alerts.example.com
    [Unit]
    Description=trailkeep: says that %i failed

    [Service]
    Type=oneshot
    ExecStart=/bin/sh -c 'echo "$$1 failed ($${MONITOR_SERVICE_RESULT:-} $${MONITOR_EXIT_STATUS:-}): journalctl -u $$1 says why, trailkeep --help what the exit code means"' sh %i
    SyslogIdentifier=trailkeep
    SyslogLevel=crit

    DynamicUser=yes
    PrivateNetwork=yes
    MemoryDenyWriteExecute=yes
    ProcSubset=pid
    ProtectSystem=strict
    PrivateTmp=yes
    PrivateMounts=yes
    PrivateDevices=yes
    PrivateUsers=yes
    NoNewPrivileges=yes
    CapabilityBoundingSet=
    ProtectProc=invisible
    ProtectHostname=yes
    ProtectClock=yes
    ProtectKernelTunables=yes
    ProtectKernelModules=yes
    ProtectKernelLogs=yes
    ProtectControlGroups=yes
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
    LockPersonality=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    SystemCallFilter=~@privileged @resources
    SystemCallErrorNumber=EPERM
    LimitCORE=0
    UMask=0077
    ------- stderr -------
    warning: `pass` will print its secret as trailkeep within the service's sandbox, without a terminal: does it work there?
    to install, as root:
      put the files in /etc/systemd/system: --to /etc/systemd/system writes them there
      useradd --system --home-dir /var/lib/trailkeep --shell /usr/sbin/nologin trailkeep
      (systemd makes /var/lib/trailkeep, or gives it to trailkeep with all that is in it)
      chown trailkeep $DIR/trailkeep.toml /run/secrets/key
      install -d -m 0700 /etc/trailkeep/credentials
      install -m 0600 /dev/stdin /etc/trailkeep/credentials/SAFE_API_PASSWORD
      install -m 0600 /dev/stdin /etc/trailkeep/credentials/SAFE_API_USERNAME
      (each reads a secret: type it, then Ctrl-D. To keep them encrypted see `systemd-creds encrypt`, and write LoadCredentialEncrypted= in the unit)
      systemctl daemon-reload && systemctl enable --now trailkeep.service
    to see how it went: journalctl -u trailkeep.service
    "#);
}

#[test]
fn a_crontab_line_is_printed_and_what_cron_lacks_is_said() {
    assert_snapshot!(here(&configured().run("schedule cron")), @"
    # trailkeep: every hour, silent but for errors. cron sets no secret in the environment and
    # little PATH: let the config file refer to secrets by { file = … }, or by { command = … }
    # with the program's whole path.
    55 * * * * $TRAILKEEP --quiet --config $DIR/trailkeep.toml sync
    ------- stderr -------
    warning: cron does not set SAFE_API_PASSWORD: in the config file refer to that secret by { file = … } or { command = … }
    warning: cron does not set SAFE_API_USERNAME: in the config file refer to that secret by { file = … } or { command = … }
    to install: `crontab -e`, and put the line there; it runs as you
    errors go where cron mails to: MAILTO=you@example.com above the line
    ");
}

#[test]
fn a_property_list_is_printed() {
    assert_snapshot!(here(&configured().run("schedule launchd")), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0">
    <dict>
      <key>Label</key>
      <string>trailkeep.sync</string>
      <key>ProgramArguments</key>
      <array>
        <string>$TRAILKEEP</string>
        <string>--quiet</string>
        <string>--config</string>
        <string>$DIR/trailkeep.toml</string>
        <string>sync</string>
      </array>
      <key>StartInterval</key>
      <integer>3600</integer>
      <key>RunAtLoad</key>
      <true/>
      <key>ProcessType</key>
      <string>Background</string>
      <key>ExitTimeOut</key>
      <integer>30</integer>
      <key>Umask</key>
      <integer>63</integer>
      <key>StandardErrorPath</key>
      <string>$DIR/home/Library/Logs/trailkeep.log</string>
    </dict>
    </plist>
    ------- stderr -------
    warning: launchd does not set SAFE_API_PASSWORD: in the config file refer to that secret by { file = … } or { command = … }
    warning: launchd does not set SAFE_API_USERNAME: in the config file refer to that secret by { file = … } or { command = … }
    to install: put it in ~/Library/LaunchAgents/trailkeep.sync.plist, then
      launchctl bootstrap gui/$UID ~/Library/LaunchAgents/trailkeep.sync.plist
    to see how it went: launchctl print gui/$UID/trailkeep.sync, and $DIR/home/Library/Logs/trailkeep.log
    to remove it: launchctl bootout gui/$UID/trailkeep.sync
    "#);
}

#[test]
fn quiet_leaves_the_data_and_the_warnings() {
    let sandbox = configured();
    let loud = sandbox.run("schedule systemd --timer");
    let quiet = sandbox.run("schedule systemd --timer -q");
    quiet.exits(0);
    assert_eq!(loud.stdout, quiet.stdout);
    let said = quiet.stderr.lines();
    let notes: Vec<&str> = said.filter(|line| !line.starts_with("warning: ")).collect();
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn the_archive_that_was_named_is_named_from_the_root() {
    let sandbox = configured();
    for scheduler in ["systemd", "cron", "launchd"] {
        let plain = sandbox.run(&format!("schedule {scheduler}"));
        assert!(!plain.stdout.contains("--archive"), "{plain}");
        let named = sandbox.run(&format!("schedule {scheduler} --archive sub/a.db"));
        assert!(named.stdout.contains("--archive"), "{named}");
        assert!(named.stdout.contains("$DIR/sub/a.db"), "{named}");
    }
}

#[test]
fn there_must_be_something_to_schedule() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("schedule systemd"), @"
    ------- stderr -------
    error: there is no config file
      hint: `trailkeep init` writes one; --config names another
    [exit status: 2]
    ");
    sandbox.write("trailkeep.toml", "");
    assert_snapshot!(sandbox.run("schedule cron"), @"
    ------- stderr -------
    error: no source is configured
      hint: add a [source.NAME] table to trailkeep.toml
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("schedule cron --timer"), @"
    ------- stderr -------
    error: --timer and --user are for systemd
    [exit status: 2]
    ");
    sandbox.write(
        "trailkeep.toml",
        &format!(
            "{CONFIG}\n[source.a]\nkind = \"safe\"\n\
        url = \"https://us.safeone.ai\"\ntoken = {{ env = \"A B\" }}\n"
        ),
    );
    assert_snapshot!(sandbox.run("schedule systemd"), @"
    ------- stderr -------
    error: the variable `A B` cannot be a credential of that name
      hint: rename it to letters, digits and _ in the config file
    [exit status: 2]
    ");
    assert_snapshot!(sandbox.run("schedule systemd --user a:b"), @"
    ------- stderr -------
    error: `a:b` is no name of a user
    [exit status: 2]
    ");
}

#[test]
fn a_name_that_breaks_the_line_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("a\nb.toml", CONFIG);
    for scheduler in ["systemd", "cron", "launchd"] {
        let output = sandbox.run_with(&["schedule", scheduler, "--config", "a\nb.toml"]);
        output.exits(2);
        assert!(output.stdout.is_empty(), "{output}");
        assert!(
            output.stderr.contains("cannot be written in a unit"),
            "{output}"
        );
    }
}

#[test]
fn files_are_written_and_replaced_only_when_told() {
    let sandbox = configured();
    fs::create_dir(sandbox.path("units")).unwrap();
    let names = || {
        let entries = fs::read_dir(sandbox.path("units")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    let output = sandbox.run("schedule systemd --timer --to units");
    output.exits(0);
    assert!(output.stdout.is_empty(), "{output}");
    let written = [
        "trailkeep-failed@.service",
        "trailkeep-sync.service",
        "trailkeep-sync.timer",
    ];
    assert_eq!(names(), written);

    sandbox.write("units/trailkeep-failed@.service", "# mine\n");
    // Of the daemon's two files one is there: the other is not written either.
    assert_snapshot!(sandbox.run("schedule systemd --to units"), @"
    ------- stderr -------
    error: units/trailkeep-failed@.service is there already
      hint: --force replaces it
    [exit status: 2]
    ");
    assert_eq!(names(), written);
    let mine = || fs::read_to_string(sandbox.path("units/trailkeep-failed@.service")).unwrap();
    assert_eq!(mine(), "# mine\n");
    sandbox.run("schedule systemd --to units --force").exits(0);
    assert!(mine().contains("[Unit]"), "{}", mine());
    assert_eq!(names().len(), 4);
    assert_snapshot!(sandbox.run("schedule cron --to no/such"), @"
    ------- stderr -------
    error: no/such/trailkeep.crontab cannot be written: No such file or directory (os error 2)
      hint: make the folder first
    [exit status: 2]
    ");
}

/// `verify` looks for the program where the unit says it lies: `LESS_ODD` must have come through.
#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let Some(analyze) = found("systemd-analyze") else {
        return;
    };
    let (sandbox, program) = oddly_configured(LESS_ODD);
    let archive = sandbox.path(ODD).join("archive/a.db");
    for (number, options) in [
        &["--user", "daemon"][..],
        &["--timer"],
        &["--archive", archive.to_str().unwrap()],
    ]
    .iter()
    .enumerate()
    {
        let folder = sandbox.path(&format!("units-{number}"));
        fs::create_dir(&folder).unwrap();
        let to = ["systemd", "--to", folder.to_str().unwrap()];
        schedule(&sandbox, &program, &[&to, *options].concat());
        for unit in fs::read_dir(&folder).unwrap() {
            let unit = unit.unwrap().path();
            let unit = unit.to_str().unwrap().replace("@.", "@trailkeep.service.");
            let output = Command::new(&analyze)
                .args(["verify", "--man=no", &unit])
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            let ours: Vec<&str> = said
                .lines()
                .filter(|line| line.contains("trailkeep"))
                .collect();
            assert!(output.status.success() && ours.is_empty(), "{unit}: {said}");
        }
    }
}

/// Its own scale goes from 0 to 10, and calls what is below 2 OK. A setting that it does not know
/// is one that we misspelt.
#[test]
fn systemd_calls_the_services_well_sandboxed() {
    let Some(analyze) = found("systemd-analyze") else {
        return;
    };
    let sandbox = configured();
    fs::create_dir(sandbox.path("units")).unwrap();
    sandbox.run("schedule systemd --to units").exits(0);
    for unit in ["trailkeep.service", "trailkeep-failed@.service"] {
        let output = Command::new(&analyze)
            .args(["security", "--offline=true", "--threshold=15", "--no-pager"])
            .arg(sandbox.path("units").join(unit))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let problems = String::from_utf8_lossy(&output.stderr);
        if problems.contains("unrecognized option") || problems.contains("Unknown") {
            eprintln!("left out: this systemd-analyze judges no files");
            return;
        }
        assert!(output.status.success(), "{said}\n{problems}");
    }
}

/// What cron makes of the line, then what a shell makes of that: a program of our own stands where
/// trailkeep stood, and says what it was given.
#[cfg(unix)]
#[test]
fn a_crontab_line_runs_what_it_should() {
    let (sandbox, program) = oddly_configured(ODD);
    let crontab = schedule(&sandbox, &program, &["cron"]);
    let line = crontab.lines().find(|line| !line.starts_with('#')).unwrap();
    let fields: Vec<&str> = line.splitn(6, ' ').collect();
    let [minute, "*", "*", "*", "*", command] = fields[..] else {
        panic!("{line}");
    };
    assert!(minute.parse::<u8>().unwrap() < 60, "{line}");
    let unescaped = command.replace(r"\%", "");
    assert!(
        !unescaped.contains('%'),
        "cron ends the command there: {line}"
    );
    fs::remove_file(&program).unwrap();
    let fake = "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\"\n";
    sandbox.write(&format!("{ODD}/trailkeep"), fake);
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = sandbox.shell(&command.replace(r"\%", "%"));
    output.exits(0);
    let given: Vec<&str> = output.stdout.lines().collect();
    let folder = format!("$DIR/{ODD}");
    let config = format!("{folder}/trailkeep.toml");
    let ran = format!("{folder}/trailkeep");
    assert_eq!(given, [&ran, "--quiet", "--config", &config, "sync"]);
}

const READ_PLIST: &str = "import plistlib, sys; \
    print(*plistlib.load(sys.stdin.buffer)['ProgramArguments'], sep='\\n')";

#[test]
fn a_property_list_says_what_it_should() {
    let (sandbox, program) = oddly_configured(ODD);
    let to = sandbox.path("plists");
    fs::create_dir(&to).unwrap();
    schedule(
        &sandbox,
        &program,
        &["launchd", "--to", to.to_str().unwrap()],
    );
    let file = to.join("trailkeep.sync.plist");
    if let Some(plutil) = found("plutil") {
        let status = Command::new(plutil)
            .arg("-lint")
            .arg(&file)
            .status()
            .unwrap();
        assert!(status.success());
    }
    let Some(python) = found("python3") else {
        return;
    };
    let output = Command::new(python)
        .args(["-c", READ_PLIST])
        .stdin(fs::File::open(&file).unwrap())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let config = sandbox.path(ODD).join("trailkeep.toml");
    let said = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = said.lines().collect();
    let program = program.to_str().unwrap();
    let config = config.to_str().unwrap();
    assert_eq!(words, [program, "--quiet", "--config", config, "sync"]);
}

/// The credential as systemd hands it over, with the unit's own name for it.
#[cfg(unix)]
#[test]
fn what_the_unit_loads_is_what_the_config_file_finds() {
    use std::os::unix::fs::PermissionsExt;
    let mut sandbox = configured();
    let service = sandbox.run("schedule systemd").stdout;
    let names = service.lines().filter_map(|line| {
        let (name, _) = line.strip_prefix("LoadCredential=")?.split_once(':')?;
        Some(name.to_owned())
    });
    for name in names {
        let file = format!("credentials/{name}");
        sandbox.write(&file, "hunter2-marker\n");
        let mode = fs::Permissions::from_mode(0o440);
        fs::set_permissions(sandbox.path(&file), mode).unwrap();
    }
    let folder = sandbox.path("credentials");
    sandbox.set("CREDENTIALS_DIRECTORY", folder.to_str().unwrap());
    sandbox.set("SAFE_API_USERNAME", "ann");
    let shown = sandbox.run("config").single_spaced();
    assert!(!shown.contains("hunter2"), "a secret is shown");
    let lines = shown
        .lines()
        .filter(|line| line.starts_with("source.safe-us"));
    let lines: Vec<&str> = lines.filter(|line| line.contains("(set")).collect();
    assert_snapshot!(lines.join("\n"), @"
    source.safe-us.username (set, from env SAFE_API_USERNAME) trailkeep.toml:6
    source.safe-us.password (set, from credential SAFE_API_PASSWORD) trailkeep.toml:7
    ");
}
