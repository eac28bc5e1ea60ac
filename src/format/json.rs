//! JSON: one array of objects, written as the rows come.

use std::io::{self, BufWriter, Write};

use crate::format::{Format, Layout, plain};
use crate::query::{Column, Value};

struct Json<'w> {
    out: BufWriter<Box<dyn Write + 'w>>,
    names: Vec<String>,
    begun: bool,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, _: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Json {
        out: BufWriter::new(out),
        names: Vec::new(),
        begun: false,
    })
}

impl Format for Json<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        self.names = names(columns);
        self.out.write_all(b"[")
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        self.out
            .write_all(if self.begun { b",\n" } else { b"\n" })?;
        self.begun = true;
        object(&mut self.out, &self.names, row)
    }

    fn end(&mut self, _: &[String]) -> io::Result<()> {
        self.out
            .write_all(if self.begun { b"\n]\n" } else { b"]\n" })?;
        self.out.flush()
    }
}

/// The members' names. An object has a name but once, so the second `time` is `time_2`.
pub(super) fn names(columns: &[Column]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.name.clone();
        let mut number = 1;
        while names.contains(&name) {
            number += 1;
            name = format!("{}_{number}", column.name);
        }
        names.push(name);
    }
    names
}

/// One row as an object. JSON has no infinity: it becomes null.
pub(super) fn object(out: &mut dyn Write, names: &[String], row: &[Value<'_>]) -> io::Result<()> {
    for (index, (name, value)) in names.iter().zip(row).enumerate() {
        out.write_all(if index == 0 { b"{" } else { b"," })?;
        serde_json::to_writer(&mut *out, name)?;
        out.write_all(b":")?;
        match value {
            Value::Null => out.write_all(b"null")?,
            Value::Integer(number) => write!(out, "{number}")?,
            Value::Real(number) => serde_json::to_writer(&mut *out, number)?,
            Value::Text(_) | Value::Blob(_) => serde_json::to_writer(&mut *out, &*plain(value))?,
        }
    }
    out.write_all(b"}")
}
