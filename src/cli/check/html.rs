//! A round of checks as one page, to attach or print.

use std::io;

use super::form::{more, rows, summary_columns, summary_row};
use super::round::{Checked, Round, SCREEN};
use crate::format::html::{self, escaped};
use crate::query::{Column, Value};
use crate::time::minute;

/// The round as a table of checks, and a section for each that has more to say.
///
/// # Errors
/// None, for text takes all that is written to it.
pub(super) fn text(round: &Round) -> io::Result<String> {
    let summary: Vec<_> = round.checks.iter().map(summary_row).collect();
    let title = format!("{}, {}", round.sum(), minute(round.ran_at));
    let mut page = html::page_begin(&title);
    page += &table(&summary_columns(), &summary)?;
    for check in &round.checks {
        page += &section(check)?;
    }
    let facts = [
        format!("archive {}", round.archive),
        format!("trailkeep {}", env!("CARGO_PKG_VERSION")),
        format!("checked {}", round.ran_at),
    ];
    page += &format!("<footer><p>{}</p></footer>\n", escaped(&facts.join(" · ")));
    Ok(page + html::PAGE_END)
}

fn section(check: &Checked) -> io::Result<String> {
    let mut parts = Vec::new();
    let paragraph = |text: &str| format!("<p>{}</p>\n", escaped(text));
    if let (Some(news), Ok(answer)) = (check.news(SCREEN), &check.answer) {
        parts.push(paragraph(&check.query.about));
        if !news.shown.is_empty() {
            parts.push(table(&answer.columns, &news.shown)?);
        }
    }
    parts.extend(more(check).as_deref().map(paragraph));
    let explained = check.explained();
    let words = explained.iter().chain(check.flaws());
    parts.extend(words.map(|line| paragraph(line)));
    if parts.is_empty() {
        return Ok(String::new());
    }
    let name = escaped(&check.asked.name);
    let outcome = check.outcome(SCREEN).name();
    let parts = parts.concat();
    Ok(format!(
        "<section>\n<h2>{name}: {outcome}</h2>\n{parts}</section>\n"
    ))
}

fn table(columns: &[Column], shown: &[Vec<Value<'_>>]) -> io::Result<String> {
    rows(&html::TABLE, columns, shown, None)
}
