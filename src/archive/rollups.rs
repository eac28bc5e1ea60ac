//! Keeps the roll-ups of `migrations/0007_rollups.sql` in the transaction of the events.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;
use rusqlite::params;

use crate::archive::ingest::{Ingest, KEY_SHIFT};
use crate::archive::sift::Fresh;
use crate::archive::template::{ACTION, ACTOR, EVENT_TYPE, IP, ON_BEHALF_OF};

/// In milliseconds.
const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

/// The columns with few texts, by their names.
const COLUMNS: [(&str, usize); 5] = [
    ("event_type", EVENT_TYPE),
    ("action", ACTION),
    ("actor", ACTOR),
    ("on_behalf_of", ON_BEHALF_OF),
    ("ip", IP),
];

/// What several events come to.
#[derive(Clone, Copy)]
struct Sum {
    events: i64,
    bytes: Option<i64>,
    first_key: i64,
    last_key: i64,
}

impl Sum {
    fn add(&mut self, more: Sum) {
        self.events += more.events;
        self.bytes = match (self.bytes, more.bytes) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        self.first_key = self.first_key.min(more.first_key);
        self.last_key = self.last_key.max(more.last_key);
    }
}

/// Sums by what they are of, in its order.
struct Sums<K>(HashMap<K, Sum, RandomState>);

impl<K: Copy + Eq + Hash + Ord> Sums<K> {
    fn of(sums: impl Iterator<Item = (K, Sum)>) -> Sums<K> {
        let mut found: HashMap<K, Sum, RandomState> = HashMap::default();
        for (of, sum) in sums {
            found
                .entry(of)
                .and_modify(|known| known.add(sum))
                .or_insert(sum);
        }
        Sums(found)
    }

    fn sorted(&self) -> Vec<(K, Sum)> {
        let mut sums: Vec<(K, Sum)> = self.0.iter().map(|(of, sum)| (*of, *sum)).collect();
        sums.sort_unstable_by_key(|(of, _)| *of);
        sums
    }
}

impl Ingest<'_> {
    /// Counts new events by day, and by where everyone came from. `words` are the rows of the
    /// draft's texts.
    pub(super) fn roll_up(&mut self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let by_actor = Sums::of(fresh.iter().map(|new| {
            let word = self.word_of(new, words);
            let day = (new.key >> KEY_SHIFT).div_euclid(DAY);
            let of = [day, word(EVENT_TYPE), word(ACTION), word(ACTOR)];
            (of, self.sum_of(new))
        }));
        let by_actor = by_actor.sorted();
        self.keep_day_actors(&by_actor)?;
        let by_action = by_actor.iter();
        let by_action = by_action
            .map(|([day, event_type, action, _], sum)| ([*day, *event_type, *action], *sum));
        self.keep_day_actions(&Sums::of(by_action).sorted())?;
        let by_hour = fresh.iter().map(|new| {
            let hour = (new.key >> KEY_SHIFT).rem_euclid(DAY) / HOUR;
            ([hour, self.word_of(new, words)(ACTOR)], self.sum_of(new))
        });
        self.keep_hours(&Sums::of(by_hour).sorted())?;
        let addresses = fresh.iter().map(|new| {
            let word = self.word_of(new, words);
            ([word(IP), word(ACTOR)], self.sum_of(new))
        });
        self.keep_addresses(&Sums::of(addresses).sorted())?;
        self.list_columns(fresh, words)
    }

    fn word_of<'w>(&'w self, new: &Fresh, words: &'w [i64]) -> impl Fn(usize) -> i64 + 'w {
        let columns = &self.draft.columns[new.row.event];
        |column| words[columns[column] as usize]
    }

    fn sum_of(&self, new: &Fresh) -> Sum {
        let size = &self.draft.page.events[new.row.event].file_size;
        Sum {
            events: 1,
            bytes: size.as_ref().map(|size| size.value),
            first_key: new.key,
            last_key: new.key,
        }
    }

    fn keep_day_actors(&self, sums: &[([i64; 4], Sum)]) -> rusqlite::Result<()> {
        let mut keep = self.db.prepare_cached(
            "insert into day_actor values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             on conflict do update set events = events + excluded.events,
                 bytes = case when bytes is null then excluded.bytes
                     when excluded.bytes is null then bytes
                     when typeof(bytes + excluded.bytes) <> 'integer' then 9223372036854775807
                     else bytes + excluded.bytes end",
        )?;
        sums.iter()
            .try_for_each(|([day, event_type, action, actor], sum)| {
                let source = self.batch.source;
                let values = params![
                    day, source, event_type, action, actor, sum.events, sum.bytes
                ];
                keep.execute(values).map(drop)
            })
    }

    fn keep_day_actions(&self, sums: &[([i64; 3], Sum)]) -> rusqlite::Result<()> {
        let mut keep = self.db.prepare_cached(
            "insert into day_action values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             on conflict do update set events = events + excluded.events,
                 bytes = case when bytes is null then excluded.bytes
                     when excluded.bytes is null then bytes
                     when typeof(bytes + excluded.bytes) <> 'integer' then 9223372036854775807
                     else bytes + excluded.bytes end,
                 first_key = min(first_key, excluded.first_key),
                 last_key = max(last_key, excluded.last_key)",
        )?;
        sums.iter()
            .try_for_each(|([day, event_type, action], sum)| {
                keep.execute(params![
                    day,
                    self.batch.source,
                    event_type,
                    action,
                    sum.events,
                    sum.bytes,
                    sum.first_key,
                    sum.last_key
                ])
                .map(drop)
            })
    }

    fn keep_hours(&self, sums: &[([i64; 2], Sum)]) -> rusqlite::Result<()> {
        let mut keep = self.db.prepare_cached(
            "insert into hour_actor values (?1, ?2, ?3, ?4)
             on conflict do update set events = events + excluded.events",
        )?;
        sums.iter().try_for_each(|([hour, actor], sum)| {
            keep.execute([*hour, self.batch.source, *actor, sum.events])
                .map(drop)
        })
    }

    fn keep_addresses(&self, sums: &[([i64; 2], Sum)]) -> rusqlite::Result<()> {
        let mut keep = self.db.prepare_cached(
            "insert into address values (?1, ?2, ?3, ?4, ?5, ?6)
             on conflict do update set first_key = min(first_key, excluded.first_key),
                 last_key = max(last_key, excluded.last_key), events = events + excluded.events",
        )?;
        sums.iter().try_for_each(|([ip, actor], sum)| {
            let source = self.batch.source;
            keep.execute([*ip, *actor, source, sum.first_key, sum.last_key, sum.events])
                .map(drop)
        })
    }

    /// Notes which texts the columns have that have few.
    fn list_columns(&mut self, fresh: &[Fresh], words: &[i64]) -> rusqlite::Result<()> {
        let mut listed = vec![0_u8; words.len()];
        for new in fresh {
            for (bit, (_, column)) in COLUMNS.iter().enumerate() {
                listed[self.draft.columns[new.row.event][*column] as usize] |= 1 << bit;
            }
        }
        let mut list = self
            .db
            .prepare_cached("insert or ignore into column_word values (?1, ?2)")?;
        for (number, bits) in listed.into_iter().enumerate().filter(|(_, bits)| *bits > 0) {
            let unlisted = self.words.list(words[number], bits);
            let columns = COLUMNS.iter().enumerate();
            for (_, (name, _)) in columns.filter(|(bit, _)| unlisted >> bit & 1 == 1) {
                list.execute(params![name, words[number]])?;
            }
        }
        Ok(())
    }
}
