//! The rows of an export, whether it is CSV or JSON.

use std::str;

use crate::event::{Reject, Text};
use crate::record::container::{Contents, Format};
use crate::record::csv::Table;
use crate::record::json::{Batch, Records};
use crate::record::rows::{Cell, Row, Rows};
use crate::record::{COLUMNS_MAX, RecordError, alias, member};

/// An export as rows.
pub(super) enum Input {
    /// Not a single line.
    Nothing,
    /// CSV.
    Table(Table),
    /// Flat JSON objects.
    Objects(Objects),
}

/// JSON objects as rows of one table, whose columns are all names that were met.
pub(super) struct Objects {
    records: Records,
    columns: Vec<String>,
}

impl Input {
    pub(super) fn open(contents: Contents) -> Result<Input, RecordError> {
        Ok(match contents.format {
            Format::Empty => Input::Nothing,
            Format::Json => Input::Objects(Objects {
                records: Records::open(contents.text)?,
                columns: Vec::new(),
            }),
            Format::Csv => {
                Table::open(contents.text, alias::is_known)?.map_or(Input::Nothing, Input::Table)
            }
        })
    }

    /// A page of rows; none after the last.
    pub(super) fn next_rows(&mut self) -> Result<Option<Rows>, RecordError> {
        match self {
            Input::Nothing => Ok(None),
            Input::Table(table) => table.next_rows(),
            Input::Objects(objects) => {
                let batch = objects.records.next_batch()?;
                Ok(batch.map(|batch| objects.rows(batch)))
            }
        }
    }

    /// Names of the columns met so far.
    pub(super) fn columns(&self) -> &[String] {
        match self {
            Input::Nothing => &[],
            Input::Table(table) => table.columns(),
            Input::Objects(objects) => &objects.columns,
        }
    }

    /// The header line, where there is one.
    pub(super) fn header(&self) -> Option<&str> {
        match self {
            Input::Table(table) => Some(table.header()),
            Input::Nothing | Input::Objects(_) => None,
        }
    }
}

impl Objects {
    fn rows(&mut self, batch: Batch) -> Rows {
        let mut rows = Rows::default();
        for (raw, line) in batch.records {
            let record = batch.bytes.get(raw.range()).unwrap_or_default();
            let first = rows.cells.len();
            match self.cells(&batch.bytes, record, &mut rows.cells) {
                Ok(()) => rows.rows.push(Row {
                    raw,
                    line,
                    cells: first..rows.cells.len(),
                }),
                Err(reason) => {
                    rows.cells.truncate(first);
                    rows.rejects.push(Reject { raw, reason, line });
                }
            }
        }
        rows.bytes = batch.bytes;
        rows
    }

    fn cells(&mut self, bytes: &[u8], record: &[u8], cells: &mut Vec<Cell>) -> Result<(), String> {
        let json = str::from_utf8(record).map_err(|_| "no UTF-8".to_owned())?;
        let first = cells.len();
        let mut fits = true;
        member::members(json, |name, raw| {
            let row = cells.get(first..).unwrap_or_default();
            let Some(column) = self.column(&name, row).filter(|_| fits) else {
                fits = false;
                return;
            };
            let text = Text::from_part(bytes, &member::text(raw).unwrap_or_default());
            cells.push(Cell {
                column,
                text,
                json: Some(Text::from_part(bytes, raw)),
            });
        })
        .map_err(|error| member::fault(&error))?;
        if fits {
            Ok(())
        } else {
            Err(format!("more than {COLUMNS_MAX} names of members"))
        }
    }

    /// The column of that name; another where the row has a cell in it already; none where there
    /// are too many columns to add one.
    fn column(&mut self, name: &str, row: &[Cell]) -> Option<usize> {
        let taken = |column: usize| row.iter().any(|cell| cell.column == column);
        let mut wanted = name.to_owned();
        let mut count = 1;
        loop {
            match self.columns.iter().position(|known| *known == wanted) {
                Some(column) if !taken(column) => return Some(column),
                None if self.columns.len() >= COLUMNS_MAX => return None,
                None => {
                    self.columns.push(wanted);
                    return Some(self.columns.len() - 1);
                }
                Some(_) => {
                    count += 1;
                    wanted = format!("{name}_{count}");
                }
            }
        }
    }
}
