//! What the shell's commands list: views, columns, saved queries, parameters, itself.

use std::borrow::Cow;
use std::time::Duration;

use super::command::COMMANDS;
use super::console::Console;
use crate::cli::failure::Failure;
use crate::cli::query::answer::Answer;
use crate::cli::query::catalogue;
use crate::cli::query::explanation::TAB;
use crate::cli::query::look::Look;
use crate::cli::query::question::Question;
use crate::format::FORMATS;
use crate::query::explain::nearest;
use crate::query::vocabulary::View;
use crate::query::{Column, Options, Query, QueryError, Value, saved};

/// The views, with their columns.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn views(console: &Console<'_>) -> Result<(), Failure> {
    let views = console.vocabulary.views.iter();
    let rows = views.map(|view| vec![view.name.clone(), view.columns.join(", ")]);
    table(console, &["view", "columns"], rows.collect())
}

/// The columns of a view, each with what stands in it in one of its rows; of all views where none
/// is named.
///
/// # Errors
/// There is no such view, or standard output cannot be written.
pub(super) fn schema(console: &Console<'_>, name: &str) -> Result<(), Failure> {
    if name.is_empty() {
        let views = console.vocabulary.views.iter();
        let rows = views.flat_map(|view| {
            let columns = view.columns.iter();
            columns.map(|column| vec![view.name.clone(), column.clone()])
        });
        return table(console, &["view", "column"], rows.collect());
    }
    let view = console.vocabulary.view(name);
    let view = view.ok_or_else(|| no_view(console, name))?;
    let examples = example(console, view).unwrap_or_default();
    if examples.is_empty() {
        let rows = view.columns.iter().map(|column| vec![column.clone()]);
        return table(console, &["column"], rows.collect());
    }
    let rows = view.columns.iter().zip(examples);
    let rows = rows.map(|(column, example)| vec![column.clone(), example]);
    table(console, &["column", "for example"], rows.collect())
}

fn no_view(console: &Console<'_>, name: &str) -> Failure {
    let views = console.vocabulary.views.iter().map(|view| &*view.name);
    let hint = match nearest(name, views).first() {
        Some(known) => format!("did you mean `{known}`?"),
        None => "`.tables` lists the views".to_owned(),
    };
    Failure::usage(format!("there is no view `{name}`")).hinted(hint)
}

/// What takes longer than this is no example.
const EXAMPLE_TIMEOUT: Duration = Duration::from_millis(200);

/// One row of a view, the newest where it has an event's key.
fn example(console: &Console<'_>, view: &View) -> Result<Vec<String>, QueryError> {
    let newest = if view.columns.iter().any(|column| column == "key") {
        "order by key desc"
    } else {
        ""
    };
    let query = Query::read(&format!("select * from {} {newest} limit 1", view.name))?;
    let options = Options {
        timeout: Some(EXAMPLE_TIMEOUT),
        ..console.options(&[])
    };
    let mut prepared = query.prepare(console.reader, options)?;
    let mut rows = prepared.rows();
    let row = rows.next()?.unwrap_or_default();
    Ok(row.iter().map(text).collect())
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

/// The saved queries, those with a tag, or the text of one.
///
/// # Errors
/// There is none of that name, or standard output cannot be written.
pub(super) fn queries(console: &Console<'_>, name: &str) -> Result<(), Failure> {
    if name.is_empty() {
        let saved = saved::list(Some(console.folder()))?;
        catalogue::write(&saved, &answer(console))?;
        return Ok(());
    }
    let tagged = saved::tagged(name, Some(console.folder()))?;
    if !tagged.is_empty() {
        return Ok(catalogue::write(&tagged, &answer(console))?);
    }
    let question = Question::saved(name, console.folder())?;
    let lines = question.query.sql.trim_end().lines();
    let rows: Vec<[String; 1]> = lines.map(|line| [line.replace('\t', TAB)]).collect();
    Ok(console.session.screen.table(&rows)?)
}

/// The values that are set, and nothing where none is.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn parameters(console: &Console<'_>) -> Result<(), Failure> {
    let set = &console.settings.parameters;
    if set.is_empty() {
        let how = "no value is set; `.params set since 7d` sets one";
        console.session.screen.note(how);
        return Ok(());
    }
    let rows = set.iter();
    let rows = rows.map(|(name, value)| vec![name.clone(), value.clone()]);
    table(console, &["name", "value"], rows.collect())
}

/// The formats, and which of them is the shell's.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn formats(console: &Console<'_>) -> Result<(), Failure> {
    let now = console.settings.format.name;
    let rows = FORMATS.iter().map(|format| {
        let mark = if format.name == now { "*" } else { "" };
        [mark, format.name, format.about].map(str::to_owned)
    });
    let rows: Vec<[String; 3]> = rows.collect();
    Ok(console.session.screen.table(&rows)?)
}

/// What one thing is set to.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn setting(console: &Console<'_>, value: &str) -> Result<(), Failure> {
    Ok(console.session.screen.table(&[[value.to_owned()]])?)
}

/// The shell's commands.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn commands(console: &Console<'_>) -> Result<(), Failure> {
    let rows = COMMANDS.iter().map(|command| {
        let usage = format!(".{} {}", command.name, command.takes);
        [usage.trim_end().to_owned(), command.about.to_owned()]
    });
    let rows: Vec<[String; 2]> = rows.collect();
    console.session.screen.table(&rows)?;
    let more =
        "A statement ends with ; or an empty line. Ctrl-C stops a query, Ctrl-D ends the shell.";
    console.session.screen.note(more);
    Ok(())
}

fn table(console: &Console<'_>, names: &[&str], rows: Vec<Vec<String>>) -> Result<(), Failure> {
    let columns = names.iter().map(|name| Column {
        name: (*name).to_owned(),
    });
    let columns: Vec<Column> = columns.collect();
    let values = rows.into_iter().map(|row| {
        let values = row.into_iter().map(|text| Value::Text(Cow::Owned(text)));
        values.collect()
    });
    let values: Vec<Vec<Value<'_>>> = values.collect();
    Ok(answer(console).write("", &columns, &values)?)
}

/// Lists are for people, in whatever form answers are.
fn answer<'a>(console: &'a Console<'_>) -> Answer<'a> {
    Answer {
        screen: &console.session.screen,
        format: &FORMATS[0],
        to: None,
        limit: None,
        coverage: None,
        look: Look {
            no_pager: console.settings.look.no_pager,
            ..Look::default()
        },
    }
}
