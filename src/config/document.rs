//! TOML with places: every table and value knows its full key, its line and its column, so that
//! each mistake can say where it is.

use std::borrow::Cow;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place, hint_at, nearest};

/// A config file as read.
pub(super) struct Document {
    /// The file, for places.
    pub(super) file: PathBuf,
    /// What it says.
    pub(super) text: String,
}

/// A table of a document.
pub(super) struct Table<'a> {
    document: &'a Document,
    entries: &'a DeTable<'a>,
    /// Its full key; empty for the whole document.
    key: String,
    /// Its name as written; the whole document has none.
    name: Option<&'a Name<'a>>,
}

/// A value of a document.
pub(super) struct Value<'a> {
    document: &'a Document,
    value: &'a Spanned<DeValue<'a>>,
    /// Its full key.
    key: String,
    /// Its name as written.
    name: &'a Name<'a>,
}

type Name<'a> = Spanned<Cow<'a, str>>;

impl Document {
    /// Reads a file.
    pub(super) fn open(file: &Path) -> Result<Document, ConfigError> {
        let text = fs::read_to_string(file).map_err(|error| {
            let name = file.display();
            if error.kind() == ErrorKind::NotFound {
                let hint = format!("`trailkeep init {name}` writes one");
                return ConfigError::new(format!("there is no config file {name}")).hinted(hint);
            }
            let hint = "it must be a text file that you may read";
            ConfigError::new(format!("{name} cannot be read"))
                .caused_by(error)
                .hinted(hint)
        })?;
        Ok(Document {
            file: file.to_owned(),
            text,
        })
    }

    /// The folder that relative paths are relative to.
    pub(super) fn base(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// Reads the TOML; [`Document::root`] walks it.
    pub(super) fn parse(&self) -> Result<Spanned<DeTable<'_>>, ConfigError> {
        DeTable::parse(&self.text).map_err(|error| self.syntax_error(&error))
    }

    /// The whole document as a table.
    pub(super) fn root<'a>(&'a self, parsed: &'a Spanned<DeTable<'a>>) -> Table<'a> {
        Table {
            document: self,
            entries: parsed.get_ref(),
            key: String::new(),
            name: None,
        }
    }

    fn syntax_error(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or_default();
        // A key that is given twice may be named; any other text at fault may be a secret.
        let (key, problem) = if error.message() == "duplicate key" {
            let key = self.text.get(span.clone()).unwrap_or_default();
            (key, "is given twice".to_owned())
        } else {
            (
                "",
                format!("no TOML: {}", error.message().replace('\n', ", ")),
            )
        };
        let hint = match key {
            "" => "values are written `key = \"text\"`, tables `[source.name]`",
            _ => "keep one of the two",
        };
        ConfigError::at(self.place(span.start), key, problem).hinted(hint)
    }

    fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Place {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: in_line.chars().count() + 1,
        }
    }
}

impl<'a> Table<'a> {
    /// Refuses every key that is not among `known`.
    pub(super) fn refuse_unknown(&self, known: &[&str]) -> Result<(), ConfigError> {
        let values = self.values();
        let unknown = values
            .iter()
            .find(|value| !known.contains(&value.own_name()));
        let Some(value) = unknown else { return Ok(()) };
        let hint = match known {
            [] => "no keys are known here".to_owned(),
            _ => hint_at(value.own_name(), known.iter().copied(), "known keys"),
        };
        Err(value.mistake_in_name("unknown key").hinted(hint))
    }

    /// The value of a key, if it is given.
    pub(super) fn value(&self, key: &str) -> Option<Value<'a>> {
        let (name, value) = self.entries.get_key_value(key)?;
        Some(self.entry(name, value))
    }

    /// The value of a key that must be given; `example` is how it would be written.
    pub(super) fn required(&self, key: &str, example: &str) -> Result<Value<'a>, ConfigError> {
        self.value(key).ok_or_else(|| {
            let given = self.entries.keys().map(|name| name.get_ref().as_ref());
            let hint = match nearest(key, given) {
                Some(near) => format!("did you mean it by `{near}`? write {example}"),
                None => format!("write {example}"),
            };
            self.mistake(format!("`{key}` is missing")).hinted(hint)
        })
    }

    /// Every value, in the order in which they are written.
    pub(super) fn values(&self) -> Vec<Value<'a>> {
        let entries = self.entries.iter();
        let mut values: Vec<_> = entries
            .map(|(name, value)| self.entry(name, value))
            .collect();
        values.sort_by_key(|value| value.name.span().start);
        values
    }

    /// A mistake of the table as a whole.
    pub(super) fn mistake(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError::at(self.place(), &self.key, problem)
    }

    /// Where the table is named.
    pub(super) fn place(&self) -> Place {
        self.document
            .place(self.name.map_or(0, |name| name.span().start))
    }

    fn entry(&self, name: &'a Name<'a>, value: &'a Spanned<DeValue<'a>>) -> Value<'a> {
        let own = name.get_ref();
        let key = if self.key.is_empty() {
            own.to_string()
        } else {
            format!("{}.{own}", self.key)
        };
        Value {
            document: self.document,
            value,
            key,
            name,
        }
    }
}

impl<'a> Value<'a> {
    /// The last part of its key.
    pub(super) fn own_name(&self) -> &'a str {
        self.name.get_ref()
    }

    /// Its full key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Where it is written.
    pub(super) fn place(&self) -> Place {
        self.document.place(self.value.span().start)
    }

    /// It as text.
    pub(super) fn text(&self) -> Result<&'a str, ConfigError> {
        self.value
            .get_ref()
            .as_str()
            .ok_or_else(|| self.wrong_type("text in quotes"))
    }

    /// It as a whole number.
    pub(super) fn number(&self) -> Result<i64, ConfigError> {
        let integer = self.value.get_ref().as_integer();
        let integer = integer.ok_or_else(|| self.wrong_type("a whole number"))?;
        i64::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| {
            self.mistake("is too large a number")
                .hinted("it has at most 18 digits")
        })
    }

    /// It as `true` or `false`.
    pub(super) fn flag(&self) -> Result<bool, ConfigError> {
        let flag = self.value.get_ref().as_bool();
        flag.ok_or_else(|| self.wrong_type("true or false, without quotes"))
    }

    /// It as a table.
    pub(super) fn table(&self) -> Result<Table<'a>, ConfigError> {
        let DeValue::Table(entries) = self.value.get_ref() else {
            return Err(self.wrong_type("a table"));
        };
        Ok(Table {
            document: self.document,
            entries,
            key: self.key.clone(),
            name: Some(self.name),
        })
    }

    /// It as a list of texts.
    pub(super) fn texts(&self) -> Result<Vec<String>, ConfigError> {
        let texts = self.value.get_ref().as_array().and_then(|values| {
            values
                .iter()
                .map(|value| value.get_ref().as_str().map(str::to_owned))
                .collect()
        });
        texts.ok_or_else(|| self.wrong_type("a list of texts in quotes: [\"one\", \"two\"]"))
    }

    /// A mistake in the value.
    pub(super) fn mistake(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError::at(self.place(), &self.key, problem)
    }

    /// A mistake in the name it was given.
    pub(super) fn mistake_in_name(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError::at(
            self.document.place(self.name.span().start),
            &self.key,
            problem,
        )
    }

    /// The value is not what is expected here; the value itself is not shown, it may be a secret.
    fn wrong_type(&self, expected: &str) -> ConfigError {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.mistake(format!("is {found}"))
            .hinted(format!("it must be {expected}"))
    }
}
