//! One pass over a bucket: lists keys, asks the archive which objects are new, fetches those side
//! by side, and reads them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::listing::{self, KEYS_MAX};
use super::place::{IN_MEMORY_BYTES_MAX, Place};
use super::progress::{self, Progress};
use super::reading::{Reading, earliest};
use super::refusal::{self, Refusal};
use super::scan::Scan;
use super::trouble::Troubles;
use super::{Contents, Wanted};
use crate::event::{Object, Page, Timestamp, Window};
use crate::feed::{Body, Feed, FeedError, Request, Response, Start, Step};

/// A pass over a bucket, which may not have begun.
pub(super) struct Walk {
    contents: &'static Contents,
    place: Place,
    start: Start,
    pass: Option<Pass>,
}

impl Walk {
    pub(super) fn new(contents: &'static Contents, place: Place, start: Start) -> Walk {
        Walk {
            contents,
            place,
            start,
            pass: None,
        }
    }
}

impl Feed for Walk {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        let pass = match self.pass.take() {
            Some(pass) => pass,
            None => Pass::begin(self.contents, self.place.clone(), self.start.clone())?,
        };
        self.pass.insert(pass).next()
    }

    fn read(&mut self, answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        self.pass.as_mut().map_or(Ok(()), |pass| pass.read(answer))
    }

    fn sifted(&mut self, new: Vec<Object>) {
        if let Some(pass) = &mut self.pass {
            pass.sifted(new);
        }
    }
}

/// A pass over a bucket, under way.
struct Pass {
    contents: &'static Contents,
    place: Place,
    start: Start,
    scan: Scan,
    progress: Progress,
    /// All keys are listed.
    full: bool,
    /// Asked for, in the order in which the answers come; none while a list is asked for.
    asked: VecDeque<Object>,
    /// Listed, and not asked after yet.
    found: Vec<Object>,
    /// Of what is being asked after: what is read in any case, though it may be archived.
    again: Vec<Object>,
    /// Keys of the last list whose objects cannot be read before they are restored.
    frozen: BTreeSet<String>,
    /// How many of such are not archived.
    frozen_count: u64,
    /// New, and not asked for yet.
    new: VecDeque<Object>,
    reading: Reading,
    troubles: Troubles,
    /// No more is asked for; what has come is on its way to the archive.
    closing: bool,
    /// The last page has been made.
    over: bool,
}

/// Most objects that are asked for at once, and most bytes of them that are held in memory.
const ROUND_OBJECTS: usize = 64;
const ROUND_BYTES: u64 = 16 << 20;

/// So many keys without a date are worth a word.
const UNDATED_MANY: u64 = 10_000;

impl Pass {
    fn begin(contents: &'static Contents, place: Place, start: Start) -> Result<Pass, FeedError> {
        let (mut progress, oldest) = Progress::read(&start, contents.feed, &place)?;
        let full = progress.is_full_due(&start, &place);
        if full {
            progress.thaw();
        }
        Ok(Pass {
            scan: Scan::new(oldest, progress.ordered || full),
            contents,
            place,
            start,
            progress,
            full,
            asked: VecDeque::new(),
            found: Vec::new(),
            again: Vec::new(),
            frozen: BTreeSet::new(),
            frozen_count: 0,
            new: VecDeque::new(),
            reading: Reading::new(contents),
            troubles: Troubles::default(),
            closing: false,
            over: false,
        })
    }

    fn next(&mut self) -> Result<Step, FeedError> {
        loop {
            if let Some(page) = self.next_page() {
                return Ok(Step::Keep(Box::new(page)));
            }
            if self.over {
                let failure = self.troubles.failure(&self.place);
                return failure.map_or(Ok(Step::Done), Err);
            }
            if self.closing || self.troubles.is_too_much() {
                return Ok(Step::Keep(Box::new(self.last_page())));
            }
            if let Some(step) = self.go_on() {
                return Ok(step);
            }
        }
    }

    /// What is asked for next; none where there may be a page to be kept first.
    fn go_on(&mut self) -> Option<Step> {
        if !self.found.is_empty() {
            return Some(self.sift());
        }
        if !self.new.is_empty() {
            let requests = self.round();
            return (!requests.is_empty()).then_some(Step::AskAll(requests));
        }
        let Some(from) = self.scan.from() else {
            self.reading.flush();
            self.closing = true;
            return None;
        };
        let purpose = self.asked_list();
        Some(Step::Ask(self.place.list(from, KEYS_MAX, purpose)))
    }

    fn next_page(&mut self) -> Option<Page> {
        let mut page = self.reading.next_page(&mut self.troubles)?;
        if earliest(&page).is_some_and(|moment| self.progress.happened(moment)) {
            page.checkpoints = vec![self.progress.checkpoint()];
        }
        page.notices.extend(self.troubles.take_notices());
        Some(page)
    }

    /// Asks the archive which of the objects are new. What the user wants again is read again.
    fn sift(&mut self) -> Step {
        let found = std::mem::take(&mut self.found);
        if let Some(since) = self.start.since {
            let recent = found.iter().filter(|object| object.modified >= since);
            self.again = recent.cloned().collect();
        }
        Step::Sift(found)
    }

    fn sifted(&mut self, new: Vec<Object>) {
        let all = new.into_iter().chain(std::mem::take(&mut self.again));
        // In the order of their keys, and each once.
        let all: BTreeMap<String, Object> = all.map(|one| (one.key.clone(), one)).collect();
        for object in all.into_values() {
            if self.frozen.contains(&object.key) {
                self.frozen_count += 1;
                self.progress.froze(object.modified);
            } else {
                self.new.push_back(object);
            }
        }
    }

    /// The next requests for objects. Those that are empty need none.
    fn round(&mut self) -> Vec<Request> {
        let (mut requests, mut bytes) = (Vec::new(), 0);
        while let Some(object) = self.new.pop_front() {
            // A large one is streamed to disk, and is a round of its own.
            let is_large = object.size > IN_MEMORY_BYTES_MAX;
            bytes += if is_large { ROUND_BYTES } else { object.size };
            let is_full = requests.len() >= ROUND_OBJECTS || bytes > ROUND_BYTES;
            if is_full && !requests.is_empty() {
                self.new.push_front(object);
                break;
            }
            if object.size == 0 {
                self.reading.take(object, Body::Memory(Vec::new()));
            } else if let Some(request) = self.place.object(&object) {
                requests.push(request);
                self.asked.push_back(object);
            } else {
                let why = "no URL can say its key".to_owned();
                let why = FeedError::Unreadable { why, hint: None };
                self.troubles.add(&object.key, why);
            }
        }
        requests
    }

    fn read(&mut self, answer: Response) -> Result<(), FeedError> {
        match self.asked.pop_front() {
            Some(object) => self.read_object(object, answer),
            None => self.read_list(answer),
        }
    }

    fn read_list(&mut self, answer: Response) -> Result<(), FeedError> {
        let (status, asked) = (answer.status, self.asked_list());
        let body = answer.body.bytes()?;
        let body = String::from_utf8(body)
            .map_err(|_| listing::not_understood(&asked, "it is no UTF-8", ""))?;
        if status != 200 {
            return Err(refusal::error(status, &body, &asked));
        }
        let listing = listing::read(&body, &self.place.bucket, &asked)?;
        let (wants, ignore) = (self.contents.wants, &self.place.ignore);
        let wants = |key: &str| {
            let is_ignored = ignore.iter().any(|part| key.contains(part));
            if is_ignored { Wanted::Pass } else { wants(key) }
        };
        let was_ordered = self.scan.ordered;
        let found = self.scan.take(listing, wants)?;
        if was_ordered && !self.scan.ordered {
            // All is listed anew; what was read is archived first, so that it is not read again.
            self.reading.flush();
            self.full = true;
        }
        let frozen = found.iter().filter(|one| one.frozen);
        self.frozen = frozen.map(|one| one.object.key.clone()).collect();
        self.found = found.into_iter().map(|one| one.object).collect();
        Ok(())
    }

    fn read_object(&mut self, object: Object, answer: Response) -> Result<(), FeedError> {
        let (status, key) = (answer.status, object.key.as_str());
        if (200..300).contains(&status) {
            self.reading.take(object, answer.body);
            return Ok(());
        }
        let body = answer.body.bytes()?;
        let body = String::from_utf8_lossy(&body);
        let refusal = Refusal::read(&body);
        match refusal.map(|refusal| refusal.code).as_deref() {
            Some("NoSuchBucket") => return Err(refusal::error(status, &body, key)),
            // The next pass lists it as it is then.
            _ if status == 412 => {
                self.troubles.owe(key);
                self.troubles.tell(format!(
                    "{key} was replaced while it was listed: it is read next time"
                ));
            }
            _ if status == 404 => self
                .troubles
                .tell(format!("{key} was deleted before it could be read")),
            Some("InvalidObjectState") => {
                self.frozen_count += 1;
                self.progress.froze(object.modified);
            }
            _ => self.troubles.add(key, refusal::error(status, &body, key)),
        }
        Ok(())
    }

    /// Notes how far the pass came, and claims what it has read.
    fn last_page(&mut self) -> Page {
        self.over = true;
        let mut page = Page {
            window: Window::Continues,
            ..Page::default()
        };
        if self.closing {
            let (met, owing) = (&self.scan.met, &self.troubles.owing);
            page.checkpoints = progress::parts(met, owing, &self.start);
            if self.full {
                self.progress.listed_all(&self.start, self.scan.ordered);
            }
            self.remark();
        }
        if self.closing && !self.troubles.owes() {
            page.covers = self.progress.claim(&self.start);
        }
        page.checkpoints.push(self.progress.checkpoint());
        page.notices = self.troubles.take_notices();
        page
    }

    fn remark(&mut self) {
        let (undated, lists, frozen) = (self.scan.undated, self.scan.listings, self.frozen_count);
        if self.full && !self.scan.ordered {
            self.troubles.tell(format!(
                "the store does not list keys in order: each pass lists all of them ({lists} requests)"
            ));
        } else if self.full && undated >= UNDATED_MANY {
            self.troubles.tell(format!(
                "{undated} keys have no date in them: each pass lists all of them ({lists} requests now)"
            ));
        }
        if frozen > 0 {
            self.troubles.tell(format!(
                "{frozen} objects lie in Glacier and cannot be read before they are restored: what is \
                 as old as they are is not claimed as complete"
            ));
        }
    }

    fn asked_list(&self) -> String {
        format!("list {} of {}", self.scan.listings + 1, self.place.bucket)
    }
}

#[cfg(test)]
mod tests;
