//! A workbook for Excel and its like: a sheet for each answer, with all of its rows.
//!
//! Every text is written as a text, so none is ever computed as a formula; a time is a text, too.

pub(super) mod read;
mod sheet;

use std::io;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use self::sheet::{Sheet, Style};
use crate::event::Timestamp;
use crate::report::answer::{Answer, Cell};
use crate::report::evidence::{Asked, Evidence};
use crate::report::form::{Part, Sink};
use crate::report::{Report, completeness, wording};

/// What a zip archive begins with, which a workbook is.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";

/// Most rows of an answer that fit on a sheet below its head, and are shown.
pub(super) const ROWS_MAX: u64 = 1_048_576 - 4;

/// The sheet with the JSON of the evidence.
const JSON_SHEET: &str = "For verify";

/// Writes a report.
///
/// # Errors
/// It cannot be written, or an answer cannot be read back from disk.
pub(super) fn write(report: &mut Report, out: &mut dyn Sink) -> io::Result<Vec<Part>> {
    let evidence = &report.evidence;
    let mut book = Book::default();
    let properties = properties(evidence).map_err(io::Error::other)?;
    book.workbook.set_properties(&properties);
    cover(&mut book.sheet("Report", None)?, evidence)?;
    complete(&mut book.sheet("Complete", None)?, evidence)?;
    let asked = evidence.queries.iter().zip(&mut report.answers);
    for (number, (asked, answer)) in asked.enumerate() {
        rows(&mut book.sheet(&asked.name, Some(number))?, asked, answer)?;
    }
    proof(&mut book.sheet("Evidence", None)?, evidence)?;
    json(&mut book.sheet(JSON_SHEET, None)?, evidence)?;
    book.workbook
        .save_to_writer(out)
        .map_err(io::Error::other)?;
    Ok(book.parts)
}

/// The JSON of the evidence in a workbook. There are no bytes before it.
pub(super) fn evidence(file: &[u8]) -> Option<(String, usize)> {
    let mut workbook = read::Workbook::open(file).ok()?;
    let sheet = workbook
        .names()
        .iter()
        .position(|name| name == JSON_SHEET)?;
    let mut cells = workbook.cells(sheet).ok()?;
    let mut json = String::new();
    let mut row = 0;
    while let Some(cell) = cells.next().ok()? {
        if cell.row > row && !json.is_empty() {
            json.push('\n');
        }
        row = cell.row;
        json.push_str(&cell.text);
    }
    Some((json, 0))
}

/// A workbook says when and by what it was made, and no more.
fn properties(evidence: &Evidence) -> Result<DocProperties, XlsxError> {
    Ok(DocProperties::new()
        .set_title(visible(&evidence.title))
        .set_author(format!("trailkeep {}", evidence.version))
        .set_creation_datetime(&datetime(evidence.made_at)?))
}

fn datetime(moment: Timestamp) -> Result<ExcelDateTime, XlsxError> {
    // Excel knows no time before 1900, nor after 9999.
    let seconds = (moment.millis() / 1000).clamp(0, 200_000_000_000);
    ExcelDateTime::from_timestamp(seconds)
}

fn cover(sheet: &mut Sheet<'_>, evidence: &Evidence) -> io::Result<()> {
    let sources = completeness::sources(evidence);
    let sentence = completeness::verdict(&sources).sentence(evidence, &sources);
    sheet.widths(&[28.0, 60.0, 52.0, 12.0])?;
    sheet.texts(Style::Title, &[&evidence.title])?;
    sheet.texts(Style::Plain, &[&wording::span(evidence.period)])?;
    sheet.texts(Style::Plain, &[&sentence])?;
    sheet.skip();
    for (name, value) in wording::facts(evidence) {
        sheet.texts(Style::Plain, &[name, &value])?;
    }
    sheet.skip();
    sheet.texts(Style::Head, &["Query", "Question", "Asked about", "Rows"])?;
    for asked in &evidence.queries {
        let about = wording::asked_about(asked.span, evidence);
        let rows = i64::try_from(asked.answer.rows).unwrap_or(i64::MAX);
        let texts = [asked.name.as_str(), wording::title(asked), &about];
        let texts = texts.map(|text| Cell::Text(text.to_owned()));
        sheet.row(texts.iter().chain([&Cell::Integer(rows)]))?;
    }
    if let Some(left_out) = wording::left_out(evidence) {
        sheet.skip();
        sheet.texts(Style::Plain, &[&left_out])?;
    }
    Ok(())
}

fn complete(sheet: &mut Sheet<'_>, evidence: &Evidence) -> io::Result<()> {
    sheet.widths(&[24.0, 26.0, 26.0, 36.0])?;
    sheet.freeze(1)?;
    sheet.texts(Style::Head, &["Source", "From", "To", "How it stands"])?;
    for source in completeness::sources(evidence) {
        for (period, standing) in &source.parts {
            let (from, to) = (period.from.to_string(), period.to.to_string());
            let standing = completeness::standing(*standing);
            sheet.texts(Style::Plain, &[source.source, &from, &to, standing])?;
        }
    }
    Ok(())
}

fn rows(sheet: &mut Sheet<'_>, asked: &Asked, answer: &mut Answer) -> io::Result<()> {
    sheet.widths(&widths(answer)?)?;
    sheet.freeze(3)?;
    sheet.texts(Style::Title, &[wording::title(asked)])?;
    sheet.texts(Style::Plain, &[&wording::subtitle(asked)])?;
    let columns: Vec<&str> = asked.columns.iter().map(String::as_str).collect();
    sheet.texts(Style::Head, &columns)?;
    let mut rows = answer.rows()?;
    for _ in 0..ROWS_MAX {
        let Some(row) = rows.next()? else { break };
        sheet.row(row.iter())?;
    }
    match asked.answer.rows.checked_sub(ROWS_MAX) {
        Some(more @ 1..) => sheet.texts(
            Style::Plain,
            &[&format!(
                "{more} more rows are part of the answer, and a sheet has no room for them"
            )],
        ),
        _ => Ok(()),
    }
}

/// Columns as wide as their first rows are, within reason.
fn widths(answer: &mut Answer) -> io::Result<Vec<f64>> {
    let length = |text: &str| u32::try_from(text.chars().count().min(60)).unwrap_or(60);
    let mut widths: Vec<u32> = answer.columns.iter().map(|name| length(name)).collect();
    let mut rows = answer.rows()?;
    for _ in 0..200 {
        let Some(row) = rows.next()? else { break };
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = length(&crate::format::plain(&cell.value())).max(*width);
        }
    }
    Ok(widths
        .into_iter()
        .map(|width| f64::from(width) * 1.05 + 2.0)
        .collect())
}

fn proof(sheet: &mut Sheet<'_>, evidence: &Evidence) -> io::Result<()> {
    sheet.widths(&[24.0, 26.0, 26.0, 12.0, 68.0])?;
    for paragraph in wording::proof(evidence) {
        sheet.texts(Style::Plain, &[&paragraph])?;
    }
    sheet.skip();
    for (name, value) in wording::archive(evidence) {
        sheet.texts(Style::Plain, &[name, &value])?;
    }
    sheet.skip();
    let head = [
        "Batch",
        "Feed",
        "Begun",
        "Events",
        "SHA-256 of what it received",
    ];
    sheet.texts(Style::Head, &head)?;
    for batch in &evidence.batches {
        let feed = format!("{}/{}", batch.source, batch.feed);
        let begun = batch.started_at.to_string();
        let (number, events) = (batch.batch.to_string(), batch.events.to_string());
        let sha256 = batch.sha256.as_deref().unwrap_or("not on record");
        sheet.texts(Style::Plain, &[&number, &feed, &begun, &events, sha256])?;
    }
    for asked in &evidence.queries {
        sheet.skip();
        sheet.texts(Style::Head, &[&asked.name])?;
        for (name, value) in wording::query(asked) {
            sheet.texts(Style::Plain, &[name, &value])?;
        }
        for line in asked.sql.lines() {
            sheet.texts(Style::Code, &[line])?;
        }
    }
    Ok(())
}

/// A line of the JSON is a row; what of it does not fit into a cell goes into the next one.
fn json(sheet: &mut Sheet<'_>, evidence: &Evidence) -> io::Result<()> {
    for line in evidence.json().lines() {
        let characters: Vec<char> = line.chars().collect();
        let cells = characters
            .chunks(sheet::TEXT_MAX)
            .map(|cell| cell.iter().collect::<String>());
        let cells: Vec<String> = cells.collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        sheet.texts(Style::Code, &cells)?;
    }
    Ok(())
}

fn visible(text: &str) -> String {
    crate::format::visible(text).into_owned()
}

/// A workbook in the making.
#[derive(Default)]
struct Book {
    workbook: Workbook,
    names: Vec<String>,
    parts: Vec<Part>,
}

/// Most characters of a sheet's name.
const NAME_MAX: usize = 31;

impl Book {
    /// Adds a sheet. Its rows go to disk as they come; none is ever whole in memory.
    fn sheet(&mut self, name: &str, answer: Option<usize>) -> io::Result<Sheet<'_>> {
        let name = self.unique(name);
        self.parts.push(Part {
            name: format!("the sheet {name}"),
            answer,
            from: 0,
        });
        self.names.push(name.clone());
        let sheet = self.workbook.add_worksheet_with_constant_memory();
        Sheet::begin(sheet.map_err(io::Error::other)?, &name)
    }

    /// A name that no other sheet has, without what Excel allows in none.
    fn unique(&self, name: &str) -> String {
        let allowed = |c: &char| !"[]:*?/\\'".contains(*c) && crate::format::shown(*c) == *c;
        let kept: String = name.chars().filter(allowed).take(NAME_MAX).collect();
        let kept = if kept.is_empty() {
            "Query".to_owned()
        } else {
            kept
        };
        let is_taken = |name: &str| {
            let mut names = self.names.iter();
            names.any(|one| one.to_lowercase() == name.to_lowercase())
        };
        let numbered = |number: u32| {
            let ending = format!(" {number}");
            kept.chars()
                .take(NAME_MAX - ending.len())
                .collect::<String>()
                + &ending
        };
        let mut names = std::iter::once(kept.clone()).chain((2..).map(numbered));
        names.find(|name| !is_taken(name)).unwrap_or(kept.clone())
    }
}
