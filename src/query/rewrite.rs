//! Answers a query from numbers where the views would read texts.
//!
//! An event's texts are numbers of table `word`, which the views look up. A condition on such a text
//! is asked of the few texts there are, and its answer compared as a number; events are grouped by
//! the numbers, and only what is left of them is written out. For that the query is led from the
//! views to `archive/reader/coded.sql`, which has the same columns and the numbers beside them.
//!
//! What is not understood is left as it is, piece by piece; and every piece that is changed says the
//! same as before, down to the order in which groups come.

mod columns;
mod condition;
mod grouping;
mod kinds;
mod lookup;
mod ordering;
mod relations;
mod rollup;
mod seldom;
mod wildcards;

use std::ops::Range;

use self::grouping::has_alias;
use self::relations::{Relation, relations};
use crate::query::text::{Core, Text};

/// The same query, with those of its `select`s answered from roll-ups that can be; none where none
/// can. What is left of it can still be narrowed and rewritten.
pub(crate) fn roll_up(text: &Text<'_>) -> Option<String> {
    edited(text, |text, core, relations, edits| {
        if let Some(found) = rollup::rewrite(text, core, relations, edits) {
            condition::rewrite(text, core, relations, edits);
            grouping::rewrite_groups(text, core, relations, found.has_days, edits);
        }
    })
}

/// The same query, to be answered from numbers; none where there is nothing to change. `holds` asks a
/// question of the archive, with the query's own parameters in it, whose answer is yes or no; no if it
/// cannot be asked.
pub(crate) fn rewrite(text: &Text<'_>, holds: &dyn Fn(&str) -> bool) -> Option<String> {
    edited(text, |text, core, relations, edits| {
        kinds::open(text, core, relations, edits);
        for relation in relations {
            if let Some(view) = relation.view {
                let name = format!("temp.coded_{}{}", view.name, relation.as_alias());
                edits.replace(text.bytes(&relation.name), name);
            }
        }
        wildcards::rewrite(text, core, relations, edits);
        if !lookup::rewrite(text, core, relations, edits) {
            seldom::rewrite(text, core, relations, holds, edits);
        }
        condition::rewrite(text, core, relations, edits);
        grouping::rewrite(text, core, relations, edits);
        ordering::rewrite(text, core, relations, edits);
        kinds::close(text, core, relations, edits);
    })
}

/// The same query, in which what is selected by a query of its own has the name that it would have
/// without one; none where nothing is. That name is its text, which may be rewritten.
pub(crate) fn name_columns(text: &Text<'_>) -> Option<String> {
    let mut edits = Edits::default();
    for item in text.selected() {
        let has_query = item.clone().any(|at| text.opens_query(at));
        if has_query && !has_alias(text, &item) {
            let name = quoted(text.slice(&item));
            edits.insert(text.bytes(&item).end, format!(" as {name}"));
        }
    }
    edits.apply(text.sql)
}

fn edited(
    text: &Text<'_>,
    edit: impl Fn(&Text<'_>, &Core, &[Relation], &mut Edits),
) -> Option<String> {
    let mut edits = Edits::default();
    for core in text.cores() {
        if let Some(relations) = relations(text, &core) {
            edit(text, &core, &relations, &mut edits);
        }
    }
    edits.apply(text.sql)
}

/// An identifier, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Changes of a text, none within another.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    fn replace(&mut self, bytes: Range<usize>, text: String) {
        self.0.push((bytes, text));
    }

    fn insert(&mut self, at: usize, text: String) {
        self.0.push((at..at, text));
    }

    fn apply(mut self, sql: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        self.0.sort_by_key(|(bytes, _)| (bytes.start, bytes.end));
        let mut written = String::with_capacity(sql.len() * 2);
        let mut at = 0;
        for (bytes, text) in &self.0 {
            written.push_str(sql.get(at..bytes.start)?);
            written.push_str(text);
            at = bytes.end;
        }
        written.push_str(sql.get(at..)?);
        Some(written)
    }
}

#[cfg(test)]
mod tests;
