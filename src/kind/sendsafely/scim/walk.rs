//! The walk over the directory, page by page. Its end is proven by `totalResults` alone, and every
//! way in which somebody could be missed is an error: whoever is missing from a list counts as gone.

use std::collections::BTreeMap;

use super::answer::{self, Listing, beginning};
use super::{member, users};
use crate::event::User;
use crate::feed::{FeedError, Request, Response};
use crate::kind::sendsafely::VENDOR;

/// Users that are asked for at once. The most that the portal gives is not documented; a SCIM
/// server gives fewer where it is asked for too many.
const COUNT: u64 = 100;

/// Most pages of one reading.
const PAGES_MAX: u64 = 10_000;

/// A walk over the directory: send [`Walk::request`], hand the answer to [`Walk::read`].
#[derive(Default)]
pub(super) struct Walk {
    reading: Reading,
    /// A reading that was no good, because the directory changed under it.
    before: Option<Reading>,
}

/// The whole directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// Everybody, by user id.
    pub(super) users: Vec<User>,
    /// What there is to remark on it.
    pub(super) remarks: Vec<String>,
}

/// One reading of the directory, from its first page on.
#[derive(Default)]
struct Reading {
    total: Option<u64>,
    pages: u64,
    /// Members received, whoever they are.
    rows: u64,
    users: BTreeMap<String, User>,
    /// Members without an id, and how the first of them begins.
    nameless: u64,
    evidence: String,
}

impl Walk {
    /// Asks for the page that is next.
    pub(super) fn request(&self) -> Request {
        users(self.reading.start(), COUNT)
    }

    /// Takes in a page; the directory, once it is whole.
    ///
    /// # Errors
    /// It is no page of users, not the one that was asked for, or the list cannot be had whole.
    pub(super) fn read(&mut self, answer: Response) -> Result<Option<Directory>, FeedError> {
        let asked = self.reading.start();
        let listing = answer::read(answer, &format!("the question for users from {asked} on"))?;
        let total = *self.reading.total.get_or_insert(listing.total);
        if total != listing.total {
            let change = format!("{total} users became {}", listing.total);
            return self.again(&format!("{change} while it was read"));
        }
        let is_over = listing.members.is_empty();
        let has_grown = self.reading.take_in(listing)?;
        if is_over || self.reading.rows >= total {
            return self.end(total);
        }
        if !has_grown {
            return Err(incomplete("its pages repeat themselves"));
        }
        if self.reading.pages >= PAGES_MAX {
            return Err(incomplete(&format!("it has more than {PAGES_MAX} pages")));
        }
        Ok(None)
    }

    /// Judges a reading that came to its end. Where somebody stands in it twice, the pages may
    /// have shifted and somebody else been missed: unless another reading says the same.
    fn end(&mut self, total: u64) -> Result<Option<Directory>, FeedError> {
        let rows = self.reading.rows;
        if rows < total {
            return Err(incomplete(&format!(
                "it ends after {rows} of {total} users"
            )));
        }
        let twice = self.reading.repeated();
        let is_known = |before: &Reading| before.users.keys().eq(self.reading.users.keys());
        let is_stable = self.before.as_ref().is_some_and(is_known);
        if self.reading.rows - twice < total && !is_stable {
            return self.again(&format!("{twice} of {rows} users came twice"));
        }
        std::mem::take(&mut self.reading).directory().map(Some)
    }

    /// The directory changed while it was read: reads it once more from its beginning.
    fn again(&mut self, why: &str) -> Result<Option<Directory>, FeedError> {
        if self.before.is_some() {
            return Err(incomplete(&format!("{why}, and it was read twice")));
        }
        self.before = Some(std::mem::take(&mut self.reading));
        Ok(None)
    }
}

impl Reading {
    /// The place of the member that is next, counted from 1.
    fn start(&self) -> u64 {
        self.rows.saturating_add(1)
    }

    /// Takes in a page: whether it brought anybody new.
    fn take_in(&mut self, listing: Listing) -> Result<bool, FeedError> {
        let asked = self.start();
        let elsewhere = listing.start.filter(|start| *start != asked);
        if let Some(start) = elsewhere.filter(|_| !listing.members.is_empty()) {
            let why = format!("it was asked for users from {asked} on, and gave them from {start}");
            return Err(incomplete(&why));
        }
        let before = self.users.len() as u64 + self.nameless;
        self.pages += 1;
        self.rows += listing.members.len() as u64;
        for one in listing.members {
            match member::user(&one) {
                // Who comes twice is one user, as first seen.
                Some(user) => {
                    self.users.entry(user.user_id.clone()).or_insert(user);
                }
                None => self.note_nameless(&one.to_string()),
            }
        }
        Ok(self.users.len() as u64 + self.nameless > before)
    }

    fn note_nameless(&mut self, member: &str) {
        if self.nameless == 0 {
            self.evidence = beginning(member);
        }
        self.nameless += 1;
    }

    /// How many members came that had come before.
    fn repeated(&self) -> u64 {
        let known = self.users.len() as u64 + self.nameless;
        self.rows.saturating_sub(known)
    }

    /// Everybody. Of a list in which nobody has an id nothing is understood.
    fn directory(self) -> Result<Directory, FeedError> {
        if self.users.is_empty() && self.nameless > 0 {
            return Err(FeedError::NotUnderstood {
                vendor: VENDOR,
                asked: "the question for users".to_owned(),
                why: "nobody on the list has an `id`".to_owned(),
                evidence: self.evidence,
            });
        }
        let nameless = (self.nameless > 0).then(|| {
            let (count, evidence) = (self.nameless, &self.evidence);
            format!("{count} on the user list have no `id` and are left out, the first: {evidence}")
        });
        let twice = Some(self.repeated()).filter(|count| *count > 0);
        let twice = twice.map(|count| format!("the user list has {count} users twice"));
        let nobody = (self.rows == 0).then(|| "the user list is empty".to_owned());
        Ok(Directory {
            users: self.users.into_values().collect(),
            remarks: [nameless, twice, nobody].into_iter().flatten().collect(),
        })
    }
}

fn incomplete(why: &str) -> FeedError {
    FeedError::Damaged {
        why: format!("the user list is incomplete and not used: {why}"),
        hint: Some("users stay as they were; the next run reads the list again".to_owned()),
    }
}
