//! Every saved query that comes with the program, on an archive made for it: what it must find,
//! and what is much like it and must not be found.
//!
//! A query has a file of its name in `tests/queries/`, in the folder that the query lies in: what
//! happened, and the rows that are expected, both written by hand (`case` says how).

#![expect(
    clippy::panic,
    reason = "a case that cannot be read fails its test, and says which line"
)]

mod archive;
mod case;
mod contract;
mod period;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use trailkeep::archive::reader::Reader;
use trailkeep::event::Timestamp;
use trailkeep::query::saved::{self, Saved};
use trailkeep::query::{Options, Prepared, Query, Value};

use self::case::{Case, Expected};

/// Whoever asks asks at this moment, a Friday: 2026-03-20T12:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_774_008_000_000);

#[test]
fn every_query_finds_what_it_must_and_nothing_else() {
    let people = people();
    let saved = saved::list(None).unwrap();
    let complaints = |saved| complaints(saved, people.path());
    let wrong: Vec<String> = saved.iter().flat_map(complaints).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_case_is_of_a_query() {
    let known: Vec<PathBuf> = saved::list(None).unwrap().iter().map(path).collect();
    for folder in fs::read_dir(home()).unwrap() {
        let folder = folder.unwrap().path();
        let files = fs::read_dir(&folder).into_iter().flatten();
        for file in files.map(|file| file.unwrap().path()) {
            assert!(
                known.contains(&file),
                "there is no query {}",
                file.display()
            );
        }
    }
}

/// What is wrong with the answers to a query. Every case begins with the same people.
fn complaints(saved: &Saved, people: &Path) -> Vec<String> {
    let path = path(saved);
    let Ok(text) = fs::read_to_string(&path) else {
        return vec![format!("nothing is expected: {}", path.display())];
    };
    let case = Case::read(&text);
    let query = saved.query.as_ref().unwrap();
    let archive = archive::of(Some(people), &case.runs);
    let reader = Reader::open(&archive.path().join("archive.db")).unwrap();
    let answers = case.expected.iter().map(|expected| {
        let rows = answer(query, &reader, expected);
        (rows != expected.rows).then(|| wrong(&saved.name, expected, &rows))
    });
    let mut complaints: Vec<String> = answers.flatten().collect();
    if case
        .expected
        .iter()
        .all(|expected| expected.rows.is_empty())
    {
        complaints.push(format!("{}: no rows are expected", saved.name));
    }
    complaints
}

/// The rows of the columns that are expected.
fn answer(query: &Query, reader: &Reader, expected: &Expected) -> Vec<String> {
    rows(query, reader, &expected.given, &expected.columns)
}

/// The rows of a query, of these columns or, where none are named, of all.
fn rows(
    query: &Query,
    reader: &Reader,
    given: &[(String, String)],
    columns: &[String],
) -> Vec<String> {
    let options = Options {
        given,
        now: NOW,
        timeout: None,
    };
    let mut prepared = query.prepare(reader, options).unwrap_or_else(|error| {
        panic!("{}: {error}", query.about);
    });
    let named = columns.iter().map(|name| place(&prepared, name));
    let mut places: Vec<usize> = named.collect();
    if places.is_empty() {
        places = (0..prepared.columns().len()).collect();
    }
    let mut rows = prepared.rows();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cells: Vec<String> = places.iter().map(|&place| cell(&row[place])).collect();
        found.push(cells.join(" | "));
    }
    found
}

fn place(prepared: &Prepared<'_>, name: &str) -> usize {
    let columns = prepared.columns();
    let found = columns.iter().position(|column| column.name == name);
    found.unwrap_or_else(|| panic!("{name} is none of {columns:?}"))
}

fn cell(value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => case::brief(text),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

fn wrong(name: &str, expected: &Expected, rows: &[String]) -> String {
    let lines = |rows: &[String]| rows.join("\n  ");
    format!(
        "{name} {:?}\n  {}\nexpected\n  {}\nfound\n  {}",
        expected.given,
        expected.columns.join(" | "),
        lines(&expected.rows),
        lines(rows)
    )
}

/// An archive of those who are in every case.
fn people() -> TempDir {
    let people = fs::read_to_string(home().join("people.txt")).unwrap();
    archive::of(None, &Case::read(&people).runs)
}

fn path(saved: &Saved) -> PathBuf {
    let folder = saved.folder.as_deref().unwrap_or_default();
    home().join(folder).join(format!("{}.txt", saved.name))
}

fn home() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/queries"))
}
