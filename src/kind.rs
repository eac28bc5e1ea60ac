//! The vendors as code. A kind names its settings, its credentials and its feeds; [`KINDS`] has
//! one line for each.

mod checkpoint;
mod file;
pub mod safe;
pub mod sendsafely;

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use crate::coverage::{Limits, Reach};
use crate::feed::{Body, Credentials, Feed, FeedError, Request, Response, Start};
use crate::secret::Secret;

/// Every vendor trailkeep knows.
pub const KINDS: &[&Kind] = &[&safe::KIND, &sendsafely::KIND];

/// The kind of that name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// One vendor.
pub struct Kind {
    /// Its name in the config file: `safe`.
    pub name: &'static str,
    /// Its name in prose: `SAFE`.
    pub title: &'static str,
    /// One line on what is pulled.
    pub about: &'static str,
    /// The settings of a source of this kind, besides `kind` and `url`.
    pub settings: &'static [Setting],
    /// What a URL of this vendor looks like, for hints and `init`.
    pub url_example: &'static str,
    /// The ways of pulling it.
    pub feeds: &'static [FeedKind],
    /// How its requests prove who asks.
    pub credentials: fn(&Settings) -> Result<Credentials, SettingsError>,
    /// A cheap request that succeeds exactly when the credentials work and suffice, and the
    /// reader of its answer: one line on who it is that asks.
    pub check: Check,
    /// The feed `file`: reads a file of this vendor that was downloaded by hand.
    pub import: fn(&Settings, &Start, Body) -> Box<dyn Feed>,
    /// Most requests a minute, unless the settings say otherwise.
    pub requests_per_minute: u32,
}

/// See [`Kind::check`].
pub struct Check {
    /// The request.
    pub request: fn() -> Request,
    /// Reads the answer: who asks, or why it does not suffice.
    pub read: fn(Response) -> Result<String, FeedError>,
}

/// One way of pulling a vendor.
pub struct FeedKind {
    /// Its name: `reports`, `api`.
    pub name: &'static str,
    /// One line on what it does.
    pub about: &'static str,
    /// Least time between two passes, unless forced.
    pub interval: Duration,
    /// How far back the vendor lets this feed look.
    pub look_back: Duration,
    /// Which stretches the vendor can be asked for.
    pub reach: Reach,
    /// Begins a pass.
    pub open: Open,
}

impl FeedKind {
    /// What the feed can have from its vendor: every kind has the setting `overlap`.
    pub fn limits(&self, settings: &Settings) -> Limits {
        Limits {
            look_back: self.look_back,
            settle: settings.duration("overlap"),
            reach: self.reach,
        }
    }
}

/// Begins a pass; the settings may not suffice.
pub type Open = fn(&Settings, &Start) -> Result<Box<dyn Feed>, SettingsError>;

/// One key of a source's table in the config file.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The key.
    pub key: &'static str,
    /// What it means, in one line.
    pub about: &'static str,
    /// What it holds, and its default.
    pub value: SettingKind,
}

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A reference to a secret; the name of the environment variable that `init` suggests.
    Secret(&'static str),
    /// One of these words, the first being the default.
    Choice(&'static [&'static str]),
    /// A length of time, with its default: `48h`.
    Duration(&'static str),
    /// A whole number, with its least value, largest value and default.
    Number(i64, i64, i64),
}

/// The settings of one source, read and checked: every key a kind names has its value or default
/// here, but for secrets that were not given.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the source.
    pub source: String,
    /// Root of the tenant's host: scheme, host and port.
    pub url: Url,
    /// Secrets that were given.
    pub secrets: BTreeMap<String, Secret>,
    /// Values of [`SettingKind::Choice`].
    pub choices: BTreeMap<String, String>,
    /// Values of [`SettingKind::Duration`].
    pub durations: BTreeMap<String, Duration>,
    /// Values of [`SettingKind::Number`].
    pub numbers: BTreeMap<String, i64>,
}

impl Settings {
    /// Settings of this kind with every default and no secret: for tests and imports.
    pub fn defaults(kind: &Kind, source: &str, url: Url) -> Settings {
        let mut settings = Settings {
            source: source.to_owned(),
            url,
            secrets: BTreeMap::new(),
            choices: BTreeMap::new(),
            durations: BTreeMap::new(),
            numbers: BTreeMap::new(),
        };
        for setting in kind.settings {
            let key = setting.key.to_owned();
            match setting.value {
                SettingKind::Secret(_) => {}
                SettingKind::Choice(words) => {
                    settings
                        .choices
                        .insert(key, words.first().copied().unwrap_or("").to_owned());
                }
                SettingKind::Duration(text) => {
                    let default = crate::time::parse_duration(text).unwrap_or_default();
                    settings.durations.insert(key, default);
                }
                SettingKind::Number(_, _, default) => {
                    settings.numbers.insert(key, default);
                }
            }
        }
        settings
    }

    /// The secret of that key.
    ///
    /// # Errors
    /// It was not given.
    pub fn secret(&self, key: &'static str) -> Result<&Secret, SettingsError> {
        self.secrets.get(key).ok_or_else(|| SettingsError {
            name: self.source.clone(),
            key,
            why: "is not set".to_owned(),
        })
    }

    /// The value of a [`SettingKind::Choice`]; empty for a key its kind does not name.
    pub fn choice(&self, key: &str) -> &str {
        self.choices.get(key).map_or("", String::as_str)
    }

    /// The value of a [`SettingKind::Duration`]; zero for a key its kind does not name.
    pub fn duration(&self, key: &str) -> Duration {
        self.durations.get(key).copied().unwrap_or_default()
    }

    /// The value of a [`SettingKind::Number`]; zero for a key its kind does not name.
    pub fn number(&self, key: &str) -> i64 {
        self.numbers.get(key).copied().unwrap_or_default()
    }
}

/// A source's settings do not suffice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("source.{name}: {key} {why}")]
pub struct SettingsError {
    /// Name of the source.
    pub name: String,
    /// The key.
    pub key: &'static str,
    /// What is wrong, as in `is not set`.
    pub why: String,
}
