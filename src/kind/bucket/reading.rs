//! Objects that have come, read into pages: many small ones into one, a large one into several.

use std::collections::VecDeque;
use std::mem;

use super::trouble::Troubles;
use super::{Contents, Fill};
use crate::event::{Object, Page, Timestamp, Window};
use crate::feed::{Body, FeedError};
use crate::record::json::Batch;

/// What has come of a bucket and is not on its way to the archive yet.
pub(super) struct Reading {
    contents: &'static Contents,
    /// Not looked at yet.
    waiting: VecDeque<(Object, Body)>,
    /// Being read.
    open: Option<(Object, Fill)>,
    /// What of the open object, and of those read whole, is in no page yet.
    batch: Batch,
    /// Read whole; on the list of the next page.
    whole: Vec<Object>,
    /// Of the next page: whether it goes on with the object that the page before ended in.
    window: Window,
    /// The next page is due, however little is in it.
    due: bool,
}

impl Reading {
    pub(super) fn new(contents: &'static Contents) -> Reading {
        Reading {
            contents,
            waiting: VecDeque::new(),
            open: None,
            batch: Batch::default(),
            whole: Vec::new(),
            window: Window::Opens,
            due: false,
        }
    }

    /// An object has come.
    pub(super) fn take(&mut self, object: Object, body: Body) {
        self.waiting.push_back((object, body));
    }

    /// Whatever is there is a page, for there is nothing more for now.
    pub(super) fn flush(&mut self) {
        self.due = !self.whole.is_empty();
    }

    /// The next page, once it is full; none while more objects are needed. Objects that cannot be
    /// read are noted, and those after them read.
    pub(super) fn next_page(&mut self, troubles: &mut Troubles) -> Option<Page> {
        loop {
            if self.batch.is_full() || self.whole.len() >= OBJECTS_MAX {
                return Some(self.page());
            }
            let Some((object, mut fill)) = self.open.take() else {
                if self.open_next(troubles) {
                    continue;
                }
                return mem::take(&mut self.due).then(|| self.page());
            };
            match fill(&mut self.batch) {
                Ok(true) => self.open = Some((object, fill)),
                Ok(false) => self.whole.push(object),
                Err(why) => troubles.add(&object.key, why),
            }
        }
    }

    /// Opens the next object that has come; false if there is none.
    fn open_next(&mut self, troubles: &mut Troubles) -> bool {
        let Some((object, body)) = self.waiting.pop_front() else {
            return false;
        };
        match self.look_at(&object, body) {
            Ok(Some(fill)) => self.open = Some((object, fill)),
            Ok(None) => self.whole.push(object),
            Err(why) => troubles.add(&object.key, why),
        }
        true
    }

    fn look_at(&self, object: &Object, body: Body) -> Result<Option<Fill>, FeedError> {
        let size = match &body {
            Body::Memory(bytes) => bytes.len() as u64,
            Body::Disk(file) => file.metadata()?.len(),
            Body::Stream(_) => object.size,
        };
        if size != object.size {
            return Err(FeedError::Damaged {
                why: format!("{size} bytes came, not {}", object.size),
                hint: None,
            });
        }
        if size == 0 {
            return Ok(None);
        }
        (self.contents.open)(body)
    }

    fn page(&mut self) -> Page {
        let batch = mem::take(&mut self.batch);
        let goes_on = self.open.is_some();
        let after = if goes_on && !batch.records.is_empty() {
            Window::Continues
        } else {
            Window::Opens
        };
        Page {
            objects: mem::take(&mut self.whole),
            window: mem::replace(&mut self.window, after),
            ..(self.contents.page)(batch)
        }
    }
}

/// Most objects of a page.
const OBJECTS_MAX: usize = 4_000;

/// The first moment of which a page tells: of its events, or else of its objects.
pub(super) fn earliest(page: &Page) -> Option<Timestamp> {
    let events = page.events.iter().map(|event| event.time.value).min();
    events.or_else(|| page.objects.iter().map(|object| object.modified).min())
}
