//! Conditions on texts, asked of the texts there are instead of every event.
//!
//! Only where a condition that is not true counts as false: then it does not matter that a text
//! which no event has is neither true nor null.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::columns::{Coded, Texts};
use super::relations::{Relation, Use, coded, identifier, owner};
use super::{Edits, quoted};
use crate::query::text::{Core, Text};

/// Rewrites the `where` of a `select`.
pub(super) fn rewrite(text: &Text<'_>, core: &Core, relations: &[Relation], edits: &mut Edits) {
    let Some(condition) = &core.condition else {
        return;
    };
    let is_narrow = text.slice(condition).contains(".key ");
    let mut parts = Vec::new();
    for conjunct in conjuncts(text, condition) {
        split(text, conjunct, relations, &mut parts);
    }
    for part in parts {
        if let Some(coded) = rewritten(text, &part, relations, is_narrow) {
            edits.replace(text.bytes(&part), coded);
        } else if let Some(days) = days(text, &part, relations) {
            edits.insert(text.bytes(&part).start, format!("({days} and "));
            edits.insert(text.bytes(&part).end, ")".to_owned());
        }
    }
}

/// The conditions that `and`, `or` and parentheses put together; as one where all of them are about
/// one column of few texts, which are asked once for all.
fn split(
    text: &Text<'_>,
    condition: Range<usize>,
    relations: &[Relation],
    parts: &mut Vec<Range<usize>>,
) {
    let inner = without_parentheses(text, &condition);
    let operands = operands(text, &inner, &["and", "or"]);
    if operands.len() == 1 || is_of_one_column(text, &inner, relations) {
        parts.push(inner);
        return;
    }
    for operand in operands {
        split(text, operand, relations, parts);
    }
}

fn is_of_one_column(text: &Text<'_>, part: &Range<usize>, relations: &[Relation]) -> bool {
    let uses = uses(text, part, relations).unwrap_or_default();
    uses.first().is_some_and(|first| {
        let is_few = matches!(first.column.texts, Texts::Few(_));
        is_few && uses.iter().all(|one| one.code == first.code)
    })
}

pub(super) fn without_parentheses(text: &Text<'_>, condition: &Range<usize>) -> Range<usize> {
    let opening = condition.start;
    let is_nested = matches!(text.token(opening), Token::LParen)
        && !text.opens_query(opening)
        && text.after(opening) == condition.end;
    if is_nested {
        return without_parentheses(text, &(opening + 1..condition.end - 1));
    }
    condition.clone()
}

/// The conditions that must all hold.
pub(super) fn conjuncts(text: &Text<'_>, condition: &Range<usize>) -> Vec<Range<usize>> {
    let whole = without_parentheses(text, condition);
    match operands(text, &whole, &["or"]).len() {
        1 => operands(text, &whole, &["and"]),
        _ => vec![whole],
    }
}

/// What these words stand between.
pub(super) fn operands(
    text: &Text<'_>,
    condition: &Range<usize>,
    words: &[&str],
) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (condition.start, condition.start);
    let (mut cases, mut betweens) = (0, 0);
    while at < condition.end {
        match (text.token(at), text.word(at)) {
            (Token::LParen, _) => at = text.after(at) - 1,
            (_, "case") => cases += 1,
            (_, "end") => cases -= 1,
            (_, "between") if cases == 0 => betweens += 1,
            (_, "and") if cases == 0 && betweens > 0 => betweens -= 1,
            (_, word) if cases == 0 && words.contains(&word) => {
                found.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.push(start..condition.end);
    found
}

/// Numbers of which one stands for a column where a condition holds.
pub(super) struct Numbers {
    /// A query within parentheses.
    pub(super) sql: String,
    /// Whether there is one at most.
    pub(super) is_one: bool,
}

/// The numbers of the one column that the condition is about.
pub(super) fn numbers(
    text: &Text<'_>,
    part: &Range<usize>,
    relations: &[Relation],
) -> Option<Numbers> {
    let uses = of_one_column(text, part, relations)?;
    numbers_of(text, part, &uses)
}

/// The condition on numbers; none where it is about something else than one coded column.
fn rewritten(
    text: &Text<'_>,
    part: &Range<usize>,
    relations: &[Relation],
    is_narrow: bool,
) -> Option<String> {
    let uses = of_one_column(text, part, relations)?;
    let Use { column, code, .. } = uses.first()?;
    let Numbers { sql, is_one } = numbers_of(text, part, &uses)?;
    // To look through all words takes as long as some hundred thousand events.
    if column.texts == Texts::Many && is_narrow && !is_one {
        return None;
    }
    let sign = if is_one { "=" } else { "in" };
    Some(format!("{code} {sign} {sql}"))
}

/// Where the condition names its column, if that is one.
fn of_one_column(text: &Text<'_>, part: &Range<usize>, relations: &[Relation]) -> Option<Vec<Use>> {
    let uses = uses(text, part, relations)?;
    let first = uses.first()?;
    let is_one = uses.iter().all(|one| one.code == first.code);
    is_one.then_some(uses)
}

fn numbers_of(text: &Text<'_>, part: &Range<usize>, uses: &[Use]) -> Option<Numbers> {
    let Use { column, .. } = uses.first()?;
    if let Some(value) = equal_to(text, part, uses) {
        let (table, name) = match column.texts {
            Texts::Sources => ("source", "name"),
            _ => ("word", "text"),
        };
        return Some(Numbers {
            sql: format!("(select id from main.{table} where {name} = {value})"),
            is_one: true,
        });
    }
    let mut asked = String::new();
    let mut at = text.bytes(part).start;
    for one in uses {
        let bytes = text.bytes(&one.tokens);
        asked.push_str(text.sql.get(at..bytes.start)?);
        asked.push_str("\"#w\".\"#text\"");
        at = bytes.end;
    }
    asked.push_str(text.sql.get(at..text.bytes(part).end)?);
    let texts = texts(column);
    Some(Numbers {
        sql: format!("(select \"#w\".\"#id\" from {texts} \"#w\" where {asked})"),
        is_one: false,
    })
}

/// What it implies for the number of a day that its text is compared so.
fn days(text: &Text<'_>, part: &Range<usize>, relations: &[Relation]) -> Option<String> {
    let day = identifier(text, part.start);
    let (relation, view) = owner(text, &day, relations)?;
    let is_day = text.name(day.end - 1)?.eq_ignore_ascii_case("day");
    let value = day.end + 1..part.end;
    let is_value = matches!(text.token(value.start), Token::SingleQuotedString(_))
        || matches!(text.token(value.start), Token::Placeholder(name) if name.len() > 1);
    if view.name != "daily" || !is_day || value.len() != 1 || !is_value {
        return None;
    }
    let (sign, key) = match text.token(day.end) {
        Token::Gt | Token::GtEq => (">=", "first_key"),
        Token::Lt | Token::LtEq => ("<=", "last_key"),
        _ => return None,
    };
    let number = relation.column("\"#day\"");
    let value = text.slice(&value);
    Some(format!(
        "{number} {sign} (({key}({value}) >> 20) + 8640000000000000) / 86400000 - 100000000"
    ))
}

/// The texts of a column and their numbers.
fn texts(column: &Coded) -> String {
    match column.texts {
        Texts::Sources => "(select id as \"#id\", name as \"#text\" from main.source)".to_owned(),
        Texts::Many => "(select id as \"#id\", text as \"#text\" from main.word)".to_owned(),
        Texts::Few(name) => format!(
            "(select w.id as \"#id\", w.text as \"#text\" from main.column_word c \
             cross join main.word w on w.id = c.word where c.name = {})",
            quoted(name).replace('"', "'")
        ),
    }
}

/// The coded columns that a condition is about; none where it is about anything else, too, or does
/// not say the same of the same text every time.
pub(super) fn uses(
    text: &Text<'_>,
    part: &Range<usize>,
    relations: &[Relation],
) -> Option<Vec<Use>> {
    let mut uses = Vec::new();
    let mut at = part.start;
    while at < part.end {
        at = match (text.token(at), text.word(at)) {
            (Token::LParen, _) if text.opens_query(at) => {
                if text.word(at.checked_sub(1)?) != "in" || !stands_alone(text, at, relations) {
                    return None;
                }
                text.after(at)
            }
            (Token::Word(_), "collate" | "as") => at + 2,
            (Token::Word(_), word) if WORDS.contains(&word) => at + 1,
            (Token::Word(_), word) if matches!(text.token(at + 1), Token::LParen) => {
                if !SAME_EVERY_TIME.contains(&word) {
                    return None;
                }
                at + 1
            }
            (Token::Word(_), _) => {
                let identifier = identifier(text, at);
                let next = identifier.end;
                uses.push(coded(text, &identifier, relations)?);
                next
            }
            _ => at + 1,
        };
    }
    Some(uses)
}

/// Words of conditions that name nothing.
pub(super) const WORDS: &[&str] = &[
    "and", "or", "not", "in", "like", "glob", "regexp", "between", "is", "null", "isnull",
    "notnull", "escape", "case", "when", "then", "else", "end", "cast", "true", "false",
];

pub(super) const SAME_EVERY_TIME: &[&str] = &[
    "lower",
    "upper",
    "substr",
    "substring",
    "instr",
    "length",
    "coalesce",
    "ifnull",
    "nullif",
    "iif",
    "trim",
    "ltrim",
    "rtrim",
    "replace",
    "abs",
    "typeof",
    "hex",
    "unicode",
    "printf",
    "format",
    "regexp",
    "cidr_contains",
    "ip_version",
];

/// Whether a query within a condition names nothing of the relations around it, as far as can be
/// seen. One that does would still give the same answer, but be asked for every text of every event.
fn stands_alone(text: &Text<'_>, opening: usize, relations: &[Relation]) -> bool {
    (opening + 1..text.after(opening)).all(|at| {
        let Some(name) = text.name(at) else {
            return true;
        };
        let before = text.token(at - 1);
        if matches!(text.token(at + 1), Token::Period) {
            return !relations.iter().any(|one| one.is_named(Some(name)));
        }
        let views = relations.iter().filter_map(|one| one.view);
        matches!(before, Token::Period)
            || !views
                .flat_map(|view| view.columns)
                .any(|column| column.eq_ignore_ascii_case(name))
    })
}

/// The value with which the column is said to be equal.
fn equal_to<'s>(text: &Text<'s>, part: &Range<usize>, uses: &[Use]) -> Option<&'s str> {
    let [only] = uses else { return None };
    let (sign, value) = if only.tokens.start == part.start {
        (only.tokens.end, part.end - 1)
    } else {
        (part.start + 1, part.start)
    };
    let is_equal = matches!(text.token(sign), Token::Eq | Token::DoubleEq);
    let is_whole = part.len() == only.tokens.len() + 2;
    let is_value = matches!(
        text.token(value),
        Token::SingleQuotedString(_) | Token::Placeholder(_)
    );
    (is_equal && is_whole && is_value).then(|| text.slice(&(value..value + 1)))
}
