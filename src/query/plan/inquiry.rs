//! Asks SQLite how it would go about a query, and the archive how much there is to read.

use std::collections::BTreeMap;

use rusqlite::{Connection, Statement};
use sqlparser::tokenizer::Token;

use crate::archive::reader::{Extent, Reader};
use crate::event::{Period, Timestamp};
use crate::query::guard::Guard;
use crate::query::place::tokens;
use crate::query::plan::{Known, Plan, PlanRow, Relations};
use crate::query::text::Text;
use crate::query::{Options, Query, QueryError, Value};
use crate::time::parse_moment;

impl Query {
    /// How the query is answered.
    ///
    /// # Errors
    /// It is wrong or refused, or a parameter is missing: what [`Query::prepare`] says.
    pub fn plan(&self, reader: &Reader, options: Options<'_>) -> Result<Plan, QueryError> {
        // What is wrong is said of the query as it was written.
        let sql = self.prepare(reader, options)?.run;
        let extent = reader.extent()?;
        let connection = reader.connection();
        let guard =
            Guard::post(connection, options.timeout).map_err(|error| reader.failure(error))?;
        let ask = || -> Result<Plan, QueryError> {
            let failed = |error| QueryError::from(reader.failure(error));
            let explain = format!("explain query plan {sql}");
            let unexplained = |_| QueryError::wrong("only what selects can be explained", None);
            let mut statement = connection.prepare(&explain).map_err(unexplained)?;
            self.bind(&mut statement, options, reader)?;
            let rows = rows(&mut statement).map_err(failed)?;
            let known = Known {
                relations: relations(connection, &sql).map_err(failed)?,
                has_end: has_end(&sql),
                events: Some(extent.events),
                stretch: self.stretch(&sql, reader, options, extent),
            };
            Ok(Plan::read(rows, &known))
        };
        let plan = ask();
        drop(guard);
        plan
    }

    /// The values of the parameters that it has a place for, by their names.
    ///
    /// # Errors
    /// It is wrong or refused, or a parameter is missing: what [`Query::prepare`] says.
    pub fn values(
        &self,
        reader: &Reader,
        options: Options<'_>,
    ) -> Result<Vec<(String, Value<'static>)>, QueryError> {
        let prepared = self.prepare(reader, options)?;
        let bound = prepared.bound();
        let bound = bound.map(|(name, value)| (name.to_owned(), value.detached()));
        Ok(bound.collect())
    }

    /// The stretch of time that the key is bound to, where it is one and its bounds can be told.
    fn stretch(
        &self,
        sql: &str,
        reader: &Reader,
        options: Options<'_>,
        extent: Extent,
    ) -> Option<(Period, Option<u64>)> {
        let bounds = Bounds::of(sql)?;
        let moments = |expressions: &[String]| -> Option<Vec<Timestamp>> {
            let one = |expression: &String| self.moment(expression, reader, options);
            let all: Option<Vec<_>> = expressions.iter().map(one).collect();
            Some(all?.into_iter().flatten().collect())
        };
        let newest = extent
            .newest
            .map_or(options.now, |newest| newest.plus_millis(1));
        let from = moments(&bounds.least)?.into_iter().max();
        let to = moments(&bounds.most)?.into_iter().min();
        let period = Period {
            from: from.or(extent.oldest)?,
            to: to.unwrap_or(newest.max(options.now)),
        };
        (!period.is_empty()).then(|| (period, extent.events_within(period)))
    }

    /// The moment of the key that an expression of the query stands for; within, none where it leaves
    /// every key open.
    fn moment(
        &self,
        expression: &str,
        reader: &Reader,
        options: Options<'_>,
    ) -> Option<Option<Timestamp>> {
        let time = format!("select key_time(nullif({expression}, {}))", i64::MIN);
        let mut statement = reader.connection().prepare(&time).ok()?;
        self.bind_used(&mut statement, options, reader)?;
        let mut rows = statement.raw_query();
        let time: Option<String> = rows.next().ok()??.get(0).ok()?;
        time.map_or(Some(None), |time| {
            parse_moment(&time, options.now).ok().map(Some)
        })
    }
}

fn rows(statement: &mut Statement<'_>) -> rusqlite::Result<Vec<PlanRow>> {
    let mut rows = statement.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next()? {
        plan.push(PlanRow {
            id: row.get("id")?,
            parent: row.get("parent")?,
            detail: row.get("detail")?,
        });
    }
    Ok(plan)
}

/// The archive's tables and indexes, and what the query and the views it reads from call them.
fn relations(connection: &Connection, sql: &str) -> rusqlite::Result<Relations> {
    let mut relations = Relations::default();
    let columns = "select m.name, c.name from sqlite_schema m, pragma_table_info(m.name) c
                   where m.type = 'table'";
    each(connection, columns, |table, column| {
        relations.column(table, column);
    })?;
    let indexes = "select name, tbl_name from sqlite_schema where type = 'index'";
    each(connection, indexes, |index, table| {
        relations.index(index, table);
    })?;
    let mut views = BTreeMap::new();
    let texts = "select lower(name), sql from sqlite_schema where type = 'view'
                 union all
                 select lower(name), sql from sqlite_temp_schema where type = 'view'";
    each(connection, texts, |view, sql| {
        views.insert(view.to_owned(), sql.to_owned());
    })?;
    // A view that was met is taken out, for two may name the same others.
    let mut met = vec![sql.to_owned()];
    while let Some(text) = met.pop() {
        relations.name_as_in(&text);
        let words = tokens(&text)
            .into_iter()
            .filter_map(|(token, _)| match token {
                Token::Word(word) => Some(word.value.to_lowercase()),
                _ => None,
            });
        met.extend(words.filter_map(|word| views.remove(&word)));
    }
    Ok(relations)
}

fn each(
    connection: &Connection,
    sql: &str,
    mut tell: impl FnMut(&str, &str),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        tell(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?);
    }
    Ok(())
}

/// Whether it asks for the least or the greatest key, and of nothing else.
fn has_end(sql: &str) -> bool {
    let Some(text) = Text::read(sql) else {
        return false;
    };
    let is = |at: usize, token: &Token| text.token(at) == token;
    let is_named = |at: usize, name: &str| {
        let there = text.name(at);
        there.is_some_and(|there| there.eq_ignore_ascii_case(name))
    };
    let of_key = |call: usize| {
        let name = call + if is(call + 3, &Token::Period) { 4 } else { 2 };
        is_named(name, "key") && is(name + 1, &Token::RParen)
    };
    let is_call = |at: &usize| {
        let is_either = is_named(*at, "min") || is_named(*at, "max");
        is_either && is(at + 1, &Token::LParen)
    };
    let mut calls = (0..text.tokens.len()).filter(is_call).peekable();
    calls.peek().is_some() && calls.all(of_key)
}

/// The bounds of the key that [`crate::query::narrow`] has added, all of one relation.
struct Bounds {
    least: Vec<String>,
    most: Vec<String>,
}

impl Bounds {
    fn of(sql: &str) -> Option<Bounds> {
        let tokens = tokens(sql);
        let mut relation = None;
        let mut bounds = Bounds {
            least: Vec::new(),
            most: Vec::new(),
        };
        for (at, window) in tokens.windows(6).enumerate() {
            // `"e".key >= key_from(…)`, as narrow writes it.
            let [
                (Token::Word(of), _),
                (Token::Period, _),
                (Token::Word(key), _),
                (compares, _),
                (Token::Word(function), _),
                (Token::LParen, _),
            ] = window
            else {
                continue;
            };
            let side = match (compares, function.value.as_str()) {
                (Token::GtEq, "key_from" | "key_after" | "first_key") => &mut bounds.least,
                (Token::Lt, "key_from" | "key_after") | (Token::LtEq, "last_key") => {
                    &mut bounds.most
                }
                _ => continue,
            };
            if key.value != "key"
                || relation
                    .replace(&of.value)
                    .is_some_and(|one| *one != of.value)
            {
                return None;
            }
            side.push(call(sql, tokens.get(at + 4..)?)?);
        }
        (relation.is_some()).then_some(bounds)
    }
}

/// A function and what stands in its parentheses.
fn call(sql: &str, tokens: &[(Token, std::ops::Range<usize>)]) -> Option<String> {
    let mut depth = 0;
    let start = tokens.first()?.1.start;
    for (token, bytes) in tokens.get(1..)? {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return sql.get(start..bytes.end).map(str::to_owned);
        }
    }
    None
}
