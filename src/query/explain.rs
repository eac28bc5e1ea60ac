//! What is wrong with a query, pointing at the word. SQLite is the judge: what it says gives the
//! word and mostly the place, the tokenizer gives the rest, the archive the names that are like it.

mod call;
mod complaint;

use std::ops::Range;
use std::time::Duration;

use rusqlite::{Connection, Error, ErrorCode};
use sqlparser::tokenizer::Token;

use crate::archive::ArchiveError;
use crate::archive::reader::Reader;
use crate::query::explain::call::Call;
use crate::query::explain::complaint::Complaint;
use crate::query::guard::Refused;
use crate::query::header::HeaderError;
use crate::query::parameter::ParameterError;
use crate::query::place::{Place, tokens};
use crate::time::describe;

/// Why a query gives no rows, or no more of them.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// SQLite does not understand it, or cannot evaluate it.
    #[error("{message}")]
    Wrong {
        /// In SQLite's words.
        message: String,
        /// The word it is about.
        place: Option<Place>,
        /// Names that are like it, the nearest first.
        nearest: Vec<String>,
    },
    /// It would do something else than read.
    #[error("{what} is refused: queries only read the archive")]
    Refused {
        /// In SQL's words: `ATTACH`, `load_extension()`.
        what: String,
        /// Where it stands.
        place: Option<Place>,
    },
    /// It took longer than it may.
    #[error("the query did not finish within {}", describe(*.0))]
    TimedOut(Duration),
    /// The user stopped it.
    #[error("the query was stopped")]
    Interrupted,
    /// A parameter is declared or given wrongly.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A line of the header is not written as it should be.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// There is no saved query of that name.
    #[error("there is no saved query `{name}`")]
    NotSaved {
        /// The name.
        name: String,
        /// Names that are like it, the nearest first.
        nearest: Vec<String>,
    },
    /// A file with a saved query cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file or folder.
        path: std::path::PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl QueryError {
    /// The word of the query that it is about.
    pub fn place(&self) -> Option<&Place> {
        match self {
            QueryError::Wrong { place, .. } | QueryError::Refused { place, .. } => place.as_ref(),
            QueryError::Header(error) => Some(error.place()),
            _ => None,
        }
    }

    /// Names that may have been meant, the nearest first.
    pub fn nearest(&self) -> &[String] {
        match self {
            QueryError::Wrong { nearest, .. }
            | QueryError::NotSaved { nearest, .. }
            | QueryError::Parameter(ParameterError::Unknown { nearest, .. }) => nearest,
            QueryError::Header(error) => error.nearest(),
            _ => &[],
        }
    }

    /// Something is wrong with the text of the query, from SQLite's point of view.
    pub(crate) fn wrong(message: impl Into<String>, place: Option<Place>) -> QueryError {
        QueryError::Wrong {
            message: message.into(),
            place,
            nearest: Vec::new(),
        }
    }
}

/// At most three of the names that look like what was written, the nearest first.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let written = written.to_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&written, &name.to_lowercase());
    let mut alike: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| (LIKE_ENOUGH..1.0).contains(likeness))
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    alike.dedup_by(|a, b| a.1 == b.1);
    alike
        .into_iter()
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Jaro-Winkler: `acter` and `actor` are 0.91 alike, `actor` and `action` 0.84, `ip` and `id` 0.70.
const LIKE_ENOUGH: f64 = 0.8;

/// What an error of SQLite means for the query. `refused` is what the guard did not allow.
pub(crate) fn explain(
    error: Error,
    sql: &str,
    refused: Option<Refused>,
    limit: Option<Duration>,
    reader: &Reader,
) -> QueryError {
    match (refused, error.sqlite_error_code()) {
        (Some(refused), _) => refusal(&refused, sql),
        (None, Some(ErrorCode::OperationInterrupted)) => {
            QueryError::TimedOut(limit.unwrap_or_default())
        }
        (None, Some(ErrorCode::ReadOnly)) => refusal(&Refused::Statement, sql),
        (None, None | Some(ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::TooBig)) => {
            wrong(&error, sql, reader.connection())
        }
        _ => reader.failure(error).into(),
    }
}

/// A statement that only reads is refused if it does so by way of what may write.
pub(crate) fn refusal(refused: &Refused, sql: &str) -> QueryError {
    let tokens = tokens(sql);
    let verb = || {
        tokens
            .iter()
            .find(|(token, _)| is_word(token, |word| VERBS.contains(&word)))
    };
    let is_name = |word: &str, name: &str| word.strip_prefix("pragma_").unwrap_or(word) == name;
    let named = |name: &str| {
        tokens
            .iter()
            .find(|(token, _)| is_word(token, |word| is_name(word, name)))
    };
    let (what, found) = match refused {
        Refused::Statement => {
            let verb = verb();
            (
                verb.map_or("this statement".to_owned(), |(token, _)| {
                    token.to_string().to_uppercase()
                }),
                verb,
            )
        }
        Refused::Pragma(name) => (format!("PRAGMA {name}"), named(name)),
        Refused::Function(name) => (format!("{name}()"), named(name)),
    };
    QueryError::Refused {
        what,
        place: found.map(|(_, bytes)| Place::of(sql, bytes)),
    }
}

fn is_word(token: &Token, judge: impl Fn(&str) -> bool) -> bool {
    matches!(token, Token::Word(word) if judge(&word.value.to_lowercase()))
}

const VERBS: &[&str] = &[
    "insert",
    "update",
    "delete",
    "replace",
    "create",
    "drop",
    "alter",
    "attach",
    "detach",
    "vacuum",
    "reindex",
    "analyze",
    "pragma",
    "begin",
    "commit",
    "end",
    "rollback",
    "savepoint",
    "release",
];

fn wrong(error: &Error, sql: &str, connection: &Connection) -> QueryError {
    let message = match error {
        Error::SqlInputError { msg, .. } => msg.clone(),
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        Error::MultipleStatement => "one query at a time".to_owned(),
        other => other.to_string(),
    };
    // SQLite says so of a view before the guard is asked.
    if message.starts_with("cannot modify ") {
        return refusal(&Refused::Statement, sql);
    }
    if let Some(call) = Call::read(&message) {
        return QueryError::Wrong {
            place: call.bytes(&tokens(sql)).map(|bytes| Place::of(sql, &bytes)),
            nearest: call.nearest(),
            message,
        };
    }
    let complaint = Complaint::read(&message);
    let place = bytes(error, &complaint, sql).map(|bytes| Place::of(sql, &bytes));
    let nearest = complaint.nearest(sql, connection);
    QueryError::Wrong {
        message,
        place,
        nearest,
    }
}

/// The bytes of the word an error is about.
fn bytes(error: &Error, complaint: &Complaint, sql: &str) -> Option<Range<usize>> {
    let tokens = tokens(sql);
    let at = |start: usize| {
        let token = tokens.iter().find(|(_, bytes)| bytes.contains(&start));
        token.map_or(start..start + complaint.word().len(), |(_, bytes)| {
            bytes.clone()
        })
    };
    match error {
        Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok().map(at),
        Error::MultipleStatement => {
            let end = tokens
                .iter()
                .position(|(token, _)| *token == Token::SemiColon)?;
            tokens.get(end + 1).map(|(_, bytes)| bytes.clone())
        }
        _ if matches!(complaint, Complaint::Incomplete) => Some(sql.trim_end().len()..sql.len()),
        _ => {
            let word = complaint.word().to_lowercase();
            let found = tokens
                .iter()
                .rfind(|(token, _)| !word.is_empty() && is_word(token, |one| one == word));
            found.map(|(_, bytes)| bytes.clone())
        }
    }
}

#[cfg(test)]
mod tests;
