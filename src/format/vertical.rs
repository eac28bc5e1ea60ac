//! A table turned on its side: a line for each field, for rows that are wider than any screen.

use std::io::{self, BufWriter, Write};

use tabled::grid::util::string::get_line_width;

use crate::format::style::{Null, Style};
use crate::format::{Format, Layout, visible};
use crate::query::{Column, Value};

struct Vertical<'w> {
    out: BufWriter<Box<dyn Write + 'w>>,
    style: Style,
    names: Vec<String>,
    rows: u64,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, layout: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Vertical {
        out: BufWriter::new(out),
        style: layout.style,
        names: Vec::new(),
        rows: 0,
    })
}

impl Format for Vertical<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        let names = columns
            .iter()
            .map(|column| visible(&column.name).into_owned());
        self.names = names.collect();
        Ok(())
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        self.rows += 1;
        writeln!(self.out, "─── {} ───", self.rows)?;
        let widest = self.names.iter().map(|name| get_line_width(name)).max();
        let widest = widest.unwrap_or_default();
        for (name, value) in self.names.iter().zip(row) {
            let blank = widest - get_line_width(name);
            let text = self.style.text(name, value);
            // A text's own lines stay lines, beneath one another.
            let lines: Vec<_> = text.split('\n').map(visible).collect();
            let text = lines.join(&format!("\n{:1$}", "", widest + BETWEEN.len()));
            let text = match (value, self.style.null) {
                (Value::Null, Null::Faint) => format!("\x1b[2m{text}\x1b[0m"),
                _ => text,
            };
            let line = format!("{name}{:blank$}{BETWEEN}{text}", "");
            writeln!(self.out, "{}", line.trim_end_matches(' '))?;
        }
        Ok(())
    }

    fn end(&mut self, remarks: &[String]) -> io::Result<()> {
        if !remarks.is_empty() {
            self.out.write_all(b"\n")?;
        }
        for remark in remarks {
            writeln!(self.out, "{}", visible(remark))?;
        }
        self.out.flush()
    }
}

const BETWEEN: &str = "  ";
