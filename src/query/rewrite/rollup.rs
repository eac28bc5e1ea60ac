//! Answers from roll-ups, where a question is only about what those have.
//!
//! A roll-up's row stands for several events that are the same in all that the question looks at: so
//! every word of the question has to be understood. What counts events adds up counts instead.

mod tables;
mod times;

use std::ops::Range;

use sqlparser::tokenizer::Token;

use self::tables::{LAST, Needs, ROLL_UPS, RollUp};
use self::times::{afters, day_of, is_of_day, is_of_hour, sign};
use super::Edits;
use super::columns::View;
use super::condition::{SAME_EVERY_TIME, WORDS};
use super::grouping::{has_alias, without_alias};
use super::relations::{Relation, coded, identifier, owner};
use crate::query::text::{Core, Text};

/// Leads a `select` to the smallest roll-up that has what it looks at, and has it add up counts.
/// Gives that roll-up.
pub(super) fn rewrite(
    text: &Text<'_>,
    core: &Core,
    relations: &[Relation],
    edits: &mut Edits,
) -> Option<&'static RollUp> {
    let [relation] = relations else { return None };
    let view = relation.view.filter(|view| view.has_roll_ups)?;
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
    let (found, mut reading) = found?;
    let name = source_of(view, found) + &relation.as_alias();
    edits.replace(text.bytes(&relation.name), name);
    for after in reading.afters.iter().flatten() {
        let value = text.slice(&(after.end - 1..after.end));
        let key = relation.column("key");
        edits.insert(
            text.bytes(after).start,
            format!("{key} >= first_key({value}) and "),
        );
    }
    edits.0.append(&mut reading.edits.0);
    Some(found)
}

/// The roll-up's events of the view.
fn source_of(view: &View, found: &RollUp) -> String {
    match view.name {
        "events" => format!("temp.{}", found.name),
        _ => format!(
            "(select * from temp.{} where \"#source\" in \
             (select id from main.source where kind = 'sendsafely'))",
            found.name
        ),
    }
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
            let low = day_of(self.text, time.end + 1)?;
            let high = day_of(self.text, time.end + 3)?;
            (
                time.start..time.end + 4,
                format!("({day} >= {low} and {day} < {high})"),
            )
        } else if let Some(number) = day_of(self.text, time.end + 1) {
            let sign = sign(self.text.token(time.end), false)?;
            (time.start..time.end + 2, format!("{day} {sign} {number}"))
        } else {
            let number = day_of(self.text, time.start.checked_sub(2)?)?;
            let sign = sign(self.text.token(time.start - 1), true)?;
            (time.start - 2..time.end, format!("{day} {sign} {number}"))
        };
        self.needs.days = true;
        self.edits.replace(self.text.bytes(&whole), written);
        Some(whole.end)
    }
}

const OF_ORDER: &[&str] = &["asc", "desc", "nulls", "first", "last", "distinct"];
