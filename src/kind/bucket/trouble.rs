//! Objects that could not be read: told one by one, and as the failure of their pass at its end.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::key::Dated;
use super::place::Place;
use crate::feed::FeedError;

/// What could not be read so far.
#[derive(Default)]
pub(super) struct Troubles {
    count: usize,
    first: Option<(String, FeedError)>,
    /// Of each partition of which something must be listed again, the first day of it.
    pub(super) owing: BTreeMap<String, NaiveDate>,
    owes: bool,
    /// Not told yet.
    notices: Vec<String>,
}

impl Troubles {
    /// An object could not be read.
    pub(super) fn add(&mut self, key: &str, why: FeedError) {
        self.count += 1;
        if self.count <= TOLD_MAX {
            self.notices.push(format!("{key} could not be read: {why}"));
        }
        self.first.get_or_insert_with(|| (key.to_owned(), why));
        self.owe(key);
    }

    /// The next pass must list the key again.
    pub(super) fn owe(&mut self, key: &str) {
        self.owes = true;
        if let Some(dated) = Dated::find(key) {
            let first = self.owing.entry(dated.partition()).or_insert(dated.day);
            *first = dated.day.min(*first);
        }
    }

    /// What is no failure, but should be heard of.
    pub(super) fn tell(&mut self, notice: String) {
        self.notices.push(notice);
    }

    /// What is to be told now.
    pub(super) fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// Whether something must be listed again: not everything has been read.
    pub(super) fn owes(&self) -> bool {
        self.owes
    }

    /// Whether there is so much of it that something is wrong with all of the bucket.
    pub(super) fn is_too_much(&self) -> bool {
        self.count >= MAX
    }

    /// The failure of the pass, if it is one.
    pub(super) fn failure(&mut self, place: &Place) -> Option<FeedError> {
        let (key, why) = self.first.take()?;
        let bucket = &place.bucket;
        let whole = match self.count {
            1 => format!("object {key} of bucket {bucket} cannot be read: {why}"),
            n => format!("{n} objects of bucket {bucket} cannot be read, the first, {key}: {why}"),
        };
        Some(match why {
            FeedError::Refused { vendor, .. } => FeedError::Refused {
                vendor,
                says: whole,
            },
            FeedError::Damaged { .. } => FeedError::Damaged {
                why: whole,
                hint: hint(),
            },
            _ => FeedError::Unreadable {
                why: whole,
                hint: hint(),
            },
        })
    }
}

/// With so many a pass ends at once: a million are not asked for one by one to no avail.
const MAX: usize = 100;
/// So many are told one by one.
const TOLD_MAX: usize = 20;

fn hint() -> Option<String> {
    let hint = "all else is archived; if it is no log, set `ignore` or a longer `prefix`, and else put it right in the bucket";
    Some(hint.to_owned())
}
