//! Records as rows of cells, whether they came as CSV or as flat JSON objects.

use std::ops::Range;

use crate::event::{Reject, Span, Text};
use crate::record::{PAGE_BYTES_MAX, PAGE_CELLS_MAX, PAGE_RECORDS_MAX};

/// Some rows of a table, and the bytes they stand in.
#[derive(Debug, Default)]
pub struct Rows {
    /// The bytes, as received.
    pub bytes: Vec<u8>,
    /// The rows in their order.
    pub rows: Vec<Row>,
    /// The cells of all rows, one after another.
    pub cells: Vec<Cell>,
    /// What is no row.
    pub rejects: Vec<Reject>,
    /// How many cells were no UTF-8.
    pub foreign_cells: u64,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The record, as received, without its line end.
    pub raw: Span,
    /// The line it begins in, counted from 1.
    pub line: u64,
    /// Its cells among [`Rows::cells`].
    pub cells: Range<usize>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its column, counted from 0.
    pub column: usize,
    /// Its text.
    pub text: Text,
    /// The JSON it was written as, if it was.
    pub json: Option<Text>,
}

impl Rows {
    /// How many records there are: rows or not.
    pub fn received(&self) -> usize {
        self.rows.len() + self.rejects.len()
    }

    /// Whether they are a page that takes no further record.
    pub fn is_full(&self) -> bool {
        self.received() >= PAGE_RECORDS_MAX
            || self.bytes.len() >= PAGE_BYTES_MAX
            || self.cells.len() >= PAGE_CELLS_MAX
    }

    /// The cells of a row.
    pub fn cells(&self, row: &Row) -> &[Cell] {
        self.cells.get(row.cells.clone()).unwrap_or_default()
    }

    /// The text of a cell.
    pub fn text<'a>(&'a self, cell: &'a Cell) -> &'a str {
        cell.text.within(&self.bytes)
    }

    /// The text of a row's cell in that column.
    pub fn value(&self, row: &Row, column: usize) -> Option<&str> {
        let cells = self.cells(row);
        // Rows of CSV have a cell for every column, so that the place is nearly always known.
        let near = cells.get(column).filter(|cell| cell.column == column);
        near.or_else(|| cells.iter().find(|cell| cell.column == column))
            .map(|cell| self.text(cell))
    }
}
