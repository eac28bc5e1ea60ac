//! Tests of [`super`].

use proptest::prelude::*;

use super::*;
use crate::time::parse_moment;

const PLAIN: Pen = Pen {
    unicode: false,
    colours: false,
};

fn at(text: &str) -> Timestamp {
    parse_moment(text, Timestamp::from_millis(0)).unwrap()
}

fn period(from: &str, to: &str) -> Period {
    Period {
        from: at(from),
        to: at(to),
    }
}

fn section(from: &str, to: &str, standing: Standing) -> Section {
    Section {
        period: period(from, to),
        standing,
    }
}

#[test]
fn the_least_unit_that_fits_is_taken() {
    for (from, to, columns, unit, units) in [
        ("2026-11-22T04:00", "2026-11-22T05:00", 60, "day", 1),
        ("2026-09-24T04:00", "2026-11-22T05:00", 60, "day", 60),
        ("2026-09-24T04:00", "2026-11-22T05:00", 59, "week", 9),
        ("2025-11-22", "2026-11-22", 60, "week", 53),
        ("2025-11-22", "2026-11-22", 52, "4 weeks", 14),
        ("2025-11-22", "2026-11-22", 10, "12 weeks", 6),
        ("2016-11-22", "2026-11-22", 20, "52 weeks", 11),
        ("1970-01-01", "2026-11-22", 20, "208 weeks", 16),
        ("2025-11-22", "2026-11-22", 0, "52 weeks", 2),
    ] {
        let axis = Axis::new(period(from, to), columns);
        assert_eq!(
            (axis.unit().as_str(), axis.units),
            (unit, units),
            "{from} {columns}"
        );
    }
}

#[test]
fn a_day_ends_before_the_next_and_a_week_begins_on_a_monday() {
    let days = Axis::new(period("2026-11-20", "2026-11-22"), 60);
    assert_eq!((days.units, days.scale().as_str()), (2, "'2026-11-20"));
    let weeks = Axis::new(period("2026-09-24", "2026-11-22"), 58);
    assert_eq!(weeks.scale(), "'2026-09-21");
}

#[test]
fn a_date_stands_over_the_unit_it_begins() {
    let days = Axis::new(period("2026-08-24T10:00", "2026-10-03"), 100);
    let scale = days.scale();
    assert_eq!(scale, "'2026-08-24   '2026-09-07   '2026-09-21");
    // The tick of the 29th would reach beyond the end.
    let month = Axis::new(period("2026-11-01", "2026-12-01"), 100);
    assert_eq!(month.scale(), "'2026-11-01   '2026-11-15");
    let strip = days.strip(&[section("2026-09-21", "2026-09-22", Standing::Gap)]);
    assert_eq!(strip.len(), 40);
    let marked = strip.iter().position(Option::is_some);
    assert_eq!(marked, scale.rfind('\''));
}

#[test]
fn the_worst_in_a_unit_is_shown() {
    use Standing::{Complete, Gap, Lost, Open};
    let sections = [
        section("2026-11-03T06:00", "2026-11-05T06:00", Complete),
        section("2026-11-05T06:00", "2026-11-05T07:00", Lost),
        section("2026-11-05T07:00", "2026-11-06", Gap),
        section("2026-11-06", "2026-11-08T00:01", Complete),
        section("2026-11-08T00:01", "2026-11-08T00:02", Gap),
        section("2026-11-08T00:02", "2026-11-10T12:00", Open),
    ];
    for (from, columns, drawn) in [
        ("2026-11-01", 60, "  ##x##!.."),
        ("2026-11-03T06:00", 60, "##x##!.."),
        ("2026-11-05T07:00", 60, "!##!.."),
        ("2026-11-01", 9, " x."),
        ("2026-11-01", 2, "x"),
    ] {
        let axis = Axis::new(period(from, "2026-11-10T12:00"), columns);
        assert_eq!(
            PLAIN.draw(&axis.strip(&sections)),
            drawn,
            "{from} {columns}"
        );
    }
}

#[test]
fn characters_are_told_apart_without_colour() {
    for unicode in [false, true] {
        let pen = Pen { unicode, ..PLAIN };
        let strip = Standing::ALL.map(Some);
        let mut characters: Vec<char> = pen.draw(&strip).chars().collect();
        assert_eq!(characters.len(), 4);
        assert!(unicode || characters.iter().all(char::is_ascii));
        characters.sort_unstable();
        characters.dedup();
        assert_eq!(characters.len(), 4, "{characters:?}");
    }
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let strip = [
        Some(Standing::Complete),
        Some(Standing::Complete),
        None,
        Some(Standing::Lost),
    ];
    let coloured = Pen {
        colours: true,
        ..PLAIN
    };
    assert_eq!(PLAIN.draw(&strip), "## x");
    assert_eq!(
        coloured.draw(&strip),
        "\u{1b}[32m##\u{1b}[0m \u{1b}[1;31mx\u{1b}[0m"
    );
    assert_eq!(PLAIN.legend(), "# complete  . open  ! gap  x lost");
}

proptest! {
    #[test]
    fn every_period_fits_and_no_moment_of_it_is_left_out(
        from in any::<i64>(), to in any::<i64>(), columns in 2..300_usize,
    ) {
        let period = Period {
            from: Timestamp::from_millis(from.min(to)),
            to: Timestamp::from_millis(from.max(to)),
        };
        let axis = Axis::new(period, columns);
        prop_assert!(axis.units >= 1 && axis.units <= i64::try_from(columns).unwrap());
        prop_assert!(axis.moment(0) <= period.from && axis.moment(axis.units) >= period.to);
        axis.scale();
        let whole = [Section { period, standing: Standing::Gap }];
        let strip = axis.strip(&whole);
        prop_assert!(period.is_empty() || strip.iter().all(Option::is_some));
    }
}
