//! The way through a bucket's keys that leaves out what a pass before has read.
//!
//! A listing comes in the order of keys. Where a key is of a partition that was listed before, and
//! of a day before those for which objects may still come, everything up to the oldest such day is
//! leapt over. What is not known is listed whole: keys without a date, and partitions that are
//! new. So is everything when a pass is to be whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;

use super::Wanted;
use super::key::{AFTER, Dated};
use super::listing::{Listed, Listing, not_understood};
use super::place::From;
use crate::event::Object;
use crate::feed::FeedError;

/// Where a scan is.
pub(super) struct Scan {
    from: Option<From>,
    /// Of each partition that was listed before, the oldest day that is listed again.
    oldest: BTreeMap<String, NaiveDate>,
    /// The greatest key so far.
    last: Option<String>,
    /// Everything up to here is leapt over.
    leap: Option<String>,
    /// Hashes of the first keys of listings: a listing that comes again leads in a circle.
    firsts: HashSet<u64>,
    /// Whether keys came in order so far. A store that does not sort leaves nothing to leap over.
    pub(super) ordered: bool,
    /// The partitions that were met.
    pub(super) met: BTreeSet<String>,
    /// How many listings were read.
    pub(super) listings: u64,
    /// How many keys have no date.
    pub(super) undated: u64,
}

impl Scan {
    /// A scan that leaves out what is older, by partition.
    pub(super) fn new(oldest: BTreeMap<String, NaiveDate>, ordered: bool) -> Scan {
        Scan {
            from: Some(From::Start),
            oldest: if ordered { oldest } else { BTreeMap::new() },
            last: None,
            leap: None,
            firsts: HashSet::new(),
            ordered,
            met: BTreeSet::new(),
            listings: 0,
            undated: 0,
        }
    }

    /// What to list next; none at the end.
    pub(super) fn from(&self) -> Option<&From> {
        self.from.as_ref()
    }

    /// Takes in a listing; what of it may be new, and is wanted.
    ///
    /// # Errors
    /// The listings lead in a circle, or do not say how they go on.
    pub(super) fn take(
        &mut self,
        listing: Listing,
        wants: impl Fn(&str) -> Wanted,
    ) -> Result<Vec<Listed>, FeedError> {
        self.listings += 1;
        self.check(&listing)?;
        if self.ordered && !self.is_ascending(&listing.objects) {
            // What was leapt over need not be what was meant to be: all is listed, from the start.
            let listings = self.listings;
            *self = Scan {
                listings,
                ..Scan::new(BTreeMap::new(), false)
            };
            return Ok(Vec::new());
        }
        let (truncated, token) = (listing.truncated, listing.token);
        let mut found = Vec::new();
        for listed in listing.objects {
            let key = &listed.object.key;
            if !self.passes(key, &wants) && !is_folder(&listed.object) {
                found.push(listed.clone());
            }
            self.last = self.last.take().max(Some(listed.object.key));
        }
        self.from = truncated.then(|| self.next(token)).transpose()?;
        Ok(found)
    }

    fn passes(&mut self, key: &str, wants: impl Fn(&str) -> Wanted) -> bool {
        if self.leap.as_deref().is_some_and(|leap| key <= leap) {
            return true;
        }
        match wants(key) {
            Wanted::Read => self.is_old(key),
            Wanted::Pass => true,
            Wanted::PassAll(tree) => {
                self.leap_to(key.get(..tree).map(|tree| format!("{tree}{AFTER}")));
                true
            }
        }
    }

    /// Whether the key is of a day of which everything was read.
    fn is_old(&mut self, key: &str) -> bool {
        let Some(dated) = Dated::find(key) else {
            self.undated += 1;
            return false;
        };
        let partition = dated.partition();
        let oldest = self.oldest.get(&partition).copied();
        self.met.insert(partition);
        let Some(oldest) = oldest.filter(|oldest| dated.day < *oldest) else {
            return false;
        };
        let just_before = dated
            .just_before(oldest)
            .filter(|leap| key <= leap.as_str());
        let is_old = just_before.is_some();
        self.leap_to(just_before);
        is_old
    }

    fn leap_to(&mut self, leap: Option<String>) {
        if self.ordered {
            self.leap = self.leap.take().max(leap);
        }
    }

    fn is_ascending(&self, objects: &[Listed]) -> bool {
        let first = self.last.as_deref().into_iter();
        let keys = first.chain(objects.iter().map(|listed| listed.object.key.as_str()));
        keys.is_sorted_by(|one, next| one < next)
    }

    /// Stores that are not AWS may lead one in a circle.
    fn check(&mut self, listing: &Listing) -> Result<(), FeedError> {
        let Some(first) = listing.objects.first() else {
            return Ok(());
        };
        let mut hasher = DefaultHasher::new();
        first.object.key.hash(&mut hasher);
        if self.firsts.insert(hasher.finish()) {
            return Ok(());
        }
        let key = &first.object.key;
        Err(not_understood(
            "a list of its objects",
            "it comes a second time",
            &format!("listing {} begins with {key}", self.listings),
        ))
    }

    fn next(&self, token: Option<String>) -> Result<From, FeedError> {
        let ahead = self
            .leap
            .as_ref()
            .filter(|leap| Some(*leap) > self.last.as_ref());
        let next = match (ahead, token, &self.last) {
            (Some(leap), _, _) => Some(From::After(leap.clone())),
            (None, Some(token), _) => {
                let same = self.from.as_ref() == Some(&From::Token(token.clone()));
                (!same).then_some(From::Token(token))
            }
            (None, None, Some(last)) if self.ordered => Some(From::After(last.clone())),
            _ => None,
        };
        next.ok_or_else(|| {
            not_understood(
                "a list of its objects",
                "it goes on, but not to where",
                &format!("listing {}", self.listings),
            )
        })
    }
}

/// What the console of AWS makes for an empty folder.
fn is_folder(object: &Object) -> bool {
    object.size == 0 && object.key.ends_with('/')
}

#[cfg(test)]
mod tests;
