//! Orders by the key where the time would come last: events lie in its order, so that the newest are
//! at hand and nothing is sorted. Of one millisecond, which event comes first is left open either way.

use super::Edits;
use super::grouping::{meaning, without_direction};
use super::relations::{Relation, identifier, key_of_time};
use crate::query::text::{Core, Text};

/// Rewrites the last term of `order by`.
pub(super) fn rewrite(text: &Text<'_>, core: &Core, relations: &[Relation], edits: &mut Edits) {
    let Some(order) = &core.order else { return };
    if core.group.is_some() || core.is_compound || core.is_distinct {
        return;
    }
    let Some(last) = text.list(order).pop() else {
        return;
    };
    let term = without_direction(text, &last);
    let time = meaning(text, core, &term, relations);
    let is_column = time.start < time.end && identifier(text, time.start) == time;
    if let Some(key) = key_of_time(text, &time, relations).filter(|_| is_column) {
        edits.replace(text.bytes(&term), key);
    }
}
