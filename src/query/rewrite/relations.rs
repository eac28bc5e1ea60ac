//! What a `select` reads from, and which of it an identifier names.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::columns::{Coded, View};
use super::quoted;
use crate::query::text::{Core, Text};

/// One table, view or query in a `from`.
pub(super) struct Relation {
    /// The view, if it is one that can be coded.
    pub(super) view: Option<&'static View>,
    /// The tokens of its name.
    pub(super) name: Range<usize>,
    /// Under which name its columns are known.
    pub(super) alias: String,
    pub(super) has_alias: bool,
}

/// A column that a number stands for, where it stands in the text.
pub(super) struct Use {
    pub(super) tokens: Range<usize>,
    pub(super) column: &'static Coded,
    /// The number's name.
    pub(super) code: String,
}

impl Relation {
    pub(super) fn is_named(&self, name: Option<&str>) -> bool {
        name.is_some_and(|name| name.eq_ignore_ascii_case(&self.alias))
    }

    /// Whether it is a view with this column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.view.is_some_and(|view| view.columns.contains(&column))
    }

    /// What gives it its name where the query leaves that to the view.
    pub(super) fn as_alias(&self) -> String {
        if self.has_alias {
            String::new()
        } else {
            format!(" as {}", quoted(&self.alias))
        }
    }

    pub(super) fn column(&self, name: &str) -> String {
        format!("{}.{name}", quoted(&self.alias))
    }
}

/// What the `select` reads from; none where none of it can be coded, or where it is put together in
/// a way that is not understood.
pub(super) fn relations(text: &Text<'_>, core: &Core) -> Option<Vec<Relation>> {
    let mut relations = Vec::new();
    let mut at = core.from.start;
    let mut is_optional = false;
    while at < core.from.end {
        let (mut relation, next) = relation(text, at)?;
        if is_optional || is_hidden(text, &relation) {
            relation.view = None;
        }
        relations.push(relation);
        at = next;
        is_optional = false;
        if text.word(at) == "on" {
            at = after_condition(text, at, core.from.end);
        }
        while at < core.from.end && is_join(text, at) {
            match text.word(at) {
                "natural" | "right" | "full" => return None,
                "left" => is_optional = true,
                _ => {}
            }
            at += 1;
        }
        if text.word(at) == "using" {
            return None;
        }
    }
    relations
        .iter()
        .any(|one| one.view.is_some())
        .then_some(relations)
}

const JOINS: &[&str] = &[
    "join", "left", "inner", "cross", "natural", "right", "full", "outer",
];

fn is_join(text: &Text<'_>, at: usize) -> bool {
    matches!(text.token(at), Token::Comma) || JOINS.contains(&text.word(at))
}

fn after_condition(text: &Text<'_>, on: usize, end: usize) -> usize {
    let mut at = on;
    while at < end && !is_join(text, at) {
        at = match text.token(at) {
            Token::LParen => text.after(at),
            _ => at + 1,
        };
    }
    at
}

/// One relation and the token after it.
fn relation(text: &Text<'_>, at: usize) -> Option<(Relation, usize)> {
    let (mut relation, mut next) = named(text, at)?;
    if matches!(text.token(next), Token::LParen) {
        relation.view = None;
        next = text.after(next);
    }
    if ["indexed", "not"].contains(&text.word(next)) {
        return None;
    }
    let says_as = text.word(next) == "as";
    let alias = next + usize::from(says_as);
    let is_alias = text.name(alias).is_some()
        && !is_join(text, alias)
        && !["on", "using", "where"].contains(&text.word(alias))
        && !is_clause(text.word(alias));
    if is_alias {
        text.name(alias)?.clone_into(&mut relation.alias);
        relation.has_alias = true;
        next = alias + 1;
    }
    (is_alias || !says_as).then_some((relation, next))
}

/// A relation by its own name, or a query, which has none.
fn named(text: &Text<'_>, at: usize) -> Option<(Relation, usize)> {
    let relation = |view, name, alias: &str| Relation {
        view,
        name,
        alias: alias.to_owned(),
        has_alias: false,
    };
    if text.opens_query(at) {
        return Some((relation(None, at..at, ""), text.after(at)));
    }
    let is_qualified = matches!(text.token(at + 1), Token::Period);
    let last = if is_qualified { at + 2 } else { at };
    let is_ours = !is_qualified || text.name(at)?.eq_ignore_ascii_case("main");
    let name = text.name(last)?;
    let view = View::of(name).filter(|_| is_ours);
    Some((relation(view, at..last + 1, name), last + 1))
}

fn is_clause(word: &str) -> bool {
    [
        "group",
        "having",
        "order",
        "limit",
        "union",
        "except",
        "intersect",
    ]
    .contains(&word)
}

/// Whether `with` gives the name to something else.
fn is_hidden(text: &Text<'_>, relation: &Relation) -> bool {
    if relation.name.len() != 1 {
        return false;
    }
    let name = text.name(relation.name.start);
    (0..text.tokens.len()).any(|at| {
        let is_same = text
            .name(at)
            .zip(name)
            .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other));
        is_same && {
            let next = match text.token(at + 1) {
                Token::LParen => text.after(at + 1),
                _ => at + 1,
            };
            let body = ["not", "materialized"].contains(&text.word(next + 1));
            text.word(next) == "as" && (body || matches!(text.token(next + 1), Token::LParen))
        }
    })
}

/// The tokens of the identifier there: a name, or a table's and a column's.
pub(super) fn identifier(text: &Text<'_>, at: usize) -> Range<usize> {
    if matches!(text.token(at + 1), Token::Period) {
        return at..at + 3;
    }
    at..at + 1
}

/// The relation that has this column, if it is a coded view.
pub(super) fn owner<'r>(
    text: &Text<'_>,
    identifier: &Range<usize>,
    relations: &'r [Relation],
) -> Option<(&'r Relation, &'static View)> {
    let relation = match (identifier.len(), relations) {
        (1, [only]) => only,
        (3, _) => {
            let name = text.name(identifier.start);
            let mut named = relations.iter().filter(|one| one.is_named(name));
            let first = named.next()?;
            if named.next().is_some() {
                return None;
            }
            first
        }
        _ => return None,
    };
    relation.view.map(|view| (relation, view))
}

/// The coded column that the identifier names.
pub(super) fn coded(
    text: &Text<'_>,
    identifier: &Range<usize>,
    relations: &[Relation],
) -> Option<Use> {
    let (relation, view) = owner(text, identifier, relations)?;
    let name = text.name(identifier.end - 1)?;
    let column = view
        .coded
        .iter()
        .find(|column| column.name.eq_ignore_ascii_case(name))?;
    Some(Use {
        tokens: identifier.clone(),
        column,
        code: relation.column(&quoted(column.code)),
    })
}

/// The key of the event whose `time` the identifier names.
pub(super) fn key_of_time(
    text: &Text<'_>,
    identifier: &Range<usize>,
    relations: &[Relation],
) -> Option<String> {
    let (relation, _) = owner(text, identifier, relations)?;
    let is_time = text.name(identifier.end - 1)?.eq_ignore_ascii_case("time");
    is_time.then(|| relation.column("key"))
}
