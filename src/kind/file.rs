//! The feed `file`: the pages of a file the user gave. It asks for nothing, leaves no checkpoint
//! and claims no coverage, for nobody knows what the file leaves out.

use crate::event::{Page, Timestamp};
use crate::feed::{Body, Feed, FeedError, Response, Step};

/// Yields the pages of a file, one after another; none after the last.
pub(super) type Pages = Box<dyn FnMut() -> Result<Option<Page>, FeedError> + Send>;

/// A feed of the pages that `open` finds in `body`.
pub(super) fn feed(
    body: Body,
    open: impl FnOnce(Body) -> Result<Pages, FeedError> + Send + 'static,
) -> Box<dyn Feed> {
    Box::new(FileFeed::Closed(Some((body, Box::new(open)))))
}

type Open = Box<dyn FnOnce(Body) -> Result<Pages, FeedError> + Send>;

enum FileFeed {
    /// Not opened yet; empty once opening failed.
    Closed(Option<(Body, Open)>),
    /// Being read.
    Open(Pages),
}

impl Feed for FileFeed {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        if let FileFeed::Closed(file) = self {
            let (body, open) = file.take().ok_or_else(never_opened)?;
            *self = FileFeed::Open(open(body)?);
        }
        let page = match self {
            FileFeed::Open(pages) => pages()?,
            FileFeed::Closed(_) => return Err(never_opened()),
        };
        Ok(page.map_or(Step::Done, |page| Step::Keep(Box::new(unclaimed(page)))))
    }

    fn read(&mut self, _answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        Ok(())
    }
}

fn never_opened() -> FeedError {
    FeedError::Unreadable {
        why: "the file could not be opened".to_owned(),
        hint: None,
    }
}

fn unclaimed(page: Page) -> Page {
    Page {
        checkpoint: None,
        covers: None,
        ..page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Period;

    const NOW: Timestamp = Timestamp::from_millis(0);

    #[test]
    fn the_pages_of_a_file_are_kept_without_a_claim() {
        let mut feed = feed(Body::Memory(b"ab".to_vec()), |body| {
            let mut rest = body.bytes()?.into_iter();
            Ok(Box::new(move || {
                let covers = Some(Period {
                    from: NOW,
                    to: NOW.plus_millis(1),
                });
                Ok(rest.next().map(|byte| Page {
                    bytes: vec![byte],
                    covers,
                    ..Page::default()
                }))
            }))
        });
        for byte in *b"ab" {
            let Step::Keep(page) = feed.next(NOW).unwrap() else {
                panic!("no page {byte}")
            };
            assert_eq!((page.bytes, page.covers), (vec![byte], None));
        }
        assert!(matches!(feed.next(NOW), Ok(Step::Done)));
    }

    #[test]
    fn a_file_that_cannot_be_opened_never_looks_finished() {
        let refuse = |_| {
            Err(FeedError::Unreadable {
                why: "no export".to_owned(),
                hint: None,
            })
        };
        let mut feed = feed(Body::Memory(Vec::new()), refuse);
        assert_eq!(feed.next(NOW).unwrap_err().to_string(), "no export");
        assert!(feed.next(NOW).is_err());
    }
}
