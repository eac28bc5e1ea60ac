//! A query is SQL in a file or on the command line; its rows are read one at a time.
//!
//! On the way from text to rows: the header is read here, the statement is prepared under
//! [`guard`], found faster by [`narrow`] and [`rewrite`], and whatever goes wrong is put into words by
//! [`mod@explain`].

pub mod explain;
mod guard;
pub mod header;
mod narrow;
pub mod parameter;
pub mod place;
pub mod plan;
mod rewrite;
#[cfg(test)]
pub(crate) mod sample;
pub mod saved;
mod search;
mod text;
pub mod vocabulary;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{ErrorCode, Statement};
use sqlparser::tokenizer::Token;

use crate::archive::reader::Reader;
use crate::event::Timestamp;
pub use crate::query::explain::QueryError;
use crate::query::explain::{explain, refusal};
use crate::query::guard::{Guard, Refused, Watch};
use crate::query::header::Line;
pub use crate::query::header::{Chart, ChartKind, Expect, HeaderError, Severity};
pub use crate::query::parameter::{Parameter, ParameterError, ParameterKind};
use crate::query::place::{Place, tokens};
use crate::query::search::Expanded;
use crate::query::text::Text;
use crate::time::parse_moment;

/// One statement, and what its header says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Its first comment line; empty if it has none.
    pub about: String,
    /// The parameters it declares, in their order.
    pub parameters: Vec<Parameter>,
    /// By what else than its name it is found, each once, in their order: the controls it serves.
    pub tags: Vec<String>,
    /// What its answer should be; none where it is no check.
    pub expect: Option<Expect>,
    /// The columns by which a row that should not be there is known again; all of them, if it names
    /// none.
    pub once: Vec<String>,
    /// How bad it is if it is not.
    pub severity: Option<Severity>,
    /// How its answer is best looked at.
    pub chart: Option<Chart>,
    /// The whole text, header and all.
    pub sql: String,
}

/// How a query is run.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The values given for its parameters; of two for one name the later counts.
    pub given: &'a [(String, String)],
    /// The moment that `7d` counts back from.
    pub now: Timestamp,
    /// How long SQLite may work on it. The time in which its rows are written does not count.
    pub timeout: Option<Duration>,
}

/// A query with its parameters, ready to give rows.
pub struct Prepared<'r> {
    // Dropped in this order: the statement goes before the guard that watches it.
    statement: Statement<'r>,
    guard: Guard<'r>,
    reader: &'r Reader,
    sql: String,
    bound: Vec<(String, rusqlite::types::Value)>,
    /// The text that is run in its place.
    run: String,
    timeout: Option<Duration>,
}

/// The rows of a query, one at a time.
pub struct Rows<'p> {
    rows: rusqlite::Rows<'p>,
    watch: &'p mut Watch,
    reader: &'p Reader,
    sql: &'p str,
    timeout: Option<Duration>,
}

/// One column of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, or its expression where the query gives it none.
    pub name: String,
}

/// One value of the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// Text; bytes that are no UTF-8 are replaced.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(&'a [u8]),
}

impl Query {
    /// Reads a query and its header ([`header`]): comment lines, up to the first that is none.
    ///
    /// # Errors
    /// A line of the header is not written as it should be.
    pub fn read(sql: &str) -> Result<Query, QueryError> {
        let mut query = Query {
            sql: sql.to_owned(),
            ..Query::default()
        };
        for line in header::lines(sql)? {
            match line {
                Line::Parameter(parameter) => query.parameters.push(parameter),
                Line::Tags(tags) => query.tag(tags),
                Line::Expect(expect) => query.expect = Some(expect),
                Line::Once(columns) => query.once = columns,
                Line::Severity(severity) => query.severity = Some(severity),
                Line::Chart(chart) => query.chart = Some(chart),
                Line::Remark(text) if query.about.is_empty() => text.clone_into(&mut query.about),
                Line::Remark(_) => {}
            }
        }
        Ok(query)
    }

    fn tag(&mut self, tags: Vec<String>) {
        for tag in tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
    }

    /// Whether it declares a parameter that holds a time.
    pub fn has_time(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|one| one.kind == ParameterKind::Time)
    }

    /// The moment that one of these parameters stands for; none where none of them holds a time, or
    /// it has no value.
    pub fn time(&self, names: &[&str], options: Options<'_>) -> Option<Timestamp> {
        let mut times = self
            .parameters
            .iter()
            .filter(|one| one.kind == ParameterKind::Time && names.contains(&one.name.as_str()));
        times.find_map(|one| parse_moment(self.text(&one.name, options)?, options.now).ok())
    }

    /// From when and up to when its parameters ask, as far as they say.
    pub fn period(&self, options: Options<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
        let time = |names: &[&str]| self.time(names, options);
        (time(&["since", "from"]), time(&["until", "to"]))
    }

    /// The text of a parameter, given or by default; it need not be declared.
    pub fn text<'a>(&'a self, name: &str, options: Options<'a>) -> Option<&'a str> {
        parameter::text(&self.parameters, options.given, name)
    }

    /// The names of all its parameters, declared or only used, each once.
    pub fn names(&self) -> Vec<String> {
        let declared = self.parameters.iter().map(|one| one.name.clone());
        let tokens = tokens(&self.sql);
        let after = tokens.iter().skip(1).map(Some).chain([None]);
        let used = tokens.iter().zip(after).filter_map(|pair| match pair {
            ((Token::Colon | Token::AtSign, _), Some((Token::Word(word), _))) => {
                Some(word.value.clone())
            }
            ((Token::Placeholder(name), _), _) => name.get(1..).map(str::to_owned),
            _ => None,
        });
        let mut names: Vec<String> = Vec::new();
        for name in declared.chain(used) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Makes sure that the query only reads, and binds its parameters.
    ///
    /// # Errors
    /// It is wrong or refused, a parameter is missing or ill-typed, or the archive fails.
    pub fn prepare<'r>(
        &self,
        reader: &'r Reader,
        options: Options<'_>,
    ) -> Result<Prepared<'r>, QueryError> {
        let timeout = options.timeout;
        let connection = reader.connection();
        let guard = Guard::post(connection, timeout).map_err(|error| reader.failure(error))?;
        let expanded = Expanded::of(&self.sql, reader)?;
        let plain = || {
            connection.prepare(&expanded.sql).map_err(|error| {
                let error = expanded.told(error);
                explain(error, &self.sql, guard.watch.refused(), timeout, reader)
            })
        };
        let holds = |question: &str| self.holds(question, options, reader);
        let (run, mut statement) = chosen(&expanded.sql, reader, &holds, plain)?;
        if !statement.readonly() {
            return Err(refusal(&Refused::Statement, &self.sql));
        }
        if statement.column_count() == 0 {
            return Err(nothing(&self.sql));
        }
        let bound = self.bind(&mut statement, options, reader)?;
        if let (Some(from), Some(to)) = self.period(options)
            && to < from
        {
            return Err(ParameterError::Backwards { from, to }.into());
        }
        Ok(Prepared {
            statement,
            guard,
            reader,
            sql: self.sql.clone(),
            bound,
            run,
            timeout,
        })
    }

    /// Whether the archive says yes to a question with parameters of the query; not if it cannot be
    /// asked.
    fn holds(&self, question: &str, options: Options<'_>, reader: &Reader) -> bool {
        let answer = || {
            let mut statement = reader.connection().prepare(question).ok()?;
            self.bind_used(&mut statement, options, reader)?;
            let mut rows = statement.raw_query();
            rows.next().ok()??.get(0).ok()
        };
        answer().unwrap_or(false)
    }

    /// Binds the parameters of a statement that has some of the query's.
    fn bind_used(
        &self,
        statement: &mut Statement<'_>,
        options: Options<'_>,
        reader: &Reader,
    ) -> Option<()> {
        let used = parameter_names(statement).ok()?;
        let mut given = options.given.to_vec();
        given.retain(|(name, _)| used.contains(name));
        let options = Options {
            given: &given,
            ..options
        };
        self.bind(statement, options, reader).map(drop).ok()
    }

    fn bind(
        &self,
        statement: &mut Statement<'_>,
        options: Options<'_>,
        reader: &Reader,
    ) -> Result<Vec<(String, rusqlite::types::Value)>, QueryError> {
        let used = parameter_names(statement)?;
        let values = parameter::values(&self.parameters, &used, options.given, options.now)?;
        for (index, value) in values.iter().enumerate() {
            let bound = statement.raw_bind_parameter(index + 1, value);
            bound.map_err(|error| reader.failure(error))?;
        }
        Ok(used.into_iter().zip(values).collect())
    }
}

/// The names a statement has places for, in their order.
fn parameter_names(statement: &Statement<'_>) -> Result<Vec<String>, ParameterError> {
    let name = |index| {
        let name: Option<&str> = statement.parameter_name(index);
        name.and_then(|name| name.get(1..))
            .map(str::to_owned)
            .ok_or(ParameterError::Nameless)
    };
    (1..=statement.parameter_count()).map(name).collect()
}

impl Prepared<'_> {
    /// The columns of the answer.
    pub fn columns(&self) -> Vec<Column> {
        self.statement
            .column_names()
            .into_iter()
            .map(|name| Column {
                name: name.to_owned(),
            })
            .collect()
    }

    /// The parameters that the statement uses and what they are bound to, a time in full.
    pub fn bound(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        let bound = self.bound.iter();
        bound.map(|(name, value)| (name.as_str(), Value::of(value.into())))
    }

    /// Runs the query from its beginning.
    pub fn rows(&mut self) -> Rows<'_> {
        Rows {
            rows: self.statement.raw_query(),
            watch: &mut self.guard.watch,
            reader: self.reader,
            sql: &self.sql,
            timeout: self.timeout,
        }
    }
}

impl Rows<'_> {
    /// The next row, as long as there is one. Only one is in memory at any time.
    ///
    /// # Errors
    /// The time is up, the user stops it, an expression cannot be evaluated, or the archive cannot be read.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator's items cannot borrow from it"
    )]
    pub fn next(&mut self) -> Result<Option<Vec<Value<'_>>>, QueryError> {
        self.watch.resume();
        let step = self.rows.next();
        self.watch.pause();
        match step {
            Ok(row) => Ok(row.map(values)),
            Err(error) if is_interruption(&error) && !self.watch.is_late() => {
                Err(QueryError::Interrupted)
            }
            Err(error) => Err(explain(
                error,
                self.sql,
                self.watch.refused(),
                self.timeout,
                self.reader,
            )),
        }
    }
}

fn is_interruption(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

fn values<'row>(row: &'row rusqlite::Row<'_>) -> Vec<Value<'row>> {
    let count = row.as_ref().column_count();
    (0..count)
        .map(|index| row.get_ref(index).map_or(Value::Null, Value::of))
        .collect()
}

/// What is run, and its statement: the query itself, which is `plain`, or what is run in its place.
/// That is right only where the query is: the names that it alone knows have a mark, and where the
/// query has none, both are right or neither is.
fn chosen<'r>(
    sql: &str,
    reader: &'r Reader,
    holds: &dyn Fn(&str) -> bool,
    plain: impl FnOnce() -> Result<Statement<'r>, QueryError>,
) -> Result<(String, Statement<'r>), QueryError> {
    match faster(sql, reader, holds) {
        Some(faster) if !sql.contains('#') => Ok(faster),
        faster => {
            let plain = plain()?;
            Ok(faster.unwrap_or_else(|| (sql.to_owned(), plain)))
        }
    }
}

/// The same query, to be answered faster: from roll-ups, by key, and by numbers. Its text, and the
/// statement of that. An archive of before has no roll-ups; what is not understood stays as it is.
fn faster<'r>(
    sql: &str,
    reader: &'r Reader,
    holds: &dyn Fn(&str) -> bool,
) -> Option<(String, Statement<'r>)> {
    let written = Text::read(sql)?;
    let named = rewrite::name_columns(&written);
    let named = changed(&named, &written)?;
    let rolled_up = rewrite::roll_up(&named);
    let begun = changed(&rolled_up, &named)?;
    let narrowed = narrow::narrow(&begun).or_else(|| rolled_up.clone());
    let found = changed(&narrowed, &named)?;
    let rewritten = rewrite::rewrite(&found, holds);
    // Only a roll-up may be missing; what is narrowed without one is known already.
    let plain = || {
        rolled_up
            .is_some()
            .then(|| narrow::narrow(&named))
            .flatten()
    };
    let ways = [rewritten, narrowed].into_iter();
    let mut ways = ways.chain(std::iter::once_with(plain)).flatten();
    ways.find_map(|way| {
        let statement = reader.connection().prepare(&way).ok()?;
        Some((way, statement))
    })
}

/// What a query was changed to, read anew; or the query, which is read already.
fn changed<'t>(change: &'t Option<String>, text: &'t Text<'_>) -> Option<Cow<'t, Text<'t>>> {
    match change {
        Some(changed) => Text::read(changed).map(Cow::Owned),
        None => Some(Cow::Borrowed(text)),
    }
}

fn nothing(sql: &str) -> QueryError {
    let end = sql.len()..sql.len();
    QueryError::wrong("there is no query here", Some(Place::of(sql, &end)))
}

impl<'p> Value<'p> {
    fn of(value: ValueRef<'p>) -> Value<'p> {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes)),
            ValueRef::Blob(bytes) => Value::Blob(bytes),
        }
    }
}

impl Value<'_> {
    /// The same, to keep when its row has gone; bytes become text, as SQL writes them.
    pub fn detached(&self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Integer(number) => Value::Integer(*number),
            Value::Real(number) => Value::Real(*number),
            Value::Text(text) => Value::Text(Cow::Owned(text.clone().into_owned())),
            Value::Blob(bytes) => Value::Text(Cow::Owned(literal(bytes))),
        }
    }
}

/// Bytes as SQL writes them: `x'00ff'`
pub(crate) fn literal(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(bytes.len() * 2 + 3);
    hex.push_str("x'");
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex.push('\'');
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::sample::{self, rows};

    #[test]
    fn a_header_is_a_description_and_parameters() {
        let sql = "\n--  Who did it\n-- param since time = 30d  how far\n-- a remark\nselect :since -- param x text";
        let query = Query::read(sql).unwrap();
        assert_eq!(query.about, "Who did it");
        let names: Vec<&str> = query
            .parameters
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(names, ["since"]);
        assert_eq!(Query::read("select 1").unwrap().about, "");
        assert!(Query::read("-- x\n-- param since").is_err());
    }

    #[test]
    fn values_come_as_what_they_are() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let sql = "select null, 1, 1.5, 'é', x'00ff', :a, @b, cast(x'ff' as text)";
        assert_eq!(
            rows(&reader, sql, &[("a", "7"), ("b", "seven")]).unwrap(),
            [
                "[Null, Integer(1), Real(1.5), Text(\"é\"), Blob([0, 255]), Integer(7), Text(\"seven\"), Text(\"\u{fffd}\")]"
            ]
        );
    }

    #[test]
    fn a_time_is_bound_in_the_form_of_the_views() {
        let sample = sample::archive(100);
        let reader = Reader::open(&sample.path()).unwrap();
        let sql = "-- x\n-- param since time = 7d\nselect :since, count(*) from events where time >= :since";
        let all = &rows(&reader, sql, &[("since", "365d")]).unwrap()[0];
        assert!(all.ends_with("Integer(100)]"), "{all}");
        let week = &rows(&reader, sql, &[]).unwrap()[0];
        assert!(
            week.starts_with("[Text(\"2026-11-13T12:00:00.000Z\"), "),
            "{week}"
        );
        assert!(!week.ends_with("Integer(100)]"), "{week}");
    }

    #[test]
    fn a_query_says_which_time_and_source_it_asks_for() {
        let sql = "-- x\n-- param since time = 7d\n-- param to time = null\n-- param from text = 1d\n\
                   -- param source text = null\nselect 1";
        let query = Query::read(sql).unwrap();
        let asked = |given: &[(&str, &str)]| {
            let given = given
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()));
            let given: Vec<(String, String)> = given.collect();
            let options = Options {
                given: &given,
                now: sample::NOW,
                timeout: None,
            };
            let time = |names: &[&str]| query.time(names, options).map(|time| time.to_string());
            let source = query.text("source", options).map(str::to_owned);
            (time(&["from", "since"]), time(&["until", "to"]), source)
        };
        let week = Some("2026-11-13T12:00:00.000Z".to_owned());
        assert_eq!(asked(&[]), (week, None, None));
        let given = [
            ("since", "1d"),
            ("since", "2026-10-01"),
            ("to", "1d"),
            ("source", "acme"),
        ];
        let (october, yesterday) = ("2026-10-01T00:00:00.000Z", "2026-11-19T12:00:00.000Z");
        let told = (Some(october.to_owned()), Some(yesterday.to_owned()));
        assert_eq!(asked(&given), (told.0, told.1, Some("acme".to_owned())));
        assert!(query.has_time() && !Query::read("select 1").unwrap().has_time());
    }

    #[test]
    fn rows_can_be_had_again_and_given_up_halfway() {
        let sample = sample::archive(100);
        let reader = Reader::open(&sample.path()).unwrap();
        let options = Options {
            given: &[],
            now: sample::NOW,
            timeout: None,
        };
        let query = Query::read("select key as k, actor from events").unwrap();
        let mut prepared = query.prepare(&reader, options).unwrap();
        assert_eq!(prepared.columns()[0].name, "k");
        assert!(prepared.rows().next().unwrap().is_some());
        let mut rows = prepared.rows();
        let mut count = 0;
        while rows.next().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 100);
    }
}
