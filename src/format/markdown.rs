//! A Markdown table, as GitHub and most wikis read it.

use std::io::{self, BufWriter, Write};

use crate::format::{Format, Layout, plain, visible};
use crate::query::{Column, Value};

struct Markdown<'w> {
    out: BufWriter<Box<dyn Write + 'w>>,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, _: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Markdown {
        out: BufWriter::new(out),
    })
}

impl Format for Markdown<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        self.line(columns.iter().map(|column| escaped(&column.name)))?;
        self.line(columns.iter().map(|_| "---".to_owned()))
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        self.line(row.iter().map(|value| escaped(&plain(value))))
    }

    fn end(&mut self, remarks: &[String]) -> io::Result<()> {
        if !remarks.is_empty() {
            let lines: Vec<String> = remarks.iter().map(|remark| escaped(remark)).collect();
            write!(self.out, "\n{}\n", lines.join("<br>\n"))?;
        }
        self.out.flush()
    }
}

impl Markdown<'_> {
    fn line(&mut self, cells: impl Iterator<Item = String>) -> io::Result<()> {
        self.out.write_all(b"|")?;
        for cell in cells {
            write!(self.out, " {cell} |")?;
        }
        self.out.write_all(b"\n")
    }
}

/// Nothing in a cell ends it, breaks its line, or is read as HTML.
pub fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('|', "\\|");
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let lines: Vec<_> = text.lines().map(visible).collect();
    let ended = if text.ends_with('\n') { "<br>" } else { "" };
    lines.join("<br>") + ended
}
