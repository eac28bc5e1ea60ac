//! Groups by numbers instead of texts, and what is counted of them.
//!
//! A number stands for one text, so that the groups are the same; what is selected of a group is
//! written out once. Groups come in the order that SQLite gives them when it groups by the texts.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::Edits;
use super::relations::{Relation, coded, identifier, key_of_time, owner};
use crate::query::text::{Core, Text};

/// Rewrites the groups of a `select`, and what it says of all events of a group.
pub(super) fn rewrite(text: &Text<'_>, core: &Core, relations: &[Relation], edits: &mut Edits) {
    for item in text.list(&core.projection) {
        let before = edits.0.len();
        rewrite_aggregates(text, &item, relations, edits);
        rewrite_sizes(text, &item, relations, edits);
        if edits.0.len() > before && !has_alias(text, &item) {
            let name = super::quoted(text.slice(&item));
            edits.insert(text.bytes(&item).end, format!(" as {name}"));
        }
    }
    for clause in [&core.having, &core.order].into_iter().flatten() {
        rewrite_aggregates(text, clause, relations, edits);
        rewrite_sizes(text, clause, relations, edits);
    }
    if let Some(condition) = &core.condition {
        rewrite_sizes(text, condition, relations, edits);
    }
    rewrite_groups(text, core, relations, false, edits);
}

/// Rewrites the terms of `group by`. `has_days` says that they are of a roll-up by day, whose rows
/// are in the order of days already.
pub(super) fn rewrite_groups(
    text: &Text<'_>,
    core: &Core,
    relations: &[Relation],
    has_days: bool,
    edits: &mut Edits,
) {
    let Some(group) = &core.group else { return };
    if core.is_compound || core.is_distinct {
        return;
    }
    let items = text.list(group);
    let meant: Vec<Range<usize>> = items
        .iter()
        .map(|item| meaning(text, core, item, relations))
        .collect();
    let keys: Vec<Option<String>> = meant
        .iter()
        .map(|item| key(text, item, relations, has_days))
        .collect();
    if keys.iter().all(Option::is_none) {
        return;
    }
    let written = items.iter().zip(keys);
    let written = written.map(|(item, key)| key.unwrap_or_else(|| text.slice(item).to_owned()));
    let mut written: Vec<String> = written.collect();
    if !has_days && relations.iter().any(|one| one.has("key")) {
        written.sort_by_key(|term| coarseness(term));
    }
    for (item, term) in items.iter().zip(written) {
        edits.replace(text.bytes(item), term);
    }
    keep_order(text, core, relations, &meant, edits);
}

/// How few values a term has, as a rule. SQLite sorts events by all terms, and compares the further
/// ones only where the first are equal.
fn coarseness(term: &str) -> usize {
    let codes = ["#ip", "#actor", "", "#action", "#event_type", "#source"];
    let is_of = |code: &&str| !code.is_empty() && term.ends_with(&super::quoted(code));
    codes.iter().position(is_of).unwrap_or(2)
}

/// SQLite goes through groups in their order, and what an `order by` leaves open stays as it is.
/// Where there are as many terms to order as to group by, it takes over which of them descend.
fn keep_order(
    text: &Text<'_>,
    core: &Core,
    relations: &[Relation],
    meant: &[Range<usize>],
    edits: &mut Edits,
) {
    let ordered: Vec<Range<usize>> = core
        .order
        .iter()
        .flat_map(|order| text.list(order))
        .collect();
    let descends = |at: usize| {
        let term = ordered.get(at).filter(|_| ordered.len() == meant.len());
        term.is_some_and(|term| term.clone().any(|at| text.word(at) == "desc"))
    };
    // A term that is ordered by already leaves nothing open.
    let meaning = |term| meaning(text, core, &without_direction(text, term), relations);
    let said = ordered.iter().map(meaning);
    let said: Vec<&str> = said.map(|term| text.slice(&term)).collect();
    let terms = meant
        .iter()
        .enumerate()
        .map(|(at, item)| (text.slice(item), descends(at)));
    let terms = terms.filter(|(item, _)| !said.iter().any(|one| one.eq_ignore_ascii_case(item)));
    let terms =
        terms.map(|(item, descends)| format!("{item}{}", if descends { " desc" } else { "" }));
    let terms = terms.collect::<Vec<_>>().join(", ");
    if terms.is_empty() {
        return;
    }
    let (clause, begin) = match (&core.order, &core.having, &core.group) {
        (Some(order), _, _) => (order, ", "),
        (None, Some(clause), _) | (None, None, Some(clause)) => (clause, " order by "),
        (None, None, None) => return,
    };
    edits.insert(text.bytes(clause).end, format!("{begin}{terms}"));
}

pub(super) fn without_direction(text: &Text<'_>, term: &Range<usize>) -> Range<usize> {
    let is_last = term.len() > 1 && ["asc", "desc"].contains(&text.word(term.end - 1));
    term.start..term.end - usize::from(is_last)
}

/// What a term of `group by` stands for: a place or a name in what is selected, or itself.
pub(super) fn meaning(
    text: &Text<'_>,
    core: &Core,
    item: &Range<usize>,
    relations: &[Relation],
) -> Range<usize> {
    let selected = text.list(&core.projection);
    if item.len() != 1 {
        return item.clone();
    }
    let found = match text.token(item.start) {
        Token::Number(number, _) => number
            .parse::<usize>()
            .ok()
            .and_then(|number| selected.get(number.checked_sub(1)?)),
        // A column goes before a name that is given to what is selected.
        Token::Word(_) if is_column(text, item, relations) => None,
        Token::Word(word) => selected.iter().find(|one| {
            let name = text.name(one.end - 1);
            has_alias(text, one) && name.is_some_and(|name| name.eq_ignore_ascii_case(&word.value))
        }),
        _ => None,
    };
    found.map_or(item.clone(), |one| without_alias(text, one))
}

fn is_column(text: &Text<'_>, item: &Range<usize>, relations: &[Relation]) -> bool {
    let name = text.name(item.start).unwrap_or_default();
    owner(text, item, relations).is_some_and(|(_, view)| {
        view.columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(name))
    })
}

/// What is a number for each value of a term.
fn key(
    text: &Text<'_>,
    item: &Range<usize>,
    relations: &[Relation],
    has_days: bool,
) -> Option<String> {
    if item.start < item.end && identifier(text, item.start) == *item {
        return Some(coded(text, item, relations)?.code);
    }
    let function = text.word(item.start);
    let is_whole = matches!(text.token(item.start + 1), Token::LParen)
        && text.after(item.start + 1) == item.end;
    if !is_whole {
        return None;
    }
    let arguments = text.list(&(item.start + 2..item.end - 1));
    let said: Vec<&str> = arguments.iter().map(|one| text.slice(one)).collect();
    let (time, part) = match (function, said.as_slice()) {
        ("date", [_]) => (0, "day"),
        ("substr" | "substring", [_, "1", "10"]) => (0, "day"),
        ("substr" | "substring", [_, "1", "13"]) => (0, "hour"),
        ("substr" | "substring", [_, "1", "7"]) => (0, "month"),
        ("substr" | "substring", [_, "12", "2"]) => (0, "hour of day"),
        ("strftime", ["'%Y-%m-%d'", _]) => (1, "day"),
        ("strftime", ["'%Y-%m'", _]) => (1, "month"),
        ("strftime", ["'%H'", _]) => (1, "hour of day"),
        _ => return None,
    };
    let time = arguments
        .get(time)
        .filter(|one| identifier(text, one.start) == **one)?;
    let key = key_of_time(text, time, relations)?;
    if has_days && part == "day" {
        return owner(text, time, relations).map(|(relation, _)| relation.column("\"#day\""));
    }
    // So that no time is before the first of these days, and division rounds down.
    let millis = format!("(({key} >> 20) + 8640000000000000)");
    Some(match part {
        "day" => format!("{millis} / 86400000"),
        "hour" => format!("{millis} / 3600000"),
        "hour of day" => format!("{millis} / 3600000 % 24"),
        _ => format!("key_month({key})"),
    })
}

/// Changes what is counted, and first and last times, which the keys tell as well.
fn rewrite_aggregates(
    text: &Text<'_>,
    part: &Range<usize>,
    relations: &[Relation],
    edits: &mut Edits,
) {
    let mut at = part.start;
    while at < part.end {
        if text.opens_query(at) {
            at = text.after(at);
            continue;
        }
        if matches!(text.token(at + 1), Token::LParen) {
            let inside = at + 2..text.after(at + 1) - 1;
            rewrite_aggregate(text, at, inside, relations, edits);
        }
        at += 1;
    }
}

fn rewrite_aggregate(
    text: &Text<'_>,
    at: usize,
    inside: Range<usize>,
    relations: &[Relation],
    edits: &mut Edits,
) {
    let is_distinct = text.word(inside.start) == "distinct";
    let first = inside.start + usize::from(is_distinct);
    if first >= inside.end || identifier(text, first) != (first..inside.end) {
        return;
    }
    let argument = first..inside.end;
    match text.word(at) {
        "count" => {
            if let Some(coded) = coded(text, &argument, relations) {
                edits.replace(text.bytes(&argument), format!("nullif({}, 0)", coded.code));
            }
        }
        function @ ("min" | "max") if !is_distinct => {
            if let Some(key) = key_of_time(text, &argument, relations) {
                let whole = at..inside.end + 1;
                edits.replace(text.bytes(&whole), format!("key_time({function}({key}))"));
            }
        }
        _ => {}
    }
}

/// A size that is asked of the details needs no JSON.
fn rewrite_sizes(text: &Text<'_>, part: &Range<usize>, relations: &[Relation], edits: &mut Edits) {
    let mut at = part.start;
    while at < part.end {
        if text.opens_query(at) {
            at = text.after(at);
            continue;
        }
        let column = identifier(text, at);
        let name = text.name(column.end - 1).unwrap_or_default();
        let asks = matches!(text.token(column.end), Token::LongArrow)
            && matches!(text.token(column.end + 1), Token::SingleQuotedString(path) if path == "$.fileSize");
        match owner(text, &column, relations) {
            Some((relation, view))
                if asks && name.eq_ignore_ascii_case("details") && view.name != "daily" =>
            {
                let whole = text.bytes(&(at..column.end + 2));
                edits.replace(whole, relation.column("\"#fileSize\""));
                at = column.end + 2;
            }
            _ => {
                at = if text.name(at).is_some() {
                    column.end
                } else {
                    at + 1
                }
            }
        }
    }
}

/// Whether what is selected is given a name.
pub(super) fn has_alias(text: &Text<'_>, item: &Range<usize>) -> bool {
    if item.len() < 2 || text.name(item.end - 1).is_none() {
        return false;
    }
    if ["end", "null", "isnull", "notnull", "true", "false"].contains(&text.word(item.end - 1)) {
        return false;
    }
    matches!(
        text.token(item.end - 2),
        Token::Word(_)
            | Token::RParen
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::Placeholder(_)
    ) && !["not", "is", "collate"].contains(&text.word(item.end - 2))
}

pub(super) fn without_alias(text: &Text<'_>, item: &Range<usize>) -> Range<usize> {
    if !has_alias(text, item) {
        return item.clone();
    }
    let end = item.end - 1;
    item.start..end - usize::from(text.word(end - 1) == "as")
}
