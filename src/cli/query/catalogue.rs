//! The list of saved queries.

use std::borrow::Cow;
use std::io;

use super::answer::Answer;
use crate::cli::failure::{Exit, Failure};
use crate::query::saved::Saved;
use crate::query::{Column, Parameter, Value};

/// Lists the saved queries, and says how one is run.
///
/// # Errors
/// They cannot be written.
pub(in crate::cli) fn list(saved: &[Saved], answer: &Answer<'_>) -> Result<Exit, Failure> {
    write(saved, answer)?;
    answer
        .screen
        .note("run one: trailkeep query NAME -p since=7d -p until=1d");
    Ok(Exit::Ok)
}

/// Writes the saved queries by folder: name, description, parameters with their defaults, tags. In a
/// table, which is for people, a folder is a heading, and tags and what nearly every query has
/// (`since` and `until`) are left out.
///
/// # Errors
/// They cannot be written.
pub(in crate::cli) fn write(saved: &[Saved], answer: &Answer<'_>) -> io::Result<()> {
    let (columns, rows) = if answer.format.name == "table" {
        (NAMES_OF_TABLE, headed(saved))
    } else {
        (NAMES, saved.iter().map(full).collect())
    };
    let columns: Vec<Column> = columns.iter().map(|name| column(name)).collect();
    answer.write("Saved queries", &columns, &rows)
}

type Row = Vec<Value<'static>>;

const NAMES: &[&str] = &["folder", "name", "description", "parameters", "tags"];
const NAMES_OF_TABLE: &[&str] = &["name", "description"];

fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
    }
}

fn full(saved: &Saved) -> Row {
    let folder = saved.folder.clone().map_or(Value::Null, text);
    let parameters = usage(saved, |_| true);
    let tags: Vec<&str> = saved
        .query
        .iter()
        .flat_map(|query| &query.tags)
        .map(String::as_str)
        .collect();
    let tags = tags.join(" ");
    vec![
        folder,
        text(saved.name.clone()),
        text(description(saved)),
        text(parameters),
        text(tags),
    ]
}

/// The rows of a table: before the queries of each folder its name.
fn headed(saved: &[Saved]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut folder = None;
    for one in saved {
        if one.folder != folder {
            folder.clone_from(&one.folder);
            let heading = one.folder.clone().unwrap_or_default();
            rows.push(vec![text(heading), text(String::new())]);
        }
        rows.push(brief(one));
    }
    rows
}

/// What must be given stands beside the name, for descriptions may be cut short; what may be given
/// follows the description.
fn brief(saved: &Saved) -> Row {
    let common = |one: &Parameter| matches!(one.name.as_str(), "since" | "until");
    let needed = usage(saved, |one| one.default.is_none());
    let optional = usage(saved, |one| one.default.is_some() && !common(one));
    let indent = if saved.folder.is_some() { "  " } else { "" };
    let name = format!("{indent}{} {needed}", saved.name);
    let mut description = description(saved);
    if !optional.is_empty() {
        description = format!("{description} ({optional})");
    }
    vec![text(name.trim_end().to_owned()), text(description)]
}

fn description(saved: &Saved) -> String {
    match &saved.query {
        Ok(query) => query.about.clone(),
        Err(error) => format!("(cannot be used: {error})"),
    }
}

/// `since=30d`; `actor=` where it may be left out, `id=?` where it must be given.
fn usage(saved: &Saved, shown: impl Fn(&Parameter) -> bool) -> String {
    let parameters = saved.query.iter().flat_map(|query| &query.parameters);
    let usage = |parameter: &Parameter| {
        let name = &parameter.name;
        match parameter.default.as_deref() {
            None => format!("{name}=?"),
            Some("null") => format!("{name}="),
            Some(default) if default.contains(char::is_whitespace) => format!("{name}='{default}'"),
            Some(default) => format!("{name}={default}"),
        }
    };
    let shown: Vec<String> = parameters.filter(|one| shown(one)).map(usage).collect();
    shown.join(" ")
}

fn text(text: String) -> Value<'static> {
    Value::Text(Cow::Owned(text))
}
