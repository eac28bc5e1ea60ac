//! What comes of a check: which rows of its answer offend, and which of those are news to whom.
//!
//! A row is known again by its values, or by those of the columns that its query names: see `migrations/0006_checks.sql` for why. Here nothing is
//! kept and nothing is told; the archive does the one and the command line the other, in this
//! order: ask, tell, keep. Whatever ends the program in between, an alarm is repeated and not lost.

mod offence;

use std::collections::HashSet;

use crate::archive::checks::Offence;
use crate::archive::reader::Reader;
use crate::query::explain::nearest;
use crate::query::{Column, Expect, Options, Query, QueryError, Value};

pub use offence::{INCOMPLETE, TOO_FEW, UNANSWERED};

use self::offence::Offences;

/// Who is to hear what offends, and has heard of some of it.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    /// What was told already: nothing to those who want to hear all.
    pub known: HashSet<Offence>,
    /// How many rows to show.
    pub limit: usize,
}

/// An answer to a check.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its columns.
    pub columns: Vec<Column>,
    /// How many rows there are.
    pub rows: u64,
    /// What offends: nothing where the answer is as expected.
    pub offences: Vec<Offence>,
    /// What is new to each listener, in their order.
    pub news: Vec<News>,
}

/// What a listener has not heard of.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// How many rows there are of it.
    pub rows: u64,
    /// The first of them.
    pub shown: Vec<Vec<Value<'static>>>,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The answer is as expected.
    Pass,
    /// It is not, and all of that was told before.
    Known,
    /// It is not.
    Alarm,
    /// There is no answer.
    Error,
}

/// Asks a check and finds out what of its answer is news.
///
/// # Errors
/// It cannot be answered.
pub fn ask(
    query: &Query,
    expect: Expect,
    reader: &Reader,
    options: Options<'_>,
    listeners: &[Listener],
) -> Result<Answer, QueryError> {
    let mut prepared = query.prepare(reader, options)?;
    let mut answer = Answer {
        columns: prepared.columns(),
        news: vec![News::default(); listeners.len()],
        ..Answer::default()
    };
    let mut offences = Offences::known_by(identifying(query, &answer.columns)?);
    let mut rows = prepared.rows();
    while let Some(row) = rows.next()? {
        let offence = offences.add(&row);
        answer.rows += 1;
        for (listener, news) in listeners.iter().zip(&mut answer.news) {
            news.hear(&row, &offence, listener);
        }
    }
    if !expect.is_met(answer.rows) {
        answer.offences = offences.against(expect);
    }
    let outcomes: Vec<Outcome> = listeners.iter().map(|one| answer.outcome(one)).collect();
    for (news, outcome) in answer.news.iter_mut().zip(outcomes) {
        if outcome != Outcome::Alarm {
            *news = News::default();
        }
    }
    Ok(answer)
}

/// The places of the columns by which a row is known again.
fn identifying(query: &Query, columns: &[Column]) -> Result<Vec<usize>, QueryError> {
    if query.once.is_empty() {
        return Ok((0..columns.len()).collect());
    }
    let place = |name: &String| columns.iter().position(|column| column.name == *name);
    let places = query.once.iter().map(|name| {
        place(name).ok_or_else(|| QueryError::Wrong {
            message: format!("`once` names `{name}`, which is no column of the answer"),
            place: None,
            nearest: nearest(name, columns.iter().map(|column| column.name.as_str())),
        })
    });
    places.collect()
}

impl Answer {
    /// What the answer means to a listener.
    pub fn outcome(&self, listener: &Listener) -> Outcome {
        let is_new = |offence: &Offence| !listener.known.contains(offence);
        if self.offences.is_empty() {
            Outcome::Pass
        } else if self.offences.iter().any(is_new) {
            Outcome::Alarm
        } else {
            Outcome::Known
        }
    }
}

impl News {
    fn hear(&mut self, row: &[Value<'_>], offence: &Offence, listener: &Listener) {
        if listener.known.contains(offence) {
            return;
        }
        self.rows += 1;
        if self.shown.len() < listener.limit {
            self.shown.push(row.iter().map(Value::detached).collect());
        }
    }
}

impl Outcome {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Known => "known",
            Outcome::Alarm => "alarm",
            Outcome::Error => "error",
        }
    }
}

#[cfg(test)]
mod tests;
