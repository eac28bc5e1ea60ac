//! Answers from roll-ups, where a question is only about what those have.
//!
//! A roll-up's row stands for several events that are the same in all that the question looks at: so
//! every word of the question has to be understood. What counts events adds up counts instead.

use std::ops::Range;

use chrono::NaiveDate;
use sqlparser::tokenizer::Token;

use super::Edits;
use super::condition::{SAME_EVERY_TIME, WORDS, operands, without_parentheses};
use super::grouping::{has_alias, without_alias};
use super::relations::{Relation, coded, identifier, key_of_time, owner};
use super::text::{Core, Text};

/// A table that stands for events.
struct RollUp {
    /// The coded view of it.
    name: &'static str,
    /// The texts that its rows tell apart, by the numbers' names.
    codes: &'static [&'static str],
    has_days: bool,
    has_hours: bool,
    has_bytes: bool,
    /// It knows the first and the last of the events.
    has_ends: bool,
}

/// The smallest first.
const ROLL_UPS: &[RollUp] = &[
    RollUp {
        name: "coded_actor_span",
        codes: &["#source", "#actor"],
        has_days: false,
        has_hours: false,
        has_bytes: false,
        has_ends: true,
    },
    RollUp {
        name: "coded_day_action",
        codes: &["#source", "#event_type", "#action"],
        has_days: true,
        has_hours: false,
        has_bytes: true,
        has_ends: true,
    },
    RollUp {
        name: "coded_address",
        codes: &["#source", "#actor", "#ip"],
        has_days: false,
        has_hours: false,
        has_bytes: false,
        has_ends: true,
    },
    RollUp {
        name: "coded_hour_actor",
        codes: &["#source", "#actor"],
        has_days: false,
        has_hours: true,
        has_bytes: false,
        has_ends: false,
    },
    RollUp {
        name: "coded_day_actor",
        codes: &["#source", "#event_type", "#action", "#actor"],
        has_days: true,
        has_hours: false,
        has_bytes: true,
        has_ends: false,
    },
];

/// Knows of everyone and every address only when there was the last event. That is enough for what
/// is asked of all time after a moment, however many events there were.
const LAST: RollUp = RollUp {
    name: "coded_last_address",
    codes: &["#source", "#actor", "#ip"],
    has_days: false,
    has_hours: false,
    has_bytes: false,
    has_ends: false,
};

/// What a question looks at.
#[derive(Default)]
struct Needs {
    codes: Vec<&'static str>,
    days: bool,
    hours: bool,
    bytes: bool,
    ends: bool,
    /// It says something of several events.
    several: bool,
}

impl RollUp {
    fn has(&self, needs: &Needs) -> bool {
        needs.codes.iter().all(|code| self.codes.contains(code))
            && (self.has_days || !needs.days)
            && (self.has_bytes || !needs.bytes)
            && (self.has_hours || !needs.hours)
            && (self.has_ends || !needs.ends)
    }
}

/// Leads a `select` to the smallest roll-up that has what it looks at, and has it add up counts.
pub(super) fn rewrite(
    text: &Text<'_>,
    core: &Core,
    relations: &[Relation],
    edits: &mut Edits,
) -> bool {
    let [relation] = relations else { return false };
    let Some(view) = relation.view.filter(|view| view.has_roll_ups) else {
        return false;
    };
    let read = |afters| Reading::of(text, core, relation, relations, afters);
    let all_time = read(None).and_then(|reading| {
        let found = ROLL_UPS.iter().find(|one| one.has(&reading.needs))?;
        Some((found, reading))
    });
    let found = all_time.or_else(|| {
        let afters = afters(text, core, relation, relations)?;
        let reading = read(Some(afters)).filter(|reading| LAST.has(&reading.needs))?;
        Some((&LAST, reading))
    });
    let Some((found, mut reading)) = found else {
        return false;
    };
    let name = match view.name {
        "events" => format!("temp.{}", found.name),
        _ => format!(
            "(select * from temp.{} where \"#source\" in \
             (select id from main.source where kind = 'sendsafely'))",
            found.name
        ),
    };
    edits.replace(text.bytes(&relation.name), name + &relation.as_alias());
    for after in reading.afters.iter().flatten() {
        let value = text.slice(&(after.end - 1..after.end));
        let key = relation.column("key");
        edits.insert(
            text.bytes(after).start,
            format!("{key} >= first_key({value}) and "),
        );
    }
    edits.0.append(&mut reading.edits.0);
    true
}

/// Whether what is selected comes once each, in an order that leaves nothing open.
fn is_sorted_set(text: &Text<'_>, core: &Core) -> bool {
    let terms = |clause: &Range<usize>| text.list(clause).len();
    let order = core.order.as_ref().map_or(0, terms);
    core.is_distinct && !core.is_compound && order >= terms(&core.projection)
}

/// Goes through a question word by word, and ends with none at the first that is not understood.
struct Reading<'t> {
    text: &'t Text<'t>,
    relation: &'t Relation,
    relations: &'t [Relation],
    /// Names that are given to what is selected.
    aliases: Vec<&'t str>,
    /// The conditions that ask for all time after a moment; none where times are told apart by day,
    /// hour or not at all.
    afters: Option<Vec<Range<usize>>>,
    needs: Needs,
    edits: Edits,
}

impl<'t> Reading<'t> {
    /// What the question looks at; none where that is not understood, or where it says nothing of
    /// several events at once.
    fn of(
        text: &'t Text<'t>,
        core: &Core,
        relation: &'t Relation,
        relations: &'t [Relation],
        afters: Option<Vec<Range<usize>>>,
    ) -> Option<Reading<'t>> {
        let mut reading = Reading {
            text,
            relation,
            relations,
            aliases: Vec::new(),
            afters,
            needs: Needs::default(),
            edits: Edits::default(),
        };
        reading.read(core)?;
        let is_of_several =
            reading.needs.several || core.group.is_some() || is_sorted_set(text, core);
        is_of_several.then_some(reading)
    }

    fn read(&mut self, core: &Core) -> Option<()> {
        for item in self.text.list(&core.projection) {
            let before = self.edits.0.len();
            self.read_part(&without_alias(self.text, &item))?;
            if has_alias(self.text, &item) {
                self.aliases.push(self.text.name(item.end - 1)?);
            } else if self.edits.0.len() > before {
                let name = super::quoted(self.text.slice(&item));
                let end = self.text.bytes(&item).end;
                self.edits.insert(end, format!(" as {name}"));
            }
        }
        let clauses = [&core.condition, &core.group, &core.having, &core.order];
        let mut clauses = clauses.into_iter().flatten();
        clauses.try_for_each(|clause| self.read_part(clause))
    }

    fn read_part(&mut self, part: &Range<usize>) -> Option<()> {
        let mut at = part.start;
        while at < part.end {
            at = match (self.text.token(at), self.text.word(at)) {
                (Token::LParen, _) if self.text.opens_query(at) => return None,
                (Token::Mul, _) if part.len() == 1 => return None,
                (Token::Word(_), "as" | "collate") => at + 2,
                (Token::Word(_), word) if WORDS.contains(&word) || OF_ORDER.contains(&word) => {
                    at + 1
                }
                (Token::Word(_), word) if matches!(self.text.token(at + 1), Token::LParen) => {
                    self.function(word, at)?
                }
                (Token::Word(_), _) => self.identifier(at)?,
                _ => at + 1,
            };
        }
        Some(())
    }

    /// A function; where to go on reading.
    fn function(&mut self, name: &str, at: usize) -> Option<usize> {
        let end = self.text.after(at + 1);
        let inside = at + 2..end - 1;
        if SAME_EVERY_TIME.contains(&name) && !self.is_of_time(&inside) {
            return Some(at + 1);
        }
        if ["filter", "over"].contains(&self.text.word(end)) {
            return None;
        }
        let written = match name {
            "count" => self.count(&inside)?,
            "sum" if self.is_column(&inside, "file_size") => {
                self.needs.bytes = true;
                Some(format!("sum({})", self.relation.column("\"#bytes\"")))
            }
            "min" if self.is_column(&inside, "time") => self.end("min(", "key"),
            "max" if self.is_column(&inside, "time") => self.end("max(", "\"#last_key\""),
            _ if self.afters.is_some() => return None,
            _ if is_of_day(self.text, name, &inside) => {
                self.needs.days = true;
                None
            }
            _ if is_of_hour(self.text, name, &inside) => {
                self.needs.hours = true;
                None
            }
            _ => return None,
        };
        if let Some(written) = written {
            self.needs.several = true;
            self.edits.replace(self.text.bytes(&(at..end)), written);
        }
        Some(end)
    }

    fn count(&mut self, inside: &Range<usize>) -> Option<Option<String>> {
        let is_of_all = inside.len() == 1 && matches!(self.text.token(inside.start), Token::Mul);
        if is_of_all && self.afters.is_none() {
            let events = self.relation.column("\"#events\"");
            return Some(Some(format!("coalesce(sum({events}), 0)")));
        }
        let column = inside.start + 1..inside.end;
        let is_distinct = self.text.word(inside.start) == "distinct";
        let is_one = identifier(self.text, column.start) == column;
        let coded = coded(self.text, &column, self.relations).filter(|_| is_distinct && is_one)?;
        self.needs.codes.push(coded.column.code);
        Some(Some(format!("count(distinct nullif({}, 0))", coded.code)))
    }

    fn end(&mut self, function: &str, key: &str) -> Option<String> {
        self.needs.ends = true;
        Some(format!(
            "key_time({function}{}))",
            self.relation.column(key)
        ))
    }

    fn is_column(&self, inside: &Range<usize>, name: &str) -> bool {
        identifier(self.text, inside.start) == *inside
            && owner(self.text, inside, self.relations).is_some()
            && self
                .text
                .name(inside.end - 1)
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
    }

    fn is_of_time(&self, inside: &Range<usize>) -> bool {
        let first = self.text.list(inside).swap_remove(0);
        self.is_column(&first, "time")
    }

    /// A column that roll-ups tell apart, a time that is compared with a day, or the name of
    /// something selected.
    fn identifier(&mut self, at: usize) -> Option<usize> {
        let found = identifier(self.text, at);
        if let Some(coded) = coded(self.text, &found, self.relations) {
            self.needs.codes.push(coded.column.code);
            return Some(found.end);
        }
        if self.is_column(&found, "time") {
            return match &self.afters {
                None => self.compared_with_day(&found),
                Some(afters) => afters
                    .iter()
                    .any(|one| one.contains(&at))
                    .then_some(found.end),
            };
        }
        let name = self.text.name(at)?;
        let is_alias = self
            .aliases
            .iter()
            .any(|alias| alias.eq_ignore_ascii_case(name));
        (found.len() == 1 && is_alias).then_some(found.end)
    }

    fn compared_with_day(&mut self, time: &Range<usize>) -> Option<usize> {
        let day = self.relation.column("\"#day\"");
        let (whole, written) = if self.text.word(time.end) == "between" {
            let low = self.day(time.end + 1)?;
            let high = self.day(time.end + 3)?;
            (
                time.start..time.end + 4,
                format!("({day} >= {low} and {day} < {high})"),
            )
        } else if let Some(number) = self.day(time.end + 1) {
            let sign = sign(self.text.token(time.end), false)?;
            (time.start..time.end + 2, format!("{day} {sign} {number}"))
        } else {
            let number = self.day(time.start.checked_sub(2)?)?;
            let sign = sign(self.text.token(time.start - 1), true)?;
            (time.start - 2..time.end, format!("{day} {sign} {number}"))
        };
        self.needs.days = true;
        self.edits.replace(self.text.bytes(&whole), written);
        Some(whole.end)
    }

    /// The day since 1970 that a text is, if it is one and nothing else.
    fn day(&self, at: usize) -> Option<i64> {
        let Token::SingleQuotedString(said) = self.text.token(at) else {
            return None;
        };
        let day = NaiveDate::parse_from_str(said, "%Y-%m-%d").ok()?;
        let is_whole = day.format("%Y-%m-%d").to_string() == *said;
        is_whole.then(|| day.signed_duration_since(NaiveDate::default()).num_days())
    }
}

/// The conditions of a `where` that ask for all time after a moment, if there are any.
fn afters(
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
fn sign(token: &Token, is_mirrored: bool) -> Option<&'static str> {
    match (token, is_mirrored) {
        (Token::GtEq | Token::Gt, false) | (Token::LtEq | Token::Lt, true) => Some(">="),
        (Token::LtEq | Token::Lt, false) | (Token::GtEq | Token::Gt, true) => Some("<"),
        _ => None,
    }
}

/// Whether a function says the same of all times of a day.
fn is_of_day(text: &Text<'_>, name: &str, inside: &Range<usize>) -> bool {
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

fn is_of_hour(text: &Text<'_>, name: &str, inside: &Range<usize>) -> bool {
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

const OF_ORDER: &[&str] = &["asc", "desc", "nulls", "first", "last", "distinct"];
