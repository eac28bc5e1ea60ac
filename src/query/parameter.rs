//! Parameters of a query: `-- param since time = 30d  how far back to look`, and then `:since`.

use rusqlite::types::Value;

use crate::event::Timestamp;
use crate::query::explain::nearest;
use crate::time::{TimeError, parse_moment};

/// One parameter that a query declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, without the colon.
    pub name: String,
    /// What it holds.
    pub kind: ParameterKind,
    /// What it is when it is not given; a parameter without a default must be given. `null`
    /// stands for no value.
    pub default: Option<String>,
    /// What it means.
    pub about: String,
}

/// What a parameter holds, and how it reaches SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// Text, as it is.
    Text,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A moment ([`parse_moment`]), as text of the form of the views' `time`.
    Time,
    /// `true` or `false`, `yes` or `no`, `1` or `0`: as 1 or 0.
    Flag,
}

impl Parameter {
    /// Reads what follows `-- param `: `NAME TYPE [= DEFAULT]  DESCRIPTION`. A default with
    /// spaces in it stands in single quotes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Parameter, ParameterError> {
        let (name, rest) = word(text);
        let (kind, rest) = word(rest);
        let (default, about) = match rest.strip_prefix('=') {
            Some(rest) => default(rest.trim_start()),
            None => (None, rest),
        };
        let shaped = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() || !shaped {
            return Err(ParameterError::Unnamed);
        }
        let parameter = Parameter {
            name: name.to_owned(),
            kind: ParameterKind::named(kind).ok_or_else(|| ParameterError::NoKind {
                name: name.to_owned(),
                kind: kind.to_owned(),
            })?,
            default,
            about: about.to_owned(),
        };
        // A default that cannot be read is an error of the query, whatever the user gives.
        parameter
            .default
            .as_deref()
            .map_or(Ok(Value::Null), |text| parameter.default_value(text, EPOCH))?;
        Ok(parameter)
    }

    fn default_value(&self, text: &str, now: Timestamp) -> Result<Value, ParameterError> {
        if text == "null" {
            Ok(Value::Null)
        } else {
            self.value(text, now)
        }
    }

    fn value(&self, text: &str, now: Timestamp) -> Result<Value, ParameterError> {
        let name = || self.name.clone();
        let wrong = |kind| ParameterError::Wrong {
            name: name(),
            given: text.to_owned(),
            kind,
        };
        match self.kind {
            ParameterKind::Text => Ok(Value::Text(text.to_owned())),
            ParameterKind::Integer => text
                .parse()
                .map(Value::Integer)
                .map_err(|_| wrong("a whole number")),
            ParameterKind::Number => number(text).ok_or_else(|| wrong("a number")),
            ParameterKind::Time => parse_moment(text, now)
                .map(|moment| Value::Text(moment.to_string()))
                .map_err(|cause| ParameterError::Time {
                    name: name(),
                    cause,
                }),
            ParameterKind::Flag => match text {
                "true" | "yes" | "1" => Ok(Value::Integer(1)),
                "false" | "no" | "0" => Ok(Value::Integer(0)),
                _ => Err(wrong("true or false")),
            },
        }
    }
}

/// The text that a parameter has, given or by default; none where it has no value.
pub(crate) fn text<'a>(
    declared: &'a [Parameter],
    given: &'a [(String, String)],
    name: &str,
) -> Option<&'a str> {
    let given = given.iter().rev().find(|(one, _)| one == name);
    let default = || {
        let parameter = declared.iter().find(|one| one.name == name)?;
        parameter.default.as_deref().filter(|text| *text != "null")
    };
    given.map(|(_, text)| text.as_str()).or_else(default)
}

impl ParameterKind {
    /// The word for it in a declaration.
    pub fn name(self) -> &'static str {
        match self {
            ParameterKind::Text => "text",
            ParameterKind::Integer => "integer",
            ParameterKind::Number => "number",
            ParameterKind::Time => "time",
            ParameterKind::Flag => "flag",
        }
    }

    fn named(name: &str) -> Option<ParameterKind> {
        use ParameterKind::{Flag, Integer, Number, Text, Time};
        [Text, Integer, Number, Time, Flag]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// The value of each of the names a statement uses, in their order. A name that is used but not
/// declared takes what is given for it: a number where it is written as numbers are, else text.
///
/// # Errors
/// One is not given, ill-typed, or known neither to the statement nor to its declarations.
pub(crate) fn values(
    declared: &[Parameter],
    used: &[String],
    given: &[(String, String)],
    now: Timestamp,
) -> Result<Vec<Value>, ParameterError> {
    let known = || declared.iter().map(|one| &one.name).chain(used);
    if let Some((name, _)) = given
        .iter()
        .find(|(name, _)| !known().any(|known| known == name))
    {
        let nearest = nearest(name, known().map(String::as_str));
        return Err(ParameterError::Unknown {
            name: name.clone(),
            nearest,
        });
    }
    used.iter()
        .map(|name| value(declared, name, given, now))
        .collect()
}

fn value(
    declared: &[Parameter],
    name: &str,
    given: &[(String, String)],
    now: Timestamp,
) -> Result<Value, ParameterError> {
    let given = given
        .iter()
        .rev()
        .find(|(one, _)| one == name)
        .map(|(_, text)| text.as_str());
    let parameter = declared.iter().find(|one| one.name == name);
    match (parameter, given) {
        (Some(parameter), Some(text)) => parameter.value(text, now),
        (None, Some(text)) => Ok(undeclared(text)),
        (
            Some(Parameter {
                default: Some(default),
                ..
            }),
            None,
        ) => parameter.map_or(Ok(Value::Null), |one| one.default_value(default, now)),
        (_, None) => Err(ParameterError::Missing {
            name: name.to_owned(),
        }),
    }
}

/// `7` and `-1.5` are numbers; `007` and `1e3` may be somebody's name.
fn undeclared(text: &str) -> Value {
    number(text)
        .filter(|value| match value {
            Value::Integer(number) => number.to_string() == text,
            Value::Real(number) => number.to_string() == text,
            _ => false,
        })
        .unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn number(text: &str) -> Option<Value> {
    let integer = text.parse().ok().map(Value::Integer);
    let real = || {
        text.parse()
            .ok()
            .filter(|real: &f64| real.is_finite())
            .map(Value::Real)
    };
    integer.or_else(real)
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| c.is_whitespace() || c == '=')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim_start())
}

fn default(text: &str) -> (Option<String>, &str) {
    let quoted = text
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once('\''));
    let (default, about) =
        quoted.unwrap_or_else(|| text.split_once(char::is_whitespace).unwrap_or((text, "")));
    (Some(default.to_owned()), about.trim())
}

const EPOCH: Timestamp = Timestamp::from_millis(0);

/// A parameter is declared or given wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// It is not given, and has no default.
    #[error("parameter `{name}` is not given")]
    Missing {
        /// Its name.
        name: String,
    },
    /// The query has no such parameter.
    #[error("there is no parameter `{name}`")]
    Unknown {
        /// The name given.
        name: String,
        /// The names that are like it.
        nearest: Vec<String>,
    },
    /// It is given something else than it holds.
    #[error("parameter `{name}`: `{given}` is not {kind}")]
    Wrong {
        /// Its name.
        name: String,
        /// What was given.
        given: String,
        /// What it holds.
        kind: &'static str,
    },
    /// It is given no time.
    #[error("parameter `{name}`: {cause}")]
    Time {
        /// Its name.
        name: String,
        /// What is wrong with the time.
        cause: TimeError,
    },
    /// What is asked for ends before it begins.
    #[error("the period ends at {to}, before it begins at {from}")]
    Backwards {
        /// Its beginning.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
    /// The declaration names no type, or none there is.
    #[error("parameter `{name}` has type `{kind}`; there are text, integer, number, time and flag")]
    NoKind {
        /// Its name.
        name: String,
        /// What stands where a type belongs.
        kind: String,
    },
    /// The declaration has no name, or one with odd characters in it.
    #[error("a parameter is declared as `-- param NAME TYPE = DEFAULT  description`")]
    Unnamed,
    /// The statement has a place for a value, but no name for it.
    #[error("a parameter needs a name: write `:name`, not `?`")]
    Nameless,
}

#[cfg(test)]
mod tests;
