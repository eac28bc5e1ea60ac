//! The words that queries of an archive are made of: views, columns, functions.

use rusqlite::Connection;

use crate::archive::ArchiveError;
use crate::archive::reader::{FUNCTIONS, Reader};

/// What a query may name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The views, by name.
    pub views: Vec<View>,
    /// The functions, by name: SQLite's and ours.
    pub functions: Vec<String>,
}

/// A view and its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<String>,
}

impl Vocabulary {
    /// What there is in this archive.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn of(reader: &Reader) -> Result<Vocabulary, ArchiveError> {
        let connection = reader.connection();
        let read = || -> rusqlite::Result<Vocabulary> {
            Ok(Vocabulary {
                views: views(connection)?,
                functions: functions(connection)?,
            })
        };
        read().map_err(|error| reader.failure(error))
    }

    /// The view of that name, however it is written.
    pub fn view(&self, name: &str) -> Option<&View> {
        let mut views = self.views.iter();
        views.find(|view| view.name.eq_ignore_ascii_case(name))
    }
}

fn views(connection: &Connection) -> rusqlite::Result<Vec<View>> {
    let sql = "select v.name, c.name from sqlite_schema v, pragma_table_info(v.name) c
               where v.type = 'view' order by v.name, c.cid";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut views: Vec<View> = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, column): (String, String) = (row.get(0)?, row.get(1)?);
        match views.last_mut() {
            Some(view) if view.name == name => view.columns.push(column),
            _ => views.push(View {
                name,
                columns: vec![column],
            }),
        }
    }
    Ok(views)
}

/// Those that are called by their name: not `->>`, and not what SQLite and the views keep to
/// themselves.
pub(super) fn functions(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "select distinct lower(name) from pragma_function_list
               where builtin and name glob '[a-zA-Z]*' and name not glob 'sqlite_*'";
    let mut statement = connection.prepare(sql)?;
    let builtin = statement.query_map([], |row| row.get(0))?;
    let mut functions: Vec<String> = builtin.collect::<Result<_, _>>()?;
    let ours = FUNCTIONS.iter().filter(|one| one.name != SEARCH);
    functions.extend(ours.map(|one| one.name.to_owned()));
    functions.sort();
    Ok(functions)
}

/// The function that stands where a view may stand.
pub(crate) const SEARCH: &str = "search";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::sample;

    #[test]
    fn views_columns_and_functions_are_known_by_their_names() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let vocabulary = Vocabulary::of(&reader).unwrap();
        let events = vocabulary.view("EVENTS").unwrap();
        assert_eq!(events.columns[..3], ["source", "feed", "event_id"]);
        let names: Vec<&str> = vocabulary
            .views
            .iter()
            .map(|view| view.name.as_str())
            .collect();
        assert!(names.is_sorted() && names.contains(&"sendsafely_events"));
        assert!(!names.contains(&"event"), "tables are not promised");
        for (function, known) in [
            ("count", true),
            ("raw", true),
            ("->>", false),
            ("key_time", false),
        ] {
            let there = vocabulary.functions.iter().any(|name| name == function);
            assert_eq!(there, known, "{function}");
        }
    }
}
