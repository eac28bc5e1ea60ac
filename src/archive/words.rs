//! Texts that recur, each kept once: looked up by a cache first, then in table `word`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

/// The row of table `word` that stands for no text.
pub(super) const NONE: i64 = 0;

/// Most texts remembered at once; beyond, all are forgotten and looked up anew, so that memory
/// stays bounded whatever the archive holds.
const CACHED_MAX: usize = 300_000;

/// A cache over table `word`.
#[derive(Default)]
pub(super) struct Words {
    rows: HashMap<Box<str>, i64>,
}

impl Words {
    /// The row of a text, made if it is new.
    pub(super) fn row(&mut self, db: &Connection, text: Option<&str>) -> rusqlite::Result<i64> {
        let Some(text) = text else { return Ok(NONE) };
        if let Some(row) = self.rows.get(text) {
            return Ok(*row);
        }
        let mut find = db.prepare_cached("select id from word where text = ?1")?;
        let row = match find.query_row([text], |row| row.get(0)).optional()? {
            Some(row) => row,
            None => {
                db.prepare_cached("insert into word (text) values (?1)")?
                    .execute([text])?;
                db.last_insert_rowid()
            }
        };
        if self.rows.len() >= CACHED_MAX {
            self.rows.clear();
        }
        self.rows.insert(text.into(), row);
        Ok(row)
    }

    /// Forgets everything: after a transaction was undone, rows may be gone that were remembered.
    pub(super) fn forget(&mut self) {
        self.rows.clear();
    }
}
