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
            return Err(failure(ffi::SQLITE_MISMATCH, why.to_owned()));
        }
    };
    let record = record::read(archive, key).map_err(|error| {
        let why = format!("the record of event {key} cannot be read: {error}");
        failure(ffi::SQLITE_CORRUPT, why)
    })?;
    Ok(
        record.map_or(Value::Null, |bytes| match String::from_utf8(bytes) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Blob(error.into_bytes()),
        }),
    )
}

fn failure(code: i32, why: String) -> Error {
    Error::SqliteFailure(ffi::Error::new(code), Some(why))
}
