//! An answer: what was asked, a chart where people would rather look than read, and the rows.

use std::io::{self, Write};

use super::chart;
use crate::format::{html_text as text, plain};
use crate::report::answer::{Answer, Cell};
use crate::report::evidence::Asked;
use crate::report::form::{ROWS_MAX, is_time, more};
use crate::report::wording;

/// A table of more columns lies across the page when it is printed.
const COLUMNS_UPRIGHT: usize = 5;

/// Writes an answer.
///
/// # Errors
/// It cannot be written, or read back from disk.
pub(super) fn write(
    page: &mut impl Write,
    number: usize,
    asked: &Asked,
    answer: &mut Answer,
) -> io::Result<()> {
    let class = match (asked.answer.rows, asked.columns.len()) {
        (0, _) => " class=\"empty\"",
        (_, columns) if columns > COLUMNS_UPRIGHT => " class=\"wide\"",
        _ => "",
    };
    let title = text(wording::title(asked));
    writeln!(
        page,
        "<section id=\"answer-{number}\"{class}>\n<h2>{title}</h2>"
    )?;
    let subtitle = wording::subtitle(asked);
    writeln!(
        page,
        "<p class=\"asked\"><b>{}</b>, {}</p>",
        text(&asked.name),
        text(&subtitle)
    )?;
    if asked.answer.rows == 0 {
        return writeln!(page, "<p class=\"none\">No rows.</p>\n</section>");
    }
    chart::write(page, asked, answer)?;
    rows(page, asked, answer)?;
    writeln!(page, "</section>")
}

fn rows(page: &mut impl Write, asked: &Asked, answer: &mut Answer) -> io::Result<()> {
    let (name, rows) = (text(&asked.name), rows_in_words(asked.answer.rows));
    writeln!(
        page,
        "<div class=\"scroll\" role=\"region\" aria-label=\"{name}\" tabindex=\"0\">\
         <table class=\"rows\">\n<caption>{rows}</caption>\n<thead>"
    )?;
    table(page, asked, answer)?;
    writeln!(page, "</tbody>\n</table></div>")?;
    let Some(more) = more(asked) else {
        return Ok(());
    };
    let (told, command) = (more.told, text(&more.command));
    writeln!(
        page,
        "<p class=\"more\">{told}<br>\n<code>{command}</code></p>"
    )
}

fn rows_in_words(rows: u64) -> String {
    match rows {
        1 => "1 row".to_owned(),
        rows if rows > ROWS_MAX => format!("{rows} rows, of which these are the first {ROWS_MAX}"),
        rows => format!("{rows} rows"),
    }
}

fn table(page: &mut impl Write, asked: &Asked, answer: &mut Answer) -> io::Result<()> {
    let numeric = numeric_columns(answer)?;
    page.write_all(b"<tr>")?;
    for (name, is_number) in asked.columns.iter().zip(&numeric) {
        let class = if *is_number { " class=\"number\"" } else { "" };
        write!(page, "<th scope=\"col\"{class}>{}</th>", text(name))?;
    }
    page.write_all(b"</tr>\n</thead>\n<tbody>\n")?;
    let mut rows = answer.rows()?;
    for _ in 0..ROWS_MAX {
        let Some(row) = rows.next()? else { break };
        page.write_all(b"<tr>")?;
        row.iter().try_for_each(|value| cell(page, value))?;
        page.write_all(b"</tr>\n")?;
    }
    Ok(())
}

/// Columns whose heads stand over numbers: those where the first value that there is is one.
fn numeric_columns(answer: &mut Answer) -> io::Result<Vec<bool>> {
    let mut numeric: Vec<Option<bool>> = vec![None; answer.columns.len()];
    let mut rows = answer.rows()?;
    for _ in 0..100 {
        let Some(row) = rows.next()? else { break };
        for (column, value) in numeric.iter_mut().zip(&row) {
            let is_number = matches!(value, Cell::Integer(_) | Cell::Real(_));
            let known = (*value != Cell::Null).then_some(is_number);
            *column = column.or(known);
        }
    }
    Ok(numeric.into_iter().map(Option::unwrap_or_default).collect())
}

fn cell(page: &mut impl Write, cell: &Cell) -> io::Result<()> {
    let class = match cell {
        // A word, so that null is told from no text however the page is read.
        Cell::Null => return page.write_all(b"<td class=\"null\">null</td>"),
        Cell::Integer(_) | Cell::Real(_) => " class=\"number\"",
        Cell::Text(text) if is_time(text) => " class=\"time\"",
        // On paper a longer word may break anywhere, so that every column is on the page.
        Cell::Text(text) if is_short(text) => " class=\"word\"",
        Cell::Text(_) | Cell::Blob(_) => "",
    };
    write!(page, "<td{class}>{}</td>", text(&plain(&cell.value())))
}

/// An address fits.
const WORD_MAX: usize = 15;

fn is_short(text: &str) -> bool {
    text.chars().count() <= WORD_MAX && !text.contains(char::is_whitespace)
}
