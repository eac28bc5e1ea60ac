//! What `search('…')` is made of: which trigrams to look up, and whether a text is the one.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::ValueRef;

use super::{SAME, mistake, shown, text};
use crate::archive::search::{Trigrams, folded};

pub(super) fn register(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_scalar_function("search_trigrams", 1, SAME, |context| {
        // Nothing is found of nothing.
        let wanted = wanted(context)?;
        Ok(wanted.map_or_else(|| Trigrams::default().all(), |wanted| wanted.trigrams()))
    })?;
    connection.create_scalar_function("search_found", 2, SAME, |context| {
        let Some(wanted) = wanted(context)? else {
            return Ok(None);
        };
        Ok(text(context, 1).map(|text| wanted.is_in(&text)))
    })
}

/// What is searched for: all of these must be found, folded.
struct Wanted(Vec<String>);

/// Fewer characters are no trigram.
const LENGTH_MIN: usize = 3;

fn wanted(context: &Context<'_>) -> rusqlite::Result<Option<Arc<Wanted>>> {
    if context.get_raw(0) == ValueRef::Null {
        return Ok(None);
    }
    if let Some(wanted) = context.get_aux(0)? {
        return Ok(Some(wanted));
    }
    let read = Wanted::read(&text(context, 0).unwrap_or_default())?;
    context.set_aux(0, read).map(Some)
}

impl Wanted {
    /// Words, which may stand anywhere; in double quotes what stands together.
    fn read(query: &str) -> rusqlite::Result<Wanted> {
        let mut words: Vec<String> = Vec::new();
        for (number, part) in query.split('"').enumerate() {
            if number % 2 == 1 {
                words.push(folded(part).collect());
            } else {
                words.extend(part.split_whitespace().map(|word| folded(word).collect()));
            }
        }
        words.retain(|word| !word.is_empty());
        if words.iter().all(|word| word.chars().count() < LENGTH_MIN) {
            return Err(mistake(format!(
                "search() takes a word of three characters at least, not `{}`; \
                 `details like '%…%'` finds shorter ones",
                shown(query)
            )));
        }
        Ok(Wanted(words))
    }

    /// As an expression for FTS5.
    fn trigrams(&self) -> String {
        let mut trigrams = Trigrams::default();
        self.0.iter().for_each(|word| trigrams.add(word));
        trigrams.all()
    }

    fn is_in(&self, text: &str) -> bool {
        let text: String = folded(text).collect();
        self.0.iter().all(|word| text.contains(word))
    }
}
