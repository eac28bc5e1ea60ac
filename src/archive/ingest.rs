//! Keeps a page: one transaction, nothing lost, nothing twice, the first copy untouched.

use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior, params};

use crate::archive::draft::{BLOCK_RECORDS_MAX, Draft, Row};
use crate::archive::sift::{First, Fresh, Sifted};
use crate::archive::vendor_id::VendorId;
use crate::archive::words::Words;
use crate::archive::{Archive, ArchiveError, Batch, Ingested, conflict, coverage, gathering};
use crate::archive::{identities, objects, quarantine, record, search, sighting, users};
use crate::event::{Event, Timestamp};

/// A key is the time in milliseconds, shifted by this, and a number that tells events of one
/// millisecond apart.
pub(super) const KEY_SHIFT: u32 = 20;
pub(super) const KEY_MASK: i64 = (1 << KEY_SHIFT) - 1;

/// Times that fit a key: 1691 to 2248. Readers refuse times far inside of this.
pub(super) const MILLIS_MAX: u64 = i64::MAX.unsigned_abs() >> KEY_SHIFT;

impl Archive {
    /// Keeps a page, or on an error nothing of it.
    ///
    /// # Errors
    /// The disk is full, or SQLite fails otherwise.
    pub fn ingest(
        &mut self,
        batch: &Batch,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<Ingested, ArchiveError> {
        let Archive {
            db, words, path, ..
        } = self;
        let kept = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|tx| {
                let ingested = Ingest::begin(&tx, words, batch, draft, now)?.keep()?;
                tx.commit()?;
                Ok(ingested)
            });
        kept.map_err(|error| {
            words.forget();
            ArchiveError::writing(path, error)
        })
    }
}

/// The keeping of one page.
pub(super) struct Ingest<'a> {
    pub(super) db: &'a Connection,
    pub(super) words: &'a mut Words,
    pub(super) batch: &'a Batch,
    pub(super) draft: &'a Draft,
    now: Timestamp,
    /// Whether another feed of the source runs too, so that one event may come by both.
    pub(super) has_siblings: bool,
    pub(super) page: i64,
    pub(super) counts: Ingested,
}

impl<'a> Ingest<'a> {
    fn begin(
        db: &'a Connection,
        words: &'a mut Words,
        batch: &'a Batch,
        draft: &'a Draft,
        now: Timestamp,
    ) -> rusqlite::Result<Ingest<'a>> {
        let header = match &draft.page.header {
            Some(header) => Some(words.of_text(db, header)?),
            None => None,
        };
        db.prepare_cached(
            "insert into page (batch, source, feed, archived_at, header) values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![batch.id, batch.source, batch.feed, now.millis(), header])?;
        let page = db.last_insert_rowid();
        let received = draft.page.received() as u64;
        let counts = Ingested {
            received,
            ..Ingested::default()
        };
        Ok(Ingest {
            db,
            words,
            batch,
            draft,
            now,
            has_siblings: sighting::has_siblings(db, batch)?,
            page,
            counts,
        })
    }

    fn keep(mut self) -> rusqlite::Result<Ingested> {
        let Sifted {
            mut fresh,
            conflicts,
        } = self.sift()?;
        self.insert_events(&mut fresh)?;
        self.record_conflicts(&conflicts, &fresh)?;
        self.keep_rejects()?;
        self.keep_rest()?;
        self.counts.keep(self.db, self.batch)?;
        Ok(self.counts)
    }

    /// Inserts events in order of time, so that rows fill the table from one end.
    fn insert_events(&mut self, fresh: &mut [Fresh]) -> rusqlite::Result<()> {
        // Most pages of what is read again bring nothing new; their forms and words stay theirs.
        if fresh.is_empty() {
            return Ok(());
        }
        fresh.sort_unstable_by_key(|new| new.key);
        let records = self.keep_records(fresh)?;
        let events = fresh.iter().map(|new| new.row.event);
        let words = self.words.of_events(self.db, self.draft, events)?;
        let mut insert = self.db.prepare_cached(INSERT_EVENT)?;
        for (new, record) in fresh.iter_mut().zip(records) {
            self.bind_event(&mut insert, new.row.event, &words, record)?;
            let key = insert_at_free_key(&mut insert, &new.row)?;
            if key != new.key {
                // An event that found its key taken is under the next free one.
                identities::relocate(self.db, new.row.hash, key)?;
                new.key = key;
            }
        }
        gathering::IDENTITY.settle(self.db, fresh.len())?;
        self.counts.added += fresh.len() as u64;
        self.count_late(fresh);
        self.widen_actor_spans(fresh, &words)?;
        let keys = fresh.iter().map(|new| (new.key, new.row.event)).collect();
        search::keep(self.db, self.page, self.draft, keys)?;
        self.list_by_package(fresh, &words)?;
        self.list_by_file(fresh, &words)?;
        self.list_by_person(fresh, &words)?;
        self.list_by_action(fresh, &words)?;
        self.roll_up(fresh, &words)
    }

    fn count_late(&mut self, fresh: &[Fresh]) {
        for new in fresh {
            let time = Timestamp::from_millis(new.row.millis);
            if let Some(late_by) = self.batch.late_by(time) {
                self.counts.late += 1;
                self.counts.late_by = self.counts.late_by.max(late_by);
            }
        }
    }

    fn bind_event(
        &self,
        insert: &mut CachedStatement<'_>,
        number: usize,
        words: &[i64],
        record: Kept,
    ) -> rusqlite::Result<()> {
        let page = &self.draft.page;
        let event = &page.events[number];
        insert.raw_bind_parameter(2, self.page)?;
        insert.raw_bind_parameter(3, page.vendor_id(event).map(VendorId::of))?;
        for (n, text) in self.draft.columns[number].iter().enumerate() {
            insert.raw_bind_parameter(4 + n, words[*text as usize])?;
        }
        insert.raw_bind_parameter(14, event.port.map(|port| port.value))?;
        insert.raw_bind_parameter(15, event.file_size.map(|size| size.value))?;
        insert.raw_bind_parameter(16, &self.draft.details[number])?;
        insert.raw_bind_parameter(17, record.template)?;
        insert.raw_bind_parameter(18, record.block)
    }

    /// Keeps the records of new events.
    fn keep_records(&mut self, fresh: &[Fresh]) -> rusqlite::Result<Vec<Kept>> {
        let templates = self.keep_templates()?;
        let template_of = |new: &Fresh| new.row.form.and_then(|form| templates[form as usize]);
        let mut kept: Vec<Kept> = fresh
            .iter()
            .map(|new| Kept {
                template: template_of(new),
                block: None,
            })
            .collect();
        let whole: Vec<usize> = (0..fresh.len())
            .filter(|n| kept[*n].template.is_none())
            .collect();
        let page = &self.draft.page;
        for chunk in whole.chunks(BLOCK_RECORDS_MAX) {
            let raw = |n: &usize| page.slice(page.events[fresh[*n].row.event].raw);
            let block =
                record::pack(&chunk.iter().map(raw).collect::<Vec<_>>()).map_err(unpackable)?;
            self.db
                .prepare_cached("insert into block (records) values (?1)")?
                .execute([block])?;
            let first = self.db.last_insert_rowid() << record::BLOCK_SHIFT;
            for (place, n) in (0_i64..).zip(chunk) {
                kept[*n].block = Some(first | place);
            }
        }
        Ok(kept)
    }

    /// The rows of the page's forms. A form that a single record has is not worth a row, unless
    /// it is there already.
    fn keep_templates(&self) -> rusqlite::Result<Vec<Option<i64>>> {
        let mut find = self
            .db
            .prepare_cached("select id from template where form = ?1")?;
        let mut insert = self
            .db
            .prepare_cached("insert into template (form) values (?1)")?;
        let row = |(form, events): &(Box<[u8]>, usize)| {
            let known = find.query_row([form], |row| row.get(0)).optional()?;
            if known.is_some() || *events < 2 {
                return Ok(known);
            }
            insert.execute([form])?;
            Ok(Some(self.db.last_insert_rowid()))
        };
        self.draft.forms.iter().map(row).collect()
    }

    fn record_conflicts(
        &mut self,
        conflicts: &[(First, usize)],
        fresh: &[Fresh],
    ) -> rusqlite::Result<()> {
        for (first, event) in conflicts {
            let key = match first {
                First::Archived(key) => Some(*key),
                First::InPage(first) => fresh
                    .iter()
                    .find(|new| new.row.event == *first)
                    .map(|new| new.key),
            };
            if let Some(key) = key {
                let draft = self.draft;
                conflict::record(
                    self.db,
                    self.page,
                    key,
                    &draft.page,
                    &draft.page.events[*event],
                )?;
                self.counts.conflict += 1;
            }
        }
        Ok(())
    }

    fn keep_rejects(&mut self) -> rusqlite::Result<()> {
        let draft = self.draft;
        for reject in &draft.page.rejects {
            self.quarantine_bytes(draft.page.slice(reject.raw), &reject.reason, reject.line)?;
        }
        Ok(())
    }

    /// Quarantines an event that was read, but cannot be kept as one.
    pub(super) fn quarantine(
        &mut self,
        event: &Event,
        reason: &str,
        line: u64,
    ) -> rusqlite::Result<()> {
        let draft = self.draft;
        self.quarantine_bytes(draft.page.slice(event.raw), reason, line)
    }

    fn quarantine_bytes(&mut self, raw: &[u8], reason: &str, line: u64) -> rusqlite::Result<()> {
        self.counts.quarantined += 1;
        quarantine::keep(self.db, self.batch.source, self.page, raw, reason, line)
    }

    /// Users, names that settle identity, checkpoints, objects and coverage.
    fn keep_rest(&mut self) -> rusqlite::Result<()> {
        let page = &self.draft.page;
        if let Some(list) = &page.users {
            users::take_in(self.db, self.batch.source, list, self.now)?;
        }
        if let Some(names) = &page.identity_names {
            self.settle_identity_names(names)?;
        }
        for checkpoint in &page.checkpoints {
            self.db
                .prepare_cached("insert or replace into checkpoint values (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![
                    self.batch.source,
                    self.batch.feed,
                    checkpoint.partition,
                    checkpoint.json,
                    self.page
                ])?;
        }
        for object in &page.objects {
            objects::keep(self.db, self.words, self.batch, object, self.page)?;
        }
        page.covers
            .map_or(Ok(()), |claim| coverage::claim(self.db, self.batch, claim))
    }

    /// The first names given are the ones that count.
    fn settle_identity_names(&self, names: &[String]) -> rusqlite::Result<()> {
        let settled = self.db.execute(
            "update source set names_page = ?2 where id = ?1 and names_page is null",
            [self.batch.source, self.page],
        )?;
        if settled == 0 {
            return Ok(());
        }
        let mut insert = self
            .db
            .prepare_cached("insert or ignore into identity_name values (?1, ?2)")?;
        names
            .iter()
            .try_for_each(|name| insert.execute(params![self.batch.source, name]).map(drop))
    }
}

/// Where a record is kept: by its form, or in a block.
#[derive(Clone, Copy)]
struct Kept {
    template: Option<i64>,
    block: Option<i64>,
}

/// Inserts the bound event under the first free key of its millisecond.
fn insert_at_free_key(insert: &mut CachedStatement<'_>, row: &Row) -> rusqlite::Result<i64> {
    let mut key = row.first_key();
    loop {
        insert.raw_bind_parameter(1, key)?;
        if insert.raw_execute()? == 1 {
            return Ok(key);
        }
        key = (key & !KEY_MASK) | ((key + 1) & KEY_MASK);
    }
}

const INSERT_EVENT: &str = "insert into event (key, page, id, event_type, action, actor,
    on_behalf_of, ip, target, package, package_type, package_owner, file_name, port, file_size,
    details, template, block)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
    on conflict do nothing";

fn unpackable(error: std::io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}
