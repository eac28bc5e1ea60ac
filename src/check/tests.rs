//! Tests of [`super`].

use std::slice;

use super::*;
use crate::query::sample;

/// Asks for rows of one column with these values.
fn asked(header: &str, values: &[&str], listeners: &[Listener]) -> Answer {
    let sample = sample::archive(1);
    let reader = Reader::open(&sample.path()).unwrap();
    let values: Vec<String> = values.iter().map(|value| format!("({value})")).collect();
    let rows = match values.as_slice() {
        [] => "select 1 as v where false".to_owned(),
        values => format!("select column1 as v from (values {})", values.join(", ")),
    };
    let query = Query::read(&format!("-- x\n-- expect: {header}\n{rows}")).unwrap();
    let options = Options {
        given: &[],
        now: sample::NOW,
        timeout: None,
    };
    let expect = query.expect.unwrap();
    ask(&query, expect, &reader, options, listeners).unwrap()
}

fn listener(known: &[Offence]) -> Listener {
    Listener {
        known: known.iter().copied().collect(),
        limit: 2,
    }
}

fn shown(news: &News) -> Vec<String> {
    news.shown.iter().map(|row| format!("{row:?}")).collect()
}

#[test]
fn an_answer_as_expected_offends_nobody() {
    for (expect, values) in [
        ("no rows", &[][..]),
        ("at most 2 rows", &["1", "2"]),
        ("at least 1 row", &["1"]),
    ] {
        let everything = listener(&[]);
        let answer = asked(expect, values, slice::from_ref(&everything));
        assert_eq!(answer.outcome(&everything), Outcome::Pass, "{expect}");
        assert_eq!(answer.rows, values.len() as u64);
        assert_eq!(answer.offences.len(), 0, "{expect}");
        assert_eq!((answer.news[0].rows, answer.news[0].shown.len()), (0, 0));
        assert_eq!(answer.columns[0].name, "v");
    }
}

#[test]
fn each_listener_hears_what_it_does_not_know() {
    let first = asked("no rows", &["1", "'a'"], &[listener(&[])]);
    assert_eq!(first.offences.len(), 2);
    let one = listener(&first.offences[..1]);
    let both = listener(&first.offences);
    let none = listener(&[]);
    let listeners = [none, one, both];
    let then = asked("no rows", &["'a'", "x'00ff'", "1", "null"], &listeners);
    assert_eq!((then.rows, then.offences.len()), (4, 4));
    let news: Vec<u64> = then.news.iter().map(|news| news.rows).collect();
    assert_eq!(news, [4, 3, 2]);
    assert_eq!(
        then.news.iter().map(shown).collect::<Vec<_>>(),
        [
            ["[Text(\"a\")]", "[Text(\"x'00ff'\")]"],
            ["[Text(\"a\")]", "[Text(\"x'00ff'\")]"],
            ["[Text(\"x'00ff'\")]", "[Null]"],
        ]
    );
    let knows_all = listener(&then.offences);
    let again = asked(
        "no rows",
        &["null", "1", "'a'"],
        slice::from_ref(&knows_all),
    );
    assert_eq!(again.outcome(&knows_all), Outcome::Known);
    assert_eq!((again.offences.len(), again.news[0].rows), (3, 0));
}

#[test]
fn a_query_may_say_what_a_row_is_known_by() {
    let first = asked("no rows\n-- once: v", &["1"], &[]);
    assert_eq!(first.offences, asked("no rows", &["1"], &[]).offences);
    let sample = sample::archive(1);
    let reader = Reader::open(&sample.path()).unwrap();
    let options = Options {
        given: &[],
        now: sample::NOW,
        timeout: None,
    };
    let offences = |once: &str, row: &str| {
        let sql = format!("-- expect: no rows\n-- once: {once}\nselect {row}");
        let query = Query::read(&sql).unwrap();
        ask(&query, Expect::NoRows, &reader, options, &[]).map(|answer| answer.offences)
    };
    let row = offences(
        "actor day",
        "7 as failures, 'ann' as actor, 'monday' as day",
    )
    .unwrap();
    for (other, is_known) in [
        ("8 as failures, 'ann' as actor, 'monday' as day", true),
        ("'ann' as actor, 'monday' as day", true),
        ("7 as failures, 'bob' as actor, 'monday' as day", false),
        ("7 as failures, 'ann' as actor, 'friday' as day", false),
    ] {
        assert_eq!(
            offences("actor day", other).unwrap() == row,
            is_known,
            "{other}"
        );
    }
    let error = offences("day acter", "'ann' as actor, 'monday' as day").unwrap_err();
    let says = "`once` names `acter`, which is no column of the answer";
    assert_eq!(error.to_string(), says);
    assert_eq!(error.nearest(), ["actor"]);
}

#[test]
fn one_more_of_equal_rows_is_new() {
    let first = asked("no rows", &["1", "1"], &[]);
    let listener = listener(&first.offences);
    let then = asked("no rows", &["1", "1", "1"], slice::from_ref(&listener));
    assert_eq!(then.outcome(&listener), Outcome::Alarm);
    assert_eq!(then.news[0].rows, 1);
}

#[test]
fn rows_that_are_missing_alarm_once_however_many_there_are() {
    let none = listener(&[]);
    let first = asked("at least 3 rows", &["1"], slice::from_ref(&none));
    assert_eq!(first.offences, [TOO_FEW]);
    assert_eq!(first.outcome(&none), Outcome::Alarm);
    assert_eq!(first.news[0].shown.len(), 1, "what there is is shown");
    let told = listener(&first.offences);
    let then = asked("at least 3 rows", &["7", "8"], slice::from_ref(&told));
    assert_eq!(then.outcome(&told), Outcome::Known);
    assert_eq!(then.news[0].rows, 0);
}

#[test]
fn a_bound_is_broken_by_all_rows_and_kept_by_none() {
    let all = asked("at most 1 row", &["1", "2"], &[]);
    assert_eq!(all.offences.len(), 2);
    let fewer = asked("at most 1 row", &["1"], &[listener(&all.offences)]);
    assert_eq!(fewer.offences.len(), 0, "and what was told is forgotten");
}

#[test]
fn the_worst_outcome_is_the_greatest() {
    let by_gravity = [
        Outcome::Pass,
        Outcome::Known,
        Outcome::Alarm,
        Outcome::Error,
    ];
    assert!(by_gravity.is_sorted_by(|less, more| less < more));
    let names = by_gravity.map(Outcome::name);
    assert_eq!(names, ["pass", "known", "alarm", "error"]);
}
