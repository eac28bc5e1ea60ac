//! The index of full-text search: which events may hold a text.
//!
//! Events are indexed in parts of [`PART_EVENTS`] that came in one page, so that a part is found by
//! its page and keys, and nothing is kept for each event. An archive that is switched on later is
//! indexed step by step, a transaction each; until that is done, a search reads the rest.

use rusqlite::{Connection, OptionalExtension, params};

use crate::archive::reader::{SEARCHED_TEXT, folded};
use crate::archive::{Archive, ArchiveError};

/// Events of a part. More make the index smaller, and have more read that do not match.
const PART_EVENTS: usize = 128;

/// Events that are indexed in one transaction when an index is built.
const STEP_EVENTS: i64 = 8_192;

impl Archive {
    /// Keeps an index of texts from now on, or drops it.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn keep_search(&mut self, keep: bool) -> Result<(), ArchiveError> {
        self.write(|db| match (is_kept(db)?, keep) {
            (false, true) => db.execute_batch(BEGIN),
            (true, false) => db.execute_batch(END),
            _ => Ok(()),
        })
    }

    /// How many events were archived before there was an index, and are not in it yet.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn search_left(&self) -> Result<u64, ArchiveError> {
        self.read(|db| {
            let left: i64 = db.query_row(LEFT, [], |row| row.get(0))?;
            Ok(left.unsigned_abs())
        })
    }

    /// Indexes some of the events that were archived before there was an index; gives how many
    /// they were, which is none once all is done.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn build_search(&mut self) -> Result<u64, ArchiveError> {
        self.write(build)
    }
}

const BEGIN: &str = "
    create virtual table if not exists search_text using fts5(
        text, content = '', columnsize = 0, detail = none, tokenize = 'trigram case_sensitive 1');
    insert into search_state select 1, 0, 0, coalesce(max(id), 0) from page;
";

const END: &str = "
    drop table search_text;
    delete from search_part;
    delete from search_state;
";

const LEFT: &str = "
    select count(*) from search_state s cross join event e on e.page between s.page and s.until
        and (e.page > s.page or e.key > s.key)";

/// Indexes new events of a page, in its transaction, if there is an index.
pub(super) fn keep(db: &Connection, page: i64, keys: &mut [i64]) -> rusqlite::Result<()> {
    if keys.is_empty() || !is_kept(db)? {
        return Ok(());
    }
    // An event that found its key taken moved on: parts must not overlap.
    keys.sort_unstable();
    keys.chunks(PART_EVENTS)
        .try_for_each(|part| index(db, page, part))
}

fn is_kept(db: &Connection) -> rusqlite::Result<bool> {
    db.prepare_cached("select 1 from search_state")?.exists([])
}

/// Indexes a part: these events of a page, in their order, and all that lie between.
fn index(db: &Connection, page: i64, keys: &[i64]) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else {
        return Ok(());
    };
    db.prepare_cached("insert into search_part (page, first_key, last_key) values (?1, ?2, ?3)")?
        .execute([page, *first, *last])?;
    let part = db.last_insert_rowid();
    let texts = format!(
        "select distinct {SEARCHED_TEXT} from event e where e.page = ?1 and e.key between ?2 and ?3"
    );
    let mut read = db.prepare_cached(&texts)?;
    let mut rows = read.query([page, *first, *last])?;
    let mut joined = String::new();
    while let Some(row) = rows.next()? {
        joined.push_str(&folded(row.get_ref(0)?.as_str().unwrap_or_default()));
        joined.push('\n');
    }
    db.prepare_cached("insert into search_text (rowid, text) values (?1, ?2)")?
        .execute(params![part, joined])
        .map(drop)
}

fn build(db: &Connection) -> rusqlite::Result<u64> {
    let state = "select page, key, until from search_state where page <= until";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let state: Option<(i64, i64, i64)> = db.query_row(state, [], row).optional()?;
    let Some((page, key, until)) = state else {
        return Ok(0);
    };
    let mut next = db.prepare_cached(
        "select e.page, e.key from event e
         where e.page between ?1 and ?3 and (e.page > ?1 or e.key > ?2)
         order by e.page, e.key limit ?4",
    )?;
    let place = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let events = next.query_map([page, key, until, STEP_EVENTS], place)?;
    let events: Vec<(i64, i64)> = events.collect::<Result<_, _>>()?;
    for of_page in events.chunk_by(|one, other| one.0 == other.0) {
        for part in of_page.chunks(PART_EVENTS) {
            let keys: Vec<i64> = part.iter().map(|(_, key)| *key).collect();
            index(db, part[0].0, &keys)?;
        }
    }
    let (page, key) = events.last().copied().unwrap_or((until + 1, 0));
    db.execute("update search_state set page = ?1, key = ?2", [page, key])?;
    Ok(events.len() as u64)
}
