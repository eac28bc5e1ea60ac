//! A page made ready for the archive: all that can be worked out without it.
//!
//! Hashing and finding forms is as much work as writing rows; it is done here, on the feed's
//! side of the channel, so that the one writer is left with what only it can do.

use std::collections::HashMap;

use crate::archive::identity;
use crate::archive::template;
use crate::event::{Identity, Page};

/// Most records that are compressed together.
pub(super) const BLOCK_RECORDS_MAX: usize = 1 << super::record::BLOCK_SHIFT;

/// A page and what was worked out about its events.
pub struct Draft {
    /// The page.
    pub page: Page,
    /// One for each event of the page, in order of their identities.
    pub(super) rows: Vec<Row>,
    /// Forms of records, and how many events of the page have each.
    pub(super) forms: Vec<(Box<[u8]>, usize)>,
}

/// What was worked out about one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Which event of the page.
    pub(super) event: usize,
    /// Key in table `identity`; of a record without an id, that of its first occurrence.
    pub(super) hash: i64,
    /// See [`identity::of_statement`].
    pub(super) content: i64,
    /// Index in [`Draft::forms`].
    pub(super) form: Option<usize>,
}

impl Draft {
    /// Works out what can be known of a page before it meets the archive. `source` is the row of
    /// table `source`.
    pub fn new(page: Page, source: i64) -> Draft {
        let mut forms = Forms::default();
        let mut finder = template::Finder::default();
        let mut scratch = Vec::new();
        let mut rows = Vec::with_capacity(page.events.len());
        for (event, said) in page.events.iter().enumerate() {
            let hash = match &said.identity {
                Identity::Vendor(id) => identity::of_vendor_id(source, page.text(id)),
                Identity::Content(content) => identity::of_content(source, content, 0),
            };
            let content = identity::of_statement(&page, said, &mut scratch);
            let found = template::form_of(&page, said, &mut finder);
            let form = found.then(|| forms.number(&finder.form));
            rows.push(Row {
                event,
                hash,
                content,
                form,
            });
        }
        // Stable, so that of two equal identities the one that came first stays first.
        rows.sort_by_key(|row| row.hash);
        Draft {
            rows,
            forms: forms.list,
            page,
        }
    }
}

/// The forms of a page by number.
#[derive(Default)]
struct Forms {
    list: Vec<(Box<[u8]>, usize)>,
    numbers: HashMap<Box<[u8]>, usize>,
}

impl Forms {
    fn number(&mut self, form: &[u8]) -> usize {
        let number = match self.numbers.get(form) {
            Some(number) => *number,
            None => {
                self.list.push((form.into(), 0));
                self.numbers.insert(form.into(), self.list.len() - 1);
                self.list.len() - 1
            }
        };
        self.list[number].1 += 1;
        number
    }
}
