//! Finds events by what few of them have in common: what was done, by whom, from where.
//!
//! Where the events lie is added as one more condition on the key, as in [`super::lookup`]. How many
//! those are is asked before, for from some number on it is shorter to read all of them.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::Edits;
use super::condition::{conjuncts, numbers, uses};
use super::lookup::{Bounds, bounds, has_bare_placeholder, of_people};
use super::relations::{Relation, identifier};
use crate::query::text::{Core, Text};

/// How many events of a stretch are read in the time in which one is found by a list: 0.12 to 0.14 and
/// 1.14 microseconds, of ten million events.
pub(super) const READ_MEANWHILE: u32 = 8;

/// How many a list may find for a query that needs only some of them; in unit tests, what half the
/// sample has of an action.
const FOUND_AT_ONCE: u32 = if cfg!(test) { 50 } else { 10_000 };

/// Adds where the events lie that a `where` asks for, if those are few. `holds` asks the archive.
pub(super) fn rewrite(
    text: &Text<'_>,
    core: &Core,
    relations: &[Relation],
    holds: &dyn Fn(&str) -> bool,
    edits: &mut Edits,
) {
    let Some(condition) = &core.condition else {
        return;
    };
    let conjuncts = conjuncts(text, condition);
    let most = if may_stop(text, core) {
        FOUND_AT_ONCE
    } else {
        u32::MAX
    };
    for relation in relations.iter().filter(|one| one.has("key")) {
        let lists = [Of::Actions, Of::Actors, Of::Addresses].into_iter();
        let mut lists = lists.filter_map(|of| list(text, &conjuncts, of, relation, relations));
        if let Some(list) = lists.find(|list| holds(&list.finds_few(most))) {
            let keys = format!("{} in ({}) and ", relation.column("key"), list.keys());
            edits.insert(text.bytes(condition).start, format!("{keys}("));
            edits.insert(text.bytes(condition).end, ")".to_owned());
            return;
        }
    }
}

/// Whether it can do without most of the events that it asks for.
fn may_stop(text: &Text<'_>, core: &Core) -> bool {
    core.group.is_none() && (0..text.tokens.len()).any(|at| text.word(at) == "limit")
}

/// What events have in common.
#[derive(Clone, Copy)]
enum Of {
    Actions,
    Actors,
    Addresses,
}

impl Of {
    fn code(self) -> &'static str {
        match self {
            Of::Actions => "\"#action\"",
            Of::Actors => "\"#actor\"",
            Of::Addresses => "\"#ip\"",
        }
    }
}

/// The events between two keys that have one of some numbers in common.
struct List<'t> {
    of: Of,
    numbers: String,
    bounds: Bounds<'t>,
}

fn list<'t>(
    text: &Text<'t>,
    conjuncts: &[Range<usize>],
    of: Of,
    relation: &Relation,
    relations: &[Relation],
) -> Option<List<'t>> {
    let key = relation.column("key");
    let (table, _) = key.rsplit_once('.')?;
    let bounds = bounds(text, table, conjuncts);
    let is_by_key = |one: &Range<usize>| {
        let column = identifier(text, one.start);
        let is_equal = matches!(text.token(column.end), Token::Eq | Token::DoubleEq);
        text.word(column.end - 1) == "key" && (is_equal || text.word(column.end) == "in")
    };
    // What is beside it may lead to it already.
    if conjuncts.iter().any(is_by_key) || relations.len() > 1 && bounds.are_open() {
        return None;
    }
    let code = relation.column(of.code());
    let about_it = conjuncts.iter().filter(|one| {
        let uses = uses(text, one, relations).unwrap_or_default();
        let is_it = !uses.is_empty() && uses.iter().all(|one| one.code == code);
        is_it && !has_bare_placeholder(text, one)
    });
    let numbers: Vec<String> = about_it
        .map(|one| Some(numbers(text, one, relations)?.sql))
        .collect::<Option<_>>()?;
    (!numbers.is_empty()).then(|| List {
        of,
        numbers: format!(
            "select * from {}",
            numbers.join(" intersect select * from ")
        ),
        bounds,
    })
}

impl List<'_> {
    fn keys(&self) -> String {
        let people = || of_people(&format!("in ({})", self.actors()), &self.bounds);
        match self.of {
            Of::Actions => self.of_actions(),
            Of::Actors | Of::Addresses => people(),
        }
    }

    fn of_actions(&self) -> String {
        let bound = |sign: &str, bound: Option<&str>| {
            bound.map_or(String::new(), |bound| format!(" and key {sign} {bound}"))
        };
        format!(
            "select key from main.action_event where action in ({}){}{}",
            self.numbers,
            bound(">=", self.bounds.low),
            bound("<=", self.bounds.high)
        )
    }

    /// Who did it, or who ever came from there.
    fn actors(&self) -> String {
        match self.of {
            Of::Addresses => format!(
                "select actor from main.address where ip in ({})",
                self.numbers
            ),
            Of::Actors | Of::Actions => self.numbers.clone(),
        }
    }

    /// Asks whether it is shorter to go by the list than to read all the events, and whether the list
    /// has at most so many.
    fn finds_few(&self, most: u32) -> String {
        let counted = match self.of {
            Of::Actions => self.counted_by_day(),
            Of::Actors | Of::Addresses => self.counted_by_actor(),
        };
        format!("select found * {READ_MEANWHILE} < events and found < {most} from ({counted})")
    }

    fn counted_by_day(&self) -> String {
        let day = |sign: &str, bound: Option<&str>| {
            let day = |bound| format!(" and day {sign} ({bound} >> 20) / 86400000");
            bound.map_or(String::new(), day)
        };
        format!(
            "select coalesce(sum(events) filter (where action in ({})), 0) as found, \
             sum(events) as events from main.day_action where true{}{}",
            self.numbers,
            day(">=", self.bounds.low),
            day("<=", self.bounds.high)
        )
    }

    /// Of all time: that of the bounds is a part of both. Whom no text names is on no list.
    fn counted_by_actor(&self) -> String {
        let actors = self.actors();
        format!(
            "select coalesce(sum(events) filter (where actor in ({actors})), 0) as found, \
             sum(events) as events from main.actor_span where 0 not in ({actors})"
        )
    }
}
