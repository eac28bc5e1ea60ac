//! What a function of ours complains about: SQLite hands on its words, and nothing of where it was
//! called.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::nearest;
use crate::archive::reader::{FUNCTIONS, UNKNOWN_ZONE, zones};

/// The complaint of a function, which begins with its name.
pub(super) struct Call<'m> {
    name: &'static str,
    message: &'m str,
}

impl<'m> Call<'m> {
    pub(super) fn read(message: &'m str) -> Option<Call<'m>> {
        let (name, _) = message.split_once("()")?;
        let function = FUNCTIONS.iter().find(|function| function.name == name)?;
        Some(Call {
            name: function.name,
            message,
        })
    }

    /// The text that it names, if the query has it once; else its name, if it is called once. Of
    /// two calls nobody says which it was.
    pub(super) fn bytes(&self, tokens: &[(Token, Range<usize>)]) -> Option<Range<usize>> {
        let named = |token: &Token| match token {
            Token::SingleQuotedString(text) => Some(text.replace("''", "'")) == self.named(),
            _ => false,
        };
        let called = |token: &Token| match token {
            Token::Word(word) => word.value.eq_ignore_ascii_case(self.name),
            _ => false,
        };
        only(tokens, named).or_else(|| only(tokens, called))
    }

    /// What may have been meant.
    pub(super) fn nearest(&self) -> Vec<String> {
        let zone = self.message.strip_prefix(UNKNOWN_ZONE);
        zone.map_or_else(Vec::new, |zone| nearest_zones(zone.trim_end_matches('`')))
    }

    /// The value in the message.
    fn named(&self) -> Option<String> {
        let (_, rest) = self.message.split_once('`')?;
        let (named, _) = rest.split_once('`')?;
        Some(named.to_owned())
    }
}

/// The one that is so.
fn only(tokens: &[(Token, Range<usize>)], is: impl Fn(&Token) -> bool) -> Option<Range<usize>> {
    let mut found = tokens.iter().filter(|(token, _)| is(token));
    let (_, bytes) = found.next()?;
    found.next().is_none().then(|| bytes.clone())
}

/// Zones are called by their city, too.
fn nearest_zones(written: &str) -> Vec<String> {
    let zones = zones();
    let city = |zone: &&String| {
        let city = zone.rsplit('/').next().unwrap_or_default();
        city.eq_ignore_ascii_case(&written.replace(' ', "_"))
    };
    let mut near: Vec<String> = zones.iter().filter(city).cloned().collect();
    near.sort();
    near.extend(nearest(written, zones.iter().map(String::as_str)));
    near.truncate(3);
    near
}
