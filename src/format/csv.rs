//! CSV as RFC 4180 has it, but for lines that end as they do on Unix. Null is an empty field.

use std::io::{self, Write};

use crate::format::{Format, Layout, plain};
use crate::query::{Column, Value};

struct Csv<'w> {
    out: csv::Writer<Box<dyn Write + 'w>>,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, _: Layout) -> Box<dyn Format + 'w> {
    Box::new(Csv {
        out: csv::Writer::from_writer(out),
    })
}

impl Format for Csv<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        Ok(self
            .out
            .write_record(columns.iter().map(|column| &column.name))?)
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        Ok(self
            .out
            .write_record(row.iter().map(|value| plain(value).into_owned()))?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
