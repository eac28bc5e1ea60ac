//! The feed `cloudwatch`: the log group that SAFE writes to in the user's own AWS account, read by
//! `FilterLogEvents`, slice by slice, page by page.
//!
//! What the CloudWatch Logs API reference says of it (documented): a page may be partial or empty
//! while there are more, and only one without a token is the last; both ends of the stretch asked
//! for are inclusive; a token lasts 24 hours; an account has five requests a second in a region,
//! and no more can be had. Nothing tells when an event was written but its own stamp, and writers
//! may write what is up to 14 days old, so what is young is read again ([`crate::coverage`]).

pub mod message;
mod question;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use message::Answer;
use question::Question;

use super::answer::VENDOR;
use crate::coverage::{Log, Reach};
use crate::event::{Claim, Page, Period, Timestamp, Window};
use crate::feed::{Feed, FeedError, Response, Start, Step};
use crate::kind::{Access, Check, Events, FeedKind, Setting, SettingKind, Settings};
use crate::kind::{SettingsError, aws, slices};

/// The feed `cloudwatch`.
pub(super) const CLOUDWATCH: FeedKind = FeedKind {
    name: "cloudwatch",
    about: "the log group that SAFE writes to in your own AWS account",
    interval: Duration::from_secs(60),
    events: Some(Events {
        log: Log::Audit,
        look_back: Duration::from_secs(365 * 86_400),
        reach: Reach::Free,
    }),
    access: Some(Access {
        settings: SETTINGS,
        root: |settings| aws::endpoint(settings, SERVICE),
        credentials: |settings| aws::credentials(settings, SERVICE),
        check: Check {
            request: question::check,
            read: question::checked,
        },
    }),
    open,
};

/// The service of AWS that is asked.
const SERVICE: &str = "logs";

const SETTINGS: &[Setting] = &[
    Setting {
        key: "log_group",
        about: "the log group, by name or ARN",
        value: SettingKind::Text("/safe/audit"),
    },
    Setting {
        key: "stream_prefix",
        about: "how the names of its streams begin that are read; by default all are",
        value: SettingKind::Text("audit-"),
    },
    Setting {
        key: "filter",
        about: "a filter pattern; what it leaves out is not archived",
        value: SettingKind::Text("{ $.type = \"audit\" }"),
    },
    aws::REGION,
    aws::PROFILE,
    aws::ACCESS_KEY_ID,
    aws::SECRET_ACCESS_KEY,
    aws::SESSION_TOKEN,
    aws::ROLE_ARN,
    aws::EXTERNAL_ID,
    aws::ROLE_ENDPOINT,
    aws::ENDPOINT,
    Setting {
        key: "look_back",
        about: "for how long the log group keeps events: its retention setting",
        value: SettingKind::Duration("365d"),
    },
    Setting {
        key: "overlap",
        about: "for how long an event may come late: so much is read again at each sync",
        value: SettingKind::Duration("24h"),
    },
    Setting {
        key: "every",
        about: "how often `watch` asks; 1min or more",
        value: SettingKind::Duration("15min"),
    },
    Setting {
        key: "slice",
        about: "the longest stretch of time that is asked for at once",
        value: SettingKind::Duration("7d"),
    },
    Setting {
        key: "requests_per_minute",
        about: "most requests a minute; all of an account's tools share 300 in a region",
        value: SettingKind::Number(1, 300, 240),
    },
];

/// Between two requests, so that they never come faster than five a second.
const PACE: Duration = Duration::from_millis(200);

/// Most empty pages in a row that still name a next one: CloudWatch gives many of them where it
/// looks through much and finds little.
const EMPTY_PAGES_MAX: u32 = 50_000;

fn open(settings: &Settings, start: &Start) -> Result<Box<dyn Feed>, SettingsError> {
    let length = settings.duration("slice");
    let slices = start.reads.iter();
    Ok(Box::new(CloudWatch {
        question: Question::of(settings)?,
        as_of: start.now,
        slices: slices.flat_map(|read| slices::cut(*read, length)).collect(),
        token: None,
        empty_pages: 0,
        kept: VecDeque::new(),
        paused: true,
    }))
}

struct CloudWatch {
    question: Question,
    /// When the pass began: what the log group showed then will have been read.
    as_of: Timestamp,
    /// What is still to be read, the first being read now.
    slices: VecDeque<Period>,
    /// Asks for the next page of the slice; none for its first.
    token: Option<String>,
    empty_pages: u32,
    /// Pages to be kept before anything else.
    kept: VecDeque<Page>,
    /// Whether the next request may go out at once.
    paused: bool,
}

impl Feed for CloudWatch {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        if let Some(page) = self.kept.pop_front() {
            return Ok(Step::Keep(Box::new(page)));
        }
        let Some(slice) = self.slices.front() else {
            return Ok(Step::Done);
        };
        if !std::mem::replace(&mut self.paused, true) {
            return Ok(Step::Wait(PACE));
        }
        Ok(Step::Ask(
            self.question.request(*slice, self.token.as_deref()),
        ))
    }

    fn read(&mut self, answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        self.paused = false;
        let Some(slice) = self.slices.front().copied() else {
            return Ok(());
        };
        let asked = self.question.purpose(slice);
        let answer = message::read(answer.body.bytes()?, &asked)?;
        self.take(answer, slice, &asked)
    }
}

impl CloudWatch {
    /// Takes in a page, and goes on to the next, or to the next slice; then the page says what is
    /// complete with it.
    fn take(&mut self, answer: Answer, slice: Period, asked: &str) -> Result<(), FeedError> {
        look_for_strays(&answer, slice, asked)?;
        let Answer {
            mut page,
            next_token,
            ..
        } = answer;
        page.window = if self.token.is_none() {
            Window::Opens
        } else {
            Window::Continues
        };
        self.look_for_progress(&page, next_token.as_deref(), asked)?;
        self.token = next_token;
        if self.token.is_none() {
            let as_of = self.as_of;
            page.covers = Some(Claim {
                period: slice,
                as_of,
            });
            self.slices.pop_front();
            self.empty_pages = 0;
        }
        // Of an empty page that is not the last there is nothing to keep.
        if page.received() > 0 || page.covers.is_some() {
            self.kept.push_back(page);
        }
        Ok(())
    }

    /// The same token again, or empty pages without end, would never come to the slice's end.
    fn look_for_progress(
        &mut self,
        page: &Page,
        next_token: Option<&str>,
        asked: &str,
    ) -> Result<(), FeedError> {
        self.empty_pages = if page.received() == 0 {
            self.empty_pages + 1
        } else {
            0
        };
        let is_stuck = next_token.is_some() && next_token == self.token.as_deref();
        if is_stuck || (next_token.is_some() && self.empty_pages > EMPTY_PAGES_MAX) {
            let evidence = format!("{} empty pages in a row", self.empty_pages);
            return Err(not_understood(
                asked,
                "its pages do not get any further",
                evidence,
            ));
        }
        Ok(())
    }
}

/// An event that was not asked for means that the question was not understood.
fn look_for_strays(answer: &Answer, slice: Period, asked: &str) -> Result<(), FeedError> {
    let Some(stamps) = answer.stamps else {
        return Ok(());
    };
    if slice.from <= stamps.first && stamps.last < slice.to {
        return Ok(());
    }
    let evidence = format!("got events of {} to {}", stamps.first, stamps.last);
    Err(not_understood(
        asked,
        "it holds events that were not asked for",
        evidence,
    ))
}

fn not_understood(asked: &str, why: &str, evidence: String) -> FeedError {
    FeedError::NotUnderstood {
        vendor: VENDOR,
        asked: asked.to_owned(),
        why: why.to_owned(),
        evidence,
    }
}
