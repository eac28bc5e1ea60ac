//! JSON Lines: an object a line.

use std::io::{self, BufWriter, Write};

use crate::format::json::{names, object};
use crate::format::{Format, Layout};
use crate::query::{Column, Value};

struct Jsonl<'w> {
    out: BufWriter<Box<dyn Write + 'w>>,
    names: Vec<String>,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, _: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Jsonl {
        out: BufWriter::new(out),
        names: Vec::new(),
    })
}

impl Format for Jsonl<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        self.names = names(columns);
        Ok(())
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        object(&mut self.out, &self.names, row)?;
        self.out.write_all(b"\n")
    }

    fn end(&mut self, _: &[String]) -> io::Result<()> {
        self.out.flush()
    }
}
