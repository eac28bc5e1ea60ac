//! CSV as RFC 4180 has it, but for lines that end as they do on Unix. Null is an empty field.

use std::io::{self, Write};

use crate::format::{Format, Layout, plain};
use crate::query::{Column, Value};

struct Csv<'w> {
    out: csv::Writer<Box<dyn Write + 'w>>,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, _: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Csv {
        out: csv::Writer::from_writer(out),
    })
}

impl Format for Csv<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        let names = columns.iter().map(|column| &column.name);
        self.out.write_record(names).map_err(written)
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        let values = row.iter().map(|value| plain(value).into_owned());
        self.out.write_record(values).map_err(written)
    }

    fn end(&mut self, _: &[String]) -> io::Result<()> {
        self.out.flush()
    }
}

/// The error of whoever takes the bytes as it was: a closed pipe is to be known as one.
fn written(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
