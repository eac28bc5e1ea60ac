//! The feed `file`: the pages of a file the user gave. It asks for nothing, leaves no checkpoint,
//! and claims to cover only what the user says that it covers, for nobody else knows what the file
//! leaves out.

use crate::event::{Claim, Page, Timestamp, Window};
use crate::feed::{Body, Feed, FeedError, Response, Start, Step};

/// Yields the pages of a file, one after another; none after the last.
pub(super) type Pages = Box<dyn FnMut() -> Result<Option<Page>, FeedError> + Send>;

/// A feed of the pages that `open` finds in `body`.
pub(super) fn feed(
    start: &Start,
    body: Body,
    open: impl FnOnce(Body) -> Result<Pages, FeedError> + Send + 'static,
) -> Box<dyn Feed> {
    let as_of = start.now;
    Box::new(FileFeed {
        file: File::Closed(Some((body, Box::new(open)))),
        covers: start.covers.map(|period| Claim { period, as_of }),
    })
}

type Open = Box<dyn FnOnce(Body) -> Result<Pages, FeedError> + Send>;

struct FileFeed {
    file: File,
    /// Still to be claimed.
    covers: Option<Claim>,
}

enum File {
    /// Not opened yet; empty once opening failed.
    Closed(Option<(Body, Open)>),
    /// Being read.
    Open(Pages),
}

impl Feed for FileFeed {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        if let File::Closed(file) = &mut self.file {
            let (body, open) = file.take().ok_or_else(never_opened)?;
            self.file = File::Open(open(body)?);
        }
        let page = match &mut self.file {
            File::Open(pages) => pages()?,
            File::Closed(_) => return Err(never_opened()),
        };
        let page = page.map(unclaimed).or_else(|| self.claim());
        Ok(page.map_or(Step::Done, |page| Step::Keep(Box::new(page))))
    }

    fn read(&mut self, _answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        Ok(())
    }
}

impl FileFeed {
    /// After the last page: a page that holds nothing but the claim.
    fn claim(&mut self) -> Option<Page> {
        let covers = Some(self.covers.take()?);
        Some(Page {
            covers,
            window: Window::Continues,
            ..Page::default()
        })
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
        checkpoints: Vec::new(),
        covers: None,
        ..page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Period;

    const NOW: Timestamp = Timestamp::from_millis(0);

    /// A file of a page for each of two bytes, the pages claiming all sorts of things.
    fn two_pages(start: &Start) -> Box<dyn Feed> {
        feed(start, Body::Memory(b"ab".to_vec()), |body| {
            let mut rest = body.bytes()?.into_iter();
            Ok(Box::new(move || {
                let covers = Some(claim(1));
                Ok(rest.next().map(|byte| Page {
                    bytes: vec![byte],
                    covers,
                    ..Page::default()
                }))
            }))
        })
    }

    fn claim(millis: i64) -> Claim {
        let to = NOW.plus_millis(millis);
        Claim {
            period: Period { from: NOW, to },
            as_of: NOW,
        }
    }

    fn pages(mut feed: Box<dyn Feed>) -> Vec<(Vec<u8>, Option<Claim>)> {
        let mut pages = Vec::new();
        while let Step::Keep(page) = feed.next(NOW).unwrap() {
            pages.push((page.bytes, page.covers));
        }
        assert!(matches!(feed.next(NOW), Ok(Step::Done)));
        pages
    }

    #[test]
    fn a_file_claims_what_the_user_says_and_only_at_its_end() {
        let mut start = Start::of("acme", NOW);
        let (a, b) = ((b"a".to_vec(), None), (b"b".to_vec(), None));
        assert_eq!(pages(two_pages(&start)), [a.clone(), b.clone()]);
        start.covers = Some(claim(7).period);
        let stated = (Vec::new(), Some(claim(7)));
        assert_eq!(pages(two_pages(&start)), [a, b, stated]);
    }

    #[test]
    fn a_file_that_cannot_be_opened_never_looks_finished() {
        let refuse = |_| {
            Err(FeedError::Unreadable {
                why: "no export".to_owned(),
                hint: None,
            })
        };
        let start = Start::of("acme", NOW);
        let mut feed = feed(&start, Body::Memory(Vec::new()), refuse);
        assert_eq!(feed.next(NOW).unwrap_err().to_string(), "no export");
        assert!(feed.next(NOW).is_err());
    }
}
