//! SQL functions by which queries find events by their key instead of by reading them all.
//!
//! A view's `time` is text that sorts as the times do. So there is a least key whose time is not less
//! than some text, whatever that is: `key_from`; and one whose time is greater: `key_after`. They take
//! microseconds. Of the times that begin as some text does, all earlier ones are less than that text
//! and all later ones greater: `first_key` and `last_key` are the keys that the beginning leaves open,
//! and are told at once.

use chrono::NaiveDateTime;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};

use crate::archive::identity;
use crate::archive::ingest::{KEY_MASK, KEY_SHIFT};

/// Registers `key_from(value)` and `key_after(value)`; `first_key(time)` and `last_key(time)`, to which
/// what no time begins with leaves every key open; and `id_hash(source, id)`. And what a key says of the time: `key_time(key)`, as the views have it, and
/// `key_month(key)`, months since the year 0; `day_text(day)`
/// is the text of a day since 1970.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("key_from", 1, flags, |context| {
        Ok(least_key(context, |time, text| time >= text))
    })?;
    connection.create_scalar_function("key_after", 1, flags, |context| {
        Ok(least_key(context, |time, text| time > text))
    })?;
    connection.create_scalar_function("first_key", 1, flags, |context| {
        Ok(left_open(context).map_or(i64::MIN, |(first, _)| key(first)))
    })?;
    connection.create_scalar_function("last_key", 1, flags, |context| {
        Ok(left_open(context).map_or(i64::MAX, |(_, last)| key(last) | KEY_MASK))
    })?;
    connection.create_scalar_function("id_hash", 2, flags, |context| {
        let source = context.get_raw(0).as_i64().unwrap_or_default();
        Ok(context
            .get_raw(1)
            .as_str()
            .ok()
            .map(|id| identity::of_vendor_id(source, id)))
    })?;
    connection.create_scalar_function("key_time", 1, flags, |context| {
        Ok(key_of(context).map(written))
    })?;
    connection.create_scalar_function("day_text", 1, flags, |context| {
        Ok(key_of(context).map(|day| {
            let key = day.saturating_mul(DAY).saturating_mul(1 << KEY_SHIFT);
            written(key).get(..10).unwrap_or_default().to_owned()
        }))
    })?;
    connection.create_scalar_function("key_month", 1, flags, |context| {
        Ok(key_of(context).map(|key| {
            let (year, month, _) = civil(day_of(key));
            year * 12 + month - 1
        }))
    })
}

fn key_of(context: &Context<'_>) -> Option<i64> {
    match context.get_raw(0) {
        ValueRef::Integer(key) => Some(key),
        _ => None,
    }
}

/// The view's `time` of the event under this key.
fn written(key: i64) -> String {
    let (year, month, day) = civil(day_of(key));
    let millis = (key >> KEY_SHIFT).rem_euclid(DAY);
    let mut text = *b"0000-00-00T00:00:00.000Z";
    for (end, width, number) in [
        (4, 4, year),
        (7, 2, month),
        (10, 2, day),
        (13, 2, millis / 3_600_000),
        (16, 2, millis / 60_000 % 60),
        (19, 2, millis / 1_000 % 60),
        (23, 3, millis % 1_000),
    ] {
        let mut rest = number;
        for digit in text.iter_mut().take(end).rev().take(width) {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The day since 1970.
fn day_of(key: i64) -> i64 {
    (key >> KEY_SHIFT).div_euclid(DAY)
}

/// Year, month and day of a day since 1970, by Howard Hinnant's `civil_from_days`; years are counted
/// from March on, so that the day of the leap year comes last.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

/// The least key whose time is so beside the value; as SQLite compares them, any text is greater than a
/// number and less than bytes.
fn least_key(context: &Context<'_>, is_so: impl Fn(&[u8], &[u8]) -> bool) -> Value {
    match context.get_raw(0) {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(_) | ValueRef::Real(_) => Value::Integer(i64::MIN),
        ValueRef::Blob(_) => BEYOND_KEYS,
        ValueRef::Text(text) => {
            if let Some(key) = next_to(text, &is_so) {
                return Value::Integer(key);
            }
            let (mut least, mut beyond) = (i64::MIN >> KEY_SHIFT, (i64::MAX >> KEY_SHIFT) + 1);
            while least < beyond {
                let middle = least + (beyond - least) / 2;
                if is_so(written(key(middle)).as_bytes(), text) {
                    beyond = middle;
                } else {
                    least = middle + 1;
                }
            }
            match least.checked_mul(1 << KEY_SHIFT) {
                Some(key) => Value::Integer(key),
                None => BEYOND_KEYS,
            }
        }
    }
}

/// The same for a text that is a time or the beginning of one, as most are: of the earlier times none
/// is so, and either the first that begins with it or the next.
fn next_to(text: &[u8], is_so: &impl Fn(&[u8], &[u8]) -> bool) -> Option<i64> {
    let beginning = std::str::from_utf8(text).ok()?;
    let beginning = match beginning.strip_suffix('Z') {
        Some(time) => Some(time).filter(|time| time.len() == BEGINNINGS[0].0)?,
        None => beginning,
    };
    let mut lengths = BEGINNINGS.iter().map(|(length, _)| *length);
    lengths.find(|length| *length == beginning.len())?;
    let first = first_millis(beginning)?;
    let [this, next] = [first, first + 1].map(|millis| millis.checked_mul(1 << KEY_SHIFT));
    if is_so(written(this?).as_bytes(), text) {
        this
    } else {
        next
    }
}

/// Greater than all keys, of which the last is the greatest integer.
const BEYOND_KEYS: Value = Value::Real(1e19);

/// How long beginnings of a time are, and how many milliseconds begin alike.
const BEGINNINGS: [(usize, i64); 5] = [
    (23, 1),
    (19, 1_000),
    (16, 60_000),
    (13, 3_600_000),
    (10, DAY),
];
const DAY: i64 = 86_400_000;

/// The first and last millisecond that the longest beginning of a time in this text leaves open.
fn left_open(context: &Context<'_>) -> Option<(i64, i64)> {
    let ValueRef::Text(text) = context.get_raw(0) else {
        return None;
    };
    let text = std::str::from_utf8(text).ok()?;
    // A year or a month alone stands for its first day: no time is less that is not before it.
    let alone = matches!(text.len(), 4 | 7).then_some((text.len(), DAY));
    BEGINNINGS
        .into_iter()
        .chain(alone)
        .find_map(|(length, millis)| {
            let first = first_millis(text.get(..length)?)?;
            Some((first, first.saturating_add(millis - 1)))
        })
}

/// The first millisecond of those that begin so.
fn first_millis(beginning: &str) -> Option<i64> {
    const FORM: &str = "%Y-%m-%dT%H:%M:%S%.3f";
    let rest = "0000-01-01T00:00:00.000".get(beginning.len()..)?;
    let whole = format!("{beginning}{rest}");
    let time = NaiveDateTime::parse_from_str(&whole, FORM).ok()?;
    // chrono also reads ` 2026-9-1`, which no time begins with.
    (time.format(FORM).to_string() == whole).then(|| time.and_utc().timestamp_millis())
}

/// The least key of a millisecond, as far as keys reach.
fn key(millis: i64) -> i64 {
    millis.saturating_mul(1 << KEY_SHIFT)
}

#[cfg(test)]
mod tests {
    use crate::archive::reader::Reader;
    use crate::query::sample;

    fn bounds(reader: &Reader, text: &str) -> (i64, i64) {
        let sql = format!("select first_key({text}), last_key({text})");
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        reader.connection().query_row(&sql, [], row).unwrap()
    }

    #[test]
    fn a_beginning_leaves_open_the_keys_of_the_times_that_begin_so() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let day = 1_790_812_800_000; // 2026-10-01
        let (hour, minute) = (3_600_000, 60_000);
        for (text, first, millis) in [
            ("2026-10-01", day, 24 * hour),
            ("2026-10-01 17:00:00", day, 24 * hour),
            ("2026-10-01t17:00:00.000z", day, 24 * hour),
            ("2026-10-01T25", day, 24 * hour),
            ("2026-10-01T1", day, 24 * hour),
            ("2026-10", day, 24 * hour),
            ("2026-10-01T17", day + 17 * hour, hour),
            ("2026-10-01T17:5", day + 17 * hour, hour),
            ("2026-10-01T17:05Z", day + 17 * hour + 5 * minute, minute),
            (
                "2026-10-01T17:05:09Z",
                day + 17 * hour + 5 * minute + 9_000,
                1_000,
            ),
            ("2026-10-01T00:00:09.007Z", day + 9_007, 1),
            ("2026-10-01T00:00:09.0070000", day + 9_007, 1),
        ] {
            let last = ((first + millis) << 20) - 1;
            let found = bounds(&reader, &format!("'{text}'"));
            assert_eq!(found, (first << 20, last), "{text}");
        }
    }

    #[test]
    fn the_times_from_any_value_on_are_the_keys_from_one_on() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let day = 1_790_812_800_000_i64; // 2026-10-01
        let year = 1_767_225_600_000;
        for (value, from, after) in [
            ("'2026-10-01T00:00:09.007Z'", day + 9_007, day + 9_008),
            ("'2026-10-01T00:00:09.007'", day + 9_007, day + 9_007),
            ("'2026-10-01T00:00:09.007Zx'", day + 9_008, day + 9_008),
            ("'2026-10-01'", day, day),
            ("'2026-10-01 17:00:00'", day, day),
            (
                "'2026-10-01t17:00:00.000z'",
                day + 86_400_000,
                day + 86_400_000,
            ),
            ("'2026-0'", year, year),
            ("'2026-'", year, year),
            (
                "'2026-9-1'",
                year + 365 * 86_400_000,
                year + 365 * 86_400_000,
            ),
        ] {
            let sql = format!("select key_from({value}), key_after({value})");
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let found: (i64, i64) = reader.connection().query_row(&sql, [], row).unwrap();
            assert_eq!(found, (from << 20, after << 20), "{value}");
        }
    }

    #[test]
    fn all_times_or_none_are_from_a_value_on() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let ends = |value: &str| -> (bool, bool) {
            let sql = format!(
                "select key_from({value}) <= -9223372036854775807 - 1, \
                 key_after({value}) > 9223372036854775807"
            );
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            reader.connection().query_row(&sql, [], row).unwrap()
        };
        for value in ["5", "-1.5", "''", "'1'", "'1690'"] {
            assert_eq!(ends(value), (true, false), "{value}");
        }
        for value in ["'9'", "'2249'", "x''", "'é'"] {
            assert_eq!(ends(value), (false, true), "{value}");
        }
    }

    #[test]
    fn what_no_time_begins_with_leaves_every_key_open() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        for text in [
            "'2026-9-1'",
            "'2026-10-1'",
            "'2026'||'-13-01'",
            "'2026-10-'",
            "'202'",
            "' 2026-10-01'",
            "'+026-10-01'",
            "''",
            "5",
            "2026",
            "null",
            "x'32303236'",
            "cast(x'323032362d31302d3031ff' as text)",
            "'é026-10-01'",
        ] {
            assert_eq!(bounds(&reader, text), (i64::MIN, i64::MAX), "{text}");
        }
    }

    #[test]
    fn times_beyond_the_keys_end_where_the_keys_end() {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        assert_eq!(bounds(&reader, "'9999-12-31'"), (i64::MAX, i64::MAX));
        assert_eq!(bounds(&reader, "'0001-01-01'").0, i64::MIN);
    }
}
