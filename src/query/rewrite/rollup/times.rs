//! What a question says of times, as far as roll-ups tell them apart.

use std::ops::Range;

use chrono::NaiveDate;
use sqlparser::tokenizer::Token;

use crate::query::rewrite::condition::{operands, without_parentheses};
use crate::query::rewrite::relations::{Relation, identifier, key_of_time};
use crate::query::text::{Core, Text};

/// The conditions of a `where` that ask for all time after a moment, if there are any.
pub(super) fn afters(
    text: &Text<'_>,
    core: &Core,
    relation: &Relation,
    relations: &[Relation],
) -> Option<Vec<Range<usize>>> {
    let condition = without_parentheses(text, core.condition.as_ref()?);
    if operands(text, &condition, &["or"]).len() > 1 {
        return None;
    }
    let mut afters = operands(text, &condition, &["and"]);
    afters.retain(|one| {
        let time = identifier(text, one.start);
        let is_time =
            key_of_time(text, &time, relations).is_some_and(|key| key == relation.column("key"));
        let value = time.end + 1;
        is_time
            && value + 1 == one.end
            && matches!(text.token(time.end), Token::Gt | Token::GtEq)
            && matches!(
                text.token(value),
                Token::SingleQuotedString(_) | Token::Placeholder(_)
            )
    });
    (!afters.is_empty()).then_some(afters)
}

/// How the day is compared when the time is: a time is greater than the text of its day.
pub(super) fn sign(token: &Token, is_mirrored: bool) -> Option<&'static str> {
    match (token, is_mirrored) {
        (Token::GtEq | Token::Gt, false) | (Token::LtEq | Token::Lt, true) => Some(">="),
        (Token::LtEq | Token::Lt, false) | (Token::GtEq | Token::Gt, true) => Some("<"),
        _ => None,
    }
}

/// Whether a function says the same of all times of a day.
pub(super) fn is_of_day(text: &Text<'_>, name: &str, inside: &Range<usize>) -> bool {
    let arguments = text.list(inside);
    let said: Vec<&str> = arguments.iter().map(|one| text.slice(one)).collect();
    let is_time = |at: usize| {
        let name = arguments.get(at).and_then(|one| text.name(one.end - 1));
        let is_name = arguments
            .get(at)
            .is_some_and(|one| identifier(text, one.start) == *one);
        is_name && name.is_some_and(|name| name.eq_ignore_ascii_case("time"))
    };
    match (name, said.as_slice()) {
        ("date", [_]) => is_time(0),
        ("substr" | "substring", [_, "1", "4" | "7" | "10"]) => is_time(0),
        (
            "strftime",
            [
                "'%Y-%m-%d'" | "'%Y-%m'" | "'%Y'" | "'%w'" | "'%W'" | "'%j'",
                _,
            ],
        ) => is_time(1),
        _ => false,
    }
}

pub(super) fn is_of_hour(text: &Text<'_>, name: &str, inside: &Range<usize>) -> bool {
    let (said, is_time) = arguments(text, inside);
    match (name, said.as_slice()) {
        ("substr" | "substring", [_, "12", "2"]) => is_time(0),
        ("strftime", ["'%H'", _]) => is_time(1),
        _ => false,
    }
}

/// The arguments of a function, and which of them are the time.
fn arguments<'t>(
    text: &'t Text<'_>,
    inside: &Range<usize>,
) -> (Vec<&'t str>, impl Fn(usize) -> bool + 't) {
    let arguments = text.list(inside);
    let said = arguments.iter().map(|one| text.slice(one)).collect();
    let is_time = move |at: usize| {
        let one = arguments
            .get(at)
            .filter(|one| identifier(text, one.start) == **one);
        let name = one.and_then(|one| text.name(one.end - 1));
        name.is_some_and(|name| name.eq_ignore_ascii_case("time"))
    };
    (said, is_time)
}

/// The day since 1970 that a text is, if it is one and nothing else.
pub(super) fn day_of(text: &Text<'_>, at: usize) -> Option<i64> {
    let Token::SingleQuotedString(said) = text.token(at) else {
        return None;
    };
    let day = NaiveDate::parse_from_str(said, "%Y-%m-%d").ok()?;
    let is_whole = day.format("%Y-%m-%d").to_string() == *said;
    is_whole.then(|| day.signed_duration_since(NaiveDate::default()).num_days())
}
