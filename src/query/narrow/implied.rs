//! What a comparison with a column of the views implies for the key of the event.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value,
};

/// What a column is.
pub(super) enum Is<'e> {
    /// `>` or `>=`. For keys these two are one: how far a value reaches is left open.
    Above(&'e Expr),
    /// `<` or `<=`.
    Below(&'e Expr),
    Between(&'e Expr, &'e Expr),
    Equal(&'e Expr),
}

/// What a comparison implies for the key, as SQL.
pub(super) struct Implied {
    pub(super) condition: String,
    /// When the comparison holds by the key alone, and what makes it true in the column's place:
    /// computing a time as text is most of what a comparison costs.
    pub(super) stand_in: Option<String>,
}

/// What it implies that `column` of the view under this name is so.
pub(super) fn implied(alias: &str, column: &str, is: &Is<'_>) -> Option<Implied> {
    let key = format!("\"{}\".key", alias.replace('"', "\"\""));
    if column == "time" {
        return implied_by_time(alias, &key, is);
    }
    let Is::Equal(value) = is else {
        return None;
    };
    let value = Some(value).filter(|value| constant(value, None))?;
    let condition = match column {
        "event_id" => in_either(&key, "identity", |table| {
            format!(
                "select i.key from main.source s, main.{table} i where i.hash in \
                 (id_hash(s.id, {value}), id_hash(s.id, lower({value})), id_hash(s.id, upper({value})))"
            )
        }),
        _ => in_either(&key, "package_event", |table| {
            format!(
                "select p.key from main.word w join main.{table} p \
                 on p.package = w.id where w.text = {value}"
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

/// To SQLite every number is less than every text, and every blob is greater. A value that is no
/// text leaves every key open, and the time is compared with it as ever.
fn implied_by_time(alias: &str, key: &str, is: &Is<'_>) -> Option<Implied> {
    let (low, high) = match is {
        Is::Above(low) => (Some(low), None),
        Is::Below(high) => (None, Some(high)),
        Is::Between(low, high) => (Some(low), Some(high)),
        Is::Equal(value) => (Some(value), Some(value)),
    };
    let low = low.filter(|value| constant(value, Some(alias)));
    let high = high.filter(|value| constant(value, Some(alias)));
    let least = low.map(|low| format!("{key} >= first_key({low})"));
    let most = high.map(|high| format!("{key} <= last_key({high})"));
    let conditions: Vec<String> = least.into_iter().chain(most).collect();
    let mut bounds = low.into_iter().chain(high);
    let is_fixed = bounds.all(|value| constant(value, None));
    let stand_in = match is {
        // A bound from another table would be worked out anew for every event.
        _ if !is_fixed => None,
        Is::Above(low) => Some(format!("{key} > last_key({low}), x''")),
        Is::Below(high) => Some(format!("{key} < first_key({high}), 0")),
        Is::Between(low, high) => (conditions.len() == 2)
            .then(|| format!("{key} > last_key({low}) and {key} < first_key({high}), {low}")),
        Is::Equal(_) => None,
    };
    (!conditions.is_empty()).then(|| Implied {
        condition: conditions.join(" and "),
        stand_in,
    })
}

/// The same value for every row of the view, and written the same way when written again. Beside
/// the view of that alias, so are the columns of other tables; in a sub-select they might be others.
fn constant(value: &Expr, beside: Option<&str>) -> bool {
    let constant = |value: &Expr| constant(value, beside);
    match value {
        Expr::CompoundIdentifier(parts) => match (parts.as_slice(), beside) {
            ([table, _], Some(alias)) => !table.value.eq_ignore_ascii_case(alias),
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
            plain && SAME_EVERY_TIME.contains(&name.as_str()) && arguments(&function.args, beside)
        }
        _ => false,
    }
}

const SAME_EVERY_TIME: &[&str] = &[
    "date", "datetime", "strftime", "time", "coalesce", "ifnull", "nullif", "iif", "lower",
    "upper", "printf", "format",
];

fn arguments(arguments: &FunctionArguments, beside: Option<&str>) -> bool {
    let FunctionArguments::List(list) = arguments else {
        return false;
    };
    let constant = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => constant(value, beside),
        _ => false,
    };
    list.duplicate_treatment.is_none() && list.clauses.is_empty() && list.args.iter().all(constant)
}
