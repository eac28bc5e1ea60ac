//! What `search('…')` is made of: which trigrams to look up, and whether a text is the one.
//!
//! Letters are folded one by one, as Unicode's own tables have it: `É` is `é`, and what has no
//! other case is itself. The index holds folded texts, so that what it leaves out has no match.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::functions::Context;
use rusqlite::types::ValueRef;

use super::{SAME, mistake, shown, text};

pub(super) fn register(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_scalar_function("search_trigrams", 1, SAME, |context| {
        // Nothing is found of nothing.
        let wanted = wanted(context)?;
        Ok(wanted.map_or_else(|| "\"\"".to_owned(), |wanted| wanted.trigrams()))
    })?;
    connection.create_scalar_function("search_found", 2, SAME, |context| {
        let Some(wanted) = wanted(context)? else {
            return Ok(None);
        };
        Ok(text(context, 1).map(|text| wanted.is_in(&text)))
    })
}

/// A text as the index has it.
pub(crate) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// What is searched for: all of these must be found, folded.
struct Wanted(Vec<String>);

/// Fewer characters are no trigram.
const LENGTH_MIN: usize = 3;

/// Most trigrams that are looked up. More of them would hardly leave out more.
const TRIGRAMS_MAX: usize = 48;

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
        let mut words = Vec::new();
        for (number, part) in query.split('"').enumerate() {
            if number % 2 == 1 {
                words.push(folded(part));
            } else {
                words.extend(part.split_whitespace().map(folded));
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

    /// As an expression for FTS5: each trigram in quotes, all of them wanted.
    fn trigrams(&self) -> String {
        let mut trigrams = BTreeSet::new();
        for word in &self.0 {
            let letters: Vec<char> = word.chars().collect();
            // FTS5 reads an expression up to the first NUL.
            let windows = letters.windows(LENGTH_MIN);
            let windows = windows.filter(|window| !window.contains(&'\0'));
            trigrams.extend(windows.map(|window| window.iter().collect::<String>()));
        }
        let quoted = trigrams.iter().take(TRIGRAMS_MAX);
        let quoted: Vec<String> = quoted
            .map(|trigram| format!("\"{}\"", trigram.replace('"', "\"\"")))
            .collect();
        quoted.join(" AND ")
    }

    fn is_in(&self, text: &str) -> bool {
        let text = folded(text);
        self.0.iter().all(|word| text.contains(word))
    }
}
