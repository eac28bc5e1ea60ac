//! What is to be run, and what it needs: as plain values, for the schedulers to put in their words.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::cli::Session;
use crate::cli::failure::Failure;
use crate::config::{Config, Origin, SecretOrigin, Section};
use crate::feed::Credentials;

/// What is to be run, and what it needs. Every path is absolute, without `..`, and text without
/// control characters, so that it stands on one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Setup {
    /// This program.
    pub(super) program: String,
    /// The config file.
    pub(super) config: String,
    /// The archive.
    pub(super) archive: String,
    /// The archive is not the config file's, and must be named.
    pub(super) archive_is_named: bool,
    /// Names of the environment variables that hold secrets.
    pub(super) variables: BTreeSet<String>,
    /// Files that hold secrets.
    pub(super) files: BTreeSet<String>,
    /// Programs that print secrets: a bare name, or a path.
    pub(super) commands: BTreeSet<String>,
    /// Feeds whose keys AWS's usual chain has to find: `acme/s3`.
    pub(super) chained: BTreeSet<String>,
    /// The tenants' URLs.
    pub(super) tenants: BTreeSet<String>,
}

impl Setup {
    /// What is configured.
    ///
    /// # Errors
    /// There is no config file or no source in it, or a path cannot be written down.
    pub(super) fn of(session: &Session) -> Result<Setup, Failure> {
        let config = session.config()?;
        let Some(file) = &config.file else {
            let hint = "`trailkeep init` writes one; --config names another";
            return Err(Failure::usage("there is no config file").hinted(hint));
        };
        if config.sources.is_empty() {
            let hint = format!("add a [source.NAME] table to {}", file.value.display());
            return Err(Failure::usage("no source is configured").hinted(hint));
        }
        let mut setup = Setup {
            program: text(&std::env::current_exe()?)?,
            config: text(&file.value)?,
            archive: text(&config.archive.value)?,
            archive_is_named: matches!(
                config.archive.origin,
                Origin::Flag(_) | Origin::Variable(_)
            ),
            ..Setup::default()
        };
        setup.add_sources(&config)?;
        Ok(setup)
    }

    fn add_sources(&mut self, config: &Config) -> Result<(), Failure> {
        for source in &config.sources {
            let sections = source.sections();
            let roots = sections
                .iter()
                .filter_map(|one| (one.access.root)(&one.settings).ok());
            self.tenants
                .extend(roots.map(|root| root.origin().ascii_serialization()));
            let chained = sections.iter().filter(|one| is_chained(one));
            let names = chained.map(|one| one.settings.table.replace('.', "/"));
            self.chained.extend(names);
            let references = sections.iter().flat_map(|one| one.references.values());
            for reference in references {
                match &reference.origin {
                    SecretOrigin::Variable(name) => self.variables.insert(name.clone()),
                    SecretOrigin::File(path) | SecretOrigin::Credential(path) => {
                        self.files.insert(text(path)?)
                    }
                    SecretOrigin::Command(words) => match words.first() {
                        Some(program) if program.contains('/') => {
                            self.commands.insert(text(Path::new(program))?)
                        }
                        program => self.commands.insert(program.cloned().unwrap_or_default()),
                    },
                };
            }
        }
        Ok(())
    }

    /// The folder in which SQLite writes the archive and its own files.
    pub(super) fn folder(&self) -> &str {
        match self.archive.rsplit_once('/') {
            Some((folder, _)) if !folder.is_empty() => folder,
            _ => "/",
        }
    }

    /// The words that run a command of trailkeep's, after the program's own.
    pub(super) fn arguments<'a>(&'a self, command: &'a str) -> Vec<&'a str> {
        let mut words = vec!["--config", self.config.as_str()];
        if self.archive_is_named {
            words.extend(["--archive", self.archive.as_str()]);
        }
        words.push(command);
        words
    }

    /// What is odd whoever runs it.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let program = &self.program;
        if program.split('/').any(|folder| folder == "target") {
            warnings.push(format!(
                "{program} goes with the next `cargo clean`: copy it to /usr/local/bin, and run \
                 it from there"
            ));
        }
        if is_below(&self.archive, PASSING) {
            warnings.push(format!(
                "{} lies where the system clears up: move the archive",
                self.archive
            ));
        }
        warnings
    }

    /// Words for the schedulers that give a program hardly any environment.
    pub(super) fn warnings_of_variables(&self, scheduler: &str) -> Vec<String> {
        let warning = |name| {
            format!(
                "{scheduler} does not set {name}: in the config file refer to that secret by \
                 {{ file = … }} or {{ command = … }}"
            )
        };
        self.variables.iter().map(warning).collect()
    }
}

/// Whether requests are made with keys of AWS that the config file does not refer to.
fn is_chained(section: &Section) -> bool {
    let credentials = (section.access.credentials)(&section.settings);
    section.references.is_empty() && matches!(credentials, Ok(Credentials::Aws(_)))
}

/// Folders whose files do not stay.
pub(super) const PASSING: &[&str] = &["/tmp", "/var/tmp"];

/// Whether the path is one of these folders or lies in one.
pub(super) fn is_below(path: &str, folders: &[&str]) -> bool {
    folders
        .iter()
        .any(|folder| Path::new(path).starts_with(folder))
}

/// The path as it may stand in a unit.
fn text(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let text = absolute(path)?.into_os_string().into_string();
    match text {
        Ok(text) if !text.contains(char::is_control) => Ok(text),
        _ => Err(
            Failure::usage(format!("the path {name} cannot be written in a unit"))
                .hinted("it must be UTF-8 text without newlines; rename it"),
        ),
    }
}

/// The same path from the root. Only the system knows where `..` leads, through links.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path)?;
    let climbs = absolute
        .components()
        .any(|part| part == Component::ParentDir);
    match (absolute.parent(), absolute.file_name()) {
        (Some(folder), Some(name)) if climbs => {
            let folder = fs::canonicalize(folder).map_err(|error| {
                let folder = folder.display();
                Failure::usage(format!("the folder {folder} cannot be found: {error}"))
                    .hinted("make it first, or write it without `..`")
            })?;
            Ok(folder.join(name))
        }
        _ => Ok(absolute),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_from_the_root_and_on_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir(real.join("sub")).unwrap();
        let climbing = real.join("sub/../a b.db");
        assert_eq!(
            text(&climbing).unwrap(),
            real.join("a b.db").to_str().unwrap()
        );
        assert_eq!(text(Path::new("/a//b/./c")).unwrap(), "/a/b/c");
        let here = std::path::absolute("here.toml").unwrap();
        assert_eq!(
            text(Path::new("here.toml")).unwrap(),
            here.to_str().unwrap()
        );
        for wrong in ["/a\nb", "/a\rb", "/a\u{1b}b", "/no/such/../a"] {
            assert!(text(Path::new(wrong)).is_err(), "{wrong:?}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let bytes = std::ffi::OsStr::from_bytes(b"/a\xff");
            assert!(text(Path::new(bytes)).is_err());
        }
    }

    #[test]
    fn a_folder_holds_what_lies_in_it_and_nothing_beside_it() {
        for (path, is_in) in [
            ("/tmp/a.db", true),
            ("/tmp", true),
            ("/var/tmp/x/a.db", true),
            ("/tmpfiles/a.db", false),
            ("/var/lib/tmp/a.db", false),
        ] {
            assert_eq!(is_below(path, PASSING), is_in, "{path}");
        }
    }

    #[test]
    fn what_will_not_last_is_warned_of() {
        let warnings = |program: &str, archive: &str| {
            let setup = Setup {
                program: program.to_owned(),
                archive: archive.to_owned(),
                ..Setup::default()
            };
            setup.warnings().len()
        };
        let archive = "/var/lib/trailkeep/trailkeep.db";
        assert_eq!(warnings("/usr/local/bin/trailkeep", archive), 0);
        assert_eq!(warnings("/src/target/debug/trailkeep", archive), 1);
        assert_eq!(warnings("/usr/local/bin/trailkeep", "/tmp/a.db"), 1);
    }

    #[test]
    fn the_archives_folder_is_the_root_at_least() {
        for (archive, folder) in [("/a/b.db", "/a"), ("/b.db", "/")] {
            let setup = Setup {
                archive: archive.to_owned(),
                ..Setup::default()
            };
            assert_eq!(setup.folder(), folder);
        }
    }
}
