//! What a service may see and do: its user, the few paths it needs, and nothing else.
//!
//! The user is one of its own where the archive is the system's, else the one in whose home the
//! archive lies. A dynamic user would not do: the archive is a file that its owner opens with
//! other tools too, so who owns it must stay the same.

use std::fmt;

use super::syntax::word;
use crate::cli::failure::Failure;
use crate::cli::schedule::setup::{PASSING, Setup, is_below};
use crate::cli::schedule::shell;

/// The service's own user.
const OWN_USER: &str = "trailkeep";

/// Folders that `ProtectHome=` hides.
const HOMES: &[&str] = &["/home", "/root", "/run/user"];

/// Folders that are not one program's.
const SHARED: &[&str] = &[
    "/",
    "/etc",
    "/home",
    "/mnt",
    "/opt",
    "/root",
    "/run",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/local",
    "/var",
    "/var/lib",
    "/var/tmp",
];

/// What every unit of ours is denied.
pub(super) const HARDENING: &str = "ProtectSystem=strict
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
";

/// What a service may see and do. As text: the lines of its `[Service]` section.
pub(super) struct Sandbox<'a> {
    setup: &'a Setup,
    user: String,
}

/// How the homes of users are kept from the service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Homes {
    /// Nothing there is needed.
    Hidden,
    /// All but what is bound there is hidden.
    Bound,
    /// What a command needs that prints a secret is not known.
    ReadOnly,
}

impl<'a> Sandbox<'a> {
    /// A sandbox for this user, or for the one whom the archive suggests.
    pub(super) fn new(setup: &'a Setup, user: Option<&str>) -> Result<Sandbox<'a>, Failure> {
        let user = user.unwrap_or_else(|| owner(&setup.archive));
        if !is_user(user) {
            let problem = format!("`{user}` is no name of a user");
            return Err(Failure::usage(problem));
        }
        Ok(Sandbox {
            setup,
            user: user.to_owned(),
        })
    }

    /// What root does before the first start, a line each.
    pub(super) fn steps(&self) -> Vec<String> {
        let user = self.user.as_str();
        let mut steps = Vec::new();
        if user == OWN_USER {
            steps.push(format!(
                "  useradd --system --home-dir /var/lib/{user} --shell /usr/sbin/nologin {user}"
            ));
        }
        let folder = self.setup.folder();
        let name = shell::word(folder);
        if self.state_directory().is_some() {
            steps.push(format!(
                "  (systemd makes {name}, or gives it to {user} with all that is in it)"
            ));
        } else if !is_below(folder, HOMES) {
            steps.push(format!("  install -d -o {user} -m 0700 {name}"));
        }
        let files = std::iter::once(&self.setup.config).chain(&self.setup.files);
        let foreign: Vec<&str> = files
            .map(String::as_str)
            .filter(|file| owner(file) != user || !is_below(file, HOMES))
            .collect();
        if !foreign.is_empty() {
            steps.push(format!("  chown {user} {}", shell::line(foreign)));
        }
        steps
    }

    /// What will not work, or not well.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let folder = self.setup.folder();
        let is_home = folder.rsplit_once('/').is_some_and(|(up, _)| up == "/home");
        if is_home || SHARED.contains(&folder) {
            warnings.push(format!(
                "the service may write everywhere in {folder}: give the archive a folder of its own"
            ));
        }
        if self.user == "root" {
            warnings.push(
                "the service runs as root: keep the archive in /var/lib/trailkeep, or name a \
                 --user"
                    .to_owned(),
            );
        }
        let command = |name| {
            format!(
                "`{name}` will print its secret as {} within the service's sandbox, without a \
                 terminal: does it work there?",
                self.user
            )
        };
        warnings.extend(self.setup.commands.iter().map(command));
        warnings.extend(self.warning_of_chain());
        warnings
    }

    /// What AWS's usual chain does not find here. The network is open to it, and with that the
    /// role of an instance or a container.
    fn warning_of_chain(&self) -> Option<String> {
        let feeds: Vec<&str> = self.setup.chained.iter().map(String::as_str).collect();
        let files = match self.homes() {
            _ if self.user == OWN_USER => format!("no ~/.aws but /var/lib/{OWN_USER}/.aws"),
            Homes::Hidden | Homes::Bound => "no ~/.aws".to_owned(),
            Homes::ReadOnly => format!("no ~/.aws but that of {}", self.user),
        };
        (!feeds.is_empty()).then(|| {
            format!(
                "{}: AWS's usual chain finds the role of this machine in the service, but no \
                 variable of a shell and {files}; else set access_key_id and secret_access_key",
                feeds.join(", ")
            )
        })
    }

    /// The part below `/var/lib` of the archive's folder, which systemd makes and gives to the
    /// user. A name that is not plain has other rules there; it is made by hand.
    fn state_directory(&self) -> Option<&str> {
        let folder = self.setup.folder().strip_prefix("/var/lib/")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        folder.chars().all(is_plain).then_some(folder)
    }

    fn homes(&self) -> Homes {
        let archive = std::iter::once(&self.setup.archive);
        let mut needed = archive.chain(self.readable());
        match needed.any(|path| is_below(path, HOMES)) {
            false => Homes::Hidden,
            true if self.setup.commands.is_empty() => Homes::Bound,
            true => Homes::ReadOnly,
        }
    }

    /// What is read besides the archive.
    fn readable(&self) -> impl Iterator<Item = &String> {
        let setup = self.setup;
        let programs = setup.commands.iter().filter(|name| name.contains('/'));
        [&setup.program, &setup.config]
            .into_iter()
            .chain(&setup.files)
            .chain(programs)
    }

    /// Whether a path is out of sight unless it is bound.
    fn is_hidden(&self, path: &str) -> bool {
        is_below(path, PASSING) || (self.homes() == Homes::Bound && is_below(path, HOMES))
    }

    /// Where it may write.
    fn writable(&self) -> String {
        let folder = self.setup.folder();
        match self.state_directory() {
            Some(name) => format!("StateDirectory={name}\nStateDirectoryMode=0700\n"),
            None if self.is_hidden(folder) => format!("BindPaths={}\n", word(folder)),
            None => format!("ReadWritePaths={}\n", word(folder)),
        }
    }

    /// What it reads of what is hidden, and lies not in the archive's own folder.
    fn bound(&self) -> String {
        let folder = self.setup.folder();
        let paths = self.readable().filter(|path| self.is_hidden(path));
        let paths = paths.filter(|path| !is_below(path, &[folder]));
        let lines = paths.map(|path| format!("BindReadOnlyPaths={}\n", word(path)));
        lines.collect()
    }
}

impl fmt::Display for Sandbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "User={}", self.user)?;
        f.write_str(&self.writable())?;
        let homes = match self.homes() {
            Homes::Hidden => "yes",
            Homes::Bound => "tmpfs",
            Homes::ReadOnly => "read-only",
        };
        writeln!(f, "ProtectHome={homes}")?;
        f.write_str(&self.bound())?;
        // Large downloads are no matter for memory, where /tmp often is. This one is private too.
        f.write_str("Environment=TMPDIR=/var/tmp\n")?;
        f.write_str(HARDENING)?;
        if self.user == OWN_USER {
            // Somebody's own would go from under their other programs.
            f.write_str("RemoveIPC=yes\n")?;
        }
        if self.setup.commands.is_empty() {
            f.write_str("MemoryDenyWriteExecute=yes\nProcSubset=pid\n")?;
        } else {
            f.write_str(
                "# MemoryDenyWriteExecute= and ProcSubset= are left out: not every command that\n\
                 # prints a secret works with them.\n",
            )?;
        }
        Ok(())
    }
}

/// Whose home a path lies in, else the service's own user.
fn owner(path: &str) -> &str {
    let home = path.strip_prefix("/home/");
    let named = home.and_then(|rest| rest.split_once('/'));
    match named {
        Some((name, _)) => name,
        None if is_below(path, &["/root"]) => "root",
        None => OWN_USER,
    }
}

/// Whether a user may be called so; what systemd allows, without what only it allows.
fn is_user(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !name.is_empty() && !name.starts_with(['-', '.']) && name.chars().all(fits)
}

#[cfg(test)]
mod tests;
