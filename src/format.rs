//! Rows to bytes. A format knows neither where the rows come from nor where the bytes go;
//! [`FORMATS`] has one line for each.

mod csv;
pub(crate) mod html;
mod json;
mod jsonl;
mod markdown;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod vertical;

use std::borrow::Cow;
use std::io::{self, Write};

pub use self::html::escaped as html_text;
pub use self::markdown::escaped as markdown_text;
pub use self::style::{Null, Style};
use crate::query::{Column, Value, literal};

/// Writes the rows of one answer, one at a time.
pub trait Format {
    /// Before the first row.
    ///
    /// # Errors
    /// The bytes cannot be written.
    fn begin(&mut self, columns: &[Column]) -> io::Result<()>;

    /// One row, with a value for each column.
    ///
    /// # Errors
    /// The bytes cannot be written.
    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()>;

    /// After the last row; everything is written when this returns. What is to be remarked on the
    /// rows, line by line, stands after them in a format that has room for it.
    ///
    /// # Errors
    /// The bytes cannot be written.
    fn end(&mut self, remarks: &[String]) -> io::Result<()>;
}

/// A format by its name.
pub struct FormatKind {
    /// Its name: `json`.
    pub name: &'static str,
    /// One line on what it is.
    pub about: &'static str,
    /// Whether it has room for remarks after the rows; one that only programs read has none.
    pub remarks: bool,
    /// Begins an answer in this format.
    pub open: for<'w> fn(Box<dyn Write + 'w>, Layout<'w>) -> Box<dyn Format + 'w>,
}

/// What a format for people knows besides the rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout<'a> {
    /// What was asked, in a line; empty where nobody said.
    pub title: &'a str,
    /// Columns of the terminal; none where the answer goes elsewhere and need not fit.
    pub width: Option<usize>,
    /// What the user wants of it.
    pub style: Style,
}

/// Every format there is, the default first.
pub const FORMATS: &[FormatKind] = &[
    FormatKind {
        name: "table",
        about: "columns that fit the terminal",
        remarks: true,
        open: |out, layout| match layout.style.vertical {
            true => vertical::open(out, layout),
            false => table::open(out, layout),
        },
    },
    FormatKind {
        name: "csv",
        about: "RFC 4180, a header first; null is empty",
        remarks: false,
        open: csv::open,
    },
    FormatKind {
        name: "json",
        about: "one array with an object for each row",
        remarks: false,
        open: json::open,
    },
    FormatKind {
        name: "jsonl",
        about: "an object a line",
        remarks: false,
        open: jsonl::open,
    },
    FormatKind {
        name: "markdown",
        about: "a table for issues and wikis",
        remarks: true,
        open: markdown::open,
    },
    FormatKind {
        name: "html",
        about: "one page, to attach or print",
        remarks: true,
        open: html::open,
    },
];

/// The format of that name.
pub fn find(name: &str) -> Option<&'static FormatKind> {
    FORMATS.iter().find(|format| format.name == name)
}

/// A value as text: nothing for null, a blob as SQL writes it.
pub fn plain<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        // With a point or an exponent, so that it still reads as what it is.
        Value::Real(number) => Cow::Owned(format!("{number:?}")),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Blob(bytes) => Cow::Owned(literal(bytes)),
    }
}

/// The text with everything made visible that a terminal would obey instead of show: whoever
/// names a file must not be able to recolour, reorder or erase what an auditor sees.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| shown(c) == c) {
        return Cow::Borrowed(text);
    }
    text.chars().map(shown).collect()
}

/// A character, or what shows in its place where a terminal would obey it.
pub(crate) fn shown(c: char) -> char {
    match c {
        // Unicode has a picture for each of the ASCII controls, in their order.
        '\0'..='\x1f' => {
            char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        '\x7f' => '␡',
        // C1 controls; line and paragraph separators; marks that turn the direction of text.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}
