//! A mistake in the configuration: what, where, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A mistake in the configuration, in one line:
/// `trailkeep.toml:4:1: source.safe-us.usrname: unknown key`.
#[derive(Debug)]
pub struct ConfigError {
    /// Where it is written, if it is written anywhere.
    pub place: Option<Place>,
    /// The full key, as in `source.safe-us.url`; empty where no one key is at fault.
    pub key: String,
    /// What is wrong. Never holds the value of a secret.
    pub problem: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What the system says.
    cause: Option<io::Error>,
}

/// A place in a text file; line and column are counted from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The candidate that is most likely meant by a misspelt word, if any is near enough.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mistakes_max = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(mistakes, _)| *mistakes <= mistakes_max)
        .min_by_key(|(mistakes, _)| *mistakes)
        .map(|(_, candidate)| candidate)
}

/// The hint for a word that is none of `known`.
pub(super) fn hint_at<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    what: &str,
) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "{what}: {}",
            known.into_iter().collect::<Vec<_>>().join(", ")
        ),
    }
}

impl ConfigError {
    /// A mistake that is written nowhere.
    pub fn new(problem: impl Into<String>) -> ConfigError {
        ConfigError {
            place: None,
            key: String::new(),
            problem: problem.into(),
            hint: None,
            cause: None,
        }
    }

    /// A mistake at a place of a file, about one key.
    pub fn at(place: Place, key: impl Into<String>, problem: impl Into<String>) -> ConfigError {
        ConfigError {
            place: Some(place),
            key: key.into(),
            ..ConfigError::new(problem)
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hinted(self, hint: impl Into<String>) -> ConfigError {
        ConfigError {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Says why, in the system's words.
    #[must_use]
    pub fn caused_by(self, cause: io::Error) -> ConfigError {
        ConfigError {
            cause: Some(cause),
            ..self
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause
            .as_ref()
            .map(|cause| cause as &dyn std::error::Error)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_what_was_meant() {
        let known = ["kind", "url", "username", "password"];
        for (word, meant) in [
            ("usrname", Some("username")),
            ("pasword", Some("password")),
            ("ulr", Some("url")),
            ("color", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
