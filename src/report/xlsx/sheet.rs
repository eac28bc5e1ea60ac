//! A sheet that is written row by row.

use std::io;

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::format::{plain, shown};
use crate::report::answer::Cell;

/// Most characters of a cell that are written; Excel has room for 32,767 UTF-16 units.
pub(super) const TEXT_MAX: usize = 15_000;

/// The greatest whole number that Excel keeps all digits of.
const EXACT_MAX: u64 = 1 << 53;

/// A sheet in the making.
pub(super) struct Sheet<'w> {
    sheet: &'w mut Worksheet,
    row: u32,
}

/// How texts look.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    /// As Excel writes.
    Plain,
    /// The first row.
    Title,
    /// Names of columns.
    Head,
    /// SQL and JSON.
    Code,
}

impl<'w> Sheet<'w> {
    pub(super) fn begin(sheet: &'w mut Worksheet, name: &str) -> io::Result<Sheet<'w>> {
        sheet.set_name(name).map_err(failed)?;
        sheet
            .set_landscape()
            .set_paper_size(9)
            .set_print_fit_to_pages(1, 0);
        sheet.set_footer("&L&A&R&P / &N");
        Ok(Sheet { sheet, row: 0 })
    }

    /// How wide columns are, in characters.
    pub(super) fn widths(&mut self, widths: &[f64]) -> io::Result<()> {
        for (column, width) in (0..).zip(widths) {
            self.sheet
                .set_column_width(column, *width)
                .map_err(failed)?;
        }
        Ok(())
    }

    /// The first so many rows stay in sight, and stand on every printed page.
    pub(super) fn freeze(&mut self, rows: u32) -> io::Result<()> {
        self.sheet.set_freeze_panes(rows, 0).map_err(failed)?;
        self.sheet
            .set_repeat_rows(rows - 1, rows - 1)
            .map_err(failed)?;
        Ok(())
    }

    /// Leaves a row empty.
    pub(super) fn skip(&mut self) {
        self.row += 1;
    }

    /// Writes a row of texts.
    pub(super) fn texts(&mut self, style: Style, texts: &[&str]) -> io::Result<()> {
        let format = style.format();
        for (column, text) in (0..).zip(texts) {
            let text = fitting(text);
            let written = self
                .sheet
                .write_string_with_format(self.row, column, text, &format);
            written.map_err(failed)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Writes a row of values. A whole number of more digits than Excel keeps is a text.
    pub(super) fn row<'c>(&mut self, cells: impl Iterator<Item = &'c Cell>) -> io::Result<()> {
        for (column, cell) in (0..).zip(cells) {
            let written = match cell {
                Cell::Null => continue,
                Cell::Integer(number) if number.unsigned_abs() <= EXACT_MAX => {
                    self.sheet.write_number(self.row, column, exact(*number))
                }
                Cell::Real(number) if number.is_finite() => {
                    self.sheet.write_number(self.row, column, *number)
                }
                other => {
                    let text = plain(&other.value()).into_owned();
                    self.sheet.write_string(self.row, column, fitting(&text))
                }
            };
            written.map_err(failed)?;
        }
        self.row += 1;
        Ok(())
    }
}

impl Style {
    fn format(self) -> Format {
        match self {
            Style::Plain => Format::new(),
            Style::Title => Format::new().set_bold().set_font_size(14),
            Style::Head => Format::new()
                .set_bold()
                .set_border_bottom(rust_xlsxwriter::FormatBorder::Thin),
            Style::Code => Format::new().set_font_name("Consolas").set_font_size(10),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of more than 53 bits are written as texts"
)]
fn exact(number: i64) -> f64 {
    number as f64
}

/// As much of a text as fits, with everything made visible that a program may obey.
fn fitting(text: &str) -> String {
    let visible = text.chars().map(|c| if c == '\n' { c } else { shown(c) });
    if text.chars().count() <= TEXT_MAX {
        return visible.collect();
    }
    visible.take(TEXT_MAX - 1).chain(['…']).collect()
}

fn failed(error: XlsxError) -> io::Error {
    io::Error::other(error)
}
