//! Moments as vendors, programming languages and spreadsheets write them.
//!
//! No vendor here documents its form fully, so every plausible one is read, and anything that
//! can be read two ways is refused until the file or the user says which.

mod words;

use chrono::NaiveDate;

use crate::event::Timestamp;

/// Reads a moment. `order` matters for numeric dates such as `3/4/2026` alone.
///
/// # Errors
/// It is no moment, or one that can be read two ways.
pub fn parse(text: &str, order: DayOrder) -> Result<Moment, TimestampError> {
    let moment = match iso(text.as_bytes()) {
        Some(moment) => moment,
        None => match epoch(text.trim()) {
            Some(millis) => Moment {
                time: Timestamp::from_millis(millis),
                zone_assumed: false,
            },
            None => words::parse(text, order)?,
        },
    };
    if (EARLIEST..LATEST).contains(&moment.time.millis()) {
        Ok(moment)
    } else {
        Err(TimestampError::Outside(shortened(text)))
    }
}

/// Reads a whole number of milliseconds since 1970, whatever its magnitude.
///
/// # Errors
/// It is no number, or one far from any event.
pub fn of_millis(text: &str) -> Result<Timestamp, TimestampError> {
    let millis = text.trim().parse();
    let millis = millis.map_err(|_| TimestampError::Unknown(shortened(text)))?;
    if (EARLIEST..LATEST).contains(&millis) {
        Ok(Timestamp::from_millis(millis))
    } else {
        Err(TimestampError::Outside(shortened(text)))
    }
}

/// What a numeric date proves about the order of its day and month; none where the text has no
/// numeric date, or one that is the same both ways.
pub fn order_in(text: &str) -> Option<OrderProof> {
    words::order_in(text)
}

/// Which number comes first in `3/4/2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    /// What the file itself proves: a number above 12 can only be a day.
    #[default]
    Auto,
    /// The day: 3 April.
    DayFirst,
    /// The month: March 4.
    MonthFirst,
}

/// See [`order_in`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderProof {
    /// Its first number is above 12.
    DayFirst,
    /// Its second number is above 12.
    MonthFirst,
    /// Both could be the month.
    Neither,
}

/// A moment, and whether its zone had to be assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub time: Timestamp,
    /// It named no zone, and was taken for UTC.
    pub zone_assumed: bool,
}

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Of no known form.
    #[error("`{0}` is no timestamp")]
    Unknown(String),
    /// Day and month can be exchanged.
    #[error("day and month cannot be told apart in `{0}`")]
    Ambiguous(String),
    /// Of the other order than the rest of its file.
    #[error("`{0}` has no such month, though the rest of the file is in that order")]
    OtherOrder(String),
    /// Before 1990 or after 2199.
    #[error("`{0}` lies outside of the years 1990 to 2199")]
    Outside(String),
}

const EARLIEST: i64 = 631_152_000_000; // 1990-01-01
const LATEST: i64 = 7_258_118_400_000; // 2200-01-01

/// RFC 3339 and its looser relatives: `T` or a blank between date and time, `-` or `/` in the
/// date, `.` or `,` before the fraction, any zone or none.
fn iso(text: &[u8]) -> Option<Moment> {
    let text = text.trim_ascii();
    let (date, rest) = text.split_at_checked(10)?;
    let &[a, b, c, d, sep, e, f, sep2, g, h] = date else {
        return None;
    };
    if sep != sep2 || !matches!(sep, b'-' | b'/') {
        return None;
    }
    let year = digits(&[a, b, c, d])?;
    let day = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        digits(&[e, f])?,
        digits(&[g, h])?,
    )?;
    let days = i64::from(day.to_epoch_days());
    let (of_day, rest) = match rest {
        [] => (0, rest),
        [b'T' | b't' | b' ', clock @ ..] => clock_time(clock)?,
        _ => return None,
    };
    let zone = zone_millis(rest.trim_ascii())?;
    let millis = days * DAY + of_day - zone.unwrap_or(0);
    Some(Moment {
        time: Timestamp::from_millis(millis),
        zone_assumed: zone.is_none(),
    })
}

const DAY: i64 = 86_400_000;

/// `HH:MM[:SS[.fff]]` as milliseconds since midnight, and what follows it.
fn clock_time(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = number(text, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = match rest.strip_prefix(b":") {
        Some(rest) => number(rest, 2)?,
        None => (0, rest),
    };
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, rest) = fraction_millis(rest);
    let seconds = (hour * 60 + minute) * 60 + second;
    Some((i64::from(seconds) * 1_000 + fraction, rest))
}

/// `.428` or `,428`: any number of digits, in milliseconds, the rest cut off.
fn fraction_millis(text: &[u8]) -> (i64, &[u8]) {
    let [b'.' | b',', rest @ ..] = text else {
        return (0, text);
    };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return (0, text);
    }
    let digit = |n: usize| {
        rest.get(n)
            .filter(|_| n < count)
            .map_or(0, |byte| i64::from(byte - b'0'))
    };
    (
        digit(0) * 100 + digit(1) * 10 + digit(2),
        rest.get(count..).unwrap_or_default(),
    )
}

/// The offset of a zone from UTC: `Z`, `UTC`, `GMT`, `+02:00`, `+0200`, `+02`, or `GMT+0200`.
/// `Some(None)` where there is none, `None` where it is no zone that can be known.
#[expect(
    clippy::option_option,
    reason = "no zone is not the same as an unknown zone"
)]
fn zone_millis(text: &[u8]) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    if text.eq_ignore_ascii_case(b"Z") {
        return Some(Some(0));
    }
    let named = text
        .get(..3)
        .filter(|n| n.eq_ignore_ascii_case(b"UTC") || n.eq_ignore_ascii_case(b"GMT"));
    let offset = if named.is_some() {
        text.get(3..)?
    } else {
        text
    };
    match offset {
        [] => Some(Some(0)),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, rest) = number(rest, 2)?;
            let rest = rest.strip_prefix(b":").unwrap_or(rest);
            let minutes = if rest.is_empty() {
                0
            } else {
                exactly(rest, 2)?
            };
            let millis = i64::from(hours * 60 + minutes) * 60_000;
            (hours < 24 && minutes < 60).then_some(Some(if *sign == b'-' {
                -millis
            } else {
                millis
            }))
        }
        _ => None,
    }
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by magnitude; also
/// as spreadsheets spoil them (`1.64205E+12`, `1642050230.428`).
fn epoch(text: &str) -> Option<i64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(count) = text.parse::<i64>() {
        return Some(match count {
            c if c < 100_000_000_000 => c * 1_000,
            c if c < 100_000_000_000_000 => c,
            c if c < 100_000_000_000_000_000 => c / 1_000,
            c => c / 1_000_000,
        });
    }
    let count: f64 = text.parse().ok().filter(|count: &f64| count.is_finite())?;
    let millis = match count {
        c if c < 1e11 => c * 1e3,
        c if c < 1e14 => c,
        c if c < 1e17 => c / 1e3,
        c => c / 1e6,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, and the range is checked after it"
    )]
    let millis = millis.round() as i64;
    Some(millis)
}

/// A number of one to `most` digits, and what follows.
fn number(text: &[u8], most: usize) -> Option<(u32, &[u8])> {
    let count = text
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (number, rest) = text.split_at_checked(count)?;
    Some((digits(number)?, rest))
}

/// A number of so many digits and nothing else.
fn exactly(text: &[u8], count: usize) -> Option<u32> {
    if text.len() == count {
        digits(text)
    } else {
        None
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    text.iter()
        .try_fold(0, |number, byte| Some(number * 10 + digit(byte)?))
}

fn shortened(text: &str) -> String {
    let mut short: String = text.trim().chars().take(60).collect();
    if short.len() < text.trim().len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
