//! Saved queries: SQL in files, in folders by question. The user's folder comes before what is
//! built in.

mod library;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::query::explain::nearest;
use crate::query::saved::library::BUILT_IN;
use crate::query::{Query, QueryError};

/// A saved query and where it comes from.
#[derive(Debug)]
pub struct Saved {
    /// Its name: the file's, without `.sql`.
    pub name: String,
    /// The folder the file lies in, which says what kind of question it answers: `access`. None for
    /// a file that lies in the user's folder itself.
    pub folder: Option<String>,
    /// The user's file, or none for a built-in query.
    pub path: Option<PathBuf>,
    /// The query, or what is wrong with its header.
    pub query: Result<Query, QueryError>,
}

impl Saved {
    /// By what else than its name it is chosen. The folder that it lies in is a tag by itself.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let tags = self.query.iter().flat_map(|query| &query.tags);
        self.folder.iter().chain(tags).map(String::as_str)
    }

    /// Whether that is one of its tags, or what one begins with up to a hyphen or a dot: what is
    /// tagged `soc2-cc6.1` is in the families `soc2-cc6` and `soc2`, too.
    pub fn is_tagged(&self, tag: &str) -> bool {
        let is_in = |rest: &str| rest.is_empty() || rest.starts_with(['-', '.']);
        self.tags()
            .any(|one| one.strip_prefix(tag).is_some_and(is_in))
    }
}

/// Every saved query, in order of folder and name, those in no folder first. A file of the user's
/// hides the built-in query of its name, wherever either lies; of two files of the user's with one
/// name, the one in no folder counts, or in the folder that is first by name.
///
/// # Errors
/// The user's folder, or one in it, is there but cannot be read.
pub fn list(own: Option<&Path>) -> Result<Vec<Saved>, QueryError> {
    let mut found: BTreeMap<String, Saved> = BTreeMap::new();
    for file in files(own)? {
        let saved = file.saved();
        found.entry(saved.name.clone()).or_insert(saved);
    }
    for one in BUILT_IN {
        let built_in = || Saved {
            name: one.name.to_owned(),
            folder: Some(one.folder.to_owned()),
            path: None,
            query: Query::read(one.sql),
        };
        found.entry(one.name.to_owned()).or_insert_with(built_in);
    }
    let mut saved: Vec<Saved> = found.into_values().collect();
    saved.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(saved)
}

/// The saved query of that name.
///
/// # Errors
/// There is none, or its file cannot be read or has something wrong in its header.
pub fn find(name: &str, own: Option<&Path>) -> Result<Query, QueryError> {
    named(name, list(own)?)?.query
}

/// The one of that name.
///
/// # Errors
/// There is none.
pub fn named(name: &str, mut saved: Vec<Saved>) -> Result<Saved, QueryError> {
    match saved.iter().position(|one| one.name == name) {
        Some(place) => Ok(saved.swap_remove(place)),
        None => Err(QueryError::NotSaved {
            name: name.to_owned(),
            nearest: alike(name, &saved),
        }),
    }
}

/// At most three names and tags of these that may have been meant: what looks like the word, or else
/// has it in it, as `soc2-cc6.1` has `cc6`.
pub fn alike<'a>(written: &str, saved: impl IntoIterator<Item = &'a Saved>) -> Vec<String> {
    let words = saved.into_iter();
    let words: BTreeSet<&str> = words
        .flat_map(|one| one.tags().chain([one.name.as_str()]))
        .collect();
    let near = nearest(written, words.iter().copied());
    if !near.is_empty() || written.is_empty() {
        return near;
    }
    let written = written.to_lowercase();
    let has_it = words.into_iter().filter(|word| word.contains(&written));
    has_it.take(3).map(str::to_owned).collect()
}

/// The saved queries that have a tag; none where a query has that very name, which goes before.
///
/// # Errors
/// The user's folder, or one in it, is there but cannot be read.
pub fn tagged(tag: &str, own: Option<&Path>) -> Result<Vec<Saved>, QueryError> {
    let mut saved = list(own)?;
    let is_name = saved.iter().any(|one| one.name == tag);
    saved.retain(|one| !is_name && one.is_tagged(tag));
    Ok(saved)
}

/// The query in a file.
///
/// # Errors
/// The file cannot be read or has something wrong in its header.
pub fn open(path: &Path) -> Result<Query, QueryError> {
    Query::read(&text(path)?)
}

/// A file of the user's, and the folder it lies in within the user's own.
struct File {
    path: PathBuf,
    folder: Option<String>,
}

impl File {
    fn saved(self) -> Saved {
        Saved {
            name: name(self.path.file_stem()),
            folder: self.folder,
            query: open(&self.path),
            path: Some(self.path),
        }
    }
}

/// The `.sql` files of a folder and of the folders in it, one level deep, those in no folder first;
/// a folder that is not there has none.
fn files(own: Option<&Path>) -> Result<Vec<File>, QueryError> {
    let Some(own) = own.filter(|own| own.exists()) else {
        return Ok(Vec::new());
    };
    let entries = entries(own)?;
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
    let mut found = queries(files, None);
    for folder in folders {
        found.extend(queries(
            self::entries(&folder)?,
            Some(&name(folder.file_name())),
        ));
    }
    Ok(found)
}

fn queries(paths: Vec<PathBuf>, folder: Option<&str>) -> Vec<File> {
    let is_query = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "sql");
    let paths = paths.into_iter().filter(is_query);
    let file = |path| File {
        path,
        folder: folder.map(str::to_owned),
    };
    paths.map(file).collect()
}

/// What lies in a folder, in order of name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, QueryError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    };
    let mut paths = read().map_err(|source| unreadable(folder, source))?;
    paths.sort();
    Ok(paths)
}

fn name(part: Option<&std::ffi::OsStr>) -> String {
    part.unwrap_or_default().to_string_lossy().into_owned()
}

fn text(path: &Path) -> Result<String, QueryError> {
    fs::read_to_string(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: io::Error) -> QueryError {
    QueryError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
