//! What is complete: a strip for each feed, and the same in words.

use std::io::{self, Write};

use crate::coverage::{Section, Standing};
use crate::event::{Period, Timestamp};
use crate::format::html_text as text;
use crate::report::completeness::{self, SourceParts, standing};
use crate::report::evidence::Evidence;
use crate::time::describe;

/// The strip's own units, and the least of them that shows.
const WIDTH: f64 = 1000.0;
const SHOWN_MIN: f64 = 2.0;

/// More parts of a source than this are for `trailkeep coverage` to list.
const PARTS_MAX: usize = 60;

/// Writes the page.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    let sources = completeness::sources(evidence);
    let sentence = completeness::verdict(&sources).sentence(evidence, &sources);
    writeln!(
        page,
        "<section id=\"complete\">\n<h2>What is complete</h2>\n<p>{}</p>",
        text(&sentence)
    )?;
    strips(page, evidence)?;
    for source in &sources {
        parts(page, source)?;
    }
    writeln!(page, "</section>")
}

fn strips(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    if evidence.coverage.is_empty() {
        return writeln!(page, "<p class=\"none\">No feed has ever run.</p>");
    }
    let period = evidence.period();
    writeln!(page, "<table class=\"strips\">\n<tbody>")?;
    for feed in &evidence.coverage {
        let name = text(&format!("{}/{}", feed.source, feed.feed));
        let strip = strip(&feed.sections(), period);
        writeln!(
            page,
            "<tr><th scope=\"row\">{name}</th><td>{strip}</td></tr>"
        )?;
    }
    let dates: String = (0..5)
        .map(|quarter| format!("<span>{}</span>", date(period, quarter)))
        .collect();
    writeln!(
        page,
        "<tr><td></td><td><div class=\"scale\">{dates}</div></td></tr>\n</tbody>\n</table>"
    )?;
    legend(page)
}

/// Bars from the best to the worst, so that nothing hides a short gap.
fn strip(sections: &[Section], period: Period) -> String {
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} 12\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"unknown-fill\" x=\"0\" y=\"5.5\" width=\"{WIDTH}\" height=\"1\"/>",
        text(&in_words(sections))
    );
    for standing in Standing::ALL {
        let (y, height) = shape(standing);
        for section in sections.iter().filter(|one| one.standing == standing) {
            let (from, to) = (
                place(section.period.from, period),
                place(section.period.to, period),
            );
            let width = (to - from).max(SHOWN_MIN);
            let x = from.min(WIDTH - width);
            svg.push_str(&format!(
                "<rect class=\"{}-fill\" x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{height}\"/>",
                standing.name()
            ));
        }
    }
    svg.push_str("</svg>");
    svg
}

/// Top and height: whoever sees no colours tells them by these.
fn shape(standing: Standing) -> (f64, f64) {
    match standing {
        Standing::Complete | Standing::Open => (2.0, 8.0),
        Standing::Gap => (4.5, 3.0),
        Standing::Lost => (0.0, 12.0),
    }
}

/// Where in the strip a moment lies.
#[expect(
    clippy::cast_precision_loss,
    reason = "a picture shows a thousandth of the period at most"
)]
fn place(moment: Timestamp, period: Period) -> f64 {
    let part = |length: std::time::Duration| length.as_millis() as f64;
    let whole = part(period.length()).max(1.0);
    (part(moment.since(period.from)) / whole * WIDTH).clamp(0.0, WIDTH)
}

fn in_words(sections: &[Section]) -> String {
    let told = sections.iter().map(|section| {
        let Period { from, to } = section.period;
        format!("{} {from} to {to}", section.standing.name())
    });
    let mut told: Vec<String> = told.take(PARTS_MAX).collect();
    if told.is_empty() {
        told.push("nothing is known".to_owned());
    }
    told.join(", ")
}

/// The day at so many quarters of the period.
fn date(period: Period, quarter: u32) -> String {
    let quarters = period.length() / 4 * quarter;
    period
        .from
        .after(quarters)
        .datetime()
        .format("%Y-%m-%d")
        .to_string()
}

fn legend(page: &mut impl Write) -> io::Result<()> {
    write!(page, "<div class=\"legend\">")?;
    for one in Standing::ALL {
        let (y, height) = shape(one);
        let name = one.name();
        write!(
            page,
            "<span><svg viewBox=\"0 0 24 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"{name}-fill\" x=\"0\" y=\"{y}\" width=\"24\" height=\"{height}\"/></svg>{}</span>",
            standing(Some(one))
        )?;
    }
    writeln!(
        page,
        "<span><svg viewBox=\"0 0 24 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"unknown-fill\" x=\"0\" y=\"5.5\" width=\"24\" height=\"1\"/></svg>{}</span></div>",
        standing(None)
    )
}

fn parts(page: &mut impl Write, source: &SourceParts<'_>) -> io::Result<()> {
    writeln!(
        page,
        "<h3>{}</h3>\n<table>\n<thead>\n<tr><th scope=\"col\">From</th><th scope=\"col\">To</th>\
         <th scope=\"col\" class=\"number\">Length</th><th scope=\"col\">How it stands</th></tr>\n\
         </thead>\n<tbody>",
        text(source.source)
    )?;
    for (period, stands) in source.parts.iter().take(PARTS_MAX) {
        writeln!(
            page,
            "<tr><td class=\"time\">{}</td><td class=\"time\">{}</td><td class=\"number\">{}</td><td>{}</td></tr>",
            period.from,
            period.to,
            describe(period.length()),
            standing(*stands)
        )?;
    }
    writeln!(page, "</tbody>\n</table>")?;
    match source.parts.len().checked_sub(PARTS_MAX) {
        Some(more @ 1..) => writeln!(
            page,
            "<p class=\"more\">{more} more parts, which <code>trailkeep coverage</code> lists.</p>"
        ),
        _ => Ok(()),
    }
}
