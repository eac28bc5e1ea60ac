//! The header of a query: the comment lines that it begins with, and what they say of it.
//!
//! ```sql
//! -- Downloads by people who had left, newest first
//! -- tags: soc2-cc6.1 iso27001-a.8.15
//! -- expect: no rows
//! -- severity: high
//! -- once: actor file
//! -- chart: bar name downloads
//! -- param since time = 30d  how far back to look
//! -- Any other line is a remark; the first of them is the description.
//! ```
//!
//! A remark does not begin with a word and a colon where that word looks like one of those that mean
//! something: `-- expct: no rows` is an error, for a check would be none without anybody's knowing.
//!
//! The parameters `since` or `from`, `until` or `to`, and `at` are those that a report fills, if their
//! type is `time`: with the beginning of its period, its end, and its end again. An `at` that is
//! `null` by default is no moment as of which a query is asked, and is left alone.

mod words;

use std::fmt;

use crate::query::QueryError;
use crate::query::parameter::Parameter;
use crate::query::place::Place;

use self::words::Words;

/// What one line of a header says.
pub(super) enum Line<'s> {
    /// A parameter.
    Parameter(Parameter),
    /// By what else than its name the query is found; there may be several such lines.
    Tags(Vec<String>),
    /// What its answer should be.
    Expect(Expect),
    /// How bad it is if it is not.
    Severity(Severity),
    /// The columns by which a row is known again.
    Once(Vec<String>),
    /// How its answer is best looked at.
    Chart(Chart),
    /// Anything else.
    Remark(&'s str),
}

/// What a check expects of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// `no rows`
    NoRows,
    /// `at most 5 rows`
    AtMost(u64),
    /// `at least 1 row`; never 0, which every answer has.
    AtLeast(u64),
}

/// How bad it is when a check's expectation is not met; the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
    /// `critical`
    Critical,
}

/// How an answer is drawn, where people would rather look than read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// What it looks like.
    pub kind: ChartKind,
    /// The column that says what a value is of: a name, or of a line a time or day.
    pub label: String,
    /// The column that holds the values.
    pub value: String,
}

/// What a chart looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// A bar for each row.
    Bar,
    /// A line through time.
    Line,
}

/// A line of a header is not written as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// A word does not belong where it stands.
    #[error("{key}: `{word}` is out of place; write {}", key.form())]
    Misplaced {
        /// What the line is about.
        key: Key,
        /// The word.
        word: String,
        /// Where it stands.
        place: Place,
        /// What may have been meant, the nearest first.
        nearest: Vec<String>,
    },
    /// The line ends where more is to come.
    #[error("{key} ends too early; write {}", key.form())]
    Unfinished {
        /// What the line is about.
        key: Key,
        /// Its end.
        place: Place,
    },
    /// It begins almost as a line does that means something.
    #[error("a header has no line `{word}:`")]
    Unknown {
        /// What it begins with.
        word: String,
        /// Where that stands.
        place: Place,
        /// What may have been meant, the nearest first.
        nearest: Vec<String>,
    },
    /// There is such a line before it, and only one can count.
    #[error("{key} is said twice")]
    Repeated {
        /// What the line is about.
        key: Key,
        /// The later line.
        place: Place,
    },
}

/// What a line of a header can be about, besides a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `tags: soc2-cc6.1 nist-au-6`
    Tags,
    /// `expect: no rows`
    Expect,
    /// `severity: high`
    Severity,
    /// `once: actor day`
    Once,
    /// `chart: bar name downloads`
    Chart,
}

/// The lines of a query's header, up to the first that is no comment; empty ones say nothing.
///
/// # Errors
/// One is not written as it should be.
pub(super) fn lines(sql: &str) -> Result<Vec<Line<'_>>, QueryError> {
    let mut said = Vec::new();
    let lines = sql.lines().map(str::trim).filter(|line| !line.is_empty());
    let comments = lines.map_while(|line| line.strip_prefix("--").map(str::trim));
    let comments = comments.filter(|line| !line.is_empty());
    comments.map(|line| read(sql, line, &mut said)).collect()
}

fn read<'s>(sql: &'s str, line: &'s str, said: &mut Vec<Key>) -> Result<Line<'s>, QueryError> {
    if let Some(declaration) = line.strip_prefix("param ") {
        return Ok(Line::Parameter(Parameter::read(declaration)?));
    }
    let Some((name, value)) = line.split_once(':') else {
        return Ok(Line::Remark(line));
    };
    let name = name.trim_end();
    let Some(key) = Key::named(name) else {
        return remark(sql, line, name);
    };
    let mut words = Words::new(sql, key, value);
    if said.contains(&key) && key != Key::Tags {
        return Err(words.repeated(line).into());
    }
    said.push(key);
    let line = match key {
        Key::Tags => Line::Tags(words.tags()?),
        Key::Expect => Line::Expect(Expect::read(&mut words)?),
        Key::Severity => Line::Severity(words.one_of(Severity::ALL, Severity::name)?),
        Key::Once => Line::Once(words.all()?),
        Key::Chart => Line::Chart(Chart::read(&mut words)?),
    };
    words.end()?;
    Ok(line)
}

/// A remark that begins with a word and a colon, unless the word looks like a slip.
fn remark<'s>(sql: &'s str, line: &'s str, word: &'s str) -> Result<Line<'s>, QueryError> {
    let nearest = Key::near(word);
    if nearest.is_empty() {
        return Ok(Line::Remark(line));
    }
    let unknown = HeaderError::Unknown {
        word: word.to_owned(),
        place: words::place(sql, word),
        nearest,
    };
    Err(unknown.into())
}

impl Expect {
    fn read(words: &mut Words<'_>) -> Result<Expect, HeaderError> {
        if words.literal(&["no", "at"])? == "no" {
            words.literal(&["rows"])?;
            return Ok(Expect::NoRows);
        }
        let expect = match words.literal(&["most", "least"])? {
            "most" => Expect::AtMost(words.number(0)?),
            _ => Expect::AtLeast(words.number(1)?),
        };
        words.literal(&["rows", "row"])?;
        Ok(expect)
    }

    /// Whether an answer of so many rows is as expected.
    pub fn is_met(self, rows: u64) -> bool {
        match self {
            Expect::NoRows => rows == 0,
            Expect::AtMost(most) => rows <= most,
            Expect::AtLeast(least) => rows >= least,
        }
    }
}

impl Severity {
    /// All there are, the least first.
    pub const ALL: &[Severity] = &[
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl Chart {
    fn read(words: &mut Words<'_>) -> Result<Chart, HeaderError> {
        Ok(Chart {
            kind: words.one_of(&[ChartKind::Bar, ChartKind::Line], ChartKind::name)?,
            label: words.next()?.to_owned(),
            value: words.next()?.to_owned(),
        })
    }
}

impl ChartKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            ChartKind::Bar => "bar",
            ChartKind::Line => "line",
        }
    }
}

impl Key {
    const ALL: [Key; 5] = [Key::Tags, Key::Expect, Key::Severity, Key::Once, Key::Chart];

    fn named(name: &str) -> Option<Key> {
        Key::ALL.into_iter().find(|key| key.name() == name)
    }

    /// The names that a word may be a slip for, the nearest first: a third of the letters may be
    /// wrong, and the case of all. To be merely alike is not enough, for `tables` is a word, too.
    fn near(word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        let names = Key::ALL.map(Key::name).into_iter();
        let slips = names.map(|name| (strsim::osa_distance(&word, name), name));
        let mut near: Vec<_> = slips
            .filter(|(slips, name)| *slips <= name.len() / 3)
            .collect();
        near.sort_unstable();
        near.into_iter().map(|(_, name)| name.to_owned()).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Key::Tags => "tags",
            Key::Expect => "expect",
            Key::Severity => "severity",
            Key::Once => "once",
            Key::Chart => "chart",
        }
    }

    /// How such a line is written.
    fn form(self) -> &'static str {
        match self {
            Key::Tags => "lower-case words of letters, digits, `.`, `-` and `_`, blanks between",
            Key::Expect => "`no rows`, `at most 5 rows` or `at least 1 row`",
            Key::Severity => "`low`, `medium`, `high` or `critical`",
            Key::Once => "the columns by which a row is known again, blanks between",
            Key::Chart => "`bar COLUMN COLUMN` or `line COLUMN COLUMN`",
        }
    }
}

impl HeaderError {
    /// Where in the query it stands.
    pub fn place(&self) -> &Place {
        match self {
            HeaderError::Misplaced { place, .. }
            | HeaderError::Unknown { place, .. }
            | HeaderError::Unfinished { place, .. }
            | HeaderError::Repeated { place, .. } => place,
        }
    }

    /// What may have been meant, the nearest first.
    pub fn nearest(&self) -> &[String] {
        match self {
            HeaderError::Misplaced { nearest, .. } | HeaderError::Unknown { nearest, .. } => {
                nearest
            }
            _ => &[],
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// In the header's words.
impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |count: &u64| if *count == 1 { "row" } else { "rows" };
        match self {
            Expect::NoRows => write!(f, "no rows"),
            Expect::AtMost(most) => write!(f, "at most {most} {}", rows(most)),
            Expect::AtLeast(least) => write!(f, "at least {least} {}", rows(least)),
        }
    }
}

#[cfg(test)]
mod tests;
