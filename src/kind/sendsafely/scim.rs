//! The feed `scim`: the portal's user directory, so that those who act in the audit log have names
//! and roles.
//!
//! That there are SCIM endpoints under `/scim/v2`, with credentials of their own and SAML as a
//! prerequisite, is documented, and so is the extension with `isAdmin`. Paths, paging and Basic
//! authentication are SCIM's own (RFC 7643, RFC 7644) and inferred.
//!
//! **Invariant:** a list is given whole or not at all, for whoever is missing from it counts as
//! gone. No other feed of the kind lists users: two lists of one source would each close what the
//! other opened.

mod answer;
mod member;
mod walk;

use std::time::Duration;

use crate::event::{Page, Timestamp};
use crate::feed::{Basic, Credentials, Feed, FeedError, Request, Response, Step};
use crate::kind::{Access, Check, FeedKind, Setting, SettingKind, Settings, SettingsError};
use walk::{Directory, Walk};

/// The feed `scim`.
pub(super) const SCIM: FeedKind = FeedKind {
    name: "scim",
    about: "the user directory, by SCIM, so that actors have names and roles",
    // No limit is documented. It is read whole each time, and changes by the day.
    interval: Duration::from_secs(24 * 3_600),
    events: None,
    access: Some(Access {
        settings: SETTINGS,
        root: |settings| settings.url().cloned(),
        credentials,
        check: Check {
            request: |_, _| Ok(users(1, 1)),
            read: |_, answer| check(answer),
        },
    }),
    open: |_, _| Ok(Box::new(Scim::new())),
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "username",
        about: "SCIMUsername, from the API Keys page of an administrator",
        value: SettingKind::Secret("SENDSAFELY_SCIM_USERNAME"),
    },
    Setting {
        key: "password",
        about: "SCIMPassword, generated along with it",
        value: SettingKind::Secret("SENDSAFELY_SCIM_PASSWORD"),
    },
    Setting {
        key: "every",
        about: "how often `watch` asks; 24h or more",
        value: SettingKind::Duration("24h"),
    },
    // No limit is documented.
    Setting {
        key: "requests_per_minute",
        about: "most requests a minute",
        value: SettingKind::Number(1, 6_000, 120),
    },
];

fn credentials(settings: &Settings) -> Result<Credentials, SettingsError> {
    Ok(Credentials::Basic(Basic {
        username: settings.secret("username")?.clone(),
        password: settings.secret("password")?.clone(),
    }))
}

/// Asks for so many users from that place of the list on, counted from 1 (RFC 7644, 3.4.2.4). The
/// vendor may give fewer.
fn users(start: u64, count: u64) -> Request {
    let path = format!("/scim/v2/Users?startIndex={start}&count={count}");
    Request {
        headers: vec![("accept", "application/scim+json".to_owned())],
        ..Request::get(path, format!("users, from {start} on"))
    }
}

/// Says how many users there are.
fn check(answer: Response) -> Result<String, FeedError> {
    Ok(
        match answer::read(answer, "the question for one user")?.total {
            1 => "SCIM directory, 1 user".to_owned(),
            total => format!("SCIM directory, {total} users"),
        },
    )
}

/// A pass: page after page of the list, which is kept at its end.
struct Scim {
    state: State,
    walk: Walk,
}

#[derive(Default)]
enum State {
    /// What a step leaves behind that fails: a feed that failed never looks finished.
    #[default]
    Failed,
    Ask,
    Asked,
    Keep(Box<Page>),
    Over,
}

impl Scim {
    fn new() -> Scim {
        Scim {
            state: State::Ask,
            walk: Walk::default(),
        }
    }
}

impl Feed for Scim {
    fn next(&mut self, _now: Timestamp) -> Result<Step, FeedError> {
        match std::mem::take(&mut self.state) {
            State::Ask => {
                self.state = State::Asked;
                Ok(Step::Ask(self.walk.request()))
            }
            State::Keep(page) => {
                self.state = State::Over;
                Ok(Step::Keep(page))
            }
            State::Over => {
                self.state = State::Over;
                Ok(Step::Done)
            }
            State::Asked | State::Failed => Err(out_of_step()),
        }
    }

    fn read(&mut self, answer: Response, _now: Timestamp) -> Result<(), FeedError> {
        let State::Asked = std::mem::take(&mut self.state) else {
            return Err(out_of_step());
        };
        self.state = match self.walk.read(answer)? {
            None => State::Ask,
            Some(directory) => State::Keep(Box::new(page(directory))),
        };
        Ok(())
    }
}

fn page(directory: Directory) -> Page {
    Page {
        users: Some(directory.users),
        notices: directory.remarks,
        ..Page::default()
    }
}

/// The feed was driven out of step: its question is still open, or it asked none.
fn out_of_step() -> FeedError {
    FeedError::Unreadable {
        why: "the scim feed was driven out of step".to_owned(),
        hint: None,
    }
}

#[cfg(test)]
mod tests;
