//! The evidence: all that is needed to ask the same again, and to know the answer when it comes.

use std::io::{self, Write};

use crate::format::html_text as text;
use crate::report::evidence::{Asked, Batch, Evidence};
use crate::report::wording;

/// Writes the page, up to the JSON for programs.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(page, "<section id=\"proof\">\n<h2>Evidence</h2>")?;
    for paragraph in wording::proof(evidence) {
        writeln!(page, "<p>{}</p>", prose(&paragraph))?;
    }
    archive(page, evidence)?;
    batches(page, &evidence.batches)?;
    writeln!(page, "<h3>Queries</h3>")?;
    evidence
        .queries
        .iter()
        .try_for_each(|asked| query(page, asked))?;
    writeln!(
        page,
        "<details>\n<summary>The same for <code>trailkeep report verify</code></summary>"
    )
}

fn archive(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(page, "<h3>Archive</h3>\n<dl>")?;
    for (name, value) in wording::archive(evidence) {
        writeln!(page, "<dt>{name}</dt><dd>{}</dd>", text(&value))?;
    }
    writeln!(page, "</dl>")
}

fn batches(page: &mut impl Write, batches: &[Batch]) -> io::Result<()> {
    writeln!(page, "<h3>Batches that brought events of the period</h3>")?;
    if batches.is_empty() {
        return writeln!(page, "<p class=\"none\">None.</p>");
    }
    writeln!(
        page,
        "<div class=\"scroll\"><table class=\"rows\">\n<thead>\n<tr>\
         <th scope=\"col\" class=\"number\">Batch</th><th scope=\"col\">Feed</th>\
         <th scope=\"col\">Begun</th><th scope=\"col\" class=\"number\">Events</th>\
         <th scope=\"col\">SHA-256 of what it received</th></tr>\n</thead>\n<tbody>"
    )?;
    for batch in batches {
        writeln!(
            page,
            "<tr><td class=\"number\">{}</td><td>{}/{}</td><td class=\"time\">{}</td>\
             <td class=\"number\">{}</td><td class=\"hash\">{}</td></tr>",
            batch.batch,
            text(&batch.source),
            text(&batch.feed),
            batch.started_at,
            batch.events,
            text(batch.sha256.as_deref().unwrap_or("not on record"))
        )?;
    }
    writeln!(page, "</tbody>\n</table></div>")
}

fn query(page: &mut impl Write, asked: &Asked) -> io::Result<()> {
    writeln!(page, "<h4>{}</h4>\n<dl>", text(&asked.name))?;
    for (name, value) in wording::query(asked) {
        writeln!(
            page,
            "<dt>{name}</dt><dd class=\"hash\">{}</dd>",
            text(&value)
        )?;
    }
    writeln!(
        page,
        "</dl>\n<pre>{}</pre>",
        text(&asked.sql.replace('\t', "    "))
    )
}

/// Words of ours, in which code stands in backticks.
fn prose(paragraph: &str) -> String {
    let pieces = paragraph.split('`').enumerate();
    let piece = |(at, piece): (usize, &str)| match at % 2 {
        0 => text(piece),
        _ => format!("<code>{}</code>", text(piece)),
    };
    pieces.map(piece).collect()
}
