//! SQL functions that write out what an event keeps in another form: `id_text(id)`, and
//! `details_text(details, package_type, package_owner, file_name, file_size)`, the details with what
//! of them has columns of its own. Both are as the views of the archive have them.

use std::fmt::Write as _;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::archive::vendor_id;

/// Makes them known.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("id_text", 1, flags, |context| {
        Ok(vendor_id::read(context.get_raw(0)))
    })?;
    connection.create_scalar_function("details_text", 5, flags, |context| Ok(details(context)))
}

fn details(context: &Context<'_>) -> Option<String> {
    let kept = text(context.get_raw(0));
    let mut members = String::new();
    for (place, name) in [(1, "packageType"), (2, "packageOwner"), (3, "fileName")] {
        if let Some(text) = text(context.get_raw(place)) {
            push(&mut members, name, &serde_json::Value::from(text));
        }
    }
    if let ValueRef::Integer(size) = context.get_raw(4) {
        push(&mut members, "fileSize", &size.into());
    }
    if members.is_empty() {
        return kept.map(str::to_owned);
    }
    let inner = kept.and_then(|kept| kept.get(1..kept.len().checked_sub(1)?));
    if let Some(inner) = inner {
        members.push(',');
        members.push_str(inner);
    }
    Some(format!("{{{members}}}"))
}

fn push(members: &mut String, name: &str, value: &serde_json::Value) {
    let comma = if members.is_empty() { "" } else { "," };
    // Writing to a string cannot fail.
    let _ = write!(members, "{comma}\"{name}\":{value}");
}

fn text(value: ValueRef<'_>) -> Option<&str> {
    value.as_str().ok()
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, params};

    use super::*;

    /// As the migration has it that makes view `events`.
    const DETAILS: &str = "case when coalesce(?2, ?3, ?4) is null and ?5 is null then ?1
        else '{' || ltrim(
            iif(?2 is null, '', ',\"packageType\":' || json_quote(?2))
            || iif(?3 is null, '', ',\"packageOwner\":' || json_quote(?3))
            || iif(?4 is null, '', ',\"fileName\":' || json_quote(?4))
            || iif(?5 is null, '', ',\"fileSize\":' || ?5)
            || iif(?1 is null, '', ',' || substr(?1, 2, length(?1) - 2)),
            ',') || '}' end";

    #[test]
    fn details_are_what_the_view_makes_of_them() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        let ours = format!("select details_text(?1, ?2, ?3, ?4, ?5), {DETAILS}");
        let mut ask = connection.prepare(&ours).unwrap();
        let every: String = (0..=0x2030).filter_map(char::from_u32).collect();
        let texts = [None, Some("x"), Some("a \"b\" \\ /"), Some(&*every)];
        for details in [None, Some("{\"a\":1,\"é\":[]}"), Some("{}")] {
            for (first, second) in texts.iter().flat_map(|one| texts.map(|two| (one, two))) {
                for size in [None, Some(0), Some(i64::MIN)] {
                    let given = params![details, first, second, *first, size];
                    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
                    let (ours, views): (Option<String>, Option<String>) =
                        ask.query_row(given, row).unwrap();
                    assert_eq!(ours, views);
                }
            }
        }
    }
}
