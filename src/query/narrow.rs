//! Finds events by their key where a query asks for their time, id or package.
//!
//! The views compute `time`, `event_id` and `package_id`, so SQLite would have to read every
//! event to compare them. What such a comparison implies for `key`, the row's own number, is
//! added to it as one more condition. A time compared with a value says no more than that: then
//! something that compares as a time would, were the key as it is to be, stands in the time's place.

mod implied;
mod readable;

use std::ops::{ControlFlow, Range};

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, JoinOperator, ObjectName, ObjectNamePart, Query, Select, Spanned,
    TableFactor, Visit, Visitor,
};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Span};

use crate::query::narrow::implied::{Is, implied};
use crate::query::narrow::readable::readable;
use crate::query::text::Text;

/// The query with the conditions its own imply for `key`; none where there is nothing to add or
/// the parser does not understand it.
pub(crate) fn narrow(text: &Text<'_>) -> Option<String> {
    let parser = Parser::new(&SQLiteDialect {});
    let mut parser = parser.with_tokens_with_locations(readable(text));
    let statements = parser.parse_statements().ok()?;
    let mut found = Found {
        sql: text.sql,
        changes: Vec::new(),
        named_here: Vec::new(),
    };
    let _ = statements.visit(&mut found);
    let hidden = |change: &Change| {
        let mut named = found.named_here.iter();
        named.any(|name| name.eq_ignore_ascii_case(change.view))
    };
    found.changes.retain(|change| !hidden(change));
    found.changes.sort_by_key(|change| change.column.start);
    let mut narrowed = text.sql.to_owned();
    for change in found.changes.iter().rev() {
        narrowed.replace_range(change.column.clone(), &change.text);
    }
    (!found.changes.is_empty()).then_some(narrowed)
}

/// The views that have an event's `key`, and which of the columns that imply something for it.
const VIEWS: &[(&str, &[&str])] = &[
    ("events", &["time", "event_id"]),
    ("activity", &["time", "event_id"]),
    ("safe_events", &["time"]),
    ("cloudtrail_events", &["time", "event_id"]),
    ("sendsafely_events", &["time", "event_id", "package_id"]),
];

struct Found<'s> {
    sql: &'s str,
    changes: Vec<Change>,
    /// Names that `with` gives to something else than a view.
    named_here: Vec<String>,
}

/// What stands where a column of a view stood.
struct Change {
    view: &'static str,
    column: Range<usize>,
    text: String,
}

/// One of the views in a `from`, under the name it has there.
struct Relation<'a> {
    view: &'static str,
    columns: &'static [&'static str],
    alias: &'a str,
}

impl Visitor for Found<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let named = query.with.iter().flat_map(|with| &with.cte_tables);
        self.named_here
            .extend(named.map(|table| table.alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let Some(condition) = &select.selection else {
            return ControlFlow::Continue(());
        };
        let relations = relations(select);
        let tables = tables(select);
        let mut conjuncts = Vec::new();
        split(condition, &mut conjuncts);
        for conjunct in conjuncts {
            self.look_at(conjunct, &relations, tables.as_deref());
        }
        ControlFlow::Continue(())
    }
}

impl Found<'_> {
    /// Adds what a condition implies, right before the column it is about, or right after it
    /// where the column comes last: the only places whose bytes the parser tells exactly.
    fn look_at(&mut self, conjunct: &Expr, relations: &[Relation<'_>], tables: Option<&[&str]>) {
        let alone = tables.is_some_and(|tables| tables.len() == 1);
        for comparison in comparisons(conjunct) {
            let Some((relation, column)) = subject(comparison.column, relations, alone) else {
                continue;
            };
            let Some(implied) = implied(relation.alias, column, &comparison.is, tables) else {
                continue;
            };
            let column = bytes(comparison.column.span());
            let said = implied.stand_in;
            let said = said.or_else(|| self.sql.get(column.clone()).map(str::to_owned));
            let said = said.unwrap_or_default();
            let text = match comparison.side {
                Side::Left => format!("{} and {said}", implied.condition),
                Side::Right => format!("{said} and {}", implied.condition),
            };
            self.changes.push(Change {
                view: relation.view,
                column,
                text,
            });
        }
    }
}

/// The bytes that are the columns of what is [`readable()`].
fn bytes(span: Span) -> Range<usize> {
    let byte = |location: Location| usize::try_from(location.column).unwrap_or(usize::MAX);
    byte(span.start)..byte(span.end)
}

/// A column compared with values, and on which side of them it stands.
struct Comparison<'e> {
    column: &'e Expr,
    is: Is<'e>,
    side: Side,
}

enum Side {
    Left,
    Right,
}

/// A condition read as comparisons, whichever side the column may be on.
fn comparisons(condition: &Expr) -> Vec<Comparison<'_>> {
    match condition {
        Expr::Between {
            expr: column,
            negated: false,
            low,
            high,
        } => vec![Comparison {
            column,
            is: Is::Between(low, high),
            side: Side::Left,
        }],
        Expr::BinaryOp { left, op, right } => {
            let comparison =
                |column, is: Option<_>, side| is.map(|is| Comparison { column, is, side });
            let from_left = comparison(&**left, is(op, right), Side::Left);
            let from_right = comparison(right, is_mirrored(op, left), Side::Right);
            from_left.into_iter().chain(from_right).collect()
        }
        _ => Vec::new(),
    }
}

fn is<'e>(op: &BinaryOperator, value: &'e Expr) -> Option<Is<'e>> {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq};
    match op {
        Gt | GtEq => Some(Is::Above(value, *op == GtEq)),
        Lt | LtEq => Some(Is::Below(value, *op == LtEq)),
        Eq => Some(Is::Equal(value)),
        _ => None,
    }
}

fn is_mirrored<'e>(op: &BinaryOperator, value: &'e Expr) -> Option<Is<'e>> {
    is(op, value).map(|is| match is {
        Is::Above(value, or_equal) => Is::Below(value, or_equal),
        Is::Below(value, or_equal) => Is::Above(value, or_equal),
        other => other,
    })
}

/// The view and column an expression names, if it is one that implies something.
fn subject<'r, 'a>(
    expr: &'a Expr,
    relations: &'r [Relation<'a>],
    alone: bool,
) -> Option<(&'r Relation<'a>, &'static str)> {
    let (relation, column) = match expr {
        Expr::Identifier(column) if alone => (relations.first()?, column),
        Expr::CompoundIdentifier(parts) => {
            let [table, column] = parts.as_slice() else {
                return None;
            };
            (
                relations
                    .iter()
                    .find(|one| one.alias.eq_ignore_ascii_case(&table.value))?,
                column,
            )
        }
        _ => return None,
    };
    let known = relation
        .columns
        .iter()
        .find(|known| column.value.eq_ignore_ascii_case(known));
    known.map(|column| (relation, *column))
}

/// The conditions that must all hold.
fn split<'e>(condition: &'e Expr, conjuncts: &mut Vec<&'e Expr>) {
    match condition {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            split(left, conjuncts);
            split(right, conjuncts);
        }
        Expr::Nested(inner) => split(inner, conjuncts),
        other => conjuncts.push(other),
    }
}

/// The views a `select` reads from; none where an outer join may make rows of its own.
fn relations(select: &Select) -> Vec<Relation<'_>> {
    let joins = || select.from.iter().flat_map(|table| &table.joins);
    let plain = |join: &JoinOperator| {
        use JoinOperator::{CrossJoin, Inner, Join, Left, LeftOuter};
        matches!(
            join,
            Join(_) | Inner(_) | CrossJoin(_) | Left(_) | LeftOuter(_)
        )
    };
    if !joins().all(|join| plain(&join.join_operator)) {
        return Vec::new();
    }
    let kept =
        |join: &JoinOperator| !matches!(join, JoinOperator::Left(_) | JoinOperator::LeftOuter(_));
    let joined = joins()
        .filter(|join| kept(&join.join_operator))
        .map(|join| &join.relation);
    let first = select.from.iter().map(|table| &table.relation);
    first.chain(joined).filter_map(relation).collect()
}

fn relation(factor: &TableFactor) -> Option<Relation<'_>> {
    let TableFactor::Table {
        name,
        alias,
        args: None,
        ..
    } = factor
    else {
        return None;
    };
    let name = last(name)?;
    let (view, columns) = VIEWS
        .iter()
        .find(|(view, _)| name.value.eq_ignore_ascii_case(view))?;
    let alias = alias.as_ref().map_or(name, |alias| &alias.name);
    Some(Relation {
        view,
        columns,
        alias: &alias.value,
    })
}

/// The name of a view, whose only qualifier can be `main`.
fn last(name: &ObjectName) -> Option<&Ident> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Some(name),
        _ => None,
    }
}

/// The names of all that a `select` reads from; none where one of them has none. A column without a
/// table's name can only be of the one that there is.
fn tables(select: &Select) -> Option<Vec<&str>> {
    let joins = select.from.iter().flat_map(|table| &table.joins);
    let first = select.from.iter().map(|table| &table.relation);
    let all = first.chain(joins.map(|join| &join.relation));
    all.map(|factor| match factor {
        TableFactor::Table {
            alias: Some(alias), ..
        }
        | TableFactor::Derived {
            alias: Some(alias), ..
        } => Some(&*alias.name.value),
        TableFactor::Table { name, .. } => last(name).map(|name| &*name.value),
        _ => None,
    })
    .collect()
}

#[cfg(test)]
mod tests;
