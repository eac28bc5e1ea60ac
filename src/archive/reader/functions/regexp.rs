//! `regexp(pattern, text)`, which is also what `text regexp pattern` calls.

use std::path::Path;

use regex::{Regex, RegexBuilder};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{SAME, mistake, shown, text};

pub(super) fn register(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_scalar_function("regexp", 2, SAME, |context| {
        if context.get_raw(0) == ValueRef::Null {
            return Ok(None);
        }
        // Compiled once for a pattern that is the same for every row: before the text is looked
        // at, so that a mistake in it is told whatever there is to search.
        let pattern = match context.get_aux::<Regex>(0)? {
            Some(compiled) => compiled,
            None => context.set_aux(0, compile(&text(context, 0).unwrap_or_default())?)?,
        };
        Ok(text(context, 1).map(|text| pattern.is_match(&text)))
    })
}

/// Most bytes of a pattern; whoever needs more wants a table and a join.
const PATTERN_BYTES_MAX: usize = 16 << 10;

/// Most bytes that a pattern may take when it is compiled, and a search with it: `a{9999}{9999}`
/// is short.
const COMPILED_BYTES_MAX: usize = 1 << 20;

fn compile(pattern: &str) -> rusqlite::Result<Regex> {
    let wrong = |why: &str| mistake(format!("regexp() cannot read `{}`: {why}", shown(pattern)));
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(wrong("it is longer than 16 KiB"));
    }
    RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES_MAX)
        .dfa_size_limit(COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => wrong("it takes more than 1 MiB when compiled"),
            other => wrong(&reason(&other.to_string())),
        })
}

/// The last line says what is wrong; those above draw the pattern.
fn reason(error: &str) -> String {
    let last = error.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
