//! Saved queries: SQL in files. The user's folder comes before what is built in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::query::explain::nearest;
use crate::query::{Query, QueryError};

/// A saved query and where it comes from.
#[derive(Debug)]
pub struct Saved {
    /// Its name: the file's, without `.sql`.
    pub name: String,
    /// The user's file, or none for a built-in query.
    pub path: Option<PathBuf>,
    /// The query, or what is wrong with its header.
    pub query: Result<Query, QueryError>,
}

/// Every saved query, by name. A file of the user's hides the built-in query of its name.
///
/// # Errors
/// The folder is there but cannot be read.
pub fn list(folder: Option<&Path>) -> Result<Vec<Saved>, QueryError> {
    let built_in = BUILT_IN
        .iter()
        .map(|(name, sql)| ((*name).to_owned(), (None, Ok((*sql).to_owned()))));
    let mut found: BTreeMap<String, (Option<PathBuf>, Result<String, QueryError>)> =
        built_in.collect();
    for path in files(folder)? {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let sql = text(&path);
        found.insert(name, (Some(path), sql));
    }
    let saved = found.into_iter().map(|(name, (path, sql))| {
        let query = sql.and_then(|sql| Query::read(&sql));
        Saved { name, path, query }
    });
    Ok(saved.collect())
}

/// The saved query of that name.
///
/// # Errors
/// There is none, or its file cannot be read or has something wrong in its header.
pub fn find(name: &str, folder: Option<&Path>) -> Result<Query, QueryError> {
    let saved = list(folder)?;
    let nearest = nearest(name, saved.iter().map(|one| one.name.as_str()));
    let found = saved.into_iter().find(|one| one.name == name);
    found.map_or(
        Err(QueryError::NotSaved {
            name: name.to_owned(),
            nearest,
        }),
        |one| one.query,
    )
}

/// The query in a file.
///
/// # Errors
/// The file cannot be read or has something wrong in its header.
pub fn open(path: &Path) -> Result<Query, QueryError> {
    Query::read(&text(path)?)
}

/// What `queries/` holds.
const BUILT_IN: &[(&str, &str)] = &[
    (
        "admin-actions",
        include_str!("../../queries/admin-actions.sql"),
    ),
    (
        "departed-user-activity",
        include_str!("../../queries/departed-user-activity.sql"),
    ),
    (
        "downloads-by-person",
        include_str!("../../queries/downloads-by-person.sql"),
    ),
    (
        "downloads-of-file",
        include_str!("../../queries/downloads-of-file.sql"),
    ),
    (
        "downloads-of-package",
        include_str!("../../queries/downloads-of-package.sql"),
    ),
    ("event", include_str!("../../queries/event.sql")),
    (
        "events-by-day",
        include_str!("../../queries/events-by-day.sql"),
    ),
    (
        "failed-logins",
        include_str!("../../queries/failed-logins.sql"),
    ),
    (
        "first-last-seen",
        include_str!("../../queries/first-last-seen.sql"),
    ),
    (
        "inactive-users",
        include_str!("../../queries/inactive-users.sql"),
    ),
    (
        "integrations-changed",
        include_str!("../../queries/integrations-changed.sql"),
    ),
    (
        "new-ip-addresses",
        include_str!("../../queries/new-ip-addresses.sql"),
    ),
    (
        "odd-hour-logins",
        include_str!("../../queries/odd-hour-logins.sql"),
    ),
    (
        "privilege-changes",
        include_str!("../../queries/privilege-changes.sql"),
    ),
    ("timeline", include_str!("../../queries/timeline.sql")),
];

/// The `.sql` files of a folder; a folder that is not there has none.
fn files(folder: Option<&Path>) -> Result<Vec<PathBuf>, QueryError> {
    let Some(folder) = folder.filter(|folder| folder.exists()) else {
        return Ok(Vec::new());
    };
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    };
    let mut paths = read().map_err(|source| unreadable(folder, source))?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "sql"));
    Ok(paths)
}

fn text(path: &Path) -> Result<String, QueryError> {
    fs::read_to_string(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: std::io::Error) -> QueryError {
    QueryError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
