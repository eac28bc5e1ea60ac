//! A page made ready for the archive: all that can be worked out without it.
//!
//! Hashing, telling equal texts and finding forms is as much work as writing rows; it is done
//! here, on the feed's side of the channel, so that the one writer is left with what only it can
//! do.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::archive::ingest::{KEY_MASK, KEY_SHIFT};
use crate::archive::template::{self, TEXT_COUNT};
use crate::archive::{identity, record};
use crate::event::{Event, Identity, Page, Text};

/// Most records that are compressed together.
pub(super) const BLOCK_RECORDS_MAX: usize = 1 << record::BLOCK_SHIFT;

/// A page and what was worked out about its events.
pub struct Draft {
    /// The page.
    pub page: Page,
    /// One for each event of the page, in order of their identities.
    pub(super) rows: Vec<Row>,
    /// The columns of each event, in the page's order, as numbers of [`Draft::texts`].
    pub(super) columns: Vec<[u32; TEXT_COUNT]>,
    /// The details of each event as JSON.
    pub(super) details: Vec<Option<String>>,
    /// The texts of the page, each once. The first stands for no text.
    pub(super) texts: Vec<Text>,
    /// Forms of records, and how many events of the page have each.
    pub(super) forms: Vec<(Box<[u8]>, usize)>,
}

/// What was worked out about one event. Small, for rows are sorted and walked in an order in
/// which the events themselves do not lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Which event of the page.
    pub(super) event: usize,
    /// When it happened.
    pub(super) millis: i64,
    /// Key in table `identity`; of a record without an id, that of its first occurrence.
    pub(super) hash: i64,
    /// See [`identity::of_statement`].
    pub(super) content: i64,
    /// Whether it has no id of the vendor's.
    pub(super) is_counted: bool,
    /// Index in [`Draft::forms`].
    pub(super) form: Option<u32>,
}

impl Row {
    /// The key under which the event goes, if it is free.
    pub(super) fn first_key(&self) -> i64 {
        self.millis << KEY_SHIFT | (self.hash & KEY_MASK)
    }
}

impl Draft {
    /// Works out what can be known of a page before it meets the archive. `source` is the row of
    /// table `source`.
    pub fn new(page: Page, source: i64) -> Draft {
        let mut known = Known::new(&page, source);
        let rows = page.events.iter().enumerate();
        let mut rows: Vec<Row> = rows
            .map(|(number, event)| known.row(number, event))
            .collect();
        // Stable, so that of two equal identities the one that came first stays first.
        rows.sort_by_key(|row| row.hash);
        let Known {
            columns,
            texts,
            forms,
            ..
        } = known;
        let details = page
            .events
            .iter()
            .map(|event| page.details_json(event))
            .collect();
        Draft {
            rows,
            columns,
            details,
            texts,
            forms,
            page,
        }
    }
}

/// What is known of a page so far.
struct Known<'a> {
    page: &'a Page,
    source: i64,
    columns: Vec<[u32; TEXT_COUNT]>,
    texts: Vec<Text>,
    numbers: HashMap<&'a str, u32, RandomState>,
    forms: Vec<(Box<[u8]>, usize)>,
    form_numbers: HashMap<Box<[u8]>, u32, RandomState>,
    finder: template::Finder,
    scratch: Vec<u8>,
}

impl<'a> Known<'a> {
    fn new(page: &'a Page, source: i64) -> Known<'a> {
        Known {
            page,
            source,
            columns: Vec::with_capacity(page.events.len()),
            texts: vec![Text::from("")],
            numbers: HashMap::default(),
            forms: Vec::new(),
            form_numbers: HashMap::default(),
            finder: template::Finder::default(),
            scratch: Vec::new(),
        }
    }

    fn row(&mut self, number: usize, event: &'a Event) -> Row {
        let mut columns = [0; TEXT_COUNT];
        for (column, text) in columns.iter_mut().zip(identity::columns(event)) {
            *column = text.as_ref().map_or(0, |text| self.text(text));
        }
        self.columns.push(columns);
        let hash = match &event.identity {
            Identity::Vendor(id) => identity::of_vendor_id(self.source, self.page.text(id)),
            Identity::Content(content) => identity::of_content(self.source, content, 0),
        };
        let has_form = template::form_of(self.page, event, &mut self.finder);
        Row {
            event: number,
            millis: event.time.value.millis(),
            hash,
            content: identity::of_statement(self.page, event, &mut self.scratch),
            is_counted: matches!(event.identity, Identity::Content(_)),
            form: has_form.then(|| self.form()),
        }
    }

    /// The number of a text.
    fn text(&mut self, text: &'a Text) -> u32 {
        let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(self.page.text(text)).or_insert(next);
        if number == next {
            self.texts.push(text.clone());
        }
        number
    }

    /// The number of the form that was found last.
    fn form(&mut self) -> u32 {
        let form = self.finder.form.as_slice();
        let number = match self.form_numbers.get(form) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(self.forms.len()).unwrap_or(u32::MAX);
                self.forms.push((form.into(), 0));
                self.form_numbers.insert(form.into(), number);
                number
            }
        };
        self.forms[number as usize].1 += 1;
        number
    }
}
