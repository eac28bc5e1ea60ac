//! The forms of a report, a file each, and what they have in common.

use std::io::{self, Seek, Write};

use sha2::{Digest, Sha256};

use crate::report::answer::hex;
use crate::report::evidence::Asked;
use crate::report::selection::{FROM, TO};
use crate::report::verify::cells;
use crate::report::verify::document::differing;
use crate::report::{Report, html, markdown, xlsx};

/// A form of report by its name.
pub struct Form {
    /// Its name: `html`.
    pub name: &'static str,
    /// The ending of its files.
    pub ending: &'static str,
    /// One line on what it is.
    pub about: &'static str,
    /// Writes a report, and tells where its parts begin.
    pub(super) write: fn(&mut Report, &mut dyn Sink) -> io::Result<Vec<Part>>,
    /// What a file of this form begins with.
    pub(super) magic: &'static [u8],
    /// The JSON of the evidence in a file, and how many bytes stand before it.
    pub(super) evidence: fn(&[u8]) -> Option<(String, usize)>,
    /// Where a file differs from the same report written anew, but for answers that are not
    /// comparable.
    pub(super) differing: Compare,
}

/// Compares a file with the same report written anew, of which the parts are known and which
/// answers are comparable.
type Compare = fn(&[u8], &[u8], &[Part], &[bool]) -> Vec<String>;

/// Every form there is, the default first.
pub const FORMS: &[Form] = &[
    Form {
        name: "html",
        ending: "html",
        about: "one page that needs nothing else, to send and to print",
        write: html::write,
        magic: html::MAGIC,
        evidence: html::evidence,
        differing: |file, anew, parts, comparable| {
            differing(file, anew, parts, comparable, html::evidence)
        },
    },
    Form {
        name: "markdown",
        ending: "md",
        about: "for wikis and issues",
        write: markdown::write,
        magic: markdown::MAGIC,
        evidence: markdown::evidence,
        differing: |file, anew, parts, comparable| {
            differing(file, anew, parts, comparable, markdown::evidence)
        },
    },
    Form {
        name: "xlsx",
        ending: "xlsx",
        about: "a workbook for Excel, a sheet for each answer",
        write: xlsx::write,
        magic: xlsx::MAGIC,
        evidence: xlsx::evidence,
        differing: cells::differing,
    },
];

/// Where a report is written to.
pub trait Sink: Write + Seek + Send {}

impl<W: Write + Seek + Send> Sink for W {}

/// The form of that name.
pub fn find(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}

impl Form {
    /// Writes a report.
    ///
    /// # Errors
    /// It cannot be written, or an answer cannot be read back from disk.
    pub fn write(&self, report: &mut Report, out: &mut dyn Sink) -> io::Result<()> {
        (self.write)(report, out).map(drop)
    }

    /// Whether it is no text.
    pub fn is_binary(&self) -> bool {
        self.magic.starts_with(b"PK")
    }
}

/// A part of a report's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// What it is called in messages.
    pub(super) name: String,
    /// The answer that is in it, if one is.
    pub(super) answer: Option<usize>,
    /// Its first byte.
    pub(super) from: u64,
}

/// Writes text, part by part, and keeps the SHA-256 of all of it.
pub(super) struct Pages<'w> {
    out: io::BufWriter<&'w mut dyn Sink>,
    digest: Sha256,
    written: u64,
    parts: Vec<Part>,
}

impl<'w> Pages<'w> {
    pub(super) fn new(out: &'w mut dyn Sink) -> Pages<'w> {
        Pages {
            out: io::BufWriter::new(out),
            digest: Sha256::new(),
            written: 0,
            parts: Vec::new(),
        }
    }

    /// A part begins here.
    pub(super) fn begin(&mut self, name: &str, answer: Option<usize>) {
        self.parts.push(Part {
            name: name.to_owned(),
            answer,
            from: self.written,
        });
    }

    /// SHA-256 of all that is written so far, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex(&self.digest.clone().finalize())
    }

    /// All is written; where its parts begin.
    pub(super) fn end(mut self) -> io::Result<Vec<Part>> {
        self.out.flush()?;
        Ok(self.parts)
    }
}

impl Write for Pages<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.digest.update(bytes);
        self.written += u64::try_from(bytes.len()).unwrap_or_default();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Most rows of an answer that stand in a report for people; its SHA-256 is of all.
pub(super) const ROWS_MAX: u64 = 10_000;

/// What to say of rows that are not shown.
pub(super) struct More {
    /// How many there are.
    pub(super) told: String,
    /// What gives all of them.
    pub(super) command: String,
}

/// What to say where not all rows are shown.
pub(super) fn more(asked: &Asked) -> Option<More> {
    let more = asked
        .answer
        .rows
        .checked_sub(ROWS_MAX)
        .filter(|more| *more > 0)?;
    let mut command = format!("trailkeep query {}", quoted(&asked.name));
    for (name, value) in &asked.parameters {
        if !value.is_null() {
            let pair = format!("{name}={}", plain(value));
            command.push_str(&format!(" -p {}", quoted(&pair)));
        }
    }
    command.push_str(&format!(" --to {}", quoted(&format!("{}.csv", asked.name))));
    Some(More {
        told: format!("{more} more rows are part of the answer and not shown here. All of them:"),
        command,
    })
}

/// The parameters of a query as text, but for those that are told as its time.
pub(super) fn parameters(asked: &Asked) -> Vec<(String, String)> {
    let bounds = [asked.span.from, asked.span.to];
    let bounds = bounds.map(|bound| bound.map(|moment| moment.to_string()));
    let told = |name: &str, value: &str| {
        let [from, to] = &bounds;
        (FROM.contains(&name) && from.as_deref() == Some(value))
            || (TO.contains(&name) && to.as_deref() == Some(value))
    };
    let parameters = asked.parameters.iter();
    let mut parameters: Vec<_> = parameters
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect();
    parameters.retain(|(name, value)| !told(name, value));
    parameters
}

/// Whether a text is a moment of the form that views have.
pub(super) fn is_time(text: &str) -> bool {
    let form = "0000-00-00T00:00:00.000Z";
    let is_alike = |(form, c): (char, char)| match form {
        '0' => c.is_ascii_digit(),
        other => other == c,
    };
    text.len() == form.len() && form.chars().zip(text.chars()).all(is_alike)
}

/// The JSON between two marks that stand in a file once, and how many bytes stand before it.
pub(super) fn between(file: &[u8], begin: &str, end: &str) -> Option<(String, usize)> {
    let from = memchr::memmem::rfind(file, begin.as_bytes())? + begin.len();
    let rest = file.get(from..)?;
    let json = rest.get(..memchr::memmem::find(rest, end.as_bytes())?)?;
    Some((String::from_utf8(json.to_vec()).ok()?, from))
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=%@,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests;
