//! A SAFE audit export, as the report API or the in-app download gives it, read page by page.
//!
//! Its columns are published nowhere but for `User ID` ("How to use SAFE's audit APIs"), so that
//! their meaning is told by their names, or else by their values.

mod input;
mod plan;
mod row;

use crate::event::{Event, Page, Period, Reject, Window};
use crate::feed::{Body, FeedError};
use crate::record::RecordError;
use crate::record::container;
use crate::record::rows::Rows;
use crate::record::timestamp::DayOrder;
use input::Input;
use plan::Plan;
use row::Reader;

/// What the reader has to be told, for the file does not say it.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// How to read `3/4/2026`.
    pub day_order: DayOrder,
    /// See [`Page::identity_names`]; none before the source's first export.
    pub identity_names: Option<Vec<String>>,
    /// What was asked for. Records far outside of it are kept, with a notice.
    pub period: Option<Period>,
}

/// An export, being read.
pub struct Export {
    input: Input,
    options: ExportOptions,
    /// What the columns mean; known once there is a row.
    plan: Option<Plan>,
    /// The first page, which had to be read to know what the columns mean.
    first: Option<Rows>,
    window: Window,
    notices: Notices,
}

impl Export {
    /// Looks at the beginning of an export: CSV or JSON, compressed or not.
    ///
    /// # Errors
    /// It is no export, it has no column for the time, or its dates can be read two ways.
    pub fn open(body: Body, options: ExportOptions) -> Result<Export, FeedError> {
        let mut input = Input::open(container::open(body)?)?;
        let first = input.next_rows()?;
        refuse_foreign(&input)?;
        let mut notices = Notices::default();
        let plan = Plan::of(&input, first.as_ref(), options.day_order)?;
        if first.is_none() {
            notices.tell("empty", || "the export holds no record".to_owned());
        }
        Ok(Export {
            input,
            options,
            plan,
            first,
            window: Window::Opens,
            notices,
        })
    }

    /// The next page; none after the last. An export without records is one empty page.
    ///
    /// # Errors
    /// The export is damaged or cut short.
    pub fn next_page(&mut self) -> Result<Option<Page>, FeedError> {
        let opens = self.window == Window::Opens;
        let rows = match self.first.take() {
            None if !opens => self.input.next_rows()?,
            first => first,
        };
        if rows.is_none() && !opens {
            return Ok(None);
        }
        let mut rows = rows.unwrap_or_default();
        let mut page = Page {
            header: self.input.header().map(Box::from),
            ..Page::default()
        };
        page.rejects = std::mem::take(&mut rows.rejects);
        page.window = std::mem::replace(&mut self.window, Window::Continues);
        if !rows.rows.is_empty() {
            self.read_rows(&rows, &mut page)?;
        }
        page.bytes = rows.bytes;
        page.notices = std::mem::take(&mut self.notices.untold);
        Ok(Some(page))
    }

    fn read_rows(&mut self, rows: &Rows, page: &mut Page) -> Result<(), RecordError> {
        if self.plan.is_none() {
            self.plan = Plan::of(&self.input, Some(rows), self.options.day_order)?;
        }
        let Some(plan) = &self.plan else {
            return Ok(());
        };
        let columns = self.input.columns();
        if page.window == Window::Opens || self.options.identity_names.is_none() {
            let found = plan.detail_names(columns);
            match &self.options.identity_names {
                Some(known) => self.notices.tell_drift(known, &found),
                None => page.identity_names = Some(found.clone()),
            }
            self.options.identity_names.get_or_insert(found);
        }
        let names = self.options.identity_names.as_deref().unwrap_or_default();
        let reader = Reader::new(plan, columns, names, rows);
        page.events.reserve(rows.rows.len());
        for row in &rows.rows {
            match reader.event(row) {
                Ok((event, zone_assumed)) => {
                    self.notices
                        .look_at(&event, zone_assumed, self.options.period, row.line);
                    page.events.push(event);
                }
                Err(reason) => page.rejects.push(Reject {
                    raw: row.raw,
                    reason,
                    line: row.line,
                }),
            }
        }
        page.rejects.sort_by_key(|reject| reject.raw.start);
        self.notices.look_over(rows, columns);
        Ok(())
    }
}

/// SendSafely's entries would pass for rows, but each would be kept under SAFE's identity. They
/// name who did it in a word of their own (documented).
fn refuse_foreign(input: &Input) -> Result<(), FeedError> {
    const WORD: &str = "authenticatedUser";
    if !input.columns().iter().any(|column| column == WORD) {
        return Ok(());
    }
    Err(FeedError::Unreadable {
        why: format!("the records are SendSafely's: they have `{WORD}`"),
        hint: Some("name a source of kind sendsafely".to_owned()),
    })
}

/// What the user should hear of, each once an export.
#[derive(Default)]
struct Notices {
    untold: Vec<String>,
    told: Vec<&'static str>,
}

impl Notices {
    fn tell(&mut self, topic: &'static str, words: impl FnOnce() -> String) {
        if !self.told.contains(&topic) {
            self.told.push(topic);
            self.untold.push(words());
        }
    }

    /// Columns that came or went since the first export.
    fn tell_drift(&mut self, known: &[String], found: &[String]) {
        let missing_in = |there: &[String], names: &[String]| {
            names
                .iter()
                .filter(|name| !there.contains(name))
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
        };
        let (new, gone) = (missing_in(known, found), missing_in(found, known));
        if !new.is_empty() {
            let names = new.join(", ");
            self.tell("new", || {
                format!("the export has new columns: {names}; they are kept as details")
            });
        }
        if !gone.is_empty() {
            let names = gone.join(", ");
            let effect = "records that are in the archive already may be added again";
            self.tell("gone", || {
                format!("the export lacks columns it had before: {names}; {effect}")
            });
        }
    }

    fn look_at(&mut self, event: &Event, zone_assumed: bool, period: Option<Period>, line: u64) {
        if zone_assumed {
            self.tell("zone", || {
                "the times name no zone and are taken for UTC".to_owned()
            });
        }
        let time = event.time.value;
        let outside = |period: &Period| {
            time < period.from.plus_millis(-2 * DAY) || time > period.to.plus_millis(DAY)
        };
        if period.as_ref().is_some_and(outside) {
            let cause = "the order of day and month, or the zone, may be taken wrongly";
            self.tell("period", || {
                format!("line {line}: {time} lies outside of what was asked for; {cause}")
            });
        }
    }

    fn look_over(&mut self, rows: &Rows, columns: &[String]) {
        if rows.foreign_cells > 0 {
            self.tell("encoding", || {
                "some cells are no UTF-8 and are taken for Windows-1252".to_owned()
            });
        }
        if columns.iter().any(|name| name.starts_with("_overflow_")) {
            self.tell("overflow", || {
                "some rows have more cells than the header; they are kept as details".to_owned()
            });
        }
    }
}

const DAY: i64 = 86_400_000;

#[cfg(test)]
mod tests;
