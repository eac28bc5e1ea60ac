//! Every form of a moment, and what is none.

use super::*;
use proptest::prelude::*;

const AUTO: DayOrder = DayOrder::Auto;

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn every_form_is_the_same_moment() {
    for (text, zone_assumed) in [
        ("2022-01-13T05:03:50.000Z", false),
        ("2022-01-13T05:03:50Z", false),
        ("2022-01-13t05:03:50z", false),
        ("2022-01-13 05:03:50Z", false),
        (" 2022-01-13T05:03:50.000000000Z ", false),
        ("2022-01-13T07:03:50+02:00", false),
        ("2022-01-13T07:03:50,000+0200", false),
        ("2022-01-13T07:03:50+02", false),
        ("2022-01-12T23:33:50-05:30", false),
        ("2022-01-13T05:03:50+0000", false),
        ("2022-01-13 05:03:50 UTC", false),
        ("2022-01-13 05:03:50,000 GMT", false),
        ("2022-01-13 05:03:50 +0000", false),
        ("2022-01-13T05:03:50", true),
        ("2022-01-13 05:03:50", true),
        ("2022/01/13 05:03:50", true),
        ("2022/1/13 5:03:50", true),
        ("1642050230", false),
        ("1642050230000", false),
        ("1642050230000000", false),
        ("1642050230000000000", false),
        ("1642050230.0", false),
        ("1.64205023E+12", false),
        ("1.64205023E9", false),
        (
            "Thu Jan 13 2022 05:03:50 GMT+0000 (Coordinated Universal Time)",
            false,
        ),
        (
            "Thu Jan 13 2022 07:03:50 GMT+0200 (Central European Summer Time)",
            false,
        ),
        ("Thu, 13 Jan 2022 05:03:50 GMT", false),
        ("Thu, 13 Jan 2022 05:03:50 +0000", false),
        ("13 Jan 2022, 05:03:50 AM", true),
        ("13 January 2022 05:03:50", true),
        ("Jan 13, 2022, 5:03:50 AM", true),
        ("Jan 13, 2022 05:03:50 AM UTC", false),
        ("January 13th, 2022 at 5:03:50 AM", true),
        ("1/13/2022, 5:03:50\u{202f}AM", true),
        ("1/13/2022 5:03:50 AM", true),
        ("01/13/2022 05:03:50", true),
        ("13/01/2022, 05:03:50", true),
        ("13.01.2022 05:03:50", true),
        ("13-Jan-2022 05:03:50", true),
        ("13-Jan-22 05:03:50 a.m.", true),
        ("Thurs, 13 Jan 2022 05:03:50", true),
    ] {
        let moment = parse(text, AUTO).map(|moment| (moment.time.to_string(), moment.zone_assumed));
        assert_eq!(
            moment,
            Ok(("2022-01-13T05:03:50.000Z".to_owned(), zone_assumed)),
            "{text}"
        );
    }
}

#[test]
fn parts_that_are_not_given_are_zero_and_fractions_are_cut() {
    for (text, time) in [
        ("2022-01-13", "2022-01-13T00:00:00.000Z"),
        ("13 Sept 2022", "2022-09-13T00:00:00.000Z"),
        ("2022-01-13T05:03", "2022-01-13T05:03:00.000Z"),
        ("2022-01-13T05:03:50.4Z", "2022-01-13T05:03:50.400Z"),
        ("2022-01-13T05:03:50.428999Z", "2022-01-13T05:03:50.428Z"),
        ("1642050230428", "2022-01-13T05:03:50.428Z"),
        ("1642050230.428", "2022-01-13T05:03:50.428Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("Jan 13, 2022 12:00 AM", "2022-01-13T00:00:00.000Z"),
        ("Jan 13, 2022 12:00 PM", "2022-01-13T12:00:00.000Z"),
        ("Jan 13, 2022 11:59:59 PM", "2022-01-13T23:59:59.000Z"),
        ("3/3/2026 1:00 PM", "2026-03-03T13:00:00.000Z"),
    ] {
        assert_eq!(
            parse(text, AUTO)
                .map(|moment| moment.time.to_string())
                .as_deref(),
            Ok(time),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_moment_says_why() {
    let unknown = |text: &str| TimestampError::Unknown(text.to_owned());
    let outside = |text: &str| TimestampError::Outside(text.to_owned());
    for (text, error) in [
        ("", unknown("")),
        ("yesterday", unknown("yesterday")),
        ("2022-02-30T00:00:00Z", unknown("2022-02-30T00:00:00Z")),
        ("2022-01-13T25:00:00Z", unknown("2022-01-13T25:00:00Z")),
        (
            "2022-01-13 05:03:50 EST",
            unknown("2022-01-13 05:03:50 EST"),
        ),
        ("Jan 13, 2022 13:00 PM", unknown("Jan 13, 2022 13:00 PM")),
        ("Jan 13", unknown("Jan 13")),
        ("05:03:50", unknown("05:03:50")),
        ("3/4/2026", TimestampError::Ambiguous("3/4/2026".to_owned())),
        (
            "12/11/2026",
            TimestampError::Ambiguous("12/11/2026".to_owned()),
        ),
        (
            "13/14/2026",
            TimestampError::OtherOrder("13/14/2026".to_owned()),
        ),
        ("42", outside("42")),
        ("99999999999999999999", outside("99999999999999999999")),
        ("1989-12-31T23:59:59Z", outside("1989-12-31T23:59:59Z")),
        ("2200-01-01T00:00:00Z", outside("2200-01-01T00:00:00Z")),
    ] {
        assert_eq!(parse(text, AUTO), Err(error), "{text}");
    }
}

#[test]
fn day_and_month_are_told_by_the_order() {
    for (order, time) in [
        (DayOrder::DayFirst, "2026-04-03"),
        (DayOrder::MonthFirst, "2026-03-04"),
    ] {
        let moment = parse("3/4/2026 10:00", order).unwrap();
        assert_eq!(moment.time.to_string(), format!("{time}T10:00:00.000Z"));
    }
    let contradicts = parse("1/13/2026", DayOrder::DayFirst);
    assert_eq!(
        contradicts,
        Err(TimestampError::OtherOrder("1/13/2026".to_owned()))
    );
}

#[test]
fn a_number_above_12_proves_the_order() {
    for (text, proof) in [
        ("13/1/2026 10:00", Some(OrderProof::DayFirst)),
        ("1/13/2026, 5:03 PM", Some(OrderProof::MonthFirst)),
        ("3/4/2026", Some(OrderProof::Neither)),
        ("4/4/2026", None),
        ("13.1.2026", None),
        ("2026/3/4", None),
        ("2026-03-04T00:00:00Z", None),
        ("no date", None),
    ] {
        assert_eq!(order_in(text), proof, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}", dated in "[0-9/:. ,TZ+-]{0,40}") {
        for text in [text, dated] {
            let _moment = parse(&text, DayOrder::DayFirst);
            let _proof = order_in(&text);
        }
    }

    #[test]
    fn what_we_write_reads_back(millis in EARLIEST..LATEST) {
        let time = Timestamp::from_millis(millis);
        let moment = Moment { time, zone_assumed: false };
        prop_assert_eq!(parse(&time.to_string(), AUTO), Ok(moment));
        prop_assert_eq!(parse(&time.datetime().to_rfc2822(), AUTO).map(|m| m.time.millis()), Ok(millis.div_euclid(1000) * 1000));
    }
}
