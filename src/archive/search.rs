//! The index of full-text search: which events may hold a text.
//!
//! Events are indexed in parts of [`PART_EVENTS`] that came in one page, so that a part is found by
//! its page and keys, and nothing is kept for each event. An archive that is switched on later is
//! indexed step by step, a transaction each; until that is done, a search reads the rest.

mod trigrams;

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};

use crate::archive::draft::Draft;
use crate::archive::reader::SEARCHED_TEXT;
use crate::archive::template::{FILE_NAME, PACKAGE_OWNER, PACKAGE_TYPE};
use crate::archive::{Archive, ArchiveError};

pub(crate) use trigrams::{Trigrams, folded};

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
        trigrams, content = '', columnsize = 0, detail = none, tokenize = 'ascii');
    insert into search_text (search_text, rank) values ('automerge', 8);
    insert into search_state select 1, 1, 0, coalesce(max(id), 0) from page;
";

const END: &str = "
    drop table search_text;
    delete from search_part;
    delete from search_state;
";

const LEFT: &str = "
    select count(*) from search_state s cross join event e on e.page between s.page and s.until
        and (e.page > s.page or e.key > s.key)";

/// Indexes new events of a page, keys and numbers, in its transaction, if there is an index.
pub(super) fn keep(
    db: &Connection,
    page: i64,
    draft: &Draft,
    mut events: Vec<(i64, usize)>,
) -> rusqlite::Result<()> {
    if events.is_empty() || !is_kept(db)? {
        return Ok(());
    }
    // An event that found its key taken moved on: parts must not overlap.
    events.sort_unstable();
    let mut trigrams = Trigrams::default();
    for part in events.chunks(PART_EVENTS) {
        trigrams.clear();
        add(draft, part, &mut trigrams);
        let keys = (part[0].0, part[part.len() - 1].0);
        index(db, page, keys, &trigrams)?;
    }
    Ok(())
}

/// Adds the trigrams of events that are being archived: at least those of [`SEARCHED_TEXT`], whose
/// double quotes part it. What many of them say need be looked through once.
fn add(draft: &Draft, events: &[(i64, usize)], trigrams: &mut Trigrams) {
    for (column, name) in SEARCHED {
        let texts = events
            .iter()
            .map(|(_, event)| draft.columns[*event][column]);
        let texts: BTreeSet<u32> = texts.filter(|text| *text > 0).collect();
        if !texts.is_empty() {
            trigrams.add(name);
        }
        for text in texts {
            let text = draft.page.text(&draft.texts[text as usize]);
            trigrams.add(&serde_json::Value::from(text).to_string());
            if column == FILE_NAME {
                trigrams.add(&format!("{text}\n{{"));
            }
        }
    }
    for (_, event) in events {
        let details = draft.details[*event].as_deref();
        if let Some(size) = &draft.page.events[*event].file_size {
            let end = if details.is_some() { ',' } else { '}' };
            trigrams.add(&format!("fileSize\":{}{end}", size.value));
        }
        trigrams.add(details.unwrap_or_default());
    }
}

/// The columns that are searched as details, and their names there.
const SEARCHED: [(usize, &str); 3] = [
    (PACKAGE_TYPE, "packageType"),
    (PACKAGE_OWNER, "packageOwner"),
    (FILE_NAME, "fileName"),
];

fn is_kept(db: &Connection) -> rusqlite::Result<bool> {
    db.prepare_cached("select 1 from search_state")?.exists([])
}

/// Indexes a part: the events of a page from the first to the last of these keys.
fn index(
    db: &Connection,
    page: i64,
    (first, last): (i64, i64),
    trigrams: &Trigrams,
) -> rusqlite::Result<()> {
    db.prepare_cached("insert into search_part (page, first_key, last_key) values (?1, ?2, ?3)")?
        .execute([page, first, last])?;
    let part = db.last_insert_rowid();
    db.prepare_cached("insert into search_text (rowid, trigrams) values (?1, ?2)")?
        .execute((part, trigrams.tokens()))
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
            let (page, first) = part[0];
            index_archived(db, page, (first, part[part.len() - 1].1))?;
        }
    }
    let (page, key) = events.last().copied().unwrap_or((until + 1, 0));
    db.execute("update search_state set page = ?1, key = ?2", [page, key])?;
    Ok(events.len() as u64)
}

/// Indexes a part of what is archived already.
fn index_archived(db: &Connection, page: i64, keys: (i64, i64)) -> rusqlite::Result<()> {
    let texts = format!(
        "select {SEARCHED_TEXT} from event e where e.page = ?1 and e.key between ?2 and ?3"
    );
    let mut read = db.prepare_cached(&texts)?;
    let mut rows = read.query([page, keys.0, keys.1])?;
    let mut trigrams = Trigrams::default();
    while let Some(row) = rows.next()? {
        trigrams.add(row.get_ref(0)?.as_str().unwrap_or_default());
    }
    index(db, page, keys, &trigrams)
}
