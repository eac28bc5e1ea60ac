//! The forms in which a round of checks is written.

use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;

use super::round::{Checked, Round, SCREEN};
use super::{html, json, junit, markdown, table};
use crate::cli::failure::Failure;
use crate::format::{self, FormatKind, Layout, Style};
use crate::query::{Column, Value};

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people: each check, and the rows that should not be there
    Table,
    /// One object with all
    Json,
    /// For issues and wikis
    Markdown,
    /// One page, to attach or print
    Html,
    /// What CI systems read: a test case for each check
    Junit,
}

/// How a table is to look.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    /// Columns of the terminal, if it goes there.
    pub(super) width: Option<usize>,
    /// Whether outcomes are coloured.
    pub(super) colours: bool,
    /// Whether only what is not well is shown.
    pub(super) quiet: bool,
}

impl Form {
    /// The form that a file's ending asks for; a table for no file and for a plain one.
    ///
    /// # Errors
    /// No form has that ending.
    pub(super) fn of(path: Option<&Path>) -> Result<Form, Failure> {
        let ending = path.and_then(Path::extension).unwrap_or_default();
        let ending = ending.to_string_lossy().to_lowercase();
        match ending.as_str() {
            "" | "txt" => Ok(Form::Table),
            "json" => Ok(Form::Json),
            "md" | "markdown" => Ok(Form::Markdown),
            "html" | "htm" => Ok(Form::Html),
            "xml" => Ok(Form::Junit),
            _ => Err(
                Failure::usage(format!("no form is known by the ending `.{ending}`"))
                    .hinted("name one with -o: table, json, markdown, html, junit"),
            ),
        }
    }

    /// Writes a round.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(self, round: &Round, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let text = match self {
            Form::Table => table::text(round, look),
            Form::Json => json::text(round),
            Form::Markdown => markdown::text(round),
            Form::Html => html::text(round),
            Form::Junit => junit::text(round),
        }?;
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// Rows in a format, as text.
///
/// # Errors
/// None, for text takes all that is written to it.
pub(super) fn rows(
    format: &FormatKind,
    columns: &[Column],
    rows: &[Vec<Value<'_>>],
    width: Option<usize>,
) -> io::Result<String> {
    let mut bytes = Vec::new();
    let style = Style::default();
    let layout = Layout {
        title: "",
        width,
        style,
    };
    let mut writer = (format.open)(Box::new(&mut bytes), layout);
    writer.begin(columns)?;
    rows.iter().try_for_each(|row| writer.row(row))?;
    writer.end(&[])?;
    drop(writer);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The rows of a check that are shown on the screen, in a format; none where there is no alarm about
/// rows.
///
/// # Errors
/// As those of [`rows`].
pub(super) fn shown(
    check: &Checked,
    format: &str,
    width: Option<usize>,
) -> io::Result<Option<String>> {
    let answer = check.answer.as_ref().ok();
    let shown = answer.zip(check.news(SCREEN)).zip(format::find(format));
    let Some(((answer, news), format)) = shown.filter(|((_, news), _)| !news.shown.is_empty())
    else {
        return Ok(None);
    };
    rows(format, &answer.columns, &news.shown, width).map(Some)
}

/// `and 12 more: trailkeep query NAME`, where not all that is new is shown.
pub(super) fn more(check: &Checked) -> Option<String> {
    let news = check.news(SCREEN)?;
    let more = news.rows.saturating_sub(news.shown.len() as u64);
    (more > 0).then(|| format!("and {more} more: {}", check.query_command()))
}

/// The columns of a table of checks.
pub(super) fn summary_columns() -> Vec<Column> {
    let names = ["check", "severity", "outcome", "found"];
    let column = |name: &str| Column {
        name: name.to_owned(),
    };
    names.map(column).into()
}

/// A check in a line of that table.
pub(super) fn summary_row(check: &Checked) -> Vec<Value<'static>> {
    let text = |text: String| Value::Text(text.into());
    let severity = check.query.severity;
    vec![
        text(check.asked.name.clone()),
        text(severity.map_or(String::new(), |severity| severity.to_string())),
        text(check.outcome(SCREEN).name().to_owned()),
        text(check.said(SCREEN)),
    ]
}
