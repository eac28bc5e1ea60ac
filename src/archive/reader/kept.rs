//! SQL functions that give again what was read once: `word_text(id)`, a text by its number;
//! `page_source(id)`, `page_feed(id)`, `page_batch(id)` and `page_time(id)`, where a page is from and
//! when it was archived; and `source_name(id)`. None of it ever changes, and the coded views ask for
//! the same few again and again: to look in the archive each time takes three times as long.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::fast::RandomState;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, ToSql};

use super::own_handle;

/// Makes them known, with a handle of their own for the reason that `raw` has one.
pub(super) fn register(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let own = Arc::new(Mutex::new(own_handle(path)?));
    let texts = |name, sql| Kept::<Arc<str>>::register(connection, name, sql, own.clone());
    texts("word_text", "select text from word where id = ?1")?;
    texts("source_name", "select name from source where id = ?1")?;
    texts("page_feed", "select feed from page where id = ?1")?;
    texts("page_time", PAGE_TIME)?;
    let numbers = |name, sql| Kept::<i64>::register(connection, name, sql, own.clone());
    numbers("page_source", "select source from page where id = ?1")?;
    numbers("page_batch", "select batch from page where id = ?1")
}

const PAGE_TIME: &str = "select strftime('%Y-%m-%dT%H:%M:%fZ', archived_at / 1000.0, 'unixepoch') \
    from page where id = ?1";

/// As many are kept; then it begins anew.
const KEPT_MAX: usize = 1 << 17;

/// What a table has under its numbers.
struct Kept<T> {
    values: HashMap<i64, Option<T>, RandomState>,
    sql: &'static str,
    own: Arc<Mutex<Connection>>,
}

impl<T: FromSql + ToSql + Clone + Send + 'static> Kept<T> {
    fn register(
        connection: &Connection,
        name: &str,
        sql: &'static str,
        own: Arc<Mutex<Connection>>,
    ) -> rusqlite::Result<()> {
        let kept = Mutex::new(Kept::<T> {
            values: HashMap::default(),
            sql,
            own,
        });
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function(name, 1, flags, move |context| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            match context.get_raw(0).as_i64() {
                Ok(id) => kept.get(id),
                Err(_) => Ok(None),
            }
        })
    }

    fn get(&mut self, id: i64) -> rusqlite::Result<Option<T>> {
        if let Some(value) = self.values.get(&id) {
            return Ok(value.clone());
        }
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let mut find = own.prepare_cached(self.sql)?;
        let found: Option<Option<T>> = find.query_row([id], |row| row.get(0)).optional()?;
        let Some(value) = found else { return Ok(None) };
        if self.values.len() >= KEPT_MAX {
            self.values.clear();
        }
        self.values.insert(id, value.clone());
        Ok(value)
    }
}
