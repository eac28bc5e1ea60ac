//! The feed `reports`: orders an audit report, notes its id, waits for it, downloads it; at one of
//! SAFE's two APIs ([`Api`]).
//!
//! The way of a pass: note the order → order → note the id → list the users meanwhile → poll until
//! there is a link → download → keep the pages, the last one with the claim. The id is archived
//! before anything else is asked, because a report must not be ordered twice: an interrupted pass
//! goes on with it.

mod api;
mod order;
mod patience;
mod progress;
mod reply;
mod requests;
mod status;

use std::time::Duration;

use api::Api;
use patience::{PAUSE_FIRST, Patience};
use progress::{Progress, Report};
use reply::Reply;
use status::Status;

use super::answer::VENDOR;
use super::export::ExportOptions;
use super::{pages, users};
use crate::coverage::{Log, Reach};
use crate::event::{Page, Timestamp};
use crate::feed::{Body, Feed, FeedError, Response, Start, Step};
use crate::kind::{Events, FeedKind, Settings, SettingsError, checkpoint, file};
use crate::secret::Secret;

pub(super) use api::NAMES as APIS;

/// The feed `reports`.
///
/// "Not intended for regular polling", "minimum of a 24-hour period" (documented).
pub(super) const REPORTS: FeedKind = FeedKind {
    name: "reports",
    about: "the audit report, once a day, with the user list",
    interval: Duration::from_secs(24 * 3_600),
    events: Some(Events {
        log: Log::Audit,
        look_back: Duration::from_secs(365 * 24 * 3_600),
        reach: Reach::LastDays,
    }),
    access: None,
    open,
};

/// Most bytes of a report.
const REPORT_BYTES_MAX: u64 = 64 << 30;

/// How often another link is asked for when one does not give the whole report. A link lasts five
/// minutes (documented).
const LINKS_MORE: u32 = 5;

fn open(settings: &Settings, start: &Start) -> Result<Box<dyn Feed>, SettingsError> {
    Ok(Box::new(Reports::new(settings, start, pages)?))
}

/// Opens an export.
type OpenExport = fn(Body, ExportOptions) -> Result<file::Pages, FeedError>;

struct Reports {
    start: Start,
    options: ExportOptions,
    open_export: OpenExport,
    /// Where reports are ordered.
    api: Api,
    /// How long one report is waited for.
    wait: Duration,
    /// How long after the order "not found" may mean "not ready".
    grace: Duration,
    progress: Progress,
    users: users::Walk,
    ordered_again: bool,
    links_left: u32,
    patience: Patience,
    /// A page that is to be kept before anything else.
    keep: Option<Page>,
    /// To be told with the next page.
    notices: Vec<String>,
    /// What went wrong beside the report: told at the end, for the report goes first.
    failure: Option<FeedError>,
    state: State,
}

#[derive(Default)]
enum State {
    /// What a step leaves behind that fails: a feed that failed never looks finished.
    #[default]
    Failed,
    Begin,
    Order,
    OrderNoted,
    Ordered {
        asked_at: Timestamp,
        days: i64,
    },
    ListUsers,
    UsersAsked,
    Poll,
    Polled,
    Rest(Duration),
    Download(Secret),
    Downloading,
    /// The export, and its page that is next: the last must be known as such.
    Export(file::Pages, Box<Page>),
    Over,
}

impl Feed for Reports {
    fn next(&mut self, now: Timestamp) -> Result<Step, FeedError> {
        if let Some(page) = self.keep.take() {
            return Ok(self.kept(page));
        }
        match std::mem::take(&mut self.state) {
            State::Begin => self.begin(now),
            State::Order => self.note_order(now),
            State::OrderNoted => Ok(self.order(now)),
            State::ListUsers => {
                self.state = State::UsersAsked;
                Ok(Step::Ask(self.users.request()))
            }
            State::Poll => self.poll(),
            State::Rest(pause) => {
                self.state = State::Poll;
                Ok(Step::Wait(pause))
            }
            State::Download(link) => {
                self.state = State::Downloading;
                Ok(Step::Ask(requests::download(link)))
            }
            State::Export(pages, page) => self.next_page(pages, page, now),
            State::Over => self.over(),
            asked => {
                self.state = asked;
                Err(unanswered())
            }
        }
    }

    fn read(&mut self, answer: Response, now: Timestamp) -> Result<(), FeedError> {
        match std::mem::take(&mut self.state) {
            State::Ordered { asked_at, days } => self.ordered(answer, asked_at, days, now),
            State::UsersAsked => self.users_listed(answer),
            State::Polled => self.polled(answer, now),
            State::Downloading => self.downloaded(answer),
            other => {
                self.state = other;
                Err(unanswered())
            }
        }
    }

    fn given_up(&mut self, may_be_taken: bool, now: Timestamp) -> Option<Page> {
        self.order_given_up(may_be_taken, now)
    }
}

impl Reports {
    fn new(
        settings: &Settings,
        start: &Start,
        open_export: OpenExport,
    ) -> Result<Reports, SettingsError> {
        Ok(Reports {
            start: start.clone(),
            options: super::options(settings, start)?,
            open_export,
            api: Api::of(settings)?,
            wait: settings.duration("report_wait"),
            grace: settings.duration("report_grace"),
            progress: Progress::default(),
            users: users::Walk::new(),
            ordered_again: false,
            links_left: LINKS_MORE,
            patience: Patience::new(),
            keep: None,
            notices: Vec::new(),
            failure: None,
            state: State::Begin,
        })
    }

    /// Goes on with the report of a pass that was interrupted, or orders one. Where the report
    /// was read whole before the last pass failed, only the users are left to be listed.
    fn begin(&mut self, now: Timestamp) -> Result<Step, FeedError> {
        self.progress = checkpoint::read(&self.start, REPORTS.name)?.unwrap_or_default();
        let from = self.start.from();
        self.progress
            .pending
            .take_if(|report| !report.serves(now, from));
        self.state = match &self.progress.pending {
            Some(report) if report.users_done => State::Poll,
            None if self.insists() || !self.progress.is_fresh(now) => State::Order,
            _ => State::ListUsers,
        };
        self.next(now)
    }

    fn users_listed(&mut self, answer: Response) -> Result<(), FeedError> {
        let users = match self.users.read(answer) {
            Ok(users::Progress::More) => {
                self.state = State::ListUsers;
                return Ok(());
            }
            Ok(users::Progress::Whole(users, remark)) => {
                self.notices.extend(remark);
                Some(users)
            }
            Ok(users::Progress::Unavailable(why)) => {
                self.notices.push(why);
                None
            }
            Err(error) => {
                self.failure = Some(error);
                None
            }
        };
        self.state = State::Over;
        if let Some(report) = &mut self.progress.pending {
            report.users_done = self.failure.is_none();
            self.state = State::Poll;
        }
        self.keep = Some(Page {
            users,
            ..self.noted()
        });
        Ok(())
    }

    fn poll(&mut self) -> Result<Step, FeedError> {
        self.state = State::Polled;
        let report = self.report()?;
        Ok(Step::Ask(report.api.question(&report.uuid)))
    }

    fn polled(&mut self, answer: Response, now: Timestamp) -> Result<(), FeedError> {
        let status = match self.report()?.api.read(answer)? {
            Reply::Rows(body) => return self.opened(body),
            Reply::Status(status) => status,
        };
        match status {
            Status::Ready(link) => {
                self.state = State::Download(link);
                Ok(())
            }
            Status::Pending => self.rest(now),
            Status::NotFound(_) if self.report()?.age(now) <= self.grace => self.rest(now),
            Status::NotFound(says) => self.order_again("not found", says),
            Status::Failed(says) => self.order_again("failed", says),
        }
    }

    /// Waits before the next question, longer each time, unless it took too long already.
    fn rest(&mut self, now: Timestamp) -> Result<(), FeedError> {
        let Some(pause) = self.patience.pause(now, self.wait) else {
            let (what, minutes) = ("the report".to_owned(), self.wait.as_secs() / 60);
            return Err(FeedError::TimedOut {
                vendor: VENDOR,
                what,
                minutes,
            });
        };
        self.state = State::Rest(pause);
        Ok(())
    }

    fn downloaded(&mut self, answer: Response) -> Result<(), FeedError> {
        if !(200..300).contains(&answer.status) {
            return self.another_link(requests::storage_error(answer));
        }
        self.opened(answer.body)
    }

    /// Opens a report, and reads its first page.
    fn opened(&mut self, body: Body) -> Result<(), FeedError> {
        let period = Some(self.report()?.covers());
        let options = ExportOptions {
            period,
            ..self.options.clone()
        };
        let first = (self.open_export)(body, options).and_then(|mut pages| {
            let page = pages()?.unwrap_or_default();
            Ok(State::Export(pages, Box::new(page)))
        });
        match first {
            Ok(state) => {
                self.state = state;
                Ok(())
            }
            Err(error) => self.another_link(error),
        }
    }

    /// A link has expired or gave a part: asks for another, never for another report. What came
    /// whole and cannot be read would come no better from another.
    fn another_link(&mut self, error: FeedError) -> Result<(), FeedError> {
        let may_pass = matches!(error, FeedError::Vendor { .. } | FeedError::Damaged { .. });
        if !may_pass || self.links_left == 0 {
            return Err(error);
        }
        self.links_left -= 1;
        self.state = State::Rest(PAUSE_FIRST);
        Ok(())
    }

    /// Keeps a page once it is known whether another follows.
    fn next_page(
        &mut self,
        mut pages: file::Pages,
        page: Box<Page>,
        now: Timestamp,
    ) -> Result<Step, FeedError> {
        match pages() {
            Ok(Some(next)) => {
                self.state = State::Export(pages, Box::new(next));
                Ok(self.kept(*page))
            }
            Ok(None) => {
                self.state = State::Over;
                let last = self.last(*page);
                Ok(self.kept(last))
            }
            Err(error) => {
                self.another_link(error)?;
                self.next(now)
            }
        }
    }

    /// Only the last page says that the report was read whole.
    fn last(&mut self, page: Page) -> Page {
        let covers = self.progress.complete();
        Page {
            covers,
            ..self.with_checkpoint(page)
        }
    }

    fn over(&mut self) -> Result<Step, FeedError> {
        self.state = State::Over;
        self.failure.take().map_or(Ok(Step::Done), Err)
    }

    fn report(&self) -> Result<&Report, FeedError> {
        self.progress.pending.as_ref().ok_or_else(unanswered)
    }

    /// A page that holds no records, but where the pass stands.
    fn noted(&self) -> Page {
        self.with_checkpoint(Page::default())
    }

    fn with_checkpoint(&self, page: Page) -> Page {
        Page {
            checkpoints: vec![checkpoint::write(&self.progress)],
            ..page
        }
    }

    fn kept(&mut self, mut page: Page) -> Step {
        page.notices.append(&mut self.notices);
        Step::Keep(Box::new(page))
    }
}

/// The feed was driven out of step: its question is still open, or it asked none.
fn unanswered() -> FeedError {
    FeedError::Unreadable {
        why: "the reports feed was driven out of step".into(),
        hint: None,
    }
}

#[cfg(test)]
mod tests;
