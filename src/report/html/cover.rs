//! The title page: what was asked, how many rows there are, whether the period is complete.

use std::io::{self, Write};

use crate::format::html_text as text;
use crate::report::evidence::Evidence;
use crate::report::{completeness, wording};

/// Writes the title page.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    let sources = completeness::sources(evidence);
    let verdict = completeness::verdict(&sources);
    writeln!(
        page,
        "<header class=\"cover\">\n<p class=\"maker\">trailkeep report</p>"
    )?;
    writeln!(page, "<h1>{}</h1>", text(&evidence.title))?;
    writeln!(
        page,
        "<p class=\"when\">{}</p>",
        text(&wording::span(evidence.period))
    )?;
    let sentence = verdict.sentence(evidence, &sources);
    let class = verdict.name();
    writeln!(page, "<p class=\"verdict {class}\">{}</p>", text(&sentence))?;
    facts(page, evidence)?;
    contents(page, evidence)?;
    if let Some(left_out) = wording::left_out(evidence) {
        writeln!(page, "<p class=\"more\">{}</p>", text(&left_out))?;
    }
    writeln!(page, "</header>")
}

fn facts(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(page, "<dl>")?;
    for (name, value) in wording::facts(evidence) {
        writeln!(page, "<dt>{name}</dt><dd>{}</dd>", text(&value))?;
    }
    writeln!(page, "</dl>")
}

fn contents(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(
        page,
        "<div class=\"scroll\"><table class=\"contents\">\n<caption>What was asked</caption>\n<thead>\n<tr>\
         <th scope=\"col\">Question</th><th scope=\"col\">Query</th>\
         <th scope=\"col\">Asked about</th><th scope=\"col\" class=\"number\">Rows</th></tr>\n\
         </thead>\n<tbody>"
    )?;
    for (number, asked) in evidence.queries.iter().enumerate() {
        writeln!(
            page,
            "<tr><th scope=\"row\"><a href=\"#answer-{number}\">{}</a></th><td>{}</td>\
             <td>{}</td><td class=\"number\">{}</td></tr>",
            text(wording::title(asked)),
            text(&asked.name),
            text(&wording::asked_about(asked.span, evidence)),
            asked.answer.rows
        )?;
    }
    writeln!(page, "</tbody>\n</table></div>")
}
