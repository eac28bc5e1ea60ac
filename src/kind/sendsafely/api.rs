//! The feed `api`: walks the audit log through slices of time, page by page.
//!
//! Both ends of a slice are pinned for its whole walk, so that new events do not shift its rows.
//! Whether the portal takes the ends as inclusive is not documented: a second more is asked for on
//! either side, and what comes twice is kept once by its id.
//!
//! In which zone the portal reads times is not documented either. Events outside of what was asked
//! for give another zone away. All slices are then shifted alike, so the walk as a whole still
//! leaves nothing out between its ends; but at its ends only what lies a zone's width inside is
//! claimed, and from then on a zone's width more is asked for. A zone west of UTC shows only where one slice follows another; there, as
//! ever, the overlap with the pass before is what keeps anything from being lost, so long as it
//! is wider than the zone is far.

mod plan;
mod question;

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use plan::Slice;
use question::{EDGE_MILLIS, PAGE_SIZE, PATH, asked, purpose, request};

use super::VENDOR;
use super::listing::{self, Listing};
use crate::coverage::{Log, Reach};
use crate::event::{Claim, Page, Period, Timestamp, Window};
use crate::feed::{Feed, FeedError, Response, Start, Step};
use crate::kind::{Events, FeedKind, Settings, SettingsError, checkpoint};

/// The feed `api`.
pub(super) const API: FeedKind = FeedKind {
    name: "api",
    about: "the audit log, by the Audit Log API",
    interval: Duration::from_secs(5 * 60),
    events: Some(Events {
        log: Log::Audit,
        look_back: LOOK_BACK,
        reach: Reach::Free,
    }),
    access: None,
    open,
};

/// How far back the portal looks: "only the past 90 days" (documented).
const LOOK_BACK: Duration = Duration::from_secs(90 * 86_400);

/// No zone is farther from UTC.
const ZONE_MAX_MILLIS: i64 = 14 * 3_600_000;

/// An event this far outside of what was asked for is no matter of zones: the portal did not
/// understand the question, or we do not understand its times.
const STRAY_MAX_MILLIS: i64 = 36 * 3_600_000;

/// `LIMIT_EXCEEDED` may mean "too fast" (inferred): how long to wait then, and how often in a row.
const LIMIT_PAUSE: Duration = Duration::from_secs(60);
const LIMIT_TRIES: u32 = 5;

/// Most empty pages in a row that still name a next one.
const EMPTY_PAGES_MAX: u32 = 100;

fn open(settings: &Settings, start: &Start) -> Result<Box<dyn Feed>, SettingsError> {
    // See the head of this file: what a portal west of UTC leaves out, the overlap makes up for.
    if settings.duration("overlap") < Duration::from_millis(ZONE_MAX_MILLIS.unsigned_abs()) {
        return Err(SettingsError {
            name: start.source.clone(),
            key: "overlap",
            why: "is less than 14h, which is how far the portal's zone may be from UTC".to_owned(),
        });
    }
    Ok(Box::new(Api {
        start: start.clone(),
        slice: settings.duration("slice"),
        walk: None,
        kept: VecDeque::new(),
        pause: None,
        limited: 0,
    }))
}

/// What the feed notes. How far the log has been read is the archive's to know.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    /// The portal gave events from outside of what was asked for: it reads times in another zone.
    shifted: bool,
}

struct Api {
    start: Start,
    slice: Duration,
    /// Planned when the pass begins.
    walk: Option<Walk>,
    /// Pages to be kept before anything else.
    kept: VecDeque<Page>,
    pause: Option<Duration>,
    /// How often in a row the portal said `LIMIT_EXCEEDED`.
    limited: u32,
}

/// The way through the slices.
struct Walk {
    /// When the walk began: what the portal showed then will have been read.
    as_of: Timestamp,
    /// What is still to be read, the first being read now.
    slices: VecDeque<Slice>,
    /// The row to ask for.
    row: u64,
    empty_pages: u32,
    /// Hash of the records of the page before this one.
    before: Option<u64>,
    /// See [`Progress::shifted`].
    shifted: bool,
    /// The farthest an event lay outside of what was asked for.
    stray_millis: i64,
    /// Remarks that were made: each is made once a pass.
    remarked: Vec<&'static str>,
}

impl Feed for Api {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        if let Some(page) = self.kept.pop_front() {
            return Ok(Step::Keep(Box::new(page)));
        }
        if let Some(pause) = self.pause.take() {
            return Ok(Step::Wait(pause));
        }
        let walk = self.walk()?;
        Ok(walk.slices.front().map_or(Step::Done, |slice| {
            Step::Ask(request(slice.period, walk.row))
        }))
    }

    fn read(&mut self, answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        let walk = self.walk()?;
        let asked = walk.asked();
        let body = answer.body.bytes()?;
        match listing::read(body, &answer.content_type, &asked) {
            Ok(listing) => {
                let page = walk.take(listing)?;
                self.kept.push_back(page);
                self.limited = 0;
                Ok(())
            }
            Err(error) if is_limit(&error) && self.limited < LIMIT_TRIES => {
                self.limited += 1;
                self.pause = Some(LIMIT_PAUSE);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl Api {
    /// The walk, planned at the first call.
    fn walk(&mut self) -> Result<&mut Walk, FeedError> {
        let walk = match self.walk.take() {
            Some(walk) => walk,
            None => self.plan()?,
        };
        Ok(self.walk.insert(walk))
    }

    fn plan(&self) -> Result<Walk, FeedError> {
        let noted: Option<Progress> = checkpoint::read(&self.start, API.name)?;
        let shifted = noted.unwrap_or_default().shifted;
        let margin = if shifted { ZONE_MAX_MILLIS } else { 0 };
        Ok(Walk {
            as_of: self.start.now,
            slices: plan::slices(&self.start, LOOK_BACK, margin, self.slice),
            row: 0,
            empty_pages: 0,
            before: None,
            shifted,
            stray_millis: 0,
            remarked: Vec::new(),
        })
    }
}

impl Walk {
    /// Takes in a page, and goes on to the next row, to the halves of the slice, or to the next
    /// slice; then the page says what is complete with it.
    fn take(&mut self, listing: Listing) -> Result<Page, FeedError> {
        let Some(slice) = self.slices.front().copied() else {
            return Ok(listing.page);
        };
        let Listing {
            mut page,
            rows_returned,
            next_row,
            rows_capped,
        } = listing;
        page.window = if self.row == 0 {
            Window::Opens
        } else {
            Window::Continues
        };
        self.look_for_strays(slice.period, &mut page)?;
        self.count(rows_returned, &mut page);
        self.look_for_repeats(&page)?;
        if rows_capped {
            self.halve(slice)?;
        } else if let Some(row) = self.next_row(next_row, rows_returned, &page)? {
            self.row = row;
        } else {
            page.covers = self.covers(slice);
            page.checkpoints = vec![checkpoint::write(&Progress {
                shifted: self.shifted,
            })];
            self.slices.pop_front();
            self.begin_slice();
        }
        Ok(page)
    }

    /// Looks for events outside of what was asked for.
    fn look_for_strays(&mut self, slice: Period, page: &mut Page) -> Result<(), FeedError> {
        let (least, most) = asked(slice);
        let stray = |time: Timestamp| {
            let (time, least, most) = (time.millis(), least.millis(), most.millis());
            let outside = least.saturating_sub(time).max(time.saturating_sub(most));
            // The portal may compare whole seconds.
            outside.saturating_sub(EDGE_MILLIS).max(0)
        };
        let times = page.events.iter().map(|event| event.time.value);
        let Some(worst) = times
            .max_by_key(|time| stray(*time))
            .filter(|time| stray(*time) > 0)
        else {
            return Ok(());
        };
        if stray(worst) > STRAY_MAX_MILLIS {
            return Err(self.not_understood(
                "it holds an event from far outside of what was asked for",
                format!("asked for {least} to {most}, got an event of {worst}"),
            ));
        }
        self.stray_millis = self.stray_millis.max(stray(worst));
        self.shifted = true;
        self.remark(page, "stray", || {
            format!(
                "asked for {least} to {most}, got an event of {worst}: the portal seems to read \
                 times in another zone than UTC, so less is claimed as complete"
            )
        });
        Ok(())
    }

    fn count(&mut self, rows_returned: Option<u64>, page: &mut Page) {
        let received = page.received() as u64;
        if let Some(rows) = rows_returned.filter(|rows| *rows != received) {
            self.remark(page, "count", || {
                format!("a page says that it holds {rows} rows and holds {received}")
            });
        }
    }

    /// The same rows twice in a row mean that the portal does not heed the row asked for: what
    /// comes after the first page could not be had.
    fn look_for_repeats(&mut self, page: &Page) -> Result<(), FeedError> {
        if page.received() == 0 {
            return Ok(());
        }
        let mut hasher = DefaultHasher::new();
        let events = page.events.iter().map(|event| event.raw);
        let rejects = page.rejects.iter().map(|reject| reject.raw);
        events
            .chain(rejects)
            .for_each(|raw| page.slice(raw).hash(&mut hasher));
        let hash = hasher.finish();
        if self.before.replace(hash) == Some(hash) {
            let evidence = format!("row {} begins with the rows of the page before", self.row);
            return Err(self.not_understood("it repeats the page before", evidence));
        }
        Ok(())
    }

    /// The portal stopped at a limit of its own: the slice is read again in two parts.
    fn halve(&mut self, slice: Slice) -> Result<(), FeedError> {
        let Some([first, second]) = plan::halves(slice.period) else {
            let what = "that it left rows out (rowsCapped)".to_owned();
            let Period { from, to } = slice.period;
            let says = format!("even of {from} to {to}");
            return Err(FeedError::Vendor {
                vendor: VENDOR,
                what,
                says,
            });
        };
        self.slices.pop_front();
        for period in [second, first] {
            self.slices.push_front(Slice { period, ..slice });
        }
        self.begin_slice();
        Ok(())
    }

    fn begin_slice(&mut self) {
        (self.row, self.empty_pages, self.before) = (0, 0, None);
    }

    /// Where the next page begins; none if this one was the slice's last. `nextRowIndex` is given
    /// if there is more (documented); the official sample goes on as long as pages are full.
    fn next_row(
        &mut self,
        next_row: Option<u64>,
        rows_returned: Option<u64>,
        page: &Page,
    ) -> Result<Option<u64>, FeedError> {
        let received = page.received() as u64;
        let Some(next) = next_row else {
            let full = received > 0 && received.max(rows_returned.unwrap_or(0)) >= PAGE_SIZE;
            return Ok(full.then(|| self.row.saturating_add(PAGE_SIZE)));
        };
        self.empty_pages = if received == 0 {
            self.empty_pages + 1
        } else {
            0
        };
        if next <= self.row || self.empty_pages > EMPTY_PAGES_MAX {
            let evidence = format!("asked for row {}, nextRowIndex is {next}", self.row);
            return Err(self.not_understood("its rows do not get any further", evidence));
        }
        Ok(Some(next))
    }

    /// What has been read with the end of this slice.
    fn covers(&self, slice: Slice) -> Option<Claim> {
        let period = match self.stray_millis {
            ..=ZONE_MAX_MILLIS if self.shifted => Period {
                from: slice.window.from.plus_millis(ZONE_MAX_MILLIS),
                to: slice.period.to.plus_millis(-ZONE_MAX_MILLIS),
            },
            0 => slice.period,
            _ => return None,
        };
        let as_of = self.as_of;
        (!period.is_empty()).then_some(Claim { period, as_of })
    }

    fn remark(&mut self, page: &mut Page, on: &'static str, remark: impl FnOnce() -> String) {
        if !self.remarked.contains(&on) {
            self.remarked.push(on);
            page.notices.push(remark());
        }
    }

    fn asked(&self) -> String {
        self.slices
            .front()
            .map_or_else(|| PATH.to_owned(), |slice| purpose(slice.period, self.row))
    }

    fn not_understood(&self, why: &str, evidence: String) -> FeedError {
        let (asked, why) = (self.asked(), why.to_owned());
        FeedError::NotUnderstood {
            vendor: VENDOR,
            asked,
            why,
            evidence,
        }
    }
}

fn is_limit(error: &FeedError) -> bool {
    matches!(error, FeedError::Vendor { what, .. } if what.contains("LIMIT_EXCEEDED"))
}

#[cfg(test)]
mod tests;
