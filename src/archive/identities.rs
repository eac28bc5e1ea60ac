//! Which identities the archive has, and under which key the event of each is.

use rusqlite::{CachedStatement, Connection};

use crate::archive::draft::Row;

/// Identities of a page, met in the order of their hashes, in which neighbours share pages.
pub(super) struct Identities<'a> {
    keep: CachedStatement<'a>,
    find: CachedStatement<'a>,
}

impl<'a> Identities<'a> {
    pub(super) fn open(db: &'a Connection) -> rusqlite::Result<Identities<'a>> {
        let keep = db.prepare_cached(
            "insert into recent_identity (hash, key, content)
             select ?1, ?2, ?3 where not exists (select 1 from identity where hash = ?1)
             on conflict do nothing",
        )?;
        let find = db.prepare_cached(
            "select key, content from recent_identity where hash = ?1
             union all select key, content from identity where hash = ?1",
        )?;
        Ok(Identities { keep, find })
    }

    /// Keeps an identity; false if it is there already. Tried before it is looked for, because
    /// most events are new when there are many.
    pub(super) fn keep(&mut self, row: &Row) -> rusqlite::Result<bool> {
        self.keep
            .execute([row.hash, row.first_key(), row.content])
            .map(|inserted| inserted == 1)
    }

    /// Key and content of an identity that is there.
    pub(super) fn find(&mut self, hash: i64) -> rusqlite::Result<(i64, i64)> {
        self.find
            .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

/// Notes under which key an event is whose identity was kept with this page.
pub(super) fn relocate(db: &Connection, hash: i64, key: i64) -> rusqlite::Result<()> {
    db.prepare_cached("update recent_identity set key = ?2 where hash = ?1")?
        .execute([hash, key])
        .map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::archive::gathering::IDENTITY;
    use crate::archive::schema;

    fn row(hash: i64, content: i64) -> Row {
        Row {
            event: 0,
            millis: content,
            hash,
            content,
            form: None,
            is_counted: false,
        }
    }

    fn count(db: &Connection, sql: &str) -> i64 {
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    proptest! {
        /// However often it comes, in whichever table it is by then, and at the ends of the numbers.
        #[test]
        fn an_identity_is_kept_once_and_found_as_it_came_first(
            pages in prop::collection::vec(
                prop::collection::vec(
                    prop_oneof![0..90_i64, select(vec![i64::MIN, -1, i64::MAX - 1, i64::MAX])], 0..12),
                1..30),
        ) {
            let mut db = Connection::open_in_memory().unwrap();
            schema::migrate(&mut db).unwrap();
            let mut first: HashMap<i64, i64> = HashMap::new();
            for (content, page) in (0..).zip(pages) {
                let mut identities = Identities::open(&db).unwrap();
                let mut added = 0;
                for hash in page {
                    let is_new = identities.keep(&row(hash, content)).unwrap();
                    prop_assert_eq!(is_new, !first.contains_key(&hash));
                    added += usize::from(is_new);
                    let came_first = *first.entry(hash).or_insert(content);
                    prop_assert_eq!(identities.find(hash).unwrap().1, came_first);
                }
                IDENTITY.settle(&db, added).unwrap();
            }
            let settled = count(&db, "select count(*) from identity");
            let recent = count(&db, "select count(*) from recent_identity");
            prop_assert_eq!(settled + recent, i64::try_from(first.len()).unwrap());
            // At the end of a round one page's may be left for the next.
            prop_assert!(recent <= (settled * 4).isqrt() + 12);
            let said = "select settled * 1000 + recent from gathering where name = 'identity'";
            prop_assert_eq!(count(&db, said), settled * 1000 + recent);
        }
    }
}
