//! Which table a name of a plan stands for: SQLite names tables as the views' texts do, `e` for
//! `event`, and says no more.

use std::collections::{BTreeMap, BTreeSet};

use sqlparser::tokenizer::Token;

use crate::query::place::tokens;
use crate::query::plan::Served;
use crate::query::plan::detail::{Access, By};

/// The tables there are, and the names they go by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relations {
    /// Each table's columns.
    tables: BTreeMap<String, BTreeSet<String>>,
    /// The table of each index.
    indexes: BTreeMap<String, String>,
    /// What goes by a name: tables, and what the query makes itself; more than one, where texts
    /// name them differently.
    names: BTreeMap<String, BTreeSet<String>>,
}

/// What is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    /// What its rows are.
    pub(super) things: String,
    role: Role,
}

/// What a table is to whoever asks for events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The events themselves.
    Events,
    /// It grows with the events, and is only there to find them by.
    LeadsToEvents,
    /// It is kept as events come in, and far smaller.
    RollUp,
    /// Anything else.
    Other,
}

impl Relations {
    /// Adds a column of a table.
    pub(crate) fn column(&mut self, table: &str, column: &str) {
        let columns = self.tables.entry(table.to_lowercase()).or_default();
        columns.insert(column.to_lowercase());
    }

    /// Adds an index.
    pub(crate) fn index(&mut self, index: &str, table: &str) {
        self.indexes.insert(index.to_owned(), table.to_lowercase());
    }

    /// Adds the names that a text gives to tables. Do so when all tables are known.
    pub(crate) fn name_as_in(&mut self, sql: &str) {
        let tokens = tokens(sql);
        let word = |at: usize| match tokens.get(at) {
            Some((Token::Word(word), _)) => Some(word.value.to_lowercase()),
            _ => None,
        };
        for at in 1..tokens.len() {
            let Some(relation) = word(at) else { continue };
            let is_read_from = matches!(word(at - 1).as_deref(), Some("from" | "join" | "main"))
                || matches!(tokens.get(at - 1), Some((Token::Comma | Token::Period, _)));
            if !is_read_from {
                continue;
            }
            let next = word(at + 1);
            let next = next.filter(|word| word != "as").or_else(|| word(at + 2));
            let alias = next.filter(|word| !NO_ALIAS.contains(&word.as_str()));
            let name = alias.unwrap_or_else(|| relation.clone());
            self.names.entry(name).or_default().insert(relation);
        }
    }

    /// What an access reads from; none where that is no table, but what another part of the query
    /// has `made` under that name.
    pub(super) fn find(&self, access: &Access<'_>, made: &BTreeSet<String>) -> Option<Relation> {
        if access.by == By::Virtual {
            return Some(Relation::of(access.name));
        }
        if let Some(table) = access.index.and_then(|index| self.indexes.get(index)) {
            return Some(Relation::of(table));
        }
        let name = access.name.to_lowercase();
        let named = || self.names.get(&name).into_iter().flatten();
        if named().chain([&name]).any(|name| made.contains(name)) {
            return None;
        }
        let own = self.tables.get_key_value(&name).map(|(table, _)| table);
        let fits = |table: &&String| {
            let there = self.tables.get(*table);
            let has = |column: &&str| there.is_some_and(|names| names.contains(*column));
            match &access.by {
                By::Index(columns) | By::OwnIndex(columns) => columns.iter().all(has),
                _ => there.is_some(),
            }
        };
        let tables: BTreeSet<&String> = named().chain(own).filter(fits).collect();
        // Where it may be the events, they are what counts.
        let relations = tables.into_iter().map(|table| Relation::of(table));
        relations.min_by_key(|relation| relation.role as u8)
    }
}

impl Relation {
    fn of(table: &str) -> Relation {
        let known = TABLES.iter().find(|(name, ..)| *name == table);
        let (things, role) =
            known.map_or((table, Role::Other), |(_, things, role)| (*things, *role));
        Relation {
            things: things.to_owned(),
            role,
        }
    }

    /// What spares a query from reading every event that reads from it so.
    pub(super) fn served(&self, by: &By<'_>) -> Served {
        match (self.role, by) {
            (Role::Events, By::Range) => Served::Range,
            (
                Role::Events | Role::LeadsToEvents,
                By::Number | By::Index(_) | By::End | By::Virtual,
            ) => Served::Index,
            (Role::Events | Role::LeadsToEvents, _) => Served::Nothing,
            (Role::RollUp, _) => Served::RollUp,
            (Role::Other, _) => Served::Aside,
        }
    }

    pub(super) fn is_events(&self) -> bool {
        self.role == Role::Events
    }

    pub(super) fn leads_to_events(&self) -> bool {
        matches!(self.role, Role::Events | Role::LeadsToEvents)
    }

    pub(super) fn is_roll_up(&self) -> bool {
        self.role == Role::RollUp
    }
}

/// What the tables hold; those that are not here go by their names.
const TABLES: &[(&str, &str, Role)] = &[
    ("event", "events", Role::Events),
    ("identity", "the ids of events", Role::LeadsToEvents),
    (
        "recent_identity",
        "the ids of recent events",
        Role::LeadsToEvents,
    ),
    (
        "package_event",
        "the events of packages",
        Role::LeadsToEvents,
    ),
    (
        "recent_package_event",
        "the recent events of packages",
        Role::LeadsToEvents,
    ),
    ("person_event", "the events of people", Role::LeadsToEvents),
    ("action_event", "the events of actions", Role::LeadsToEvents),
    ("search_text", "the trigrams of texts", Role::LeadsToEvents),
    ("actor_span", "actors", Role::RollUp),
    ("day_action", "events by day and action", Role::RollUp),
    ("day_actor", "events by day and actor", Role::RollUp),
    ("hour_actor", "events by hour and actor", Role::RollUp),
    ("address", "addresses", Role::RollUp),
    ("file_package", "the packages of files", Role::Other),
    (
        "recent_file_package",
        "the recent packages of files",
        Role::Other,
    ),
    ("column_word", "the texts of a column", Role::Other),
    ("search_part", "parts of the events", Role::Other),
    ("word", "texts", Role::Other),
    ("page", "pages", Role::Other),
    ("source", "sources", Role::Other),
    ("user", "users", Role::Other),
    ("batch", "batches", Role::Other),
    ("reject", "quarantined records", Role::Other),
    ("conflict", "conflicts", Role::Other),
    ("stretch", "stretches of coverage", Role::Other),
    ("feed", "feeds", Role::Other),
    ("object", "objects", Role::Other),
    ("json_each", "a JSON value", Role::Other),
    ("json_tree", "a JSON value", Role::Other),
];

/// What may follow a table in SQL and is no name for it.
const NO_ALIAS: &[&str] = &[
    "where",
    "join",
    "left",
    "inner",
    "cross",
    "on",
    "using",
    "group",
    "order",
    "limit",
    "union",
    "except",
    "intersect",
    "having",
    "window",
    "natural",
    "indexed",
    "not",
    "right",
    "full",
];
