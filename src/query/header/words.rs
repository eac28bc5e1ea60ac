//! The words of one header line, read one after the other; whatever is wrong is about one of them.

use super::{HeaderError, Key};
use crate::query::explain::nearest;
use crate::query::place::Place;

/// What of a line is still to be read.
pub(super) struct Words<'s> {
    /// The whole query, of which the line is a part.
    sql: &'s str,
    key: Key,
    rest: &'s str,
}

impl<'s> Words<'s> {
    /// What follows the colon.
    pub(super) fn new(sql: &'s str, key: Key, value: &'s str) -> Words<'s> {
        let rest = value.trim();
        Words { sql, key, rest }
    }

    /// The next word, whatever it is.
    pub(super) fn next(&mut self) -> Result<&'s str, HeaderError> {
        let end = self.rest.find(char::is_whitespace);
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if word.is_empty() {
            let (key, place) = (self.key, self.place(word));
            return Err(HeaderError::Unfinished { key, place });
        }
        self.rest = rest.trim_start();
        Ok(word)
    }

    /// The next word, which must be one of these.
    pub(super) fn literal(&mut self, words: &[&'static str]) -> Result<&'static str, HeaderError> {
        self.one_of(words, |word| word)
    }

    /// The thing that the next word names.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        things: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, HeaderError> {
        let word = self.next()?;
        let named = things.iter().find(|thing| name(**thing) == word);
        named.copied().ok_or_else(|| {
            let names = things.iter().map(|thing| name(*thing));
            self.misplaced(word, nearest(word, names))
        })
    }

    /// The next word, which must be a whole number and no less than that.
    pub(super) fn number(&mut self, least: u64) -> Result<u64, HeaderError> {
        let word = self.next()?;
        let number = word.parse().ok().filter(|number| *number >= least);
        number.ok_or_else(|| self.misplaced(word, Vec::new()))
    }

    /// All words that are left, of which there must be one.
    pub(super) fn all(&mut self) -> Result<Vec<String>, HeaderError> {
        let mut words = vec![self.next()?.to_owned()];
        while !self.rest.is_empty() {
            words.push(self.next()?.to_owned());
        }
        Ok(words)
    }

    /// The same, each being a tag.
    pub(super) fn tags(&mut self) -> Result<Vec<String>, HeaderError> {
        let mut words = self.rest.split_whitespace();
        let is_no_tag = |word: &&str| !word.chars().all(is_of_tags);
        let Some(wrong) = words.find(is_no_tag) else {
            return self.all();
        };
        let mut meant = wrong.to_lowercase();
        meant.retain(is_of_tags);
        let nearest = Some(meant).filter(|meant| !meant.is_empty());
        Err(self.misplaced(wrong, nearest.into_iter().collect()))
    }

    /// There is no word left.
    pub(super) fn end(&mut self) -> Result<(), HeaderError> {
        match self.next() {
            Ok(word) => Err(self.misplaced(word, Vec::new())),
            Err(_) => Ok(()),
        }
    }

    /// The line is one too many.
    pub(super) fn repeated(&self, line: &str) -> HeaderError {
        let (key, place) = (self.key, self.place(line));
        HeaderError::Repeated { key, place }
    }

    fn misplaced(&self, word: &str, nearest: Vec<String>) -> HeaderError {
        HeaderError::Misplaced {
            key: self.key,
            word: word.to_owned(),
            place: self.place(word),
            nearest,
        }
    }

    /// Every word is a slice of the query's text.
    fn place(&self, word: &str) -> Place {
        place(self.sql, word)
    }
}

/// Where a slice of the query's text stands in it, which is told by its address.
pub(super) fn place(sql: &str, slice: &str) -> Place {
    let at = slice.as_ptr().addr() - sql.as_ptr().addr();
    Place::of(sql, &(at..at + slice.len()))
}

fn is_of_tags(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_')
}
