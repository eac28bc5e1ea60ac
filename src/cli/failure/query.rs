//! What is wrong with a query, in words: where in which file, what may have been meant, what to do.

use std::error::Error;
use std::fmt;

use super::{Exit, Failure};
use crate::query::place::Place;
use crate::query::{ParameterError, Query, QueryError};

impl Failure {
    /// A failure of a query whose text stands in this file, if in any.
    pub fn of_query(error: QueryError, file: Option<&str>) -> Failure {
        if let QueryError::Archive(error) = error {
            return error.into();
        }
        let hint = query_hint(&error);
        let file = file.map(str::to_owned);
        let exit = match error {
            QueryError::Interrupted => Exit::Interrupted,
            _ => Exit::Usage,
        };
        let mut failure = Failure::new(exit, Misasked { file, error });
        failure.hints.extend(hint);
        failure
    }

    /// Adds what the query declares of a parameter that was not given, or in place of one that it
    /// does not have.
    #[must_use]
    pub fn declared(self, query: &Query) -> Failure {
        let asked = self.error.downcast_ref::<Misasked>();
        let hint = match asked.map(|asked| &asked.error) {
            Some(QueryError::Parameter(ParameterError::Missing { name })) => give(query, name),
            Some(QueryError::Parameter(ParameterError::Unknown { nearest, .. }))
                if nearest.is_empty() =>
            {
                known(query)
            }
            _ => return self,
        };
        self.hinted(hint)
    }
}

fn give(query: &Query, name: &str) -> String {
    let about = query.parameters.iter().find(|one| one.name == name);
    match about.map_or("", |one| one.about.as_str()) {
        "" => format!("give it: -p {name}=…"),
        about => format!("give it: -p {name}=… ({about})"),
    }
}

fn known(query: &Query) -> String {
    let names: Vec<&str> = query.parameters.iter().map(|one| &*one.name).collect();
    if names.is_empty() {
        "it declares none".to_owned()
    } else {
        format!("its parameters: {}", names.join(", "))
    }
}

/// A query that was not answered: why, and the word it is about.
#[derive(Debug)]
struct Misasked {
    file: Option<String>,
    error: QueryError,
}

impl fmt::Display for Misasked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unreadable = matches!(self.error, QueryError::Unreadable { .. });
        match (&self.file, self.error.place()) {
            (Some(file), Some(place)) => write!(f, "{file}:{}:{}: ", place.line, place.column)?,
            (Some(file), None) if !unreadable => write!(f, "{file}: ")?,
            _ => {}
        }
        write!(f, "{}", self.error)?;
        let place = self.error.place();
        let place = place.filter(|place| !place.text.trim().is_empty());
        let marked = place.map(Place::marked).unwrap_or_default();
        marked.lines().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl Error for Misasked {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

fn query_hint(error: &QueryError) -> Option<String> {
    if let [first, others @ ..] = error.nearest() {
        let others = others.iter().map(|name| format!(", `{name}`"));
        let others: String = others.collect();
        return Some(format!("did you mean `{first}`{others}?"));
    }
    let hint = match error {
        QueryError::NotSaved { .. } => {
            "`trailkeep query` lists the saved queries; SQL is given in quotes: 'select …'"
        }
        QueryError::TimedOut(_) => "narrow it with `time >= …`, or allow more with --timeout",
        QueryError::Unreadable { .. } => "it must be a file with SQL that you may read",
        _ => return None,
    };
    Some(hint.to_owned())
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Failure {
        Failure::of_query(error, None)
    }
}
