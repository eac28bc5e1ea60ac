//! Moments written in words and numbers: `Thu, 13 Jan 2022 05:03:50 GMT`, `1/13/2022, 5:03:50 AM`.

use chrono::NaiveDate;

use super::{
    DAY, DayOrder, Moment, OrderProof, TimestampError, clock_time, digits, shortened, zone_millis,
};
use crate::event::Timestamp;

pub(super) fn parse(text: &str, order: DayOrder) -> Result<Moment, TimestampError> {
    let unknown = || TimestampError::Unknown(shortened(text));
    let parts = Parts::of(text).ok_or_else(unknown)?;
    let (day, month) = match parts.date.ok_or_else(unknown)? {
        Date::Named { day, month } => (day, month),
        Date::Numeric { first, second } => numeric(first, second, order, text)?,
    };
    let year = parts.year.ok_or_else(unknown)?;
    let date = i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    let days = i64::from(date.ok_or_else(unknown)?.to_epoch_days());
    let of_day = parts.of_day().ok_or_else(unknown)?;
    let millis = days * DAY + of_day - parts.zone.unwrap_or(0);
    Ok(Moment {
        time: Timestamp::from_millis(millis),
        zone_assumed: parts.zone.is_none(),
    })
}

pub(super) fn order_in(text: &str) -> Option<OrderProof> {
    let Date::Numeric { first, second } = Parts::of(text)?.date? else {
        return None;
    };
    match (first, second) {
        (13.., 1..=12) => Some(OrderProof::DayFirst),
        (1..=12, 13..) => Some(OrderProof::MonthFirst),
        (a, b) if a == b => None,
        _ => Some(OrderProof::Neither),
    }
}

/// Day and month of `first/second`.
fn numeric(
    first: u32,
    second: u32,
    order: DayOrder,
    text: &str,
) -> Result<(u32, u32), TimestampError> {
    let (day, month) = match order {
        DayOrder::DayFirst => (first, second),
        DayOrder::MonthFirst => (second, first),
        DayOrder::Auto if first > 12 || first == second => (first, second),
        DayOrder::Auto if second > 12 => (second, first),
        DayOrder::Auto => return Err(TimestampError::Ambiguous(shortened(text))),
    };
    if month > 12 {
        Err(TimestampError::OtherOrder(shortened(text)))
    } else {
        Ok((day, month))
    }
}

/// What was found in a text, in whatever order it stood.
#[derive(Default)]
struct Parts {
    date: Option<Date>,
    day: Option<u32>,
    month: Option<u32>,
    year: Option<u32>,
    clock: Option<i64>,
    afternoon: Option<bool>,
    zone: Option<i64>,
}

#[derive(Clone, Copy)]
enum Date {
    Named { day: u32, month: u32 },
    Numeric { first: u32, second: u32 },
}

impl Parts {
    fn of(text: &str) -> Option<Parts> {
        // A name of the zone in brackets repeats what its offset says.
        let text = text.split_once('(').map_or(text, |(before, _)| before);
        let mut parts = Parts::default();
        let blank = |c: char| c.is_whitespace() || c == ',' || c == '\u{200e}' || c == '\u{200f}';
        for word in text.split(blank).filter(|word| !word.is_empty()) {
            parts.take(word)?;
        }
        if let (None, Some(day), Some(month)) = (&parts.date, parts.day, parts.month) {
            parts.date = Some(Date::Named { day, month });
        }
        Some(parts)
    }

    /// Finds the place of one word; none where it has no place.
    fn take(&mut self, word: &str) -> Option<()> {
        if word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.take_clock(word);
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return if word.contains(['/', '-', '.']) {
                self.take_date(word)
            } else {
                self.take_number(word)
            };
        }
        if let Some(month) = month(word) {
            return put(&mut self.month, month);
        }
        if is_weekday(word) || word.eq_ignore_ascii_case("at") {
            return Some(());
        }
        match meridiem(word) {
            Some(afternoon) => put(&mut self.afternoon, afternoon),
            None => put(&mut self.zone, zone_millis(word.as_bytes())??),
        }
    }

    /// `05:03:50`, `5:03PM`, `05:03:50Z`, `05:03:50+02:00`.
    fn take_clock(&mut self, word: &str) -> Option<()> {
        let (clock, rest) = clock_time(word.as_bytes())?;
        put(&mut self.clock, clock)?;
        match std::str::from_utf8(rest).ok()? {
            "" => Some(()),
            rest => match meridiem(rest) {
                Some(afternoon) => put(&mut self.afternoon, afternoon),
                None => put(&mut self.zone, zone_millis(rest.as_bytes())??),
            },
        }
    }

    /// `13/1/2022`, `13.01.2022`, `13-Jan-22`, `2022/1/3`.
    fn take_date(&mut self, word: &str) -> Option<()> {
        let mut pieces = word.split(['/', '-', '.']);
        let (a, b, c) = (pieces.next()?, pieces.next()?, pieces.next()?);
        if pieces.next().is_some() || self.date.is_some() {
            return None;
        }
        let number = |text: &str| digits(text.as_bytes());
        if a.len() == 4 {
            self.date = Some(Date::Named {
                day: number(c)?,
                month: number(b)?,
            });
            return put(&mut self.year, number(a)?);
        }
        // With dots, the day comes first wherever such dates are written.
        self.date = Some(match (month(b), word.contains('.')) {
            (Some(month), _) => Date::Named {
                day: number(a)?,
                month,
            },
            (None, true) => Date::Named {
                day: number(a)?,
                month: number(b)?,
            },
            (None, false) => Date::Numeric {
                first: number(a)?,
                second: number(b)?,
            },
        });
        put(&mut self.year, full_year(c)?)
    }

    /// A day, or a year of four digits.
    fn take_number(&mut self, word: &str) -> Option<()> {
        let number = digits(
            word.trim_end_matches(|c: char| c.is_ascii_alphabetic())
                .as_bytes(),
        )?;
        let plain = word.bytes().all(|byte| byte.is_ascii_digit());
        let ordinal = ["st", "nd", "rd", "th"]
            .iter()
            .any(|end| word.ends_with(end));
        match word.len() {
            4 if plain => put(&mut self.year, number),
            1..=4 if plain || ordinal => put(&mut self.day, number),
            _ => None,
        }
    }

    /// Milliseconds since midnight; midnight where no time of day was given.
    fn of_day(&self) -> Option<i64> {
        let clock = self.clock.unwrap_or(0);
        let hour = clock / HOUR;
        match self.afternoon {
            None => Some(clock),
            Some(_) if self.clock.is_none() || !(1..=12).contains(&hour) => None,
            Some(false) => Some(if hour == 12 { clock - 12 * HOUR } else { clock }),
            Some(true) => Some(if hour == 12 { clock } else { clock + 12 * HOUR }),
        }
    }
}

const HOUR: i64 = 3_600_000;

/// Puts a value where none is yet.
fn put<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

fn full_year(text: &str) -> Option<u32> {
    let year = digits(text.as_bytes())?;
    match text.len() {
        4 => Some(year),
        2 => Some(2_000 + year),
        _ => None,
    }
}

fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let position = MONTHS.iter().position(|month| abbreviates(&word, month))?;
    u32::try_from(position).ok().map(|position| position + 1)
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn is_weekday(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    WEEKDAYS.iter().any(|day| abbreviates(&word, day))
}

/// Whether the word is a name or the beginning of one: `Sep`, but also `Sept` and `Thurs`.
fn abbreviates(word: &str, name: &str) -> bool {
    word.len() >= 3 && name.starts_with(word)
}

const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Whether the afternoon is meant, where the word is `AM` or `PM`.
fn meridiem(word: &str) -> Option<bool> {
    let letters: String = word.chars().filter(|c| *c != '.').collect();
    match letters.to_ascii_lowercase().as_str() {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    }
}
