//! An answer: its rows, kept on disk where they are many, and the SHA-256 by which to know it again.
//!
//! **Canonical form.** A line with the names of the columns, then a line for each row, each a JSON
//! array without blanks, each ended by a line feed. A text is a JSON string with only `"`, `\` and
//! controls escaped, a number a JSON number, nothing `null`; bytes are `{"blob":"00ff"}`, an infinite
//! number `{"real":"inf"}`.

use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use crate::query::Value;

/// An answer as a whole: what evidence says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Digests {
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 of its canonical form, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of the line of the columns and then the SHA-256s of the lines of its rows, sorted: the
    /// same for equal rows in another order. None for an answer of more than a million rows.
    pub unordered_sha256: Option<String>,
}

/// The rows of an answer.
#[derive(Debug)]
pub struct Answer {
    /// Its columns.
    pub columns: Vec<String>,
    /// What is known of it as a whole.
    pub digests: Digests,
    spool: SpooledTempFile,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// An answer in the making.
pub(super) struct Writer {
    columns: Vec<String>,
    heading: String,
    spool: SpooledTempFile,
    ordered: Sha256,
    lines: Option<Vec<[u8; 32]>>,
    rows: u64,
}

/// The rows of an answer, one at a time.
pub struct Rows<'a> {
    spool: BufReader<&'a mut SpooledTempFile>,
    line: String,
}

/// Most bytes of an answer in memory, and most rows of which each one's SHA-256 is held there.
const MEMORY_MAX: usize = 1 << 20;
const LINES_MAX: usize = 1_000_000;

impl Writer {
    /// Begins an answer with these columns.
    pub(super) fn new(columns: Vec<String>) -> Writer {
        let names = columns.iter().map(|name| Value::Text(name.into()));
        let mut heading = String::new();
        write_line(&mut heading, names);
        let mut ordered = Sha256::new();
        ordered.update(&heading);
        Writer {
            columns,
            heading,
            spool: SpooledTempFile::new(MEMORY_MAX),
            ordered,
            lines: Some(Vec::new()),
            rows: 0,
        }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// There is no room for it on disk.
    pub(super) fn row(&mut self, row: Vec<Value<'_>>) -> io::Result<()> {
        let mut line = String::new();
        write_line(&mut line, row.into_iter());
        self.ordered.update(&line);
        if let Some(lines) = &mut self.lines {
            lines.push(Sha256::digest(&line).into());
            if lines.len() > LINES_MAX {
                self.lines = None;
            }
        }
        self.rows += 1;
        self.spool.write_all(line.as_bytes())
    }

    /// The whole of it.
    pub(super) fn end(self) -> Answer {
        let unordered = self.lines.map(|mut lines| {
            lines.sort_unstable();
            let mut digest = Sha256::new();
            digest.update(self.heading);
            lines.iter().for_each(|line| digest.update(line));
            hex(&digest.finalize())
        });
        Answer {
            columns: self.columns,
            digests: Digests {
                rows: self.rows,
                sha256: hex(&self.ordered.finalize()),
                unordered_sha256: unordered,
            },
            spool: self.spool,
        }
    }
}

impl Answer {
    /// Its rows, from the first one on.
    ///
    /// # Errors
    /// They cannot be read back from disk.
    pub fn rows(&mut self) -> io::Result<Rows<'_>> {
        self.spool.seek(SeekFrom::Start(0))?;
        Ok(Rows {
            spool: BufReader::new(&mut self.spool),
            line: String::new(),
        })
    }
}

impl Rows<'_> {
    /// The next row, as long as there is one.
    ///
    /// # Errors
    /// It cannot be read back from disk.
    #[expect(
        clippy::should_implement_trait,
        reason = "as with `query::Rows`, a row or an error is one step"
    )]
    pub fn next(&mut self) -> io::Result<Option<Vec<Cell>>> {
        self.line.clear();
        if self.spool.read_line(&mut self.line)? == 0 {
            return Ok(None);
        }
        let cells: Vec<&RawValue> = serde_json::from_str(&self.line)?;
        cells
            .into_iter()
            .map(Cell::read)
            .collect::<io::Result<_>>()
            .map(Some)
    }
}

impl Cell {
    /// The same as a query gives it.
    pub fn value(&self) -> Value<'_> {
        match self {
            Cell::Null => Value::Null,
            Cell::Integer(number) => Value::Integer(*number),
            Cell::Real(number) => Value::Real(*number),
            Cell::Text(text) => Value::Text(text.into()),
            Cell::Blob(bytes) => Value::Blob(bytes),
        }
    }

    /// From its canonical form. A number is read by Rust, which gives back each one exactly.
    fn read(json: &RawValue) -> io::Result<Cell> {
        let json = json.get();
        let odd = || io::Error::other(format!("`{json}` is no value of an answer"));
        let real = |text: &str| text.parse().map(Cell::Real).map_err(|_| odd());
        match json.as_bytes().first() {
            Some(b'n') => Ok(Cell::Null),
            Some(b'"') => Ok(Cell::Text(serde_json::from_str(json)?)),
            Some(b'{') => match serde_json::from_str(json)? {
                Odd::Blob(hex) => unhex(&hex).map(Cell::Blob).ok_or_else(odd),
                Odd::Real(text) => real(&text),
            },
            _ if json.contains(['.', 'e']) => real(json),
            _ => json.parse().map(Cell::Integer).map_err(|_| odd()),
        }
    }
}

/// What JSON has no form for.
#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Odd {
    Blob(String),
    Real(String),
}

fn write_line<'v>(line: &mut String, values: impl Iterator<Item = Value<'v>>) {
    line.push('[');
    for (at, value) in values.enumerate() {
        if at > 0 {
            line.push(',');
        }
        line.push_str(&canonical(&value));
    }
    line.push_str("]\n");
}

/// The canonical form of a value.
pub(super) fn canonical(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) if number.is_finite() => format!("{number:?}"),
        Value::Real(number) => format!("{{\"real\":\"{number:?}\"}}"),
        Value::Text(text) => serde_json::Value::from(text.as_ref()).to_string(),
        Value::Blob(bytes) => format!("{{\"blob\":\"{}\"}}", hex(bytes)),
    }
}

/// SHA-256 of a text, in hexadecimal.
pub(super) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[Vec<Value<'_>>]) -> Answer {
        let mut writer = Writer::new(vec!["a".to_owned(), "b\"".to_owned()]);
        for row in rows {
            writer.row(row.clone()).unwrap();
        }
        writer.end()
    }

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    #[test]
    fn the_canonical_form_is_what_it_is_said_to_be() {
        let row = vec![text("é \"\\\n\u{7}<"), Value::Blob(&[0, 255])];
        let other = vec![Value::Null, Value::Real(1.0)];
        let answer = answer(&[row, other]);
        let lines =
            "[\"a\",\"b\\\"\"]\n[\"é \\\"\\\\\\n\\u0007<\",{\"blob\":\"00ff\"}]\n[null,1.0]\n";
        assert_eq!(answer.digests.sha256, hex(&Sha256::digest(lines)));
        assert_eq!(answer.digests.rows, 2);
    }

    #[test]
    fn rows_come_back_as_they_went_in() {
        let values = [
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Integer(i64::MAX),
            Value::Real(0.1 + 0.2),
            Value::Real(-0.0),
            Value::Real(1e300),
            Value::Real(5e-324),
            Value::Real(f64::INFINITY),
            Value::Real(f64::NEG_INFINITY),
            text(""),
            text("null"),
            text("1\n\u{2028}\0"),
            Value::Blob(&[]),
            Value::Blob(&[0, 15, 240]),
        ];
        // So many that they are on disk.
        let times = 10_000;
        let rows: Vec<_> = (0..times).map(|_| values.to_vec()).collect();
        let mut answer = answer(&rows);
        for _ in 0..2 {
            let mut rows = answer.rows().unwrap();
            let mut count = 0;
            while let Some(row) = rows.next().unwrap() {
                let back: Vec<Value<'_>> = row.iter().map(Cell::value).collect();
                assert_eq!(format!("{back:?}"), format!("{values:?}"));
                count += 1;
            }
            assert_eq!(count, times);
        }
    }

    #[test]
    fn another_order_is_another_answer_of_the_same_rows() {
        let rows = [1, 2, 2, 3].map(|n| vec![Value::Integer(n), Value::Null]);
        let [one, two, three, four] = rows.clone();
        let digests = |rows: &[Vec<Value<'_>>]| answer(rows).digests;
        let as_is = digests(&rows);
        let turned = digests(&[four.clone(), two.clone(), one.clone(), three]);
        assert_ne!(as_is.sha256, turned.sha256);
        assert_eq!(as_is.unordered_sha256, turned.unordered_sha256);
        let fewer = digests(&[four, two, one]);
        assert_ne!(as_is.unordered_sha256, fewer.unordered_sha256);
    }
}
