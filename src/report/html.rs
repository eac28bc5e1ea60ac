//! One page of HTML that needs nothing else and runs nothing: to send, to print, to keep.

mod answers;
mod chart;
mod cover;
mod coverage;
mod proof;

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::format::html_text;
use crate::report::Report;
use crate::report::evidence::Evidence;
use crate::report::form::{Pages, Part, Sink};

/// What a page begins with.
pub(super) const MAGIC: &[u8] = b"<!doctype html>";

/// Around the JSON of the evidence.
const JSON_BEGIN: &str = "<pre id=\"evidence\">\n";
const JSON_END: &str = "\n</pre>";

/// Writes a report.
///
/// # Errors
/// It cannot be written, or an answer cannot be read back from disk.
pub(super) fn write(report: &mut Report, out: &mut dyn Sink) -> io::Result<Vec<Part>> {
    let mut page = Pages::new(out);
    let evidence = &report.evidence;
    page.begin("the title page", None);
    head(&mut page, evidence)?;
    cover::write(&mut page, evidence)?;
    page.begin("the page on what is complete", None);
    coverage::write(&mut page, evidence)?;
    let asked = evidence.queries.iter().zip(&mut report.answers);
    for (number, (asked, answer)) in asked.enumerate() {
        page.begin(&format!("the answer to {}", asked.name), Some(number));
        answers::write(&mut page, number, asked, answer)?;
    }
    page.begin("the evidence", None);
    proof::write(&mut page, evidence)?;
    page.write_all(JSON_BEGIN.as_bytes())?;
    let evidence = Evidence {
        document_sha256: Some(page.sha256()),
        ..evidence.clone()
    };
    page.write_all(evidence.json().as_bytes())?;
    writeln!(
        page,
        "{JSON_END}\n</details>\n</section>\n</main>\n</body>\n</html>"
    )?;
    page.end()
}

/// The JSON of the evidence in a page, and how many bytes stand before it.
pub(super) fn evidence(page: &[u8]) -> Option<(String, usize)> {
    super::form::between(page, JSON_BEGIN, JSON_END)
}

/// The policy lets a page load and run nothing, should anything ever slip through, and know no style
/// but this one.
fn head(page: &mut impl Write, evidence: &Evidence) -> io::Result<()> {
    let title = html_text(&evidence.title);
    let style = format!("\n{STYLE}{}", running_title(&evidence.title));
    let style_hash = STANDARD.encode(Sha256::digest(&style));
    writeln!(
        page,
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'sha256-{style_hash}'; base-uri 'none'; form-action 'none'\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<meta name=\"referrer\" content=\"no-referrer\">
<meta name=\"generator\" content=\"trailkeep {}\">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>",
        html_text(&evidence.version)
    )
}

const STYLE: &str = include_str!("html/style.css");

/// The title below every printed page, and the page's number.
fn running_title(title: &str) -> String {
    let title: String = title.chars().take(90).map(in_css).collect();
    format!(
        "@page {{\n  @bottom-left {{ content: \"{title}\"; font: 7.5pt sans-serif; color: #58616d; }}\n  \
         @bottom-right {{ content: counter(page) \" / \" counter(pages); font: 7.5pt sans-serif; \
         color: #58616d; }}\n}}\n"
    )
}

/// A character inside a text of CSS: nothing ends the text, or the element that the style stands in.
fn in_css(c: char) -> String {
    match crate::format::shown(c) {
        c if c.is_alphanumeric() || " -–.,".contains(c) => c.to_string(),
        c => format!("\\{:06x}", u32::from(c)),
    }
}
