//! A table of settings: what its access says there may be, read and checked, each value with where
//! it is written.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use url::Url;

use super::document::{Table, Value};
use super::error::{ConfigError, Place, hint_at};
use super::reference::Reference;
use super::{Environment, Origin, template};
use crate::kind::{Access, Setting, SettingKind, Settings, SettingsError};
use crate::time::parse_duration;

/// A table of settings: a source's own, or that of one feed of it.
#[derive(Clone)]
pub struct Section {
    /// What there may be in it.
    pub access: &'static Access,
    /// Everything but its secrets, for commands that need none.
    pub settings: Settings,
    /// The secrets it refers to, by key.
    pub references: BTreeMap<String, Reference>,
    /// Where the table begins.
    pub place: Place,
    /// The other keys that are written in it: their text, and where.
    written: BTreeMap<String, (String, Place)>,
}

impl Section {
    /// The settings with their secrets, which suffice to ask the vendor.
    ///
    /// # Errors
    /// A secret cannot be had, or something is missing.
    pub fn resolve(&self, environment: &Environment) -> Result<Settings, ConfigError> {
        let mut settings = self.settings.clone();
        for (key, reference) in &self.references {
            settings
                .secrets
                .insert(key.clone(), reference.resolve(environment)?);
        }
        let enough = (self.access.root)(&settings).map(drop);
        let enough = enough.and_then(|()| (self.access.credentials)(&settings).map(drop));
        enough.map_err(|error| self.locate(&error))?;
        Ok(settings)
    }

    /// Says where in the config file the settings do not suffice.
    pub fn locate(&self, error: &SettingsError) -> ConfigError {
        let place = self
            .written
            .get(error.key)
            .map_or(&self.place, |(_, place)| place);
        let key = format!("source.{}.{}", error.name, error.key);
        let mistake = ConfigError::at(place.clone(), key, &error.why);
        let settings = &mut self.access.settings.iter();
        match settings.find(|setting| setting.key == error.key) {
            Some(setting) => mistake.hinted(format!("write {}", template::example(setting))),
            None => mistake.hinted(format!("add it to [source.{}]", error.name)),
        }
    }

    /// The full key of one of its settings: `source.acme.s3.bucket`.
    pub fn key(&self, key: &str) -> String {
        format!("source.{}.{key}", self.settings.table)
    }

    /// The value of a key that holds no secret, as it would be written, and where it comes from.
    pub fn effective(&self, setting: &Setting) -> (String, Origin) {
        match self.written.get(setting.key) {
            Some((text, place)) => (text.clone(), Origin::File(place.clone())),
            None => (template::default_text(setting), Origin::Default),
        }
    }

    pub(super) fn new(
        access: &'static Access,
        table: &str,
        url: Option<Url>,
        place: Place,
    ) -> Section {
        Section {
            access,
            settings: Settings::defaults(access, table, url),
            references: BTreeMap::new(),
            place,
            written: BTreeMap::new(),
        }
    }

    /// Reads what is written in the table; relative files of secrets are relative to `base`.
    pub(super) fn read(&mut self, table: &Table<'_>, base: &Path) -> Result<(), ConfigError> {
        for setting in self.access.settings {
            if let Some(value) = table.value(setting.key) {
                self.set(setting, &value, base)?;
            }
        }
        Ok(())
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
            SettingKind::Text(_) => {
                let text = read_text(value)?;
                self.note(value, text.to_owned());
                self.settings.texts.insert(key, text.to_owned());
            }
            SettingKind::Flag => {
                let flag = value.flag()?;
                self.note(value, flag.to_string());
                if flag {
                    self.settings.flags.insert(key);
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, value: &Value<'_>, text: String) {
        self.written
            .insert(value.own_name().to_owned(), (text, value.place()));
    }
}

/// A length of time; the hint at a mistake says the default.
pub(super) fn read_duration(value: &Value<'_>, default: &str) -> Result<Duration, ConfigError> {
    let hint = format!("the default is \"{default}\"");
    parse_duration(value.text()?).map_err(|error| value.mistake(error.to_string()).hinted(hint))
}

/// Text that says something; a control character in it is a slip that would be hard to see.
fn read_text<'a>(value: &Value<'a>) -> Result<&'a str, ConfigError> {
    let text = value.text()?;
    if text.trim().is_empty() {
        return Err(value.mistake("is empty").hinted("leave the key out"));
    }
    if text.chars().any(char::is_control) {
        let hint = "it is one line of plain text";
        return Err(value.mistake("holds a control character").hinted(hint));
    }
    Ok(text)
}

fn read_choice<'a>(value: &Value<'a>, words: &[&'static str]) -> Result<&'a str, ConfigError> {
    let word = value.text()?;
    if words.contains(&word) {
        return Ok(word);
    }
    let hint = hint_at(word, words.iter().copied(), "known words");
    Err(value.mistake(format!("unknown word `{word}`")).hinted(hint))
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
