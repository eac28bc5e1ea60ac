//! Finds the few events of a person or a file by the lists that are kept of them.
//!
//! What is found is added as one more condition on the key, so that SQLite seeks the events instead
//! of reading all of them.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::Edits;
use super::condition::{Numbers, conjuncts, numbers, operands, uses, without_parentheses};
use super::relations::{Relation, Use};
use crate::query::text::{Core, Text};

/// Adds where the events lie that a `where` asks for, if it names people or files; gives whether it
/// does.
pub(super) fn rewrite(
    text: &Text<'_>,
    core: &Core,
    relations: &[Relation],
    edits: &mut Edits,
) -> bool {
    let Some(condition) = &core.condition else {
        return false;
    };
    let conjuncts = conjuncts(text, condition);
    let mut is_found = false;
    for conjunct in &conjuncts {
        if let Some(keys) = keys(text, conjunct, &conjuncts, relations) {
            let bytes = text.bytes(conjunct);
            edits.insert(bytes.start, format!("{keys} and ("));
            edits.insert(bytes.end, ")".to_owned());
            is_found = true;
        }
    }
    is_found
}

/// What one of several alternatives says.
struct Alternative {
    of: Use,
    numbers: Numbers,
    is_exact: bool,
}

fn keys(
    text: &Text<'_>,
    conjunct: &Range<usize>,
    all: &[Range<usize>],
    relations: &[Relation],
) -> Option<String> {
    if has_bare_placeholder(text, conjunct) {
        return None;
    }
    let inner = without_parentheses(text, conjunct);
    let alternatives = operands(text, &inner, &["or"]);
    let alternatives: Vec<Alternative> = alternatives
        .iter()
        .map(|one| alternative(text, &without_parentheses(text, one), relations))
        .collect::<Option<_>>()?;
    let first = alternatives.first()?;
    let (key, _) = first.of.code.split_once(".\"#")?;
    let is_one_table = |one: &Alternative| one.of.code.starts_with(&format!("{key}.\"#"));
    let numbers: Vec<&Numbers> = alternatives.iter().map(|one| &one.numbers).collect();
    let is_of = |codes: &[&str]| {
        let mut columns = alternatives.iter().map(|one| one.of.column.code);
        columns.all(|code| codes.contains(&code))
    };
    let found = if !alternatives.iter().all(is_one_table) {
        return None;
    } else if is_of(&["#actor", "#on_behalf_of"]) && alternatives.iter().all(|one| one.is_exact) {
        of_people(&which(&numbers), &bounds(text, key, all))
    } else if is_of(&["#file_name"]) && is_worth_it(&alternatives, &bounds(text, key, all)) {
        of_files(&all_of(&numbers))
    } else {
        return None;
    };
    Some(format!("{key}.key in ({found})"))
}

fn alternative(
    text: &Text<'_>,
    part: &Range<usize>,
    relations: &[Relation],
) -> Option<Alternative> {
    let of = uses(text, part, relations)?.into_iter().next()?;
    let is_bare = of.tokens.start == part.start;
    let is_lower = text.word(part.start) == "lower" && of.tokens.start == part.start + 2;
    let sign = of.tokens.end + usize::from(is_lower);
    let is_equal = matches!(text.token(sign), Token::Eq | Token::DoubleEq);
    let is_exact = (is_bare || is_lower) && (is_equal || text.word(sign) == "in");
    let is_like = is_bare && ["like", "glob"].contains(&text.word(sign));
    (is_exact || is_like).then(|| {
        Some(Alternative {
            of,
            numbers: numbers(text, part, relations)?,
            is_exact,
        })
    })?
}

/// A bare `?` would become one more parameter where it is written once more.
pub(super) fn has_bare_placeholder(text: &Text<'_>, part: &Range<usize>) -> bool {
    let is_bare = |at| matches!(text.token(at), Token::Placeholder(name) if name.len() == 1);
    part.clone().any(is_bare)
}

/// The keys between which the conditions leave events open, as SQL.
pub(super) struct Bounds<'s> {
    pub(super) low: Option<&'s str>,
    pub(super) high: Option<&'s str>,
}

impl Bounds<'_> {
    pub(super) fn are_open(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }
}

/// As `query::narrow` has written them.
pub(super) fn bounds<'s>(text: &Text<'s>, table: &str, conjuncts: &[Range<usize>]) -> Bounds<'s> {
    let bound = |signs: &[Token]| {
        let mut conjuncts = conjuncts.iter();
        let found = conjuncts.find(|one| {
            text.slice(&(one.start..one.start + 1)) == table
                && text.word(one.start + 2) == "key"
                && signs.contains(text.token(one.start + 3))
        });
        found.map(|one| text.slice(&(one.start + 4..one.end)))
    };
    Bounds {
        low: bound(&[Token::GtEq]),
        high: bound(&[Token::Lt, Token::LtEq]),
    }
}

/// To match a pattern with all words takes as long as to read some hundred thousand events.
fn is_worth_it(alternatives: &[Alternative], bounds: &Bounds<'_>) -> bool {
    bounds.are_open() || alternatives.iter().all(|one| one.is_exact)
}

/// What follows a number that is to be one of these.
fn which(numbers: &[&Numbers]) -> String {
    match numbers {
        [only] if only.is_one => format!("= {}", only.sql),
        several => format!("in ({})", all_of(several)),
    }
}

fn all_of(numbers: &[&Numbers]) -> String {
    let queries: Vec<String> = numbers
        .iter()
        .map(|one| format!("select * from {}", one.sql))
        .collect();
    queries.join(" union ")
}

/// The keys of the events between the bounds that are of certain people; `which` follows a person's
/// number and says whether it is one of theirs.
pub(super) fn of_people(which: &str, bounds: &Bounds<'_>) -> String {
    let low = bounds
        .low
        .map_or(String::new(), |low| format!("{low} >> 48, "));
    let high = bounds
        .high
        .map_or(String::new(), |high| format!("{high} >> 48, "));
    format!(
        "with recursive \"#stretch\"(number, last) as (\
         select max({low}(select min(stretch) from main.person_event), -32768), \
         min({high}(select max(stretch) from main.person_event), 32767) \
         union all select number + 1, last from \"#stretch\" where number < last) \
         select (p.stretch << 48) + p.place + 140737488355328 from \"#stretch\" s \
         cross join main.person_event p on p.stretch = s.number and p.person {which}"
    )
}

fn of_files(files: &str) -> String {
    let packages = |table| {
        format!("select package from main.{table} where file_name in (select name from \"#file\")")
    };
    let events = |table| {
        format!(
            "select p.key from \"#package\" f cross join main.{table} p on p.package = f.package"
        )
    };
    format!(
        "with \"#file\"(name) as materialized ({files}), \
         \"#package\"(package) as materialized ({} union {}) {} union all {}",
        packages("file_package"),
        packages("recent_file_package"),
        events("package_event"),
        events("recent_package_event")
    )
}
