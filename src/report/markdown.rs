//! Markdown, as GitHub and most wikis read it.

use std::io::{self, Write};

use crate::format::{markdown_text, plain, visible};
use crate::report::answer::{Answer, Cell};
use crate::report::evidence::{Asked, Evidence};
use crate::report::form::{Pages, Part, ROWS_MAX, Sink, between, more};
use crate::report::{Report, completeness, wording};

/// What a file begins with.
pub(super) const MAGIC: &[u8] = b"# ";

/// Around the JSON of the evidence.
const JSON_BEGIN: &str = "```json trailkeep-evidence\n";
const JSON_END: &str = "\n```";

/// Writes a report.
///
/// # Errors
/// It cannot be written, or an answer cannot be read back from disk.
pub(super) fn write(report: &mut Report, out: &mut dyn Sink) -> io::Result<Vec<Part>> {
    let mut page = Pages::new(out);
    let evidence = &report.evidence;
    page.begin("the title page", None);
    cover(&mut page, evidence)?;
    page.begin("the page on what is complete", None);
    complete(&mut page, evidence)?;
    let asked = evidence.queries.iter().zip(&mut report.answers);
    for (number, (asked, answer)) in asked.enumerate() {
        page.begin(&format!("the answer to {}", asked.name), Some(number));
        section(&mut page, asked, answer)?;
    }
    page.begin("the evidence", None);
    proof(&mut page, evidence)?;
    page.write_all(JSON_BEGIN.as_bytes())?;
    let evidence = Evidence {
        document_sha256: Some(page.sha256()),
        ..evidence.clone()
    };
    page.write_all(evidence.json().as_bytes())?;
    writeln!(page, "{JSON_END}")?;
    page.end()
}

/// The JSON of the evidence in a file, and how many bytes stand before it.
pub(super) fn evidence(file: &[u8]) -> Option<(String, usize)> {
    between(file, JSON_BEGIN, JSON_END)
}

fn cover(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    let sources = completeness::sources(evidence);
    let sentence = completeness::verdict(&sources).sentence(evidence, &sources);
    writeln!(page, "# {}\n", text(&evidence.title))?;
    writeln!(
        page,
        "{}\n\n> {}\n",
        text(&wording::span(evidence.period)),
        text(&sentence)
    )?;
    for (name, value) in wording::facts(evidence) {
        writeln!(page, "- {name}: {}", text(&value))?;
    }
    writeln!(
        page,
        "\n| Question | Query | Asked about | Rows |\n| --- | --- | --- | ---: |"
    )?;
    for asked in &evidence.queries {
        writeln!(
            page,
            "| {} | {} | {} | {} |",
            text(wording::title(asked)),
            text(&asked.name),
            text(&wording::asked_about(asked.span, evidence)),
            asked.answer.rows
        )?;
    }
    match wording::left_out(evidence) {
        Some(left_out) => writeln!(page, "\n{}", text(&left_out)),
        None => Ok(()),
    }
}

fn complete(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(
        page,
        "\n## What is complete\n\n| Source | From | To | How it stands |\n| --- | --- | --- | --- |"
    )?;
    for source in completeness::sources(evidence) {
        for (period, standing) in &source.parts {
            writeln!(
                page,
                "| {} | {} | {} | {} |",
                text(source.source),
                period.from,
                period.to,
                completeness::standing(*standing)
            )?;
        }
    }
    Ok(())
}

fn section(page: &mut impl Write, asked: &Asked, answer: &mut Answer) -> io::Result<()> {
    writeln!(page, "\n## {}\n", text(wording::title(asked)))?;
    writeln!(
        page,
        "**{}**, {}\n",
        text(&asked.name),
        text(&wording::subtitle(asked))
    )?;
    if asked.answer.rows == 0 {
        return writeln!(page, "No rows.");
    }
    line(page, asked.columns.iter().map(|name| text(name)))?;
    line(page, asked.columns.iter().map(|_| "---".to_owned()))?;
    let mut rows = answer.rows()?;
    for _ in 0..ROWS_MAX {
        let Some(row) = rows.next()? else { break };
        line(page, row.iter().map(cell))?;
    }
    match more(asked) {
        Some(more) => writeln!(page, "\n{}\n\n    {}", more.told, visible(&more.command)),
        None => Ok(()),
    }
}

/// A word, so that null is told from no text.
fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => "*null*".to_owned(),
        cell => text(&plain(&cell.value())),
    }
}

fn line(page: &mut impl Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    page.write_all(b"|")?;
    for cell in cells {
        write!(page, " {cell} |")?;
    }
    page.write_all(b"\n")
}

fn proof(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(page, "\n## Evidence\n")?;
    for paragraph in wording::proof(evidence) {
        writeln!(page, "{paragraph}\n")?;
    }
    for (name, value) in wording::archive(evidence) {
        writeln!(page, "- {name}: {}", text(&value))?;
    }
    writeln!(
        page,
        "\n| Batch | Feed | Begun | Events | SHA-256 of what it received |\n| ---: | --- | --- | ---: | --- |"
    )?;
    for batch in &evidence.batches {
        writeln!(
            page,
            "| {} | {}/{} | {} | {} | {} |",
            batch.batch,
            text(&batch.source),
            text(&batch.feed),
            batch.started_at,
            batch.events,
            text(batch.sha256.as_deref().unwrap_or("not on record"))
        )?;
    }
    for asked in &evidence.queries {
        writeln!(page, "\n### {}\n", text(&asked.name))?;
        for (name, value) in wording::query(asked) {
            writeln!(page, "- {name}: {}", text(&value))?;
        }
        writeln!(page)?;
        for line in asked.sql.lines() {
            writeln!(page, "    {}", visible(&line.replace('\t', "    ")))?;
        }
    }
    writeln!(page, "\nThe same for `trailkeep report verify`:\n")
}

/// Nothing in a text is read as Markdown: no name of a file becomes a link.
fn text(text: &str) -> String {
    let marks = |c: char| "`*_[]~#".contains(c);
    let escape = |c: char| if marks(c) { vec!['\\', c] } else { vec![c] };
    markdown_text(text).chars().flat_map(escape).collect()
}
