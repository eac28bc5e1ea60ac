//! A round of checks for issues and wikis.

use std::io;

use super::form::{more, rows, shown, summary_columns, summary_row};
use super::round::{Checked, Round, SCREEN};
use crate::format::{self, visible};
use crate::time::minute;

/// The round as a table of checks, and a section for each that has more to say.
///
/// # Errors
/// None, for text takes all that is written to it.
pub(super) fn text(round: &Round) -> io::Result<String> {
    let summary: Vec<_> = round.checks.iter().map(summary_row).collect();
    let table = match format::find("markdown") {
        Some(format) => rows(format, &summary_columns(), &summary, None)?,
        None => String::new(),
    };
    let mut text = format!("# {}, {}\n\n{table}", round.sum(), minute(round.ran_at));
    for check in &round.checks {
        text += &section(check)?;
    }
    Ok(text)
}

fn section(check: &Checked) -> io::Result<String> {
    let mut parts = Vec::new();
    if check.news(SCREEN).is_some() {
        parts.push(escaped(&check.query.about));
    }
    parts.extend(shown(check, "markdown", None)?.map(|table| table.trim_end().to_owned()));
    parts.extend(more(check).map(|more| escaped(&more)));
    let explained = check.explained();
    let words = explained.iter().chain(check.flaws());
    parts.extend(words.map(|line| escaped(line)));
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        return Ok(String::new());
    }
    let name = escaped(&check.asked.name);
    let outcome = check.outcome(SCREEN).name();
    Ok(format!(
        "\n## {name}: {outcome}\n\n{}\n",
        parts.join("\n\n")
    ))
}

/// Words of a query or a vendor: none of them is obeyed.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text
        .lines()
        .map(visible)
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        if r"\`*_[]<>&#|!~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
