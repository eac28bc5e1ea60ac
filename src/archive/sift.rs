//! Tells the new events of a page from those the archive has.

use crate::archive::draft::Row;
use crate::archive::identities::Identities;
use crate::archive::ingest::{Ingest, MILLIS_MAX};
use crate::archive::occurrence::Occurrences;
use crate::archive::{identity, sighting, vendor_id};
use crate::event::{Event, Identity};

/// What of a page is new, and what has an id that is taken: the event's number with its first.
pub(super) struct Sifted {
    pub(super) fresh: Vec<Fresh>,
    pub(super) conflicts: Vec<(First, usize)>,
}

/// An event that is new: its row, and the key it got once it is inserted.
pub(super) struct Fresh {
    pub(super) row: Row,
    pub(super) key: i64,
}

/// Where a conflicting event's first copy is.
#[derive(Clone, Copy)]
pub(super) enum First {
    /// In the archive, under this key.
    Archived(i64),
    /// In this page: the event of that number.
    InPage(usize),
}

impl Ingest<'_> {
    /// Tells new events from those the archive has.
    pub(super) fn sift(&mut self) -> rusqlite::Result<Sifted> {
        let mut identities = Identities::open(self.db)?;
        let mut occurrences = Occurrences::open(self.db, self.batch, self.draft.page.window)?;
        let mut fresh: Vec<Fresh> = Vec::with_capacity(self.draft.rows.len());
        let mut conflicts = Vec::new();
        for row in &self.draft.rows {
            let mut row = *row;
            let event = &self.draft.page.events[row.event];
            if row.millis.unsigned_abs() > MILLIS_MAX {
                self.quarantine(event, "the time is outside the calendar", 0)?;
                continue;
            }
            if let (true, Identity::Content(content)) = (row.is_counted, &event.identity) {
                let occurrence = occurrences.next(content)?;
                row.hash = identity::of_content(self.batch.source, content, occurrence);
            }
            match self.place(&mut identities, &mut row, event, fresh.last())? {
                Place::New => fresh.push(Fresh {
                    row,
                    key: row.first_key(),
                }),
                Place::Same(first) => {
                    self.counts.duplicate += 1;
                    self.note_sighting(first)?;
                }
                Place::Other(first) => {
                    self.counts.duplicate += 1;
                    self.note_sighting(first)?;
                    conflicts.push((first, row.event));
                }
            }
        }
        Ok(Sifted { fresh, conflicts })
    }

    /// Where an event belongs; a new one's identity is kept at once. Two ids that share 64 bits of
    /// their hash are told apart by the ids themselves; the later one moves to the next free
    /// number.
    fn place(
        &self,
        identities: &mut Identities<'_>,
        row: &mut Row,
        event: &Event,
        last: Option<&Fresh>,
    ) -> rusqlite::Result<Place> {
        loop {
            let in_page = last.filter(|last| last.row.hash == row.hash);
            if let Some(last) = in_page {
                if last.row.content == row.content {
                    return Ok(Place::Same(First::InPage(last.row.event)));
                }
                if self.is_same_id(last.row.event, event) {
                    return Ok(Place::Other(First::InPage(last.row.event)));
                }
            } else if identities.keep(row)? {
                return Ok(Place::New);
            } else {
                let (key, content) = identities.find(row.hash)?;
                if content == row.content {
                    return Ok(Place::Same(First::Archived(key)));
                }
                if self.is_id_of(key, event)? {
                    return Ok(Place::Other(First::Archived(key)));
                }
            }
            row.hash = row.hash.wrapping_add(1);
        }
    }

    /// An event that another feed of the source has brought before has now come by this one too.
    fn note_sighting(&self, first: First) -> rusqlite::Result<()> {
        match first {
            First::Archived(key) if self.has_siblings => {
                sighting::note(self.db, self.batch, key, self.page)
            }
            First::Archived(_) | First::InPage(_) => Ok(()),
        }
    }

    /// Whether the archived event of that key has this event's id. One without an id has equal
    /// content by its hash, and differs in what does not count in its identity.
    fn is_id_of(&self, key: i64, event: &Event) -> rusqlite::Result<bool> {
        let mut find = self
            .db
            .prepare_cached("select id from event where key = ?1")?;
        let archived = find.query_row([key], |row| Ok(vendor_id::read(row.get_ref(0)?)))?;
        Ok(archived.as_deref() == self.draft.page.vendor_id(event))
    }

    fn is_same_id(&self, earlier: usize, event: &Event) -> bool {
        let page = &self.draft.page;
        page.vendor_id(&page.events[earlier]) == page.vendor_id(event)
    }
}

/// Where an event belongs.
enum Place {
    /// It is new.
    New,
    /// The archive has it.
    Same(First),
    /// The archive has its id with other content.
    Other(First),
}
