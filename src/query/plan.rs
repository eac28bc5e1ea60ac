//! How SQLite goes about a query, in plain words: from the rows of `explain query plan`, pure.

mod detail;
mod inquiry;
mod relations;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::event::Period;
use crate::query::plan::detail::{Access, By, Detail, Sort};
pub(crate) use crate::query::plan::relations::Relations;

/// How a query is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is done, in its order.
    pub steps: Vec<Step>,
    /// What spares it from reading every event.
    pub served: Served,
    /// SQLite's own words.
    pub rows: Vec<PlanRow>,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Within how many others.
    pub depth: usize,
    /// In words: `sorts`.
    pub does: String,
}

/// What spares a query from reading every event: the least of all that it reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Served {
    /// It reads no events, nor anything that grows with them.
    Aside,
    /// An index leads to what it asks for.
    Index,
    /// A roll-up, kept as events come in, has it at hand.
    RollUp,
    /// Events lie in the order of their time: it reads those of a stretch of time.
    Range,
    /// Nothing: every event is read.
    Nothing,
}

/// A row of `explain query plan`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Its number.
    pub id: i64,
    /// The number of what it is a part of; 0 for the whole.
    pub parent: i64,
    /// What is done, in SQLite's words.
    pub detail: String,
}

/// What is known of the archive and the query besides the plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// Which table a name of the plan stands for.
    pub(crate) relations: Relations,
    /// Whether the least or the greatest that it asks for is that of the key, which rows are in order
    /// of.
    pub(crate) has_end: bool,
    /// How many events there are.
    pub(crate) events: Option<u64>,
    /// The stretch of time that is read, where it is one, and about how many of the events lie in
    /// it.
    pub(crate) stretch: Option<(Period, Option<u64>)>,
}

impl Served {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Served::Aside => "aside",
            Served::Index => "index",
            Served::RollUp => "roll-up",
            Served::Range => "range",
            Served::Nothing => "nothing",
        }
    }

    /// In words.
    pub fn about(self) -> &'static str {
        match self {
            Served::Aside => "it reads no events",
            Served::Index => "an index serves it: it reads only the events that it asks for",
            Served::RollUp => "a roll-up serves it, which is kept as events come in",
            Served::Range => "the order of time serves it: it reads only the events of its time",
            Served::Nothing => {
                "nothing serves it: it reads every event; a bound on time narrows it, as in \
                 time >= '2026-09-01'"
            }
        }
    }
}

impl Plan {
    /// Puts a plan into words.
    pub(crate) fn read(rows: Vec<PlanRow>, known: &Known) -> Plan {
        let mut reading = Reading {
            rows: &rows,
            known,
            made: rows.iter().filter_map(made).collect(),
            served: Served::Aside,
            looked_up: BTreeSet::new(),
        };
        let mut steps = reading.parts(0, 0);
        if !reading.looked_up.is_empty() {
            let things: Vec<String> = reading.looked_up.iter().cloned().collect();
            steps.push(Step {
                depth: 0,
                does: format!("looks up {} by number", listed(&things)),
            });
        }
        Plan {
            steps,
            served: reading.served,
            rows,
        }
    }
}

/// A plan being read.
struct Reading<'p> {
    rows: &'p [PlanRow],
    known: &'p Known,
    /// Names of what parts of the query make, which are no tables.
    made: BTreeSet<String>,
    served: Served,
    /// What is fetched by its own number on the way: cheap, frequent and not worth a line each.
    looked_up: BTreeSet<String>,
}

impl Reading<'_> {
    /// What the parts of a row do. What is done twice alike is told once.
    fn parts(&mut self, parent: i64, depth: usize) -> Vec<Step> {
        let rows = self.rows;
        let mut told: Vec<Vec<Step>> = Vec::new();
        for row in rows
            .iter()
            .filter(|row| row.parent == parent && row.id != parent)
        {
            let steps = self.steps(row, depth);
            if !told.contains(&steps) {
                told.push(steps);
            }
        }
        told.concat()
    }

    fn steps(&mut self, row: &PlanRow, depth: usize) -> Vec<Step> {
        let step = |does: String| vec![Step { depth, does }];
        match Detail::read(&row.detail) {
            Detail::Access(access) => self.access(&access).map(step).unwrap_or_default(),
            Detail::Sorts(sort) => step(sort.about().to_owned()),
            Detail::Around | Detail::Made(_) => self.parts(row.id, depth),
            Detail::ForEachRow => self.within("for each row:".to_owned(), row, depth),
            // It has no name, or one that the query does not know.
            Detail::Kept(name) if name.starts_with(['(', '#']) => {
                self.within("first, and keeps the rows:".to_owned(), row, depth)
            }
            Detail::Kept(name) => self.within(
                format!("first, and keeps the rows as `{name}`:"),
                row,
                depth,
            ),
            Detail::Again => self.within("again for each new row:".to_owned(), row, depth),
            Detail::Unseen => Vec::new(),
            Detail::Other(words) => {
                let mut steps = step(format!("in SQLite's words: {words}"));
                steps.extend(self.parts(row.id, depth + 1));
                steps
            }
        }
    }

    /// A heading and the parts of a row; nothing where they do nothing worth a line.
    fn within(&mut self, does: String, row: &PlanRow, depth: usize) -> Vec<Step> {
        let parts = self.parts(row.id, depth + 1);
        if parts.is_empty() {
            return parts;
        }
        let mut steps = vec![Step { depth, does }];
        steps.extend(parts);
        steps
    }

    /// What reading from a table comes to; nothing where it is a look-up or no table at all.
    fn access(&mut self, access: &Access<'_>) -> Option<String> {
        let relation = self.known.relations.find(access, &self.made)?;
        let reads_all = access.by == By::End && relation.is_events() && !self.known.has_end;
        let by = if reads_all { &By::All } else { &access.by };
        self.served = self.served.max(relation.served(by));
        let things = &relation.things;
        Some(match by {
            By::All if relation.is_events() => self.all_events(),
            By::Range if relation.is_events() => self.stretch(),
            By::Number | By::End if relation.is_events() => "finds events by their key".to_owned(),
            By::End => found(things, &[]),
            By::Number if relation.leads_to_events() => format!("finds {things} by an index"),
            By::Number | By::Range => {
                self.looked_up.insert(things.clone());
                return None;
            }
            By::All if relation.is_roll_up() => format!("reads the roll-up of {things}"),
            By::All => format!("reads all {things}"),
            By::Index(columns) => found(things, columns),
            By::OwnIndex(_) => format!("makes an index of {things} for this query alone"),
            By::Virtual if relation.leads_to_events() => format!("searches {things}: an index"),
            By::Virtual => format!("goes through {things}"),
        })
    }

    fn all_events(&self) -> String {
        match self.known.events {
            Some(events) => format!("reads all {} events", grouped(events)),
            None => "reads all events".to_owned(),
        }
    }

    fn stretch(&self) -> String {
        let Some((period, about)) = &self.known.stretch else {
            return "reads the events of a stretch of time: a range of the table".to_owned();
        };
        let span = crate::time::describe(std::time::Duration::from_millis(
            (period.to.millis().saturating_sub(period.from.millis())).unsigned_abs(),
        ));
        let share = match (about, self.known.events) {
            (Some(about), Some(all)) => {
                format!(", about {} of {}", grouped(*about), grouped(all))
            }
            _ => String::new(),
        };
        format!("reads the events of {span} by their time: a range of the table{share}")
    }
}

fn made(row: &PlanRow) -> Option<String> {
    match Detail::read(&row.detail) {
        Detail::Made(name) | Detail::Kept(name) => Some(name.to_lowercase()),
        _ => None,
    }
}

fn found(things: &str, columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
    match columns.as_slice() {
        [] => format!("finds {things} by an index"),
        columns => format!("finds {things} by {}: an index", listed(columns)),
    }
}

/// `a, b and c`
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{} and {last}", firsts.join(", ")),
    }
}

/// `1,234,567`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

impl Sort {
    fn about(self) -> &'static str {
        match self {
            Sort::Order => "sorts",
            Sort::PartOfOrder => "sorts rows that are in part in order",
            Sort::Group => "sorts to group",
            Sort::Distinct => "sorts out what comes twice",
            Sort::Other => "sorts on the way",
        }
    }
}
