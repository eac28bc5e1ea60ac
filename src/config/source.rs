//! One `[source.NAME]` table: its keys are what its kind says they are, and so are those of the
//! tables in it, one for a feed with an access of its own.

use std::path::Path;
use std::time::Duration;

use url::Url;

use super::document::{Table, Value};
use super::error::{ConfigError, Place, hint_at};
use super::section::Section;
use crate::kind::{FeedKind, Kind};
use crate::secret;

/// One vendor tenant the user configured.
#[derive(Clone)]
pub struct Source {
    /// Its name: `safe-us`.
    pub name: String,
    /// Its vendor.
    pub kind: &'static Kind,
    /// The settings of the source itself.
    pub own: Section,
    /// What is pulled of it.
    pub feeds: Vec<SourceFeed>,
    /// Where its kind is written.
    pub kind_place: Place,
    /// Where its URL is written, if it is.
    pub url_place: Option<Place>,
}

/// A feed of a source that is pulled.
#[derive(Clone)]
pub struct SourceFeed {
    /// What it is.
    pub kind: &'static FeedKind,
    /// The settings it goes by: of its own table, or the source's.
    pub section: Section,
}

impl SourceFeed {
    /// How often it is to run: as the settings say, but no more often than the vendor is to be
    /// asked.
    pub fn every(&self) -> Duration {
        self.section
            .settings
            .duration("every")
            .max(self.kind.interval)
    }
}

impl Source {
    /// Root of the tenant's host, where it has one.
    pub fn url(&self) -> Option<&Url> {
        self.own.settings.url.as_ref()
    }

    /// Every table of the source that is used: its own where a feed goes by it, then those of
    /// feeds.
    pub fn sections(&self) -> Vec<&Section> {
        let own_used = self.feeds.iter().any(|feed| feed.kind.access.is_none());
        let own = own_used.then_some(&self.own);
        let of_feeds = self.feeds.iter();
        let of_feeds = of_feeds.filter(|feed| feed.kind.access.is_some());
        own.into_iter()
            .chain(of_feeds.map(|feed| &feed.section))
            .collect()
    }

    /// The feed of that name, if it is pulled.
    pub fn feed(&self, name: &str) -> Option<&SourceFeed> {
        self.feeds.iter().find(|feed| feed.kind.name == name)
    }

    /// Reads a source's table; relative files of secrets are relative to `base`.
    pub(super) fn read(
        value: &Value<'_>,
        base: &Path,
        kinds: &[&'static Kind],
    ) -> Result<Source, ConfigError> {
        check_name(value)?;
        let table = value.table()?;
        let kind_value = table.required("kind", r#"kind = "safe""#)?;
        let kind = read_kind(&kind_value, kinds)?;
        refuse_unknown(&table, kind)?;
        let url = table.value("url").map(|value| read_url(&value));
        let url = url.transpose()?;
        let mut source = Source {
            name: value.own_name().to_owned(),
            kind,
            own: Section::new(&kind.access, value.own_name(), url, table.place()),
            feeds: Vec::new(),
            kind_place: kind_value.place(),
            url_place: table.value("url").map(|value| value.place()),
        };
        source.own.read(&table, base)?;
        source.read_feeds(&table, base)?;
        let asks_tenant = source.feeds.iter().any(|feed| feed.kind.access.is_none());
        if asks_tenant && source.url_place.is_none() {
            table.required("url", &format!("url = \"{}\"", kind.url_example))?;
        }
        Ok(source)
    }

    /// The feeds that go by the source's own settings are pulled, unless none of its secrets is
    /// given and there are tables of other feeds.
    fn read_feeds(&mut self, table: &Table<'_>, base: &Path) -> Result<(), ConfigError> {
        let has_table = |feed: &FeedKind| feed.access.is_some() && table.value(feed.name).is_some();
        let only_others = self.own.references.is_empty() && self.kind.feeds.iter().any(has_table);
        for kind in self.kind.feeds {
            let section = match (&kind.access, table.value(kind.name)) {
                (None, _) if only_others => continue,
                (None, _) => self.own.clone(),
                (Some(_), None) => continue,
                (Some(access), Some(value)) => {
                    let table = value.table()?;
                    let name = format!("{}.{}", self.name, kind.name);
                    let url = self.own.settings.url.clone();
                    let mut section = Section::new(access, &name, url, table.place());
                    section.read(&table, base)?;
                    section
                }
            };
            self.feeds.push(SourceFeed { kind, section });
        }
        Ok(())
    }
}

/// Whether a source may be called so: by small letters, digits and hyphens.
pub fn is_source_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(fits)
}

fn check_name(value: &Value<'_>) -> Result<(), ConfigError> {
    if is_source_name(value.own_name()) {
        return Ok(());
    }
    let mistake = value.mistake_in_name("is no name for a source");
    Err(mistake.hinted("use small letters, digits and hyphens: [source.safe-us]"))
}

fn read_kind(value: &Value<'_>, kinds: &[&'static Kind]) -> Result<&'static Kind, ConfigError> {
    let name = value.text()?;
    kinds
        .iter()
        .copied()
        .find(|kind| kind.name == name)
        .ok_or_else(|| {
            let hint = hint_at(name, kinds.iter().map(|kind| kind.name), "known kinds");
            value.mistake(format!("unknown kind `{name}`")).hinted(hint)
        })
}

/// A feed's table holds the settings of its access; one without may stand empty.
fn refuse_unknown(table: &Table<'_>, kind: &Kind) -> Result<(), ConfigError> {
    let keys = kind.access.settings.iter().map(|setting| setting.key);
    let feeds = kind.feeds.iter().map(|feed| feed.name);
    let known: Vec<&str> = ["kind", "url"]
        .into_iter()
        .chain(keys)
        .chain(feeds)
        .collect();
    table.refuse_unknown(&known)?;
    for feed in kind.feeds {
        let settings = feed.access.as_ref().map_or(&[][..], |one| one.settings);
        let known: Vec<&str> = settings.iter().map(|setting| setting.key).collect();
        if let Some(value) = table.value(feed.name) {
            value.table()?.refuse_unknown(&known)?;
        }
    }
    Ok(())
}

/// A tenant's host: `https`, or `http` where the host is this machine; nothing after the port.
/// No text of a wrong URL is shown, for there may be a password in it.
fn read_url(value: &Value<'_>) -> Result<Url, ConfigError> {
    let url = Url::parse(value.text()?).map_err(|error| {
        value
            .mistake(format!("is no URL: {error}"))
            .hinted("write it like https://us.example.com")
    })?;
    let problem = match url.scheme() {
        _ if secret::may_go_to(&url) => None,
        "http" => Some("is not encrypted; http:// is for this machine only"),
        _ => Some("is neither https:// nor http://"),
    };
    if let Some(problem) = problem {
        return Err(value.mistake(problem).hinted("write https://"));
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user {
        return Err(value
            .mistake("holds a user name or password")
            .hinted("leave it out of the URL"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        let hint = format!("write {}", url.origin().ascii_serialization());
        return Err(value.mistake("says more than the host").hinted(hint));
    }
    Ok(url)
}
