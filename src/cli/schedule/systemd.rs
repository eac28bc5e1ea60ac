//! Units for systemd: the daemon, or a timer that starts a sync every hour, and who is told when
//! either fails.
//!
//! The settings are those of systemd.unit(5), .service(5), .timer(5) and .exec(5); `systemd-analyze
//! verify` and `systemd-analyze security` find nothing to complain of.

mod sandbox;
mod syntax;

use self::sandbox::Sandbox;
use self::syntax::{argument, word};
use super::setup::Setup;
use super::{UnitFile, Units};
use crate::cli::failure::Failure;
use crate::config::is_credential_name;

/// Where units of the administrator's lie.
const UNITS: &str = "/etc/systemd/system";

/// Where the secrets lie that the units load.
const CREDENTIALS: &str = "/etc/trailkeep/credentials";

/// The daemon, or with `timer` the hourly sync, run by this user or by whom the archive suggests.
///
/// # Errors
/// The user, the program, or a variable that holds a secret has a name that can stand in no unit.
pub(super) fn units(setup: &Setup, user: Option<&str>, timer: bool) -> Result<Units, Failure> {
    let sandbox = Sandbox::new(setup, user)?;
    refuse_odd_program(setup)?;
    refuse_odd_variables(setup)?;
    let unit = |name: &str, text: String| UnitFile {
        path: format!("{UNITS}/{name}"),
        text: format!("{PRINTED}{text}"),
    };
    let failed = unit("trailkeep-failed@.service", failed());
    let (files, start) = if timer {
        let service = unit("trailkeep-sync.service", sync(setup, &sandbox));
        let timer = unit("trailkeep-sync.timer", TIMER.to_owned());
        (vec![service, timer, failed], "trailkeep-sync.timer")
    } else {
        let service = unit("trailkeep.service", watch(setup, &sandbox));
        (vec![service, failed], "trailkeep.service")
    };
    Ok(Units {
        files,
        steps: steps(setup, &sandbox, start),
        warnings: sandbox.warnings(),
    })
}

const PRINTED: &str = "# Printed by `trailkeep schedule systemd`; print it again when the archive \
    moves or a source comes.\n";

/// systemd starts no program with quotes or a backslash in its path, however they are written.
fn refuse_odd_program(setup: &Setup) -> Result<(), Failure> {
    let program = &setup.program;
    if program.contains(['"', '\'', '\\']) {
        let problem = format!("systemd does not start {program}: there are quotes in its path");
        return Err(
            Failure::usage(problem).hinted("copy it to /usr/local/bin, and run it from there")
        );
    }
    Ok(())
}

fn refuse_odd_variables(setup: &Setup) -> Result<(), Failure> {
    let mut names = setup.variables.iter();
    match names.find(|name| !is_credential_name(name)) {
        None => Ok(()),
        Some(name) => {
            let problem = format!("the variable `{name}` cannot be a credential of that name");
            let hint = "rename it to letters, digits and _ in the config file";
            Err(Failure::usage(problem).hinted(hint))
        }
    }
}

/// Exit codes 2 and 6 are not cured by starting again; 130 is what ending by a signal gives.
fn watch(setup: &Setup, sandbox: &Sandbox<'_>) -> String {
    let before = before("continuously", setup);
    let command = command(setup, "watch");
    let credentials = credentials(setup);
    format!(
        "{before}# Several failures within an hour are one that OnFailure= tells of.
StartLimitIntervalSec=1h
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
WatchdogSec=5min
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=1min
# Wrong configuration and a damaged archive do not get better by starting again.
RestartPreventExitStatus=2 6
# Asked to end.
SuccessExitStatus=130
TimeoutStopSec=30s
{credentials}
{sandbox}
[Install]
WantedBy=multi-user.target
"
    )
}

fn sync(setup: &Setup, sandbox: &Sandbox<'_>) -> String {
    let before = before("every hour", setup);
    let command = command(setup, "sync");
    let credentials = credentials(setup);
    format!(
        "{before}
[Service]
Type=oneshot
ExecStart={command}
# Asked to end. Every other code but 0 is a failure: 3 says that data may be missing.
SuccessExitStatus=130
# The first sync reads all that the vendors have kept.
TimeoutStartSec=infinity
TimeoutStopSec=30s
{credentials}
{sandbox}"
    )
}

/// What comes before a service's own section. On a disk that is not there no second archive is
/// begun.
fn before(how_often: &str, setup: &Setup) -> String {
    let folder = word(setup.folder());
    format!(
        "[Unit]
Description=trailkeep: pulls audit logs into the archive, {how_often}
Wants=network-online.target
After=network-online.target
RequiresMountsFor={folder}
OnFailure=trailkeep-failed@%n.service
"
    )
}

fn command(setup: &Setup, command: &str) -> String {
    // Variables are not looked for in the program's own path, so its `$` stands as it is.
    let program = std::iter::once(word(&setup.program));
    let arguments = setup.arguments(command).into_iter().map(argument);
    program.chain(arguments).collect::<Vec<_>>().join(" ")
}

/// The secrets that the config file looks for in the environment.
fn credentials(setup: &Setup) -> String {
    let names = setup.variables.iter();
    let lines = names.map(|name| format!("LoadCredential={name}:{CREDENTIALS}/{name}\n"));
    lines.collect()
}

const TIMER: &str = "[Unit]
Description=trailkeep: pulls audit logs into the archive, every hour

[Timer]
OnCalendar=hourly
# Not all the world at the full hour, and this machine always at the same minute.
RandomizedDelaySec=15min
FixedRandomDelay=yes
# What was missed while the machine was off is made up for.
Persistent=yes

[Install]
WantedBy=timers.target
";

/// Says it where every system has somebody listening: in the journal, as critical. systemd tells
/// how the unit ended since version 251.
fn failed() -> String {
    let hardening = sandbox::HARDENING;
    format!(
        r#"# Says in the journal that a unit failed: journalctl -t trailkeep -p crit
# To tell somebody elsewhere too, `systemctl edit trailkeep-failed@.service` and add, for example:
#   [Service]
#   PrivateNetwork=no
#   ExecStart=/usr/bin/curl -sSd "%i failed on %H" https://alerts.example.com
[Unit]
Description=trailkeep: says that %i failed

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "$$1 failed ($${{MONITOR_SERVICE_RESULT:-}} $${{MONITOR_EXIT_STATUS:-}}): journalctl -u $$1 says why, trailkeep --help what the exit code means"' sh %i
SyslogIdentifier=trailkeep
SyslogLevel=crit

DynamicUser=yes
ProtectHome=yes
PrivateNetwork=yes
MemoryDenyWriteExecute=yes
ProcSubset=pid
{hardening}"#
    )
}

/// How to install them: what root types, a line each.
fn steps(setup: &Setup, sandbox: &Sandbox<'_>, start: &str) -> Vec<String> {
    let mut steps = vec![
        "to install, as root:".to_owned(),
        format!("  put the files in {UNITS}: --to {UNITS} writes them there"),
    ];
    steps.extend(sandbox.steps());
    if !setup.variables.is_empty() {
        steps.push(format!("  install -d -m 0700 {CREDENTIALS}"));
        let secret = |name| format!("  install -m 0600 /dev/stdin {CREDENTIALS}/{name}");
        steps.extend(setup.variables.iter().map(secret));
        let encrypted = "  (each reads a secret: type it, then Ctrl-D. To keep them encrypted see \
            `systemd-creds encrypt`, and write LoadCredentialEncrypted= in the unit)";
        steps.push(encrypted.to_owned());
    }
    steps.push(format!(
        "  systemctl daemon-reload && systemctl enable --now {start}"
    ));
    let service = start.replace(".timer", ".service");
    steps.push(format!("to see how it went: journalctl -u {service}"));
    steps
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn setup() -> Setup {
        Setup {
            program: "/opt/100% $x/trailkeep".to_owned(),
            config: "/etc/100% $x/trailkeep.toml".to_owned(),
            archive: "/var/lib/trailkeep/trailkeep.db".to_owned(),
            variables: ["B_KEY", "A_KEY"].map(str::to_owned).into(),
            ..Setup::default()
        }
    }

    fn texts(timer: bool) -> String {
        let units = units(&setup(), None, timer).unwrap();
        let texts = units.files.iter();
        let texts = texts.map(|file| format!("== {}\n{}", file.path, file.text));
        texts
            .collect::<String>()
            .replace(sandbox::HARDENING, "(hardening)\n")
            .replace(PRINTED, "")
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "whole units")]
    fn the_daemon_is_watched_restarted_and_its_failure_told() {
        assert_snapshot!(texts(false), @r#"
        == /etc/systemd/system/trailkeep.service
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
        ExecStart="/opt/100%% $x/trailkeep" --config "/etc/100%% $$x/trailkeep.toml" watch
        ExecReload=/bin/kill -HUP $MAINPID
        Restart=on-failure
        RestartSec=1min
        # Wrong configuration and a damaged archive do not get better by starting again.
        RestartPreventExitStatus=2 6
        # Asked to end.
        SuccessExitStatus=130
        TimeoutStopSec=30s
        LoadCredential=A_KEY:/etc/trailkeep/credentials/A_KEY
        LoadCredential=B_KEY:/etc/trailkeep/credentials/B_KEY

        User=trailkeep
        StateDirectory=trailkeep
        StateDirectoryMode=0700
        ProtectHome=yes
        Environment=TMPDIR=/var/tmp
        (hardening)
        RemoveIPC=yes
        MemoryDenyWriteExecute=yes
        ProcSubset=pid

        [Install]
        WantedBy=multi-user.target
        == /etc/systemd/system/trailkeep-failed@.service
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
        ProtectHome=yes
        PrivateNetwork=yes
        MemoryDenyWriteExecute=yes
        ProcSubset=pid
        (hardening)
        "#);
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "whole units")]
    fn the_timer_starts_a_sync_every_hour() {
        assert_snapshot!(texts(true), @r#"
        == /etc/systemd/system/trailkeep-sync.service
        [Unit]
        Description=trailkeep: pulls audit logs into the archive, every hour
        Wants=network-online.target
        After=network-online.target
        RequiresMountsFor=/var/lib/trailkeep
        OnFailure=trailkeep-failed@%n.service

        [Service]
        Type=oneshot
        ExecStart="/opt/100%% $x/trailkeep" --config "/etc/100%% $$x/trailkeep.toml" sync
        # Asked to end. Every other code but 0 is a failure: 3 says that data may be missing.
        SuccessExitStatus=130
        # The first sync reads all that the vendors have kept.
        TimeoutStartSec=infinity
        TimeoutStopSec=30s
        LoadCredential=A_KEY:/etc/trailkeep/credentials/A_KEY
        LoadCredential=B_KEY:/etc/trailkeep/credentials/B_KEY

        User=trailkeep
        StateDirectory=trailkeep
        StateDirectoryMode=0700
        ProtectHome=yes
        Environment=TMPDIR=/var/tmp
        (hardening)
        RemoveIPC=yes
        MemoryDenyWriteExecute=yes
        ProcSubset=pid
        == /etc/systemd/system/trailkeep-sync.timer
        [Unit]
        Description=trailkeep: pulls audit logs into the archive, every hour

        [Timer]
        OnCalendar=hourly
        # Not all the world at the full hour, and this machine always at the same minute.
        RandomizedDelaySec=15min
        FixedRandomDelay=yes
        # What was missed while the machine was off is made up for.
        Persistent=yes

        [Install]
        WantedBy=timers.target
        == /etc/systemd/system/trailkeep-failed@.service
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
        ProtectHome=yes
        PrivateNetwork=yes
        MemoryDenyWriteExecute=yes
        ProcSubset=pid
        (hardening)
        "#);
    }

    #[test]
    fn an_archive_that_was_named_is_named_in_the_unit() {
        let named = Setup {
            archive_is_named: true,
            ..setup()
        };
        let line = command(&named, "sync");
        assert!(
            line.ends_with(" --archive /var/lib/trailkeep/trailkeep.db sync"),
            "{line}"
        );
        assert!(!command(&setup(), "sync").contains("--archive"));
    }

    #[test]
    fn a_program_that_systemd_does_not_start_is_refused() {
        for program in ["/a'b/trailkeep", "/a\"b/trailkeep", r"/a\b/trailkeep"] {
            let setup = Setup {
                program: program.to_owned(),
                ..setup()
            };
            assert!(units(&setup, None, false).is_err(), "{program}");
        }
    }

    #[test]
    fn a_variable_that_can_be_no_credential_is_refused() {
        for name in ["A B", "../a", "A\nExecStart=/bin/sh", "%i"] {
            let mut setup = setup();
            setup.variables.insert(name.to_owned());
            assert!(units(&setup, None, false).is_err(), "{name:?}");
        }
    }
}
