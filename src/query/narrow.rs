//! Finds events by their key where a query asks for their time, id or package.
//!
//! The views compute `time`, `event_id` and `package_id`, so SQLite would have to read every
//! event to compare them. What such a comparison implies for `key`, the row's own number, is
//! added to it as one more condition. Nothing is ever taken away, so the answer is the same.

mod readable;

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, JoinOperator,
    ObjectName, ObjectNamePart, Query, Select, Spanned, TableFactor, UnaryOperator, Value, Visit,
    Visitor,
};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

use crate::query::narrow::readable::readable;
use crate::query::place::offset;

/// The query with the conditions its own imply for `key`; none where there is nothing to add or
/// the parser does not understand it.
pub(crate) fn narrow(sql: &str) -> Option<String> {
    let statements = Parser::parse_sql(&SQLiteDialect {}, &readable(sql)).ok()?;
    let mut found = Found {
        sql,
        additions: Vec::new(),
        named_here: Vec::new(),
    };
    let _ = statements.visit(&mut found);
    let mut narrowed = sql.to_owned();
    let hidden = |addition: &Addition| {
        found
            .named_here
            .iter()
            .any(|name| name.eq_ignore_ascii_case(addition.view))
    };
    found.additions.retain(|addition| !hidden(addition));
    found.additions.sort_by_key(|addition| addition.at);
    for addition in found.additions.iter().rev() {
        narrowed.insert_str(addition.at, &addition.text);
    }
    (!found.additions.is_empty()).then_some(narrowed)
}

/// The views that have an event's `key`, and which of the columns that imply something for it.
const VIEWS: &[(&str, &[&str])] = &[
    ("events", &["time", "event_id"]),
    ("activity", &["time", "event_id"]),
    ("safe_events", &["time"]),
    ("sendsafely_events", &["time", "event_id", "package_id"]),
];

struct Found<'s> {
    sql: &'s str,
    additions: Vec<Addition>,
    /// Names that `with` gives to something else than a view.
    named_here: Vec<String>,
}

struct Addition {
    view: &'static str,
    at: usize,
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
        let mut conjuncts = Vec::new();
        split(condition, &mut conjuncts);
        for conjunct in conjuncts {
            self.look_at(conjunct, &relations, only_one(select));
        }
        ControlFlow::Continue(())
    }
}

impl Found<'_> {
    /// Adds what a condition implies, right before the column it is about, or right after it
    /// where the column comes last: the only places whose bytes the parser tells exactly.
    fn look_at(&mut self, conjunct: &Expr, relations: &[Relation<'_>], alone: bool) {
        for comparison in comparisons(conjunct) {
            let Some((relation, column)) = subject(comparison.column, relations, alone) else {
                continue;
            };
            let Some(implied) = implied(relation, column, &comparison.is, comparison.value) else {
                continue;
            };
            let span = comparison.column.span();
            let (at, text) = match comparison.side {
                Side::Left => (span.start, format!("{implied} and ")),
                Side::Right => (span.end, format!(" and {implied}")),
            };
            let at = offset(self.sql, at);
            self.additions.push(Addition {
                view: relation.view,
                at,
                text,
            });
        }
    }
}

/// `column is value`, where the column stands on this side of the value.
struct Comparison<'e> {
    column: &'e Expr,
    is: BinaryOperator,
    value: &'e Expr,
    side: Side,
}

enum Side {
    Left,
    Right,
}

/// A condition read as comparisons, whichever side the column may be on.
fn comparisons(condition: &Expr) -> Vec<Comparison<'_>> {
    let left = |column, is, value| Comparison {
        column,
        is,
        value,
        side: Side::Left,
    };
    match condition {
        Expr::Between {
            expr,
            negated: false,
            low,
            high,
        } => {
            vec![
                left(expr, BinaryOperator::GtEq, low),
                left(expr, BinaryOperator::LtEq, high),
            ]
        }
        Expr::BinaryOp {
            left: one,
            op,
            right: other,
        } => {
            let right = |is| Comparison {
                column: other,
                is,
                value: one,
                side: Side::Right,
            };
            let mirrored = mirrored(op).map(right);
            mirrored
                .into_iter()
                .chain([left(one, op.clone(), other)])
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What `column is value` implies for the key, as SQL.
fn implied(
    relation: &Relation<'_>,
    column: &str,
    is: &BinaryOperator,
    value: &Expr,
) -> Option<String> {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq};
    if !constant(value) {
        return None;
    }
    let key = format!("\"{}\".key", relation.alias.replace('"', "\"\""));
    Some(match (column, is) {
        ("time", Gt | GtEq) => format!("{key} >= first_key({value})"),
        ("time", Lt | LtEq) => format!("{key} <= last_key({value})"),
        ("time", Eq) => format!("{key} between first_key({value}) and last_key({value})"),
        ("event_id", Eq) => format!(
            "{key} in (select i.key from main.source s, main.identity i where i.hash in \
             (id_hash(s.id, {value}), id_hash(s.id, lower({value})), id_hash(s.id, upper({value}))))"
        ),
        ("package_id", Eq) => format!(
            "{key} in (select p.key from main.word w join main.package_event p \
             on p.package = w.id where w.text = {value})"
        ),
        _ => return None,
    })
}

/// The same value for every row, and written the same way when written again.
fn constant(value: &Expr) -> bool {
    match value {
        Expr::Value(value) => match &value.value {
            Value::Number(..) | Value::Null => true,
            // The parser does not always write a quote within a text as it read it.
            Value::SingleQuotedString(text) => !text.contains('\''),
            // A bare `?` would become one more parameter.
            Value::Placeholder(name) => name.len() > 1,
            _ => false,
        },
        Expr::Nested(inner) => constant(inner),
        Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus,
            expr,
        } => constant(expr),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } => constant(left) && constant(right),
        Expr::Function(function) => {
            let plain = function.over.is_none() && function.filter.is_none();
            let name = function.name.to_string().to_ascii_lowercase();
            plain && SAME_EVERY_TIME.contains(&name.as_str()) && arguments(&function.args)
        }
        _ => false,
    }
}

const SAME_EVERY_TIME: &[&str] = &[
    "date", "datetime", "strftime", "time", "coalesce", "ifnull", "nullif", "iif", "lower",
    "upper", "printf", "format",
];

fn arguments(arguments: &FunctionArguments) -> bool {
    let FunctionArguments::List(list) = arguments else {
        return false;
    };
    let constant = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => constant(value),
        _ => false,
    };
    list.duplicate_treatment.is_none() && list.clauses.is_empty() && list.args.iter().all(constant)
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

/// Whether a column without a table's name can only be of the one relation there is.
fn only_one(select: &Select) -> bool {
    matches!(select.from.as_slice(), [table] if table.joins.is_empty())
}

fn mirrored(op: &BinaryOperator) -> Option<BinaryOperator> {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq};
    Some(match op {
        Gt => Lt,
        GtEq => LtEq,
        Lt => Gt,
        LtEq => GtEq,
        Eq => Eq,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
