//! What is asked: a saved query's name, a file, SQL, or SQL on standard input.

use std::io::{self, Read};
use std::path::Path;

use crate::cli::failure::Failure;
use crate::query::{Query, QueryError, saved};

/// A query, and what its text is called in messages.
pub(in crate::cli) struct Question {
    /// The query.
    pub(in crate::cli) query: Query,
    /// The file it stands in; none for SQL of the command line.
    pub(in crate::cli) file: Option<String>,
}

impl Question {
    /// Finds out what is meant; `folder` holds the user's own saved queries.
    ///
    /// # Errors
    /// There is no such query, or its file or header cannot be read.
    pub(in crate::cli) fn read(text: &str, folder: &Path) -> Result<Question, Failure> {
        if text == "-" {
            return Question::of("standard input", || Query::read(&standard_input()?));
        }
        if is_file_name(text) {
            return Question::of(text, || saved::open(Path::new(text)));
        }
        if is_name(text) {
            return Question::saved(text, folder);
        }
        Question::of_sql(text)
    }

    /// SQL itself.
    ///
    /// # Errors
    /// Its header cannot be read.
    pub(in crate::cli) fn of_sql(sql: &str) -> Result<Question, Failure> {
        let query = Query::read(sql)?;
        Ok(Question { query, file: None })
    }

    /// The saved query of that name.
    ///
    /// # Errors
    /// There is none, or its file or header cannot be read.
    pub(in crate::cli) fn saved(name: &str, folder: &Path) -> Result<Question, Failure> {
        let saved = saved::named(name, saved::list(Some(folder))?)?;
        let file = match &saved.path {
            Some(path) => path.display().to_string(),
            None => format!("{name}.sql"),
        };
        Question::of(&file, || saved.query)
    }

    fn of(
        file: &str,
        read: impl FnOnce() -> Result<Query, QueryError>,
    ) -> Result<Question, Failure> {
        let query = read().map_err(|error| Failure::of_query(error, Some(file)))?;
        Ok(Question {
            query,
            file: Some(file.to_owned()),
        })
    }
}

fn standard_input() -> Result<String, QueryError> {
    let mut sql = String::new();
    let read = io::stdin().read_to_string(&mut sql);
    read.map_err(|source| QueryError::Unreadable {
        path: "standard input".into(),
        source,
    })?;
    Ok(sql)
}

/// SQL that ends with `.sql` and has no space in it would be a name that ends so.
fn is_file_name(text: &str) -> bool {
    let ends = Path::new(text).extension().is_some_and(|end| end == "sql");
    ends && (!text.contains(char::is_whitespace) || Path::new(text).exists())
}

/// No SQL is a single word.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '\\'))
}
