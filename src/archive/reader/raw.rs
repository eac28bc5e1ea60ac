//! The SQL function `raw(key)`: an event's record as it was received, byte for byte. A text is
//! taken for an `event_id`.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, OptionalExtension, ffi};

use super::functions::{mistake, shown};
use crate::archive::{identity, record, vendor_id};

/// Makes `raw(key)` known to queries. A function must not use the handle that calls it, so this
/// one has a read-only handle of its own to the same archive: it may see events that were added
/// after the query began, but the query asks for none of those.
pub(super) fn register(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let own = Mutex::new(super::own_handle(path)?);
    connection.create_scalar_function("raw", 1, FunctionFlags::SQLITE_UTF8, move |context| {
        let archive = own.lock().unwrap_or_else(PoisonError::into_inner);
        raw(&archive, context)
    })
}

/// The record as text, or as a blob where it is no UTF-8; null where there is no such event.
fn raw(archive: &Connection, context: &Context<'_>) -> rusqlite::Result<Value> {
    let key = match context.get_raw(0) {
        ValueRef::Integer(key) => Some(key),
        ValueRef::Text(id) => match std::str::from_utf8(id) {
            Ok(id) => key_of(archive, id)?,
            Err(_) => None,
        },
        ValueRef::Null => None,
        ValueRef::Real(_) | ValueRef::Blob(_) => {
            return Err(mistake(
                "raw() takes the `key` or the `event_id` of an event",
            ));
        }
    };
    let Some(key) = key else {
        return Ok(Value::Null);
    };
    let record = record::read(archive, key).map_err(|error| match error {
        // What is kept does not unpack.
        Error::InvalidQuery => Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), None),
        other => other,
    })?;
    Ok(record.map_or(Value::Null, value))
}

/// The key of the event with this id, found by the index that keeps ids once: no event but itself
/// is read. Whose record it is must not be left to chance where two sources have the id.
fn key_of(archive: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    let mut sources = archive.prepare_cached("select id from source")?;
    let find = |identities: &str| {
        let sql = format!("select key, id from event where key in ({identities})");
        archive.prepare_cached(&sql)
    };
    let settled = "select key from identity where hash = ?1";
    // An archive of before has no recent ones beside them.
    let mut find = find(&format!(
        "{settled} union all select key from recent_identity where hash = ?1"
    ))
    .or_else(|_| find(settled))?;
    let mut found = None;
    let mut rows = sources.query([])?;
    while let Some(source) = rows.next()? {
        let hash = identity::of_vendor_id(source.get(0)?, id);
        let event = find.query_row([hash], |row| {
            Ok((row.get::<_, i64>(0)?, vendor_id::read(row.get_ref(1)?)))
        });
        let found_here = event
            .optional()?
            .filter(|(_, kept)| kept.as_deref() == Some(id));
        if let Some((key, _)) = found_here
            && found.replace(key).is_some()
        {
            let id = shown(id);
            let why = format!("raw() finds `{id}` in two sources; give it the event's `key`");
            return Err(mistake(why));
        }
    }
    Ok(found)
}

fn value(record: Vec<u8>) -> Value {
    match String::from_utf8(record) {
        Ok(text) => Value::Text(text),
        Err(error) => Value::Blob(error.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use crate::archive::reader::Reader;
    use crate::archive::{identity, record};
    use crate::query::sample;

    const READ: &str = "select typeof(raw(key)), raw(key) from event";

    /// A sample of one event whose record is this.
    fn archive(record: &[u8]) -> sample::Sample {
        let sample = sample::archive(1);
        let block = record::pack(&[record]).unwrap();
        let writer = &sample.writer;
        writer
            .execute("insert into block values (5, ?)", [block])
            .unwrap();
        let place = 5 << record::BLOCK_SHIFT;
        writer
            .execute("update event set template = null, block = ?", [place])
            .unwrap();
        sample
    }

    #[test]
    fn a_record_is_text_or_a_blob_of_its_very_bytes() {
        for (record, kind) in [(&b"a,\"b\nc\" "[..], "Text"), (b"\xff\0", "Blob")] {
            let sample = archive(record);
            let reader = Reader::open(&sample.path()).unwrap();
            let row = sample::rows(&reader, READ, &[]).unwrap().remove(0);
            assert!(row.contains(kind), "{row}");
            let sql = "select cast(raw(key) as blob) from event";
            let read = |row: &rusqlite::Row<'_>| row.get::<_, Vec<u8>>(0);
            let bytes = reader.connection().query_row(sql, [], read).unwrap();
            assert_eq!(bytes, record);
        }
    }

    #[test]
    fn an_event_is_found_by_its_id_in_whichever_source() {
        let sample = sample::archive(3);
        let reader = Reader::open(&sample.path()).unwrap();
        let (id, other) = (sample::event_id(0), sample::event_id(2));
        sample.writer.execute_batch(KEPT).unwrap();
        for (argument, found) in [
            (format!("'{id}'"), format!("[Text(\"{id}\")]")),
            (format!("'{other}'"), format!("[Text(\"{other}\")]")),
            ("'nobody'".to_owned(), "[Null]".to_owned()),
            (format!("'{}'", id.to_uppercase()), "[Null]".to_owned()),
            ("null".to_owned(), "[Null]".to_owned()),
            ("7".to_owned(), "[Null]".to_owned()),
            ("cast(x'ff' as text)".to_owned(), "[Null]".to_owned()),
        ] {
            let rows = sample::rows(&reader, &format!("select raw({argument})"), &[]).unwrap();
            assert_eq!(rows, [found], "{argument}");
        }
        for wrong in ["1.5", "x'00'"] {
            let error = sample::rows(&reader, &format!("select raw({wrong})"), &[]).unwrap_err();
            assert!(error.to_string().starts_with("raw() takes"), "{error}");
        }
    }

    #[test]
    fn an_id_that_two_sources_have_is_no_ones() {
        let sample = sample::archive(3);
        let id = sample::event_id(0);
        sample.writer.execute_batch(KEPT).unwrap();
        sample
            .writer
            .execute(
                "insert into identity select ?1, key, 0 from identity where hash = ?2",
                [
                    identity::of_vendor_id(1, &id),
                    identity::of_vendor_id(2, &id),
                ],
            )
            .unwrap();
        let reader = Reader::open(&sample.path()).unwrap();
        let error = sample::rows(&reader, &format!("select raw('{id}')"), &[]).unwrap_err();
        assert!(error.to_string().contains("in two sources"), "{error}");
        assert!(error.place().is_some_and(|place| place.column == 12));
    }

    /// The sample's events have no records: here each has its id for one.
    const KEPT: &str = "
        insert into template (id, form) values (99, x'0169');
        update event set template = 99;
    ";

    #[test]
    fn a_record_that_does_not_unpack_is_damage() {
        let sample = archive(b"x");
        sample
            .writer
            .execute_batch("update block set records = x'00'")
            .unwrap();
        let reader = Reader::open(&sample.path()).unwrap();
        let error = sample::rows(&reader, READ, &[]).unwrap_err();
        assert!(format!("{error:?}").contains("Damaged"), "{error:?}");
    }
}
