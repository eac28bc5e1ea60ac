//! One `[source.NAME]` table: its keys are what its kind says they are.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use url::Url;

use super::document::{Table, Value};
use super::error::{ConfigError, Place, hint_at};
use super::reference::Reference;
use super::{Environment, Origin, template};
use crate::kind::{Kind, Setting, SettingKind, Settings, SettingsError};
use crate::secret;
use crate::time::parse_duration;

/// One vendor tenant the user configured.
#[derive(Clone)]
pub struct Source {
    /// Its name: `safe-us`.
    pub name: String,
    /// Its vendor.
    pub kind: &'static Kind,
    /// Everything but its secrets, for commands that need none.
    pub settings: Settings,
    /// The secrets it refers to, by key.
    pub references: BTreeMap<String, Reference>,
    /// Where its table begins.
    pub place: Place,
    /// The other keys that are written in its table: their text, and where.
    written: BTreeMap<String, (String, Place)>,
}

impl Source {
    /// Root of the tenant's host.
    pub fn url(&self) -> &Url {
        &self.settings.url
    }

    /// Its settings with its secrets, which suffice for its kind.
    ///
    /// # Errors
    /// A secret cannot be had, or one is missing.
    pub fn resolve(&self, environment: &Environment) -> Result<Settings, ConfigError> {
        let mut settings = self.settings.clone();
        for (key, reference) in &self.references {
            settings
                .secrets
                .insert(key.clone(), reference.resolve(environment)?);
        }
        (self.kind.credentials)(&settings).map_err(|error| self.locate(&error))?;
        Ok(settings)
    }

    /// Says where in the config file the settings do not suffice.
    pub fn locate(&self, error: &SettingsError) -> ConfigError {
        let place = self
            .written
            .get(error.key)
            .map_or(&self.place, |(_, place)| place);
        let key = format!("source.{}.{}", self.name, error.key);
        let mistake = ConfigError::at(place.clone(), key, &error.why);
        let setting = self
            .kind
            .settings
            .iter()
            .find(|setting| setting.key == error.key);
        match setting {
            Some(setting) => mistake.hinted(format!("write {}", template::example(setting))),
            None => mistake,
        }
    }

    /// The value of a key that holds no secret, as it would be written, and where it comes from.
    pub fn effective(&self, setting: &Setting) -> (String, Origin) {
        match self.written.get(setting.key) {
            Some((text, place)) => (text.clone(), Origin::File(place.clone())),
            None => (template::default_text(setting), Origin::Default),
        }
    }

    /// Where `kind` or `url` is written.
    pub fn origin(&self, key: &str) -> Origin {
        let place = self
            .written
            .get(key)
            .map_or(&self.place, |(_, place)| place);
        Origin::File(place.clone())
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
        let example = format!("url = \"{}\"", kind.url_example);
        let url_value = table.required("url", &example)?;
        let url = read_url(&url_value)?;
        let mut source = Source {
            name: value.own_name().to_owned(),
            kind,
            settings: Settings::defaults(kind, value.own_name(), url),
            references: BTreeMap::new(),
            place: table.place(),
            written: BTreeMap::new(),
        };
        source.note(&kind_value, kind.name.to_owned());
        source.note(&url_value, url_value.text()?.to_owned());
        for setting in kind.settings {
            if let Some(value) = table.value(setting.key) {
                source.set(setting, &value, base)?;
            }
        }
        Ok(source)
    }

    fn set(
        &mut self,
        setting: &Setting,
        value: &Value<'_>,
        base: &Path,
    ) -> Result<(), ConfigError> {
        let key = setting.key.to_owned();
        match setting.value {
            SettingKind::Secret(_) => {
                self.references.insert(key, Reference::read(value, base)?);
            }
            SettingKind::Choice(words) => {
                let word = read_choice(value, words)?;
                self.note(value, word.to_owned());
                self.settings.choices.insert(key, word.to_owned());
            }
            SettingKind::Duration(example) => {
                let duration = read_duration(value, example)?;
                self.note(value, value.text()?.to_owned());
                self.settings.durations.insert(key, duration);
            }
            SettingKind::Number(least, largest, _) => {
                let number = read_number(value, least, largest)?;
                self.note(value, number.to_string());
                self.settings.numbers.insert(key, number);
            }
        }
        Ok(())
    }

    fn note(&mut self, value: &Value<'_>, text: String) {
        self.written
            .insert(value.own_name().to_owned(), (text, value.place()));
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

/// A kind's feeds have no settings of their own as yet; a table for one may stand empty.
fn refuse_unknown(table: &Table<'_>, kind: &Kind) -> Result<(), ConfigError> {
    let keys = kind.settings.iter().map(|setting| setting.key);
    let feeds = kind.feeds.iter().map(|feed| feed.name);
    let known: Vec<&str> = ["kind", "url"]
        .into_iter()
        .chain(keys)
        .chain(feeds)
        .collect();
    table.refuse_unknown(&known)?;
    for feed in kind.feeds.iter().filter_map(|feed| table.value(feed.name)) {
        feed.table()?.refuse_unknown(&[])?;
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

fn read_choice<'a>(value: &Value<'a>, words: &[&'static str]) -> Result<&'a str, ConfigError> {
    let word = value.text()?;
    if words.contains(&word) {
        return Ok(word);
    }
    let hint = hint_at(word, words.iter().copied(), "known words");
    Err(value.mistake(format!("unknown word `{word}`")).hinted(hint))
}

/// A length of time; the hint at a mistake says the default.
pub(super) fn read_duration(value: &Value<'_>, default: &str) -> Result<Duration, ConfigError> {
    let hint = format!("the default is \"{default}\"");
    parse_duration(value.text()?).map_err(|error| value.mistake(error.to_string()).hinted(hint))
}

fn read_number(value: &Value<'_>, least: i64, largest: i64) -> Result<i64, ConfigError> {
    let number = value.number()?;
    if (least..=largest).contains(&number) {
        return Ok(number);
    }
    let hint = format!("it must be from {least} to {largest}");
    Err(value
        .mistake(format!("{number} is out of range"))
        .hinted(hint))
}
