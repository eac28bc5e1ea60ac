//! Moments and lengths of time as users write them: `2026-09-01`, `48h`, `7d`.

use std::time::Duration;

use chrono::{DateTime, Months, NaiveDate, NaiveDateTime, Utc};

use crate::event::{Period, Timestamp};

/// Reads a length of time: a whole number and one of `s`, `min`, `h`, `d`, `w`. A month has no
/// fixed length, so `3mo` is read by [`parse_moment`] alone.
///
/// # Errors
/// What is wrong with it, naming the units; a bare `m` is refused as ambiguous.
pub fn parse_duration(text: &str) -> Result<Duration, TimeError> {
    let (count, unit) = split(text)?;
    let seconds = match unit {
        "s" => 1,
        "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(unit_error(text, unit)),
    };
    let seconds = count.checked_mul(seconds).ok_or_else(|| too_large(text))?;
    Ok(Duration::from_secs(seconds))
}

/// Reads a moment: ISO 8601 (UTC where it names no zone), or a length of time back from `now`,
/// months (`3mo`) among them.
///
/// # Errors
/// What is wrong with it.
pub fn parse_moment(text: &str, now: Timestamp) -> Result<Timestamp, TimeError> {
    if let Some(moment) = parse_iso(text) {
        return Ok(moment);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.contains('-') {
        return Err(TimeError::NoMoment(text.to_owned()));
    }
    if let Some(count) = text.strip_suffix("mo") {
        let months: u32 = count
            .trim()
            .parse()
            .map_err(|_| TimeError::NoMoment(text.to_owned()))?;
        let then = now.datetime().checked_sub_months(Months::new(months));
        return then.map(Timestamp::from).ok_or_else(|| too_large(text));
    }
    let back = parse_duration(text)?;
    let millis = i64::try_from(back.as_millis()).map_err(|_| too_large(text))?;
    Ok(now.plus_millis(-millis))
}

/// Reads a moment in ISO 8601, UTC where it names no zone; none for anything else.
pub fn parse_iso(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.with_timezone(&Utc).into());
    }
    let forms = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
    ];
    let moment = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let day = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(0, 0, 0)
    };
    moment.or_else(day).map(|naive| naive.and_utc().into())
}

/// Reads a stretch of time, half-open: two moments as [`parse_moment`] reads them, as in
/// `2026-01-01..2026-04-01` or `30d..7d`.
///
/// # Errors
/// What is wrong with it.
pub fn parse_range(text: &str, now: Timestamp) -> Result<Period, TimeError> {
    let (from, to) = text
        .split_once("..")
        .ok_or_else(|| TimeError::NoRange(text.to_owned()))?;
    let (from, to) = (parse_moment(from, now)?, parse_moment(to, now)?);
    let period = Period { from, to };
    if period.is_empty() {
        return Err(TimeError::Backwards(text.to_owned()));
    }
    Ok(period)
}

/// A length of time in words: `90 days`, `48 h`, `20 min`.
pub fn describe(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        s if s >= 3 * 86_400 => format!("{} days", s / 86_400),
        s if s >= 7_200 => format!("{} h", s / 3_600),
        s if s >= 120 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

/// A moment as people are told it, to the minute: `2026-11-22T04:21Z`.
pub fn minute(moment: Timestamp) -> String {
    moment.datetime().format("%Y-%m-%dT%H:%MZ").to_string()
}

/// A length of time as [`parse_duration`] reads it: `90s`, `10min`, `48h`, `14d`.
pub fn write_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, 3, "d"), (3_600, 1, "h"), (60, 1, "min")];
    let fits = |(unit, least, _): &&(u64, u64, &str)| {
        seconds.is_multiple_of(*unit) && seconds / unit >= *least
    };
    match units.iter().find(fits) {
        Some((unit, _, name)) => format!("{}{name}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

fn split(text: &str) -> Result<(u64, &str), TimeError> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let count = count
        .parse()
        .map_err(|_| TimeError::NoDuration(text.to_owned()))?;
    Ok((count, unit.trim()))
}

fn unit_error(text: &str, unit: &str) -> TimeError {
    if unit == "m" {
        TimeError::Ambiguous(text.to_owned())
    } else {
        TimeError::NoDuration(text.to_owned())
    }
}

fn too_large(text: &str) -> TimeError {
    TimeError::TooLarge(text.to_owned())
}

/// A time that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// `5m` may be minutes or months.
    #[error("`{0}` is ambiguous: write `min` for minutes or `mo` for months")]
    Ambiguous(String),
    /// No length of time.
    #[error("`{0}` is no length of time: write 90s, 10min, 48h, 7d or 2w")]
    NoDuration(String),
    /// No stretch of time.
    #[error("`{0}` is no stretch of time: write 2026-01-01..2026-04-01, its end not in it")]
    NoRange(String),
    /// A stretch that ends before it begins.
    #[error("`{0}` ends before it begins")]
    Backwards(String),
    /// No moment.
    #[error(
        "`{0}` is no time: write 2026-09-01, 2026-09-01T12:00:00Z, or 48h, 7d, 3mo back from now"
    )]
    NoMoment(String),
    /// Beyond the calendar.
    #[error("`{0}` is too long ago")]
    TooLarge(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z

    #[test]
    fn a_length_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("90s", 90),
            ("10min", 600),
            ("48h", 172_800),
            ("2w", 1_209_600),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in ["", "7", "h", "-7d", "1.5h", "7 years", "3mo"] {
            assert!(
                matches!(parse_duration(text), Err(TimeError::NoDuration(_))),
                "{text}"
            );
        }
        assert!(matches!(parse_duration("5m"), Err(TimeError::Ambiguous(_))));
        assert!(matches!(
            parse_duration("99999999999999999w"),
            Err(TimeError::TooLarge(_))
        ));
    }

    #[test]
    fn a_length_is_written_as_it_is_read() {
        for text in [
            "0s", "90s", "1min", "90min", "1h", "26h", "48h", "3d", "14d",
        ] {
            assert_eq!(
                parse_duration(text).map(write_duration).as_deref(),
                Ok(text)
            );
        }
        for (text, shorter) in [("2w", "14d"), ("1d", "24h"), ("120s", "2min")] {
            assert_eq!(
                parse_duration(text).map(write_duration).as_deref(),
                Ok(shorter)
            );
        }
    }

    #[test]
    fn a_moment_is_iso_or_back_from_now() {
        for (text, written) in [
            ("2026-09-01", "2026-09-01T00:00:00.000Z"),
            ("2026-09-01T12:00", "2026-09-01T12:00:00.000Z"),
            ("2026-09-01 12:00:00.25", "2026-09-01T12:00:00.250Z"),
            ("2026-09-01T12:00:00+02:00", "2026-09-01T10:00:00.000Z"),
            ("7d", "2026-09-14T14:13:20.000Z"),
            ("3mo", "2026-06-21T14:13:20.000Z"),
        ] {
            let moment = parse_moment(text, NOW).map(|moment| moment.to_string());
            assert_eq!(moment.as_deref(), Ok(written), "{text}");
        }
        for text in ["yesterday", "2026-13-01", "2026-9", "-7d", ""] {
            assert!(
                matches!(parse_moment(text, NOW), Err(TimeError::NoMoment(_))),
                "{text}"
            );
        }
        assert!(matches!(
            parse_moment("5m", NOW),
            Err(TimeError::Ambiguous(_))
        ));
    }
}
