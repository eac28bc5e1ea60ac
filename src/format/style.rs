//! How a table shows values to people, beyond what they are.

use std::borrow::Cow;
use std::time::Duration;

use crate::event::Timestamp;
use crate::format::plain;
use crate::query::Value;
use crate::time::{describe, parse_moment};

/// What the user wants of a format, which by itself writes every value as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// A table has a line for each field, in place of one for each row.
    pub vertical: bool,
    /// Numbers of a table are grouped by thousands.
    pub grouped: bool,
    /// How null is told from no text in a table, where there must be more than nothing.
    pub null: Null,
    /// Times of a table say how long ago they were, counted back from this moment.
    pub ago: Option<Timestamp>,
    /// No text of a CSV is taken for a formula by a spreadsheet.
    pub safe: bool,
}

/// How a table shows null.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Null {
    /// As nothing.
    #[default]
    Blank,
    /// As a word.
    Word,
    /// As a word that is faint, so that it is no text.
    Faint,
}

impl Style {
    /// A value as a table shows it.
    pub(super) fn text<'v>(&self, column: &str, value: &'v Value<'_>) -> Cow<'v, str> {
        match value {
            Value::Null if self.null != Null::Blank => Cow::Borrowed("null"),
            Value::Integer(_) | Value::Real(_) if self.grouped && !is_label(column) => {
                Cow::Owned(grouped(&plain(value)))
            }
            Value::Text(text) => self.ago(text).map_or_else(|| plain(value), Cow::Owned),
            _ => plain(value),
        }
    }

    /// `3 h ago, 2026-09-01T12:00:00.000Z`: where the cell is cut, what was asked for is left.
    fn ago(&self, text: &str) -> Option<String> {
        let now = self.ago?;
        let moment = is_time(text).then(|| parse_moment(text, now).ok())??;
        let millis = now.millis().saturating_sub(moment.millis());
        let distance = describe(Duration::from_millis(millis.unsigned_abs()));
        Some(if millis < 0 {
            format!("in {distance}, {text}")
        } else {
            format!("{distance} ago, {text}")
        })
    }
}

/// Columns whose numbers are names for something, and not how much there is of it.
fn is_label(column: &str) -> bool {
    let column = column.to_lowercase();
    let last = column.rsplit('_').next().unwrap_or(&column);
    ["key", "port", "year", "id", "batch", "line"].contains(&last)
}

/// From so many digits on numbers are grouped: fewer are read at a glance.
const DIGITS_MIN: usize = 5;

/// `-1,234,567.5`; as it is where it is short, or has an exponent.
fn grouped(number: &str) -> String {
    let (sign, rest) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (whole, fraction) = rest.split_at(digits);
    if whole.len() < DIGITS_MIN || fraction.contains('e') {
        return number.to_owned();
    }
    let mut grouped = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// Whether a text has the form of the views' times: `2026-09-01T12:00:00.000Z`.
fn is_time(text: &str) -> bool {
    const FORM: &str = "0000-00-00T00:00:00.000Z";
    let fits = |(c, form): (u8, u8)| match form {
        b'0' => c.is_ascii_digit(),
        _ => c == form,
    };
    text.len() == FORM.len() && text.bytes().zip(FORM.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_where_they_count_something() {
        let style = Style {
            grouped: true,
            ..Style::default()
        };
        for (column, value, shown) in [
            ("events", Value::Integer(1_234_567), "1,234,567"),
            ("events", Value::Integer(-12_345), "-12,345"),
            ("events", Value::Integer(1234), "1234"),
            (
                "events",
                Value::Integer(i64::MIN),
                "-9,223,372,036,854,775,808",
            ),
            ("mean", Value::Real(12_345.678), "12,345.678"),
            ("mean", Value::Real(1e300), "1e300"),
            ("mean", Value::Real(f64::INFINITY), "inf"),
            ("key", Value::Integer(1_234_567), "1234567"),
            ("Source_Port", Value::Integer(51_000), "51000"),
            ("year", Value::Integer(12_026), "12026"),
            ("bytes", Value::Text(Cow::Borrowed("1234567")), "1234567"),
        ] {
            assert_eq!(style.text(column, &value), shown, "{column}");
            assert_eq!(Style::default().text(column, &value), plain(&value));
        }
    }

    #[test]
    fn a_time_says_how_long_ago_it_was() {
        let now = Timestamp::from_millis(1_795_176_000_000);
        let style = Style {
            ago: Some(now),
            ..Style::default()
        };
        for (text, added) in [
            ("2026-11-20T09:00:00.000Z", "3 h ago, "),
            ("2026-11-20T12:00:05.000Z", "in 5 s, "),
            ("2026-08-20T12:00:00.000Z", "92 days ago, "),
            ("2026-13-20T12:00:00.000Z", ""),
            ("2026-11-20", ""),
            ("7d", ""),
            ("at 2026-11-20T09:00:00.000Z", ""),
        ] {
            let shown = style
                .text("time", &Value::Text(Cow::Borrowed(text)))
                .into_owned();
            assert_eq!(shown, format!("{added}{text}"));
        }
    }
}
