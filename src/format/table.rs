//! A table for people. The first rows settle how wide the columns are; from then on rows are
//! written as they come, so that an answer of any size takes the memory of a small one.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use tabled::grid::util::string::{get_char_width, get_line_width};

use crate::format::style::{Null, Style};
use crate::format::{Format, Layout, visible};
use crate::query::{Column, Value};

struct Table<'w> {
    out: BufWriter<Box<dyn Write + 'w>>,
    /// Columns of the terminal; every cell is in full where there is none.
    limit: Option<usize>,
    style: Style,
    columns: Vec<Measure>,
    /// The rows that settle the widths, until they do.
    waiting: Option<Vec<Vec<Cell>>>,
}

struct Measure {
    name: Cell,
    width: usize,
    /// Whether it has held numbers, and nothing else but null.
    numeric: Option<bool>,
}

#[derive(Clone)]
struct Cell {
    text: String,
    width: usize,
    faint: bool,
}

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, layout: Layout<'w>) -> Box<dyn Format + 'w> {
    let out = BufWriter::new(out);
    Box::new(Table {
        out,
        limit: layout.width,
        style: layout.style,
        columns: Vec::new(),
        waiting: Some(Vec::new()),
    })
}

impl Format for Table<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        let limit = self.limit;
        let measure = |column: &Column| {
            let name = Cell::new(&column.name, limit);
            Measure {
                width: name.width,
                name,
                numeric: None,
            }
        };
        self.columns = columns.iter().map(measure).collect();
        Ok(())
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        let cells = self.columns.iter().zip(row);
        let cells = cells.map(|(column, value)| column.cell(value, self.style, self.limit));
        let cells: Vec<Cell> = cells.collect();
        let Some(waiting) = &mut self.waiting else {
            return self.line(&cells);
        };
        for ((column, cell), value) in self.columns.iter_mut().zip(&cells).zip(row) {
            column.width = column.width.max(cell.width);
            if *value != Value::Null {
                let number = matches!(value, Value::Integer(_) | Value::Real(_));
                column.numeric = Some(number && column.numeric != Some(false));
            }
        }
        waiting.push(cells);
        if waiting.len() >= ROWS_THAT_SETTLE {
            self.settle()
        } else {
            Ok(())
        }
    }

    fn end(&mut self, remarks: &[String]) -> io::Result<()> {
        self.settle()?;
        if !remarks.is_empty() {
            self.out.write_all(b"\n")?;
        }
        for remark in remarks {
            writeln!(self.out, "{}", visible(remark))?;
        }
        self.out.flush()
    }
}

/// How many rows are looked at before the first is written.
const ROWS_THAT_SETTLE: usize = 1_000;
const BETWEEN: &str = "  ";
/// No column is made narrower than this to fit: `2026…` still says something.
const WIDTH_MIN: usize = 5;

impl Table<'_> {
    /// Fixes the widths, and writes the header and what has been waiting.
    fn settle(&mut self) -> io::Result<()> {
        let Some(waiting) = self.waiting.take() else {
            return Ok(());
        };
        self.fit();
        let names: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect();
        self.line(&names)?;
        let rules: Vec<String> = self
            .columns
            .iter()
            .map(|column| "─".repeat(column.width))
            .collect();
        writeln!(self.out, "{}", rules.join(BETWEEN))?;
        waiting.iter().try_for_each(|cells| self.line(cells))
    }

    /// Narrows the widest columns, as far as need be, to one width that lets all of them fit.
    fn fit(&mut self) {
        let Some(limit) = self.limit else {
            return;
        };
        let between = BETWEEN.len() * self.columns.len().saturating_sub(1);
        let room = limit.saturating_sub(between);
        let taken = |cap: usize| {
            self.columns
                .iter()
                .map(|column| column.width.min(cap))
                .sum::<usize>()
        };
        let cap = (WIDTH_MIN..=limit.max(WIDTH_MIN))
            .rev()
            .find(|&cap| taken(cap) <= room);
        let cap = cap.unwrap_or(WIDTH_MIN);
        // What rounding left over goes to the first columns that were narrowed.
        let mut spare = room.saturating_sub(taken(cap));
        for column in &mut self.columns {
            if column.width > cap {
                let wider = usize::from(spare > 0);
                spare -= wider;
                column.width = cap + wider;
            }
        }
    }

    fn line(&mut self, cells: &[Cell]) -> io::Result<()> {
        let last = cells.len().saturating_sub(1);
        for (index, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            let elided = self.limit.and_then(|_| cell.elided(column.width));
            let cell = elided.as_ref().unwrap_or(cell);
            let blank = column.width.saturating_sub(cell.width);
            let text = cell.painted();
            match (column.numeric, index == last) {
                (Some(true), _) => write!(self.out, "{:blank$}{text}", "")?,
                (_, false) => write!(self.out, "{text}{:blank$}", "")?,
                (_, true) => write!(self.out, "{text}")?,
            }
            if index != last {
                self.out.write_all(BETWEEN.as_bytes())?;
            }
        }
        self.out.write_all(b"\n")
    }
}

impl Measure {
    fn cell(&self, value: &Value<'_>, style: Style, limit: Option<usize>) -> Cell {
        let cell = Cell::new(&style.text(&self.name.text, value), limit);
        let faint = *value == Value::Null && style.null == Null::Faint;
        Cell { faint, ..cell }
    }
}

impl Cell {
    /// No cell is kept wider than the terminal, however long its text.
    fn new(text: &str, limit: Option<usize>) -> Cell {
        let text = visible(text);
        let cell = Cell {
            width: get_line_width(&text),
            text: text.into_owned(),
            faint: false,
        };
        limit.and_then(|limit| cell.elided(limit)).unwrap_or(cell)
    }

    /// The text as it is written; what is faint has no more width for it.
    fn painted(&self) -> Cow<'_, str> {
        if self.faint {
            Cow::Owned(format!("\x1b[2m{}\x1b[0m", self.text))
        } else {
            Cow::Borrowed(&self.text)
        }
    }

    /// The beginning of the text and `…`, where it is wider than that.
    fn elided(&self, width: usize) -> Option<Cell> {
        if self.width <= width {
            return None;
        }
        let mut taken = 0;
        let fits = |c: &char| {
            taken += get_char_width(*c);
            taken < width
        };
        let text: String = self.text.chars().take_while(fits).chain(['…']).collect();
        Some(Cell {
            width: get_line_width(&text),
            text,
            faint: self.faint,
        })
    }
}
