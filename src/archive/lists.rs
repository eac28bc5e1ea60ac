//! What is kept beside events so that questions that would read every event need not.

use std::collections::HashMap;

use crate::archive::ingest::Ingest;
use crate::archive::sift::Fresh;
use crate::archive::template::{ACTOR, PACKAGE};

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

    /// Lists events under their packages, in the list's own order.
    pub(super) fn list_by_package(&self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let package = |new: &Fresh| words[self.draft.columns[new.row.event][PACKAGE] as usize];
        let listed = fresh.iter().map(|new| [package(new), new.key]);
        let mut listed: Vec<[i64; 2]> = listed.filter(|[package, _]| *package > 0).collect();
        listed.sort_unstable();
        let mut insert = self
            .db
            .prepare_cached("insert into package_event (package, key) values (?1, ?2)")?;
        listed
            .into_iter()
            .try_for_each(|entry| insert.execute(entry).map(drop))
    }
}
