//! What SQLite complains about, and which names are like the one it does not know.

use rusqlite::{Connection, params_from_iter};

use super::{is_word, nearest};
use crate::query::place::tokens;
use crate::query::vocabulary::functions;

/// What SQLite complains about. Its words are stable enough to read; where they are not
/// understood, they are shown all the same.
pub(super) enum Complaint {
    Column(String),
    Table(String),
    Function(String),
    Syntax(String),
    Incomplete,
    Other,
}

impl Complaint {
    pub(super) fn read(message: &str) -> Complaint {
        let after = |start: &str| message.strip_prefix(start).map(last_name);
        if let Some(name) = after("no such column: ") {
            Complaint::Column(name)
        } else if let Some(name) = after("no such table: ") {
            Complaint::Table(name)
        } else if let Some(name) = after("no such function: ") {
            Complaint::Function(name)
        } else if let Some((name, _)) = message
            .strip_prefix("near \"")
            .and_then(|rest| rest.split_once("\": syntax error"))
        {
            Complaint::Syntax(name.to_owned())
        } else if message == "incomplete input" {
            Complaint::Incomplete
        } else {
            Complaint::Other
        }
    }

    pub(super) fn word(&self) -> &str {
        match self {
            Complaint::Column(name)
            | Complaint::Table(name)
            | Complaint::Function(name)
            | Complaint::Syntax(name) => name,
            Complaint::Incomplete | Complaint::Other => "",
        }
    }

    pub(super) fn nearest(&self, sql: &str, connection: &Connection) -> Vec<String> {
        let names = match self {
            Complaint::Column(_) => columns(sql, connection),
            Complaint::Table(_) => names(
                connection,
                "select name from sqlite_schema where type = 'view' order by name",
                [],
            ),
            Complaint::Function(_) => functions(connection).unwrap_or_default(),
            Complaint::Syntax(_) => KEYWORDS.iter().map(|&word| word.to_owned()).collect(),
            Complaint::Incomplete | Complaint::Other => Vec::new(),
        };
        nearest(self.word(), names.iter().map(String::as_str))
    }
}

/// `e.acter` is about `acter`; what stands in quotes is about what the quotes hold.
fn last_name(text: &str) -> String {
    let text = text.split(" - ").next().unwrap_or(text);
    let name = text.rsplit('.').next().unwrap_or(text);
    name.trim_matches(['"', '`', '[', ']']).to_owned()
}

/// The columns of the views and tables that a query mentions; of all views if it mentions none.
fn columns(sql: &str, connection: &Connection) -> Vec<String> {
    let relations = relations(connection);
    let tokens = tokens(sql);
    let mentioned = |name: &&String| {
        tokens
            .iter()
            .any(|(token, _)| is_word(token, |word| word == name.as_str()))
    };
    let some: Vec<&String> = relations.iter().filter(mentioned).collect();
    let of = if some.is_empty() {
        relations.iter().collect()
    } else {
        some
    };
    of.into_iter()
        .flat_map(|relation| {
            names(
                connection,
                "select name from pragma_table_info(?)",
                [relation.as_str()],
            )
        })
        .collect()
}

fn relations(connection: &Connection) -> Vec<String> {
    let sql =
        "select name from sqlite_schema where type in ('view', 'table') order by type desc, name";
    names(connection, sql, [])
}

/// Names for a suggestion; none if they cannot be had, for the error itself is what matters.
fn names<const N: usize>(connection: &Connection, sql: &str, values: [&str; N]) -> Vec<String> {
    let read = || -> rusqlite::Result<Vec<String>> {
        connection
            .prepare(sql)?
            .query_map(params_from_iter(values), |row| row.get(0))?
            .collect()
    };
    read().unwrap_or_default()
}

/// The words a query is made of, for those who mistype them.
const KEYWORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "group",
    "order",
    "by",
    "having",
    "limit",
    "offset",
    "join",
    "left",
    "on",
    "using",
    "union",
    "with",
    "recursive",
    "distinct",
    "between",
    "like",
    "glob",
    "exists",
    "case",
    "when",
    "then",
    "else",
    "end",
    "values",
    "explain",
];
