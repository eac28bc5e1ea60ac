//! Audit records as the SendSafely API lists them, and as they stand in exported files.

mod answer;
mod entry;

use std::str;

use crate::event::{Page, Span, Window};
use crate::feed::{Body, FeedError};
use crate::record::container::{self, Format};
use crate::record::json::{Batch, Records};
use answer::Answer;

/// Reads one answer of the API. `asked` is what was asked for, for error texts.
///
/// The name of the list is not documented: it is the only list of objects in the answer.
/// Numbers of the pagination may be strings, as in official code.
///
/// # Errors
/// The vendor refuses, reports a failure, or its answer is not understood.
pub fn read(body: Vec<u8>, content_type: &str, asked: &str) -> Result<Listing, FeedError> {
    let answer = Answer::read(utf8(&body, asked)?, content_type, asked)?;
    let spans = answer
        .entries
        .iter()
        .filter_map(|entry| Span::of(&body, entry.as_bytes()));
    let records = spans.map(|span| (span, 0)).collect();
    let (rows_returned, next_row, rows_capped) =
        (answer.rows_returned, answer.next_row, answer.rows_capped);
    let page = page(Batch {
        bytes: body,
        records,
    });
    Ok(Listing {
        page,
        rows_returned,
        next_row,
        rows_capped,
    })
}

/// The text of any answer of the API that reports success.
///
/// # Errors
/// As for [`read`].
pub(super) fn successful<'a>(
    body: &'a [u8],
    content_type: &str,
    asked: &str,
) -> Result<&'a str, FeedError> {
    let text = utf8(body, asked)?;
    answer::successful(text, content_type, asked)?;
    Ok(text)
}

fn utf8<'a>(body: &'a [u8], asked: &str) -> Result<&'a str, FeedError> {
    str::from_utf8(body).map_err(|_| answer::not_understood(asked, "it is no UTF-8", body))
}

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

/// A downloaded file, being read.
pub struct Export {
    records: Option<Records>,
    window: Window,
}

impl Export {
    /// Looks at the beginning of a file: an array, one object a line, objects in a row, or an
    /// answer of the API; compressed or not.
    ///
    /// # Errors
    /// It is no export.
    pub fn open(body: Body) -> Result<Export, FeedError> {
        Ok(Export {
            records: records(body)?,
            window: Window::Opens,
        })
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// The file is damaged or cut short.
    pub fn next_page(&mut self) -> Result<Option<Page>, FeedError> {
        let first = self.window == Window::Opens;
        let batch = self
            .records
            .as_mut()
            .map_or(Ok(None), Records::next_batch)?;
        let mut page = match batch {
            Some(batch) => page(batch),
            None if first => Page {
                notices: vec!["the file holds no record".to_owned()],
                ..Page::default()
            },
            None => return Ok(None),
        };
        page.window = self.window;
        self.window = Window::Continues;
        Ok(Some(page))
    }
}

/// The records of a file, however they lie in it; none if it is empty.
///
/// # Errors
/// It is no export.
pub(super) fn records(body: Body) -> Result<Option<Records>, FeedError> {
    let contents = container::open(body)?;
    let records = match contents.format {
        Format::Empty => return Ok(None),
        Format::Json => Records::open(contents.text)?,
        Format::Csv => return Err(no_json()),
    };
    if let Some(envelope) = records.envelope() {
        answer::refusal(envelope, "the file")?;
    }
    Ok(Some(records))
}

fn no_json() -> FeedError {
    FeedError::Unreadable {
        why: "the file is no JSON".to_owned(),
        hint: Some(
            "SendSafely exports its audit log as JSON or NDJSON; is it from another vendor?"
                .to_owned(),
        ),
    }
}

/// A page of what was understood and what was not.
pub(super) fn page(batch: Batch) -> Page {
    batch.read(entry::read)
}

#[cfg(test)]
mod tests;
