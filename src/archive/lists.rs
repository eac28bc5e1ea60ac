//! What is kept beside events so that questions that would read every event need not.

use std::collections::HashMap;

use rusqlite::params_from_iter;

use crate::archive::gathering::{FILE_PACKAGE, PACKAGE_EVENT};
use crate::archive::ingest::Ingest;
use crate::archive::sift::Fresh;
use crate::archive::template::{ACTION, ACTOR, FILE_NAME, ON_BEHALF_OF, PACKAGE};

impl Ingest<'_> {
    /// Keeps the first and last event of each actor. `words` are the rows of the draft's texts.
    pub(super) fn widen_actor_spans(&self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let mut spans: HashMap<i64, (i64, i64, i64)> = HashMap::new();
        for new in fresh {
            let actor = words[self.draft.columns[new.row.event][ACTOR] as usize];
            let span = spans.entry(actor).or_insert((new.key, new.key, 0));
            *span = (span.0.min(new.key), span.1.max(new.key), span.2 + 1);
        }
        let mut widen = self.db.prepare_cached(
            "insert into actor_span (actor, source, first_key, last_key, events)
             values (?1, ?2, ?3, ?4, ?5)
             on conflict do update set first_key = min(first_key, excluded.first_key),
                 last_key = max(last_key, excluded.last_key), events = events + excluded.events",
        )?;
        spans.iter().try_for_each(|(actor, (first, last, events))| {
            widen
                .execute([*actor, self.batch.source, *first, *last, *events])
                .map(drop)
        })
    }

    /// Lists events under their packages, in the list's own order; files without one under none.
    pub(super) fn list_by_package(&self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let listed = fresh.iter().filter_map(|new| {
            let [package, file] = self.words_of(new, words, [PACKAGE, FILE_NAME]);
            (package > 0 || file > 0).then_some([package, new.key])
        });
        let added = self.list(
            "insert into recent_package_event (package, key) values (?1, ?2)",
            listed.collect(),
        )?;
        PACKAGE_EVENT.settle(self.db, added)
    }

    /// Lists in which packages file names are.
    pub(super) fn list_by_file(&self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let listed = fresh
            .iter()
            .map(|new| self.words_of(new, words, [FILE_NAME, PACKAGE]))
            .filter(|[file, _]| *file > 0);
        let added = self.list(
            "insert or ignore into recent_file_package (file_name, package)
             select ?1, ?2 where not exists
                 (select 1 from file_package where file_name = ?1 and package = ?2)",
            listed.collect(),
        )?;
        FILE_PACKAGE.settle(self.db, added)
    }

    /// Lists events under those who have a part in them.
    pub(super) fn list_by_person(&self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let listed = fresh.iter().flat_map(|new| {
            let people = self.words_of(new, words, [ACTOR, ON_BEHALF_OF]);
            let entry = |person| {
                [
                    new.key >> STRETCH,
                    person,
                    (new.key & STRETCH_MASK) - MIDDLE,
                ]
            };
            people
                .map(|person| (person > 0).then(|| entry(person)))
                .into_iter()
                .flatten()
        });
        self.list(
            "insert into person_event (stretch, person, place) values (?1, ?2, ?3)",
            listed.collect(),
        )
        .map(drop)
    }

    /// Lists events under what was done.
    pub(super) fn list_by_action(&self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let listed = fresh.iter().map(|new| {
            let [action] = self.words_of(new, words, [ACTION]);
            [action, new.key]
        });
        self.list(
            "insert into action_event (action, key) values (?1, ?2)",
            listed.collect(),
        )
        .map(drop)
    }

    /// Adds what is not there yet; gives how many that were.
    fn list<const N: usize>(
        &self,
        sql: &str,
        mut entries: Vec<[i64; N]>,
    ) -> rusqlite::Result<usize> {
        entries.sort_unstable();
        entries.dedup();
        let mut insert = self.db.prepare_cached(sql)?;
        let mut added = entries
            .into_iter()
            .map(|entry| insert.execute(params_from_iter(entry)));
        added.try_fold(0, |sum, added| Ok(sum + added?))
    }

    fn words_of<const N: usize>(
        &self,
        new: &Fresh,
        words: &[i64],
        columns: [usize; N],
    ) -> [i64; N] {
        let texts = &self.draft.columns[new.row.event];
        columns.map(|column| words[texts[column] as usize])
    }
}

/// A stretch of table `person_event` is so many bits of a key, about three days.
const STRETCH: u32 = 48;
const STRETCH_MASK: i64 = (1 << STRETCH) - 1;
const MIDDLE: i64 = 1 << (STRETCH - 1);
