//! What a comparison with a column of the views implies for the key of the event.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value,
};

/// What a column is.
pub(super) enum Is<'e> {
    /// `>=`, or `>`.
    Above(&'e Expr, OrEqual),
    /// `<=`, or `<`.
    Below(&'e Expr, OrEqual),
    Between(&'e Expr, &'e Expr),
    Equal(&'e Expr),
}

/// Whether it may be equal, too.
pub(super) type OrEqual = bool;

/// What a comparison implies for the key, as SQL.
pub(super) struct Implied {
    pub(super) condition: String,
    /// What makes the comparison true in the column's place, where the condition says it all:
    /// computing a time as text is most of what a comparison costs.
    pub(super) stand_in: Option<String>,
}

/// What it implies that `column` of the view under this name is so.
/// `tables` are all that are read beside it; none where that is not known.
pub(super) fn implied(
    alias: &str,
    column: &str,
    is: &Is<'_>,
    tables: Option<&[&str]>,
) -> Option<Implied> {
    let key = format!("\"{}\".key", alias.replace('"', "\"\""));
    if column == "time" {
        return implied_by_time(alias, &key, is);
    }
    let Is::Equal(value) = is else {
        return None;
    };
    // Of a query around this one, a column is the same for all rows.
    let is_around = |table: &str| {
        tables.is_some_and(|tables| !tables.iter().any(|one| one.eq_ignore_ascii_case(table)))
    };
    let value = Some(value).filter(|value| constant(value, &is_around))?;
    let condition = match column {
        "event_id" => in_either(&key, "identity", |table| {
            format!(
                "select \"#i\".key from main.source \"#s\", main.{table} \"#i\" where \"#i\".hash in \
                 (id_hash(\"#s\".id, {value}), id_hash(\"#s\".id, lower({value})), \
                 id_hash(\"#s\".id, upper({value})))"
            )
        }),
        _ => in_either(&key, "package_event", |table| {
            format!(
                "select \"#p\".key from main.word \"#w\" join main.{table} \"#p\" \
                 on \"#p\".package = \"#w\".id where \"#w\".text = {value}"
            )
        }),
    };
    Some(Implied {
        condition,
        stand_in: None,
    })
}

/// That the key is in a table, or in that of its recent rows.
fn in_either(key: &str, table: &str, rows: impl Fn(&str) -> String) -> String {
    let (settled, recent) = (rows(table), rows(&format!("recent_{table}")));
    format!("{key} in ({settled} union all {recent})")
}

fn implied_by_time(alias: &str, key: &str, is: &Is<'_>) -> Option<Implied> {
    exactly_implied(key, is).or_else(|| {
        let (low, high) = match is {
            Is::Above(low, _) => (Some(low), None),
            Is::Below(high, _) => (None, Some(high)),
            Is::Between(low, high) => (Some(low), Some(high)),
            Is::Equal(value) => (Some(value), Some(value)),
        };
        let is_beside = |table: &str| !table.eq_ignore_ascii_case(alias);
        let is_beside = |value: &&&Expr| constant(value, &is_beside);
        let least = low.filter(is_beside);
        let least = least.map(|low| format!("{key} >= first_key({low})"));
        let most = high.filter(is_beside);
        let most = most.map(|high| format!("{key} <= last_key({high})"));
        let conditions: Vec<String> = least.into_iter().chain(most).collect();
        // A bound from another table would be worked out anew for every event.
        (!conditions.is_empty()).then(|| Implied {
            condition: conditions.join(" and "),
            stand_in: None,
        })
    })
}

/// What says all of the comparison; none where it is not with the same values for all rows. To SQLite
/// every number is less than every text, and bytes are greater.
fn exactly_implied(key: &str, is: &Is<'_>) -> Option<Implied> {
    let fixed = |value: &Expr| constant(value, &|_| false).then(|| value.to_string());
    let or_equal = |or_equal: bool| if or_equal { "from" } else { "after" };
    let (condition, stand_in) = match is {
        Is::Above(low, equal) => {
            let function = or_equal(*equal);
            (
                format!("{key} >= key_{function}({})", fixed(low)?),
                "x''".to_owned(),
            )
        }
        Is::Below(high, equal) => {
            let function = or_equal(!equal);
            (
                format!("{key} < key_{function}({})", fixed(high)?),
                "0".to_owned(),
            )
        }
        Is::Between(low, high) => {
            let (low, high) = (fixed(low)?, fixed(high)?);
            (
                format!("{key} >= key_from({low}) and {key} < key_after({high})"),
                low,
            )
        }
        Is::Equal(value) => {
            let value = fixed(value)?;
            (
                format!("{key} >= key_from({value}) and {key} < key_after({value})"),
                value,
            )
        }
    };
    Some(Implied {
        condition,
        stand_in: Some(stand_in),
    })
}

/// The same value for every row of the view, and written the same way when written again. Columns are
/// only those of the tables that are said to be.
fn constant(value: &Expr, is_constant: &dyn Fn(&str) -> bool) -> bool {
    let constant = |value: &Expr| constant(value, is_constant);
    match value {
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, _] => is_constant(&table.value),
            _ => false,
        },
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
            plain
                && SAME_EVERY_TIME.contains(&name.as_str())
                && arguments(&function.args, is_constant)
        }
        _ => false,
    }
}

const SAME_EVERY_TIME: &[&str] = &[
    "date", "datetime", "strftime", "time", "coalesce", "ifnull", "nullif", "iif", "lower",
    "upper", "printf", "format",
];

fn arguments(arguments: &FunctionArguments, is_constant: &dyn Fn(&str) -> bool) -> bool {
    let FunctionArguments::List(list) = arguments else {
        return false;
    };
    let constant = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => constant(value, is_constant),
        _ => false,
    };
    list.duplicate_treatment.is_none() && list.clauses.is_empty() && list.args.iter().all(constant)
}
