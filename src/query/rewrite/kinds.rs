//! Asks last whether an event is of the view's kind: whatever else is asked of it leaves out more, and
//! costs less.
//!
//! The coded views of one kind have the events of all, for a view's own condition comes before those
//! of the query. What is missing there is added here.

use super::Edits;
use super::relations::Relation;
use crate::query::text::{Core, Text};

/// Begins what [`close`] ends: before all other changes, for they may begin at the same place.
pub(super) fn open(text: &Text<'_>, core: &Core, relations: &[Relation], edits: &mut Edits) {
    if let (Some(condition), false) = (&core.condition, conditions(relations).is_empty()) {
        edits.insert(text.bytes(condition).start, "(".to_owned());
    }
}

/// Adds to a `where` of which kind the events are, after all other changes.
pub(super) fn close(text: &Text<'_>, core: &Core, relations: &[Relation], edits: &mut Edits) {
    let kinds = conditions(relations).join(" and ");
    if kinds.is_empty() {
        return;
    }
    match &core.condition {
        Some(condition) => edits.insert(text.bytes(condition).end, format!(") and {kinds}")),
        None => edits.insert(text.bytes(&core.from).end, format!(" where {kinds}")),
    }
}

fn conditions(relations: &[Relation]) -> Vec<String> {
    let condition = |one: &Relation| {
        let pages = one.view?.pages?;
        // Without the sign, SQLite would look for an index.
        Some(format!("+{} in ({pages})", one.column("\"#page\"")))
    };
    relations.iter().filter_map(condition).collect()
}
