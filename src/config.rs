//! The config file: where it is, what it says, and where each effective value comes from.
//!
//! Nothing here knows a vendor: the keys of a source are those its kind names. Secrets are
//! references until [`Section::resolve`] is called, so a command that needs none works without.

mod document;
mod error;
mod notify;
mod reference;
mod section;
mod source;
mod status;
pub mod template;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

pub use self::error::{ConfigError, Place, nearest};
pub use self::notify::{Notify, resolve_url};
pub use self::reference::{Reference, SecretOrigin, is_credential_name};
pub use self::section::Section;
pub use self::source::{Source, SourceFeed, is_source_name};
pub use self::status::Status;

use self::document::{Document, Table, Value};
use self::error::hint_at;
use crate::kind::{KINDS, Kind};

/// Name of the config file where none is given.
pub const FILE_NAME: &str = "trailkeep.toml";
/// The variable that names the config file.
pub const CONFIG_VARIABLE: &str = "TRAILKEEP_CONFIG";
/// The variable that names the archive.
pub const ARCHIVE_VARIABLE: &str = "TRAILKEEP_ARCHIVE";

/// What is configured.
#[derive(Clone)]
pub struct Config {
    /// The config file, if there is one.
    pub file: Option<Effective<PathBuf>>,
    /// The archive.
    pub archive: Effective<PathBuf>,
    /// The folder of the user's own saved queries.
    pub queries: Effective<PathBuf>,
    /// Whether an index for full-text search is kept.
    pub search: Effective<bool>,
    /// When `trailkeep status` finds something amiss.
    pub status: Status,
    /// The sources, in the file's order.
    pub sources: Vec<Source>,
    /// Whom to tell, and of what.
    pub notify: Notify,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an effective value comes from. A flag goes before a variable, a variable before the
/// file, the file before a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// This flag.
    Flag(&'static str),
    /// The environment variable of this name.
    Variable(&'static str),
    /// A place in the config file.
    File(Place),
    /// Nobody said otherwise.
    Default,
}

/// What was said on the command line in place of the config file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--archive`
    pub archive: Option<PathBuf>,
}

/// What the process finds around it: variables and folders. No `Debug`, for there are secrets in it.
#[derive(Clone, Default)]
pub struct Environment {
    /// The environment variables.
    pub variables: BTreeMap<OsString, OsString>,
    /// The folder for trailkeep's own configuration, where the system has one.
    pub config_folder: Option<PathBuf>,
}

impl Config {
    /// Finds and reads the config file. That there is none is no mistake unless one was named.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn load(overrides: &Overrides, environment: &Environment) -> Result<Config, ConfigError> {
        let named = overridden(&overrides.config, "--config", CONFIG_VARIABLE, environment);
        let file = named.or_else(|| search(environment));
        let document = match &file {
            Some(file) => Document::open(&file.value)?,
            None => Document {
                file: PathBuf::new(),
                text: String::new(),
            },
        };
        let mut config = Config::read(&document, KINDS, environment)?;
        config.file = file;
        if let Some(archive) = overridden(
            &overrides.archive,
            "--archive",
            ARCHIVE_VARIABLE,
            environment,
        ) {
            config.archive = archive;
        }
        Ok(config)
    }

    fn read(
        document: &Document,
        kinds: &[&'static Kind],
        environment: &Environment,
    ) -> Result<Config, ConfigError> {
        let parsed = document.parse()?;
        let table = document.root(&parsed);
        table.refuse_unknown(&["archive", "queries", "search", "status", "source", "notify"])?;
        let base = document.base();
        let own_folder = match &environment.config_folder {
            Some(folder) if document.file.as_os_str().is_empty() => folder,
            _ => base,
        };
        Ok(Config {
            file: None,
            archive: path(&table, "archive", base, base.join("trailkeep.db"))?,
            queries: path(&table, "queries", base, own_folder.join("queries"))?,
            search: flag(&table, "search", true)?,
            status: Status::read(&table)?,
            sources: sources(&table, base, kinds)?,
            notify: match table.value("notify") {
                Some(value) => Notify::read(&value, base)?,
                None => Notify::nobody(),
            },
        })
    }

    /// The source of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn source(&self, name: &str) -> Result<&Source, ConfigError> {
        self.sources
            .iter()
            .find(|source| source.name == name)
            .ok_or_else(|| {
                let hint = match self.sources.as_slice() {
                    [] => "no source is configured".to_owned(),
                    sources => hint_at(
                        name,
                        sources.iter().map(|s| s.name.as_str()),
                        "known sources",
                    ),
                };
                ConfigError::new(format!("there is no source `{name}`")).hinted(hint)
            })
    }
}

impl Environment {
    /// The value of a variable, where it is set.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }
}

/// What a flag says, else what a variable says; a variable that is set to nothing says nothing.
fn overridden(
    flag: &Option<PathBuf>,
    flag_name: &'static str,
    variable: &'static str,
    environment: &Environment,
) -> Option<Effective<PathBuf>> {
    if let Some(value) = flag.clone() {
        return Some(Effective {
            value,
            origin: Origin::Flag(flag_name),
        });
    }
    let value = environment
        .variable(variable)
        .filter(|value| !value.is_empty())?;
    Some(Effective {
        value: value.into(),
        origin: Origin::Variable(variable),
    })
}

/// The config file where none is named: here, else in the user's folder for configuration.
fn search(environment: &Environment) -> Option<Effective<PathBuf>> {
    let own_folder = environment
        .config_folder
        .as_ref()
        .map(|folder| folder.join(FILE_NAME));
    let mut candidates = std::iter::once(PathBuf::from(FILE_NAME)).chain(own_folder);
    let found = candidates.find(|candidate| candidate.exists())?;
    Some(Effective {
        value: found,
        origin: Origin::Default,
    })
}

fn path(
    table: &Table<'_>,
    key: &str,
    base: &Path,
    default: PathBuf,
) -> Result<Effective<PathBuf>, ConfigError> {
    let Some(value) = table.value(key) else {
        return Ok(Effective {
            value: default,
            origin: Origin::Default,
        });
    };
    let text = value.text()?;
    if text.is_empty() {
        return Err(value
            .mistake("is empty")
            .hinted("name a path, or leave the key out"));
    }
    Ok(Effective {
        value: base.join(text),
        origin: Origin::File(value.place()),
    })
}

fn flag(table: &Table<'_>, key: &str, default: bool) -> Result<Effective<bool>, ConfigError> {
    let given = table.value(key);
    Ok(Effective {
        value: given.as_ref().map_or(Ok(default), Value::flag)?,
        origin: given.map_or(Origin::Default, |value| Origin::File(value.place())),
    })
}

fn sources(
    table: &Table<'_>,
    base: &Path,
    kinds: &[&'static Kind],
) -> Result<Vec<Source>, ConfigError> {
    let Some(sources) = table.value("source") else {
        return Ok(Vec::new());
    };
    sources
        .table()?
        .values()
        .iter()
        .map(|value| Source::read(value, base, kinds))
        .collect()
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(flag) => f.write_str(flag),
            Origin::Variable(name) => write!(f, "env {name}"),
            Origin::File(place) => write!(f, "{}:{}", place.file.display(), place.line),
            Origin::Default => f.write_str("default"),
        }
    }
}

#[cfg(test)]
mod tests;
