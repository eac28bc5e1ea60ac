//! Finds the date in the name of an object.
//!
//! Neither vendor documents how keys are laid out in every case, but writers of logs put the day
//! into them, and write it so that keys of later days sort after those of earlier ones. What
//! stands before the date is the *partition*: in it, and in it alone, days sort.

use chrono::{Datelike, Days, NaiveDate};

/// A key that has a date in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated<'a> {
    /// What stands before the date.
    before: &'a str,
    /// The day, or the first of the month where the key names no day.
    pub(super) day: NaiveDate,
    /// What stands between year and month: nothing, `/`, `-`, `/month=`.
    month_gap: &'a str,
    /// What stands between month and day, if there is a day.
    day_gap: Option<&'a str>,
}

impl<'a> Dated<'a> {
    /// The first date in a key: `2026/01/31`, `2026-01-31`, `20260131`, `2026/01`,
    /// `year=2026/month=01/day=31` and the like. An account's number is none: there are no more
    /// digits on either side.
    pub(super) fn find(key: &'a str) -> Option<Dated<'a>> {
        let mut last = None;
        for (at, byte) in key.bytes().enumerate() {
            let starts = byte.is_ascii_digit() && !last.is_some_and(|b: u8| b.is_ascii_digit());
            last = Some(byte);
            if starts && let Some(dated) = Dated::at(key, at) {
                return Some(dated);
            }
        }
        None
    }

    /// The name of the partition: what stands before the date, and how the date is written.
    pub(super) fn partition(&self) -> String {
        let day = self.day_gap.map(|gap| format!("{gap}DD"));
        let (before, gap) = (self.before, self.month_gap);
        format!("{before}YYYY{gap}MM{}", day.unwrap_or_default())
    }

    /// A text that sorts after all keys of the partition that are of days before `oldest`, but
    /// for odd ones, and before all keys of `oldest` and later: from there on a listing need go.
    pub(super) fn just_before(&self, oldest: NaiveDate) -> Option<String> {
        let first = match self.day_gap {
            Some(_) => oldest,
            None => oldest.with_day(1)?,
        };
        let last = first.checked_sub_days(Days::new(1))?;
        Some(format!("{}{}{AFTER}", self.before, self.written(last)))
    }

    fn written(&self, date: NaiveDate) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let month = format!("{year:04}{}{month:02}", self.month_gap);
        match self.day_gap {
            Some(gap) => format!("{month}{gap}{day:02}"),
            None => month,
        }
    }

    /// The date that begins there, if one does.
    fn at(key: &'a str, at: usize) -> Option<Dated<'a>> {
        let (before, rest) = key.split_at_checked(at)?;
        let (year, rest) = number(rest, 4)?;
        let (month_gap, rest) = gap(rest);
        let (month, rest) = number(rest, 2)?;
        let (day_gap, after_gap) = gap(rest);
        let dated = |day, day_gap| {
            let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
            let believable = YEARS.contains(&day.year());
            believable.then_some(Dated {
                before,
                day,
                month_gap,
                day_gap,
            })
        };
        if alike(month_gap, day_gap)
            && let Some((day, after)) = number(after_gap, 2)
            && ends(after, month_gap.is_empty())
        {
            return dated(day, Some(day_gap));
        }
        let is_month = matches!(month_gap, "/" | "-") || month_gap.len() > 1;
        let alone = before.is_empty() || before.ends_with(['/', '=', '-', '_', '.']);
        (is_month && alone && rest.starts_with('/')).then(|| dated(1, None))?
    }
}

/// Sorts after whatever follows a date in a key that is ASCII.
pub(super) const AFTER: char = '~';

/// Logs of the cloud are of these years.
const YEARS: std::ops::Range<i32> = 2_000..2_100;

/// So many digits, and what comes after them.
fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    let all = number.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| number.parse().ok())?
        .map(|number| (number, rest))
}

/// What stands between two parts of a date: nothing, a sign, or the name of the next part as in
/// `/month=`.
fn gap(text: &str) -> (&str, &str) {
    let named = text.strip_prefix('/').and_then(|rest| {
        let (name, _) = rest.split_once('=')?;
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
        is_name.then_some(name.len() + 2)
    });
    let signed = usize::from(text.starts_with(['/', '-', '_', '.']));
    text.split_at_checked(named.unwrap_or(signed))
        .unwrap_or(("", text))
}

/// Whether both gaps of a date are written in one way.
fn alike(month: &str, day: &str) -> bool {
    month == day || (month.len() > 1 && day.len() > 1)
}

/// Whether a date may end there: no digit follows, or the time does where there are no gaps.
fn ends(rest: &str, time_may_follow: bool) -> bool {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits == 0 || (time_may_follow && digits == 6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(key: &str) -> Option<(String, String)> {
        let dated = Dated::find(key)?;
        Some((dated.partition(), dated.day.to_string()))
    }

    #[test]
    fn a_date_is_found_however_it_is_written() {
        for (key, partition, day) in [
            ("a/2026/01/31/x.gz", "a/YYYY/MM/DD", "2026-01-31"),
            ("2026-01-31.json", "YYYY-MM-DD", "2026-01-31"),
            ("a/dt=2026-01-31/x", "a/dt=YYYY-MM-DD", "2026-01-31"),
            ("audit20260131T0101Z", "auditYYYYMMDD", "2026-01-31"),
            ("a_20260131235959_b", "a_YYYYMMDD", "2026-01-31"),
            (
                "a/year=2026/month=01/day=31/x",
                "a/year=YYYY/month=MM/day=DD",
                "2026-01-31",
            ),
            ("a/2026/01/x.json", "a/YYYY/MM", "2026-01-01"),
            ("y=2026/m=01/x", "y=YYYY/m=MM", "2026-01-01"),
            ("a/2026_01_31_2027_01_01", "a/YYYY_MM_DD", "2026-01-31"),
            ("a/2026/01/31", "a/YYYY/MM/DD", "2026-01-31"),
            // The first date counts, not the first number.
            (
                "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/01/31/123456789012_CloudTrail_eu-west-1_20260130T2355Z_aB.json.gz",
                "AWSLogs/123456789012/CloudTrail/eu-west-1/YYYY/MM/DD",
                "2026-01-31",
            ),
        ] {
            let expected = Some((partition.to_owned(), day.to_owned()));
            assert_eq!(found(key), expected, "{key}");
        }
    }

    #[test]
    fn what_does_not_sort_by_day_is_no_date() {
        for key in [
            "",
            "a/b.json",
            "a/202601310/x",
            "202601310203/x", // 12 digits are an account
            "a/2026/1/31/x",  // October would sort before February
            "a/31/01/2026/x",
            "a/2026/13/01/x",
            "a/2026/02/30/x",
            "a/1970/01/01/x",
            "a/20260230.json",
            "2026-11ab-4c3d",
            "a/2026/01",
            "x2026/01/a",
            "a/12026/01/31/x",
            "ü2026/é",
        ] {
            assert_eq!(found(key), None, "{key}");
        }
    }

    #[test]
    fn a_listing_begins_just_before_the_oldest_day() {
        let oldest = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        for (key, from) in [
            ("a/2020/01/31/x", "a/2026/02/28~"),
            ("a/20200131", "a/20260228~"),
            ("a/2020/01/x", "a/2026/02~"),
            ("y=2020/m=01/d=02/x", "y=2026/m=02/d=28~"),
        ] {
            let dated = Dated::find(key).unwrap();
            assert_eq!(dated.just_before(oldest).as_deref(), Some(from), "{key}");
        }
        let middle = NaiveDate::from_ymd_opt(2026, 3, 17).unwrap();
        let dated = Dated::find("a/2020/01/x").unwrap();
        assert_eq!(dated.just_before(middle).as_deref(), Some("a/2026/02~"));
    }

    /// The styles in which a key of a day is written.
    fn key_of(style: usize, before: &str, day: NaiveDate, after: &str) -> String {
        let format = [
            "%Y/%m/%d/",
            "%Y-%m-%d",
            "%Y%m%d",
            "%Y%m%d235959",
            "%Y_%m_%d.",
            "dt=%Y-%m-%d/",
            "year=%Y/month=%m/day=%d/",
            "%Y/%m/",
            "y=%Y/m=%m/",
        ][style];
        format!("{before}{}{after}", day.format(format))
    }

    fn days() -> impl Strategy<Value = NaiveDate> {
        let first = NaiveDate::from_ymd_opt(2000, 2, 1).unwrap();
        (0..36_000_u64).prop_map(move |n| first + Days::new(n))
    }

    proptest! {
        #[test]
        fn days_sort_within_a_partition(
            style in 0..9_usize,
            before in "([a-z]{0,3}[/=_-]){0,3}",
            (one, other) in (days(), days()),
            (a, b) in ("(|[a-z/.][ -~]{0,8})", "(|[a-z/.][ -~]{0,8})"),
        ) {
            let (earlier, later) = (one.min(other), one.max(other));
            let keys = [(earlier, &a), (later, &b)].map(|(day, after)| key_of(style, &before, day, after));
            let [first, second] = keys.each_ref().map(|key| Dated::find(key).expect("a date"));
            prop_assert_eq!(first.partition(), second.partition());
            prop_assert!(first.day <= earlier && first.day.year() == earlier.year());
            if first.day < second.day {
                prop_assert!(keys[0] < keys[1]);
            }
            // From just before the later day on, all of it is listed, and nothing of a day (or
            // month) before.
            let from = first.just_before(later).unwrap();
            prop_assert!(from < keys[1]);
            prop_assert_eq!(keys[0] < from, first.day < second.day);
        }

        #[test]
        fn no_key_makes_it_panic(key in "[0-9/=é-]{0,30}|\\PC{0,30}") {
            if let Some(dated) = Dated::find(&key) {
                let _text = (dated.partition(), dated.just_before(dated.day));
            }
        }
    }
}
