//! The SQL function `raw(key)`: an event's record as it was received, byte for byte.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, OpenFlags, ffi};

use crate::archive::record;

/// Makes `raw(key)` known to queries. A function must not use the handle that calls it, so this
/// one has a read-only handle of its own to the same archive: it may see events that were added
/// after the query began, but the query asks for none of those.
pub(super) fn register(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let own = Connection::open_with_flags(path, flags)?;
    super::lock_down(&own)?;
    let own = Mutex::new(own);
    connection.create_scalar_function("raw", 1, FunctionFlags::SQLITE_UTF8, move |context| {
        let archive = own.lock().unwrap_or_else(PoisonError::into_inner);
        raw(&archive, context)
    })
}

/// The record as text, or as a blob where it is no UTF-8; null where there is no such event.
fn raw(archive: &Connection, context: &Context<'_>) -> rusqlite::Result<Value> {
    let key = match context.get_raw(0) {
        ValueRef::Integer(key) => key,
        ValueRef::Null => return Ok(Value::Null),
        _ => {
            let why = "raw() takes the `key` of an event";
            return Err(failure(ffi::SQLITE_MISMATCH, Some(why.to_owned())));
        }
    };
    let record = record::read(archive, key).map_err(|error| match error {
        // What is kept does not unpack.
        Error::InvalidQuery => failure(ffi::SQLITE_CORRUPT, None),
        other => other,
    })?;
    Ok(record.map_or(Value::Null, value))
}

fn value(record: Vec<u8>) -> Value {
    match String::from_utf8(record) {
        Ok(text) => Value::Text(text),
        Err(error) => Value::Blob(error.into_bytes()),
    }
}

/// An error with words in it is the query's: SQLite forgets its code.
fn failure(code: i32, why: Option<String>) -> Error {
    Error::SqliteFailure(ffi::Error::new(code), why)
}

#[cfg(test)]
mod tests {
    use crate::archive::reader::Reader;
    use crate::archive::record;
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
