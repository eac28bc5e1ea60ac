//! CSV as RFC 4180 has it, but for lines that end as they do on Unix. Null is an empty field. On
//! request no text is such as a spreadsheet would take for a formula.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::format::{Format, Layout, plain};
use crate::query::{Column, Value};

struct Csv<'w> {
    out: csv::Writer<Box<dyn Write + 'w>>,
    safe: bool,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, layout: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Csv {
        out: csv::Writer::from_writer(out),
        safe: layout.style.safe,
    })
}

impl Format for Csv<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        let safe = self.safe;
        let names = columns
            .iter()
            .map(|column| guarded(&column.name, safe).into_owned());
        self.out.write_record(names).map_err(written)
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        let safe = self.safe;
        let values = row.iter().map(|value| match value {
            Value::Text(text) => guarded(text, safe).into_owned(),
            value => plain(value).into_owned(),
        });
        self.out.write_record(values).map_err(written)
    }

    fn end(&mut self, _: &[String]) -> io::Result<()> {
        self.out.flush()
    }
}

/// What spreadsheets begin a formula with, or skip before one; the last four are as wide as in
/// Chinese text, and read as the others by some.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text that no spreadsheet computes, where that is wanted: an apostrophe says that it is one.
fn guarded(text: &str, safe: bool) -> Cow<'_, str> {
    if safe && text.starts_with(FORMULAS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The error of whoever takes the bytes as it was: a closed pipe is to be known as one.
fn written(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
