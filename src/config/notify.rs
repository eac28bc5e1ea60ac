//! The `[notify]` table: whom to tell, and of what.

use std::path::Path;

use url::Url;

use super::document::{Table, Value};
use super::error::{ConfigError, hint_at};
use super::reference::{Reference, located};
use super::{Effective, Environment, Origin};
use crate::notify::Occasion;
use crate::secret::{self, Secret};

/// Whom to tell, and of what. A URL is a secret: whoever knows it can post to it.
#[derive(Debug, Clone)]
pub struct Notify {
    /// A program and its arguments, run without a shell, for each notice.
    pub command: Option<Effective<Vec<String>>>,
    /// Where each notice is posted to.
    pub url: Option<Reference>,
    /// What is asked for after every good run, so that its absence is noticed elsewhere.
    pub ping: Option<Reference>,
    /// What is told of.
    pub on: Effective<Vec<Occasion>>,
}

/// How the table is written, for hints.
const FORMS: &str = r#"write command = ["…"], url = { env = "…" } or ping = { env = "…" }"#;

impl Notify {
    /// Nobody is told of anything.
    pub(super) fn nobody() -> Notify {
        Notify {
            command: None,
            url: None,
            ping: None,
            on: Effective {
                value: Occasion::ALL.to_vec(),
                origin: Origin::Default,
            },
        }
    }

    /// Reads the table; a relative program is relative to `base`.
    pub(super) fn read(value: &Value<'_>, base: &Path) -> Result<Notify, ConfigError> {
        let table = value.table()?;
        table.refuse_unknown(&["command", "url", "ping", "on"])?;
        let notify = Notify {
            command: command(&table, base)?,
            url: reference(&table, "url", base)?,
            ping: reference(&table, "ping", base)?,
            on: on(&table)?,
        };
        if notify.command.is_none() && notify.url.is_none() && notify.ping.is_none() {
            return Err(table.mistake("names nobody to tell").hinted(FORMS));
        }
        Ok(notify)
    }
}

/// The URL that a reference leads to: `https`, or `http` where the host is this machine.
///
/// # Errors
/// It cannot be had, or is none; no text of it is shown.
pub fn resolve_url(
    reference: &Reference,
    environment: &Environment,
) -> Result<Secret, ConfigError> {
    let mistake = |problem: &str, hint: &str| {
        let problem = format!("{} {problem}", reference.origin);
        ConfigError::at(reference.place.clone(), &reference.key, problem).hinted(hint)
    };
    let secret = reference.resolve(environment)?;
    match Url::parse(secret.expose()) {
        Err(_) => Err(mistake("is no URL", "it begins with https://")),
        Ok(url) if !secret::may_go_to(&url) => Err(mistake(
            "is not encrypted",
            "it begins with https://; http:// is for this machine only",
        )),
        Ok(_) => Ok(secret),
    }
}

fn reference(table: &Table<'_>, key: &str, base: &Path) -> Result<Option<Reference>, ConfigError> {
    let value = table.value(key);
    value.map(|value| Reference::read(&value, base)).transpose()
}

fn command(table: &Table<'_>, base: &Path) -> Result<Option<Effective<Vec<String>>>, ConfigError> {
    let Some(value) = table.value("command") else {
        return Ok(None);
    };
    let mut words = value.texts()?;
    match words.first_mut() {
        Some(program) if !program.is_empty() => *program = located(program, base),
        _ => return Err(value.mistake("names no program").hinted(FORMS)),
    }
    Ok(Some(Effective {
        value: words,
        origin: Origin::File(value.place()),
    }))
}

fn on(table: &Table<'_>) -> Result<Effective<Vec<Occasion>>, ConfigError> {
    let Some(value) = table.value("on") else {
        return Ok(Notify::nobody().on);
    };
    let words = value.texts()?;
    let occasions: Vec<Occasion> = words
        .iter()
        .map(|word| occasion(&value, word))
        .collect::<Result<_, _>>()?;
    let is_trouble = |occasion: &Occasion| *occasion != Occasion::Recovery;
    if !occasions.iter().any(is_trouble) {
        let hint = format!("name some of {}", names().join(", "));
        return Err(value.mistake("leaves nothing to tell of").hinted(hint));
    }
    Ok(Effective {
        value: occasions,
        origin: Origin::File(value.place()),
    })
}

fn occasion(value: &Value<'_>, word: &str) -> Result<Occasion, ConfigError> {
    Occasion::find(word).ok_or_else(|| {
        let hint = hint_at(word, names(), "known words");
        value.mistake(format!("unknown word `{word}`")).hinted(hint)
    })
}

fn names() -> Vec<&'static str> {
    Occasion::ALL.iter().map(|one| one.name()).collect()
}
