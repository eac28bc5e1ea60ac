//! Tables of cells between delimiters, read with the exact bytes of every record kept.
//!
//! RFC 4180 and its everyday relatives: any of four delimiters, any line end, doubled quotes,
//! line ends inside of quotes, rows that are too short or too long, lines before the header.
//! A quote counts at the beginning of a cell only, as in the `csv` crate.

use std::io::BufRead;

use encoding_rs::WINDOWS_1252;

use crate::event::{Reject, Span, Text};
use crate::record::lookahead::Lookahead;
use crate::record::rows::{Cell, Row, Rows};
use crate::record::{COLUMNS_MAX, RECORD_BYTES_MAX, RecordError};

/// A table, being read.
pub struct Table {
    source: Lookahead,
    delimiter: u8,
    header: Box<str>,
    columns: Vec<String>,
    header_columns: usize,
    line: u64,
}

impl Table {
    /// Finds the header: the first of the first ten lines in which two cells or more are `known`,
    /// else the first line. None where there is no line at all.
    ///
    /// # Errors
    /// The bytes cannot be had, or the header has no end or too many cells.
    pub fn open(
        mut source: Lookahead,
        known: impl Fn(&str) -> bool,
    ) -> Result<Option<Table>, RecordError> {
        let (delimiter, preamble) = layout(source.look(HEAD_BYTES)?, known);
        let mut table = Table::headless(source, delimiter);
        for _ in 0..preamble {
            table.record(&mut Rows::default())?;
        }
        let mut rows = Rows::default();
        let row = match table.record(&mut rows)? {
            None => return Ok(None),
            Some(Err(reject)) => return Err(RecordError::TooWide { line: reject.line }),
            Some(Ok(row)) => row,
        };
        let names = rows.cells(&row).iter().map(|cell| rows.text(cell));
        table.columns = distinct(names);
        table.header_columns = table.columns.len();
        let line = rows.bytes.get(row.raw.range()).unwrap_or_default();
        table.header = decoded(line).0.into_owned().into_boxed_str();
        Ok(Some(table))
    }

    /// The header line.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The columns' names, told apart where several are the same; those of cells beyond the
    /// header are added as such cells turn up.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// A page of rows; none after the last.
    ///
    /// # Errors
    /// The file is cut short or cannot be read.
    pub fn next_rows(&mut self) -> Result<Option<Rows>, RecordError> {
        let mut rows = Rows::default();
        while !rows.is_full() {
            match self.record(&mut rows)? {
                None => break,
                Some(Ok(row)) => rows.rows.push(row),
                Some(Err(reject)) => rows.rejects.push(reject),
            }
        }
        Ok((rows.received() > 0).then_some(rows))
    }

    /// A table whose header is not read yet.
    fn headless(source: Lookahead, delimiter: u8) -> Table {
        Table {
            source,
            delimiter,
            header: Box::default(),
            columns: Vec::new(),
            header_columns: 0,
            line: 0,
        }
    }

    /// Reads one record; its cells and bytes are added to `rows`. Blank lines are passed over,
    /// and a record with too many cells is none.
    fn record(&mut self, rows: &mut Rows) -> Result<Option<Result<Row, Reject>>, RecordError> {
        let (start, first, mut end) = loop {
            let start = rows.bytes.len();
            let Some(end) = read_line(&mut self.source, &mut rows.bytes, self.line + 1)? else {
                return Ok(None);
            };
            self.line += 1;
            if !rows
                .bytes
                .get(start..end)
                .unwrap_or_default()
                .trim_ascii()
                .is_empty()
            {
                break (start, self.line, end);
            }
            rows.bytes.truncate(start);
        };
        let mut cutter = Cutter {
            delimiter: self.delimiter,
            at: start,
            quoted: None,
            cells: Vec::new(),
        };
        while cutter.advance(&rows.bytes, end).is_none() {
            if rows.bytes.len() - start > RECORD_BYTES_MAX {
                return Err(RecordError::Endless { line: first });
            }
            end = read_line(&mut self.source, &mut rows.bytes, first)?
                .ok_or(RecordError::QuoteCut { line: first })?;
            self.line += 1;
        }
        let (raw, line) = (Span::new(start, end), first);
        if cutter.cells.len() > COLUMNS_MAX {
            let reason = format!("more than {COLUMNS_MAX} cells");
            return Ok(Some(Err(Reject { raw, reason, line })));
        }
        let cells = self.keep_cells(&cutter.cells, rows);
        Ok(Some(Ok(Row { raw, line, cells })))
    }

    fn keep_cells(&mut self, cuts: &[Cut], rows: &mut Rows) -> std::ops::Range<usize> {
        let first = rows.cells.len();
        for (column, cut) in cuts.iter().enumerate() {
            if column >= self.columns.len() && self.header_columns > 0 {
                self.columns
                    .push(format!("_overflow_{}", column + 1 - self.header_columns));
            }
            let (text, foreign) = cut.text(&rows.bytes);
            rows.foreign_cells += u64::from(foreign);
            rows.cells.push(Cell {
                column,
                text,
                json: None,
            });
        }
        first..rows.cells.len()
    }
}

/// How far the header is looked for.
const HEAD_BYTES: usize = 64 << 10;
const HEAD_LINES: usize = 10;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter, and how many records stand before the header.
fn layout(head: &[u8], known: impl Fn(&str) -> bool) -> (u8, usize) {
    let records = DELIMITERS.map(|delimiter| (delimiter, first_records(head, delimiter)));
    let matches = |record: &Vec<String>| record.iter().filter(|name| known(name)).count();
    let mut best = (0, b',', 0);
    for (delimiter, records) in &records {
        let found = records
            .iter()
            .enumerate()
            .map(|(n, record)| (matches(record), n))
            .find(|(m, _)| *m >= 2);
        if let Some((matches, n)) = found.filter(|(matches, _)| *matches > best.0) {
            best = (matches, *delimiter, n);
        }
    }
    if best.0 > 0 {
        return (best.1, best.2);
    }
    let width = |records: &[Vec<String>]| records.first().map_or(0, Vec::len);
    let widest = records
        .iter()
        .rev()
        .max_by_key(|(_, records)| width(records));
    (widest.map_or(b',', |(delimiter, _)| *delimiter), 0)
}

/// The cells of the first records, as far as they lie in `head` whole.
fn first_records(head: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let source = Lookahead::new(Box::new(std::io::Cursor::new(head.to_vec())));
    let mut table = Table::headless(source, delimiter);
    let mut records = Vec::new();
    while records.len() < HEAD_LINES {
        let mut rows = Rows::default();
        let Ok(Some(record)) = table.record(&mut rows) else {
            break;
        };
        let cells = |row| {
            rows.cells(row)
                .iter()
                .map(|cell| rows.text(cell).to_owned())
        };
        records.push(match record {
            Ok(row) => cells(&row).collect(),
            // Wider than any table, whatever it says.
            Err(_) => vec![String::new(); COLUMNS_MAX],
        });
    }
    records
}

/// Names that differ: a second `Time` is `Time_2`, a nameless column is named by its place.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for (n, name) in names.enumerate() {
        let invisible = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
        let name = match name.trim_matches(invisible) {
            "" => format!("column_{}", n + 1),
            name => name.to_owned(),
        };
        let mut candidate = name.clone();
        let mut count = 1;
        while columns.contains(&candidate) {
            count += 1;
            candidate = format!("{name}_{count}");
        }
        columns.push(candidate);
    }
    columns
}

/// Appends one line with its end, be it LF, CRLF or CR; where the line ends without it.
fn read_line(
    source: &mut Lookahead,
    into: &mut Vec<u8>,
    line: u64,
) -> Result<Option<usize>, RecordError> {
    let start = into.len();
    loop {
        let ahead = source.fill_buf()?;
        if ahead.is_empty() {
            return Ok((into.len() > start).then_some(into.len()));
        }
        let found = memchr::memchr2(b'\n', b'\r', ahead);
        let count = found.map_or(ahead.len(), |at| at + 1);
        into.extend_from_slice(ahead.get(..count).unwrap_or_default());
        source.consume(count);
        if found.is_some() {
            break;
        }
        if into.len() - start > RECORD_BYTES_MAX {
            return Err(RecordError::Endless { line });
        }
    }
    let end = into.len() - 1;
    if into.last() == Some(&b'\r') && source.look(1)?.first() == Some(&b'\n') {
        into.push(b'\n');
        source.consume(1);
    }
    Ok(Some(end))
}

/// Cuts a record into cells, line by line as its lines come in.
struct Cutter {
    delimiter: u8,
    at: usize,
    quoted: Option<Quoted>,
    cells: Vec<Cut>,
}

/// A quoted cell whose end is not in sight.
struct Quoted {
    start: usize,
    doubled: bool,
}

/// Where a cell lies, and what has to be undone to read it.
#[derive(Debug, Clone, Copy)]
struct Cut {
    start: usize,
    /// End of what was quoted, or of the cell.
    end: usize,
    /// End of what follows the closing quote, beyond that quote.
    tail: Option<usize>,
    doubled: bool,
}

impl Cutter {
    /// Goes on up to `end`, the end of a line; none where a quoted cell goes on after it.
    fn advance(&mut self, bytes: &[u8], end: usize) -> Option<()> {
        loop {
            if self.quoted.is_none() && bytes.get(self.at) == Some(&b'"') && self.at < end {
                self.quoted = Some(Quoted {
                    start: self.at + 1,
                    doubled: false,
                });
                self.at += 1;
            }
            let (cut, next) = match self.quoted.take() {
                Some(quoted) => self.quoted_cell(bytes, end, quoted)?,
                None => self.plain_cell(bytes, end),
            };
            self.cells.push(cut);
            if next > end {
                return Some(());
            }
            self.at = next;
        }
    }

    fn plain_cell(&self, bytes: &[u8], end: usize) -> (Cut, usize) {
        let close = self.delimiter_after(bytes, self.at, end);
        (
            Cut {
                start: self.at,
                end: close,
                tail: None,
                doubled: false,
            },
            close + 1,
        )
    }

    fn quoted_cell(
        &mut self,
        bytes: &[u8],
        end: usize,
        mut quoted: Quoted,
    ) -> Option<(Cut, usize)> {
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'"', rest) else {
                self.at = bytes.len();
                self.quoted = Some(quoted);
                return None;
            };
            let quote = self.at + found;
            if bytes.get(quote + 1) == Some(&b'"') {
                quoted.doubled = true;
                self.at = quote + 2;
                continue;
            }
            let close = self.delimiter_after(bytes, quote + 1, end);
            let tail = (close > quote + 1).then_some(close);
            let cut = Cut {
                start: quoted.start,
                end: quote,
                tail,
                doubled: quoted.doubled,
            };
            return Some((cut, close + 1));
        }
    }

    fn delimiter_after(&self, bytes: &[u8], from: usize, end: usize) -> usize {
        let rest = bytes.get(from..end).unwrap_or_default();
        memchr::memchr(self.delimiter, rest).map_or(end, |found| from + found)
    }
}

impl Cut {
    /// The text of the cell, and whether it had to be taken for Windows-1252.
    fn text(self, bytes: &[u8]) -> (Text, bool) {
        let content = bytes.get(self.start..self.end).unwrap_or_default();
        if !self.doubled && self.tail.is_none() && std::str::from_utf8(content).is_ok() {
            return (Text::In(Span::new(self.start, self.end)), false);
        }
        let tail = self
            .tail
            .and_then(|tail| bytes.get(self.end + 1..tail))
            .unwrap_or_default();
        let (content, foreign) = decoded(content);
        let content = if self.doubled {
            content.replace("\"\"", "\"")
        } else {
            content.into_owned()
        };
        let (tail, foreign_tail) = decoded(tail);
        (Text::from(content + &tail), foreign || foreign_tail)
    }
}

/// UTF-8, or else Windows-1252, the likeliest other encoding of spreadsheets; and whether so.
fn decoded(bytes: &[u8]) -> (std::borrow::Cow<'_, str>, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), false),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(bytes).0, true),
    }
}

#[cfg(test)]
mod tests;
