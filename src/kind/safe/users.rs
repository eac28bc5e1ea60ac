//! The walk over SAFE's user list, page by page, with a guard for every way it could not end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use url::Url;

use super::answer;
use crate::event::{Timestamp, User};
use crate::feed::{FeedError, Request, Response};
use crate::record::timestamp::{self, DayOrder};

/// Path of the list.
const PATH: &str = "/api/v3/users";

/// Users a page. The largest allowed is unknown; 100 is what SAFE's own examples ask for.
const PAGE_LEN: u64 = 100;

/// Most pages that are asked for: a million users.
const PAGES_MAX: u64 = 10_000;

/// A walk over the user list: send [`Walk::request`], hand the answer to [`Walk::read`].
pub(super) struct Walk {
    page: u64,
    target: String,
    asked: BTreeSet<String>,
    rows: u64,
    unnamed: u64,
    users: BTreeMap<String, User>,
}

/// How far a walk got.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is another page to ask for.
    More,
    /// The whole list, by user id, and what there is to remark on it.
    Whole(Vec<User>, Option<String>),
    /// The list cannot be had or not be had whole, and why. A part of it is of no use: whoever is
    /// missing from a list counts as gone.
    Unavailable(String),
}

impl Walk {
    pub(super) fn new() -> Walk {
        let target = format!("{PATH}?page=1&pagelen={PAGE_LEN}");
        Walk {
            page: 1,
            asked: BTreeSet::from([target.clone()]),
            target,
            rows: 0,
            unnamed: 0,
            users: BTreeMap::new(),
        }
    }

    /// Asks for the page that is next.
    pub(super) fn request(&self) -> Request {
        let request = Request::get(&self.target, self.asked_for());
        Request {
            statuses: &[401, 403, 404],
            ..request
        }
    }

    /// Takes in a page.
    ///
    /// # Errors
    /// It is no page of users.
    pub(super) fn read(&mut self, answer: Response) -> Result<Progress, FeedError> {
        let status = answer.status;
        let body = answer.body.bytes()?;
        if !(200..300).contains(&status) {
            let says = answer::says(&body);
            return Ok(Progress::Unavailable(format!(
                "the user list is refused: {status} {says}"
            )));
        }
        let object = answer::object(&body, &self.asked_for())?;
        let Some(values) = object.get("values").and_then(Value::as_array) else {
            let why = format!("page {} of users has no `values`", self.page);
            return Err(answer::not_understood(&self.asked_for(), why, &body));
        };
        let before = self.users.len() as u64 + self.unnamed;
        self.add(values);
        let grown = self.users.len() as u64 + self.unnamed > before;
        Ok(self.go_on(&object, values.len() as u64, grown))
    }

    fn asked_for(&self) -> String {
        format!("users, page {}", self.page)
    }

    fn add(&mut self, values: &[Value]) {
        self.rows += values.len() as u64;
        for value in values {
            match user(value) {
                Some(user) => {
                    self.users.insert(user.user_id.clone(), user);
                }
                None => self.unnamed += 1,
            }
        }
    }

    /// Decides whether there is another page. `next` alone is not to be trusted: in the documented
    /// example it is set though `size` says that all was given.
    fn go_on(&mut self, object: &Map<String, Value>, rows: u64, grown: bool) -> Progress {
        let size = answer::whole(object.get("size"));
        let page_len = answer::whole(object.get("pagelen")).filter(|len| *len > 0);
        let full = rows >= page_len.unwrap_or(PAGE_LEN);
        // On a full page a `size` of as many users may be the page's own and not the list's.
        let complete = size.is_some_and(|size| self.rows >= size && !(full && size == rows));
        if complete {
            return self.whole();
        }
        let next = answer::text(object.get("next")).filter(|_| rows > 0);
        let Some(next) = next else {
            return match size {
                Some(size) if self.rows < size => {
                    unavailable(&format!("it ends after {} of {size} users", self.rows))
                }
                _ => self.whole(),
            };
        };
        let Some(target) = own_target(next) else {
            return unavailable("its link to the next page leads elsewhere");
        };
        let repeated = !self.asked.insert(target.clone());
        if repeated || !grown {
            return match size {
                Some(size) if self.rows < size => unavailable("its pages repeat themselves"),
                _ => self.whole(),
            };
        }
        if self.page >= PAGES_MAX {
            return unavailable(&format!("it has more than {PAGES_MAX} pages"));
        }
        (self.page, self.target) = (self.page + 1, target);
        Progress::More
    }

    fn whole(&mut self) -> Progress {
        let remark = (self.unnamed > 0).then(|| {
            format!(
                "{} users have neither `uuid` nor `emailId` and are left out",
                self.unnamed
            )
        });
        Progress::Whole(
            std::mem::take(&mut self.users).into_values().collect(),
            remark,
        )
    }
}

fn unavailable(why: &str) -> Progress {
    Progress::Unavailable(format!("the user list is incomplete and not used: {why}"))
}

/// Path and query of a link, if it leads to the user list. Its host is never used: the token is
/// the tenant's.
fn own_target(link: &str) -> Option<String> {
    let base = Url::parse("https://tenant.invalid").ok()?.join(PATH).ok()?;
    let url = base.join(link).ok()?;
    let same = url.path().trim_end_matches('/') == PATH;
    same.then(|| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

fn user(value: &Value) -> Option<User> {
    let text = |key: &str| answer::text(value.get(key)).map(str::to_owned);
    let email = text("emailId");
    Some(User {
        user_id: text("uuid").or_else(|| email.clone())?,
        email,
        first_name: text("firstName"),
        last_name: text("lastName"),
        role: text("role"),
        active: None,
        authentication: text("authenticationType"),
        last_login: answer::text(value.get("lastLoginTime")).and_then(moment),
    })
}

/// A time, as SAFE documents it (`2022-01-13T05:03:50.428Z`) or in any other form.
fn moment(text: &str) -> Option<Timestamp> {
    let moment = timestamp::parse(text, DayOrder::Auto).ok()?;
    Some(moment.time)
}

#[cfg(test)]
mod tests;
