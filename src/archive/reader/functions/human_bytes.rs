//! `human_bytes(n)`: in powers of a thousand, as the sizes that the program itself shows.

use std::path::Path;

use rusqlite::Connection;

use super::{SAME, number};

pub(super) fn register(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_scalar_function("human_bytes", 1, SAME, |context| {
        Ok(number(context, 0).map(human))
    })
}

const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];

fn human(bytes: f64) -> String {
    let whole = bytes.round();
    if whole.abs() < 1000.0 {
        // Adding zero makes a zero of minus zero.
        return format!("{} B", whole + 0.0);
    }
    let mut scaled = bytes / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    // What would be rounded to a thousand is one of the next unit.
    while scaled.abs() >= 999.995
        && let Some(next) = units.next()
    {
        scaled /= 1000.0;
        unit = Some(next);
    }
    format!("{scaled:.2} {}", unit.unwrap_or(&""))
}
