//! The vendors as code. A kind names its settings, its credentials and its feeds; [`KINDS`] has
//! one line for each.

mod aws;
mod bucket;
mod checkpoint;
mod file;
pub mod safe;
pub mod sendsafely;
mod slices;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use crate::coverage::{Limits, Log, Reach};
use crate::event::Timestamp;
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
    /// What a URL of this vendor looks like, for hints and `init`.
    pub url_example: &'static str,
    /// The ways of pulling it.
    pub feeds: &'static [FeedKind],
    /// How to get at it: the settings stand in the source's own table, besides `kind` and `url`.
    pub access: Access,
    /// The feed `file`: reads a file of this vendor that was downloaded by hand.
    pub import: fn(&Settings, &Start, Body) -> Box<dyn Feed>,
}

/// How to get at a vendor, or at one feed of it.
pub struct Access {
    /// The settings.
    pub settings: &'static [Setting],
    /// The root of what is asked: scheme, host and port, and for some a path.
    pub root: fn(&Settings) -> Result<Url, SettingsError>,
    /// How requests prove who asks.
    pub credentials: fn(&Settings) -> Result<Credentials, SettingsError>,
    /// A cheap request that succeeds exactly when the credentials work and suffice, and the
    /// reader of its answer: one line on who it is that asks.
    pub check: Check,
}

/// See [`Access::check`].
pub struct Check {
    /// The request; `now` is the moment it is made.
    pub request: fn(&Settings, Timestamp) -> Result<Request, SettingsError>,
    /// Reads the answer: who asks, or why it does not suffice.
    pub read: fn(&Settings, Response) -> Result<String, FeedError>,
}

/// One way of pulling a vendor.
pub struct FeedKind {
    /// Its name: `reports`, `api`.
    pub name: &'static str,
    /// One line on what it does.
    pub about: &'static str,
    /// Least time between two passes, unless forced.
    pub interval: Duration,
    /// Which events it brings; none of a feed that brings users only.
    pub events: Option<Events>,
    /// How to get at it, where that is not how one gets at the source. The settings then stand in
    /// a table of the feed's own, and the feed is on where that table is.
    pub access: Option<Access>,
    /// Begins a pass.
    pub open: Open,
}

/// Which events a feed brings.
#[derive(Debug, Clone, Copy)]
pub struct Events {
    /// Which of the vendor's logs they are of.
    pub log: Log,
    /// How far back the vendor lets the feed look, unless the setting `look_back` says otherwise.
    pub look_back: Duration,
    /// Which stretches the vendor can be asked for.
    pub reach: Reach,
}

impl FeedKind {
    /// What the feed can have from its vendor: every feed of events has the setting `overlap`.
    pub fn limits(&self, settings: &Settings) -> Option<Limits> {
        let events = self.events?;
        let look_back = settings.durations.get("look_back").copied();
        Some(Limits {
            look_back: look_back.unwrap_or(events.look_back),
            settle: settings.duration("overlap"),
            reach: events.reach,
            log: events.log,
        })
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
    /// Text, with an example; there is no default.
    Text(&'static str),
    /// `true` or `false`, which is the default.
    Flag,
}

/// The settings of one source or feed, read and checked: every key its [`Access`] names has its
/// value or default here, but for texts and secrets that were not given.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The table of the config they stand in: `acme`, `acme.s3`.
    pub table: String,
    /// Root of the tenant's host: scheme, host and port. A source of which only feeds with an
    /// access of their own are pulled may have none.
    pub url: Option<Url>,
    /// Secrets that were given.
    pub secrets: BTreeMap<String, Secret>,
    /// Values of [`SettingKind::Choice`].
    pub choices: BTreeMap<String, String>,
    /// Values of [`SettingKind::Duration`].
    pub durations: BTreeMap<String, Duration>,
    /// Values of [`SettingKind::Number`].
    pub numbers: BTreeMap<String, i64>,
    /// Values of [`SettingKind::Text`] that were given.
    pub texts: BTreeMap<String, String>,
    /// Keys of [`SettingKind::Flag`] that are set.
    pub flags: BTreeSet<String>,
}

impl Settings {
    /// Settings for this access with every default and no secret.
    pub fn defaults(access: &Access, table: &str, url: Option<Url>) -> Settings {
        let mut settings = Settings {
            table: table.to_owned(),
            url,
            texts: BTreeMap::new(),
            flags: BTreeSet::new(),
            secrets: BTreeMap::new(),
            choices: BTreeMap::new(),
            durations: BTreeMap::new(),
            numbers: BTreeMap::new(),
        };
        for setting in access.settings {
            let key = setting.key.to_owned();
            match setting.value {
                SettingKind::Secret(_) | SettingKind::Text(_) | SettingKind::Flag => {}
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

    /// Root of the tenant's host.
    ///
    /// # Errors
    /// It was not given: it stands in the source's own table.
    pub fn url(&self) -> Result<&Url, SettingsError> {
        let source = self.table.split('.').next().unwrap_or_default();
        self.url.as_ref().ok_or_else(|| SettingsError {
            name: source.to_owned(),
            ..self.unset("url")
        })
    }

    /// The secret of that key.
    ///
    /// # Errors
    /// It was not given.
    pub fn secret(&self, key: &'static str) -> Result<&Secret, SettingsError> {
        self.secrets.get(key).ok_or_else(|| self.unset(key))
    }

    /// The value of a [`SettingKind::Text`].
    ///
    /// # Errors
    /// It was not given.
    pub fn text(&self, key: &'static str) -> Result<&str, SettingsError> {
        let text = self.texts.get(key).map(String::as_str);
        text.ok_or_else(|| self.unset(key))
    }

    /// Whether a [`SettingKind::Flag`] is set.
    pub fn flag(&self, key: &str) -> bool {
        self.flags.contains(key)
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

    /// Most requests a minute, which every [`Access`] has a setting for.
    pub fn requests_per_minute(&self) -> u32 {
        u32::try_from(self.number("requests_per_minute")).unwrap_or(u32::MAX)
    }

    /// A key's value will not do.
    pub fn wrong(&self, key: &'static str, why: impl Into<String>) -> SettingsError {
        SettingsError {
            name: self.table.clone(),
            key,
            why: why.into(),
        }
    }

    fn unset(&self, key: &'static str) -> SettingsError {
        self.wrong(key, "is not set")
    }
}

/// The settings of a source or feed do not suffice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("source.{name}: {key} {why}")]
pub struct SettingsError {
    /// The table of the config: `acme`, `acme.s3`.
    pub name: String,
    /// The key.
    pub key: &'static str,
    /// What is wrong, as in `is not set`.
    pub why: String,
}
