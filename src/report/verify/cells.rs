//! Compares a workbook with the same one written anew, cell by cell: whoever saves it in another
//! program changes its bytes and not what it says.

use std::io;

use crate::report::form::Part;
use crate::report::xlsx::read::{Found, Kind, Workbook};

/// Where a workbook is not as it was made, but for sheets of answers that are not comparable.
pub(in crate::report) fn differing(
    file: &[u8],
    anew: &[u8],
    parts: &[Part],
    comparable: &[bool],
) -> Vec<String> {
    compared(file, anew, parts, comparable)
        .unwrap_or_else(|error| vec![format!("the workbook cannot be read: {error}")])
}

fn compared(
    file: &[u8],
    anew: &[u8],
    parts: &[Part],
    comparable: &[bool],
) -> io::Result<Vec<String>> {
    let (mut file, mut anew) = (Workbook::open(file)?, Workbook::open(anew)?);
    if file.names() != anew.names() {
        return Ok(vec![
            "its sheets are not those that it was made with".to_owned(),
        ]);
    }
    let mut flaws = Vec::new();
    for (sheet, part) in parts.iter().enumerate() {
        if part
            .answer
            .is_some_and(|answer| comparable.get(answer) != Some(&true))
        {
            continue;
        }
        if let Some(place) = first_difference(&mut file, &mut anew, sheet)? {
            flaws.push(format!(
                "{} is not as it was made, from cell {place} on",
                part.name
            ));
        }
    }
    Ok(flaws)
}

fn first_difference(
    file: &mut Workbook<'_>,
    anew: &mut Workbook<'_>,
    sheet: usize,
) -> io::Result<Option<String>> {
    let (mut file, mut anew) = (file.cells(sheet)?, anew.cells(sheet)?);
    loop {
        match (file.next()?, anew.next()?) {
            (None, None) => return Ok(None),
            (Some(found), Some(made)) if is_same(&found, &made) => {}
            (Some(found), Some(made)) => return Ok(Some(earlier(&found, &made))),
            (Some(one), None) | (None, Some(one)) => return Ok(Some(place(&one))),
        }
    }
}

/// The same number may be written in several ways.
fn is_same(found: &Found, made: &Found) -> bool {
    let number = |cell: &Found| cell.text.parse::<f64>().ok().map(f64::to_bits);
    let is_number = found.kind == Kind::Number && number(found).is_some();
    let is_equal = found.text == made.text || (is_number && number(found) == number(made));
    let place = |cell: &Found| (cell.row, cell.column.clone(), cell.kind);
    is_equal && place(found) == place(made)
}

/// Of two different cells the one that comes first.
fn earlier(one: &Found, other: &Found) -> String {
    let order = |cell: &Found| (cell.row, cell.column.len(), cell.column.clone());
    place(if order(other) < order(one) {
        other
    } else {
        one
    })
}

fn place(cell: &Found) -> String {
    format!("{}{}", cell.column, cell.row)
}
