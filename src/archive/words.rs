//! Texts that recur, each kept once: looked up in a cache first, then in table `word`.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rusqlite::{CachedStatement, Connection, OptionalExtension};

use crate::archive::draft::Draft;

/// The row of table `word` that stands for no text.
const NONE: i64 = 0;

/// Most texts remembered at once; beyond, all are forgotten and looked up anew, so that memory
/// stays bounded whatever the archive holds.
const CACHED_MAX: usize = 300_000;

/// A cache over table `word`.
#[derive(Default)]
pub(super) struct Words {
    rows: HashMap<Box<str>, i64, RandomState>,
    /// In which lists of columns each row is known to stand, a bit a list.
    listed: HashMap<i64, u8, RandomState>,
}

impl Words {
    /// The rows of those texts of a draft that these events use, by the texts' numbers; made
    /// where they are new.
    pub(super) fn of_events(
        &mut self,
        db: &Connection,
        draft: &Draft,
        events: impl Iterator<Item = usize>,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut is_used = vec![false; draft.texts.len()];
        for event in events {
            for number in draft.columns[event] {
                is_used[number as usize] = true;
            }
        }
        let mut find = Find::prepare(db)?;
        let mut rows = vec![NONE; draft.texts.len()];
        let mut unknown = Vec::new();
        for number in (1..rows.len()).filter(|number| is_used[*number]) {
            let text = draft.page.text(&draft.texts[number]);
            match self.rows.get(text) {
                Some(row) => rows[number] = *row,
                None => unknown.push((text, number)),
            }
        }
        // In order of the texts, in which neighbours share pages of the table's index.
        unknown.sort_unstable();
        for (text, number) in unknown {
            rows[number] = self.remember(text, find.row(text)?);
        }
        Ok(rows)
    }

    /// The row of one text, made if it is new.
    pub(super) fn of_text(&mut self, db: &Connection, text: &str) -> rusqlite::Result<i64> {
        match self.rows.get(text) {
            Some(row) => Ok(*row),
            None => Ok(self.remember(text, Find::prepare(db)?.row(text)?)),
        }
    }

    /// Forgets everything: after a transaction was undone, rows may be gone that were remembered.
    pub(super) fn forget(&mut self) {
        self.rows.clear();
        self.listed.clear();
    }

    /// Notes that a row stands in these lists of columns; gives those of which it was not known.
    pub(super) fn list(&mut self, row: i64, lists: u8) -> u8 {
        if self.listed.len() >= CACHED_MAX {
            self.listed.clear();
        }
        let listed = self.listed.entry(row).or_default();
        let unlisted = lists & !*listed;
        *listed |= lists;
        unlisted
    }

    fn remember(&mut self, text: &str, row: i64) -> i64 {
        if self.rows.len() >= CACHED_MAX {
            self.rows.clear();
        }
        self.rows.insert(text.into(), row);
        row
    }
}

/// Finds or makes rows of table `word`.
struct Find<'a> {
    db: &'a Connection,
    find: CachedStatement<'a>,
    make: CachedStatement<'a>,
}

impl<'a> Find<'a> {
    fn prepare(db: &'a Connection) -> rusqlite::Result<Find<'a>> {
        let find = db.prepare_cached("select id from word where text = ?1")?;
        let make = db.prepare_cached("insert into word (text) values (?1)")?;
        Ok(Find { db, find, make })
    }

    fn row(&mut self, text: &str) -> rusqlite::Result<i64> {
        if let Some(row) = self.find.query_row([text], |row| row.get(0)).optional()? {
            return Ok(row);
        }
        self.make.execute([text])?;
        Ok(self.db.last_insert_rowid())
    }
}
