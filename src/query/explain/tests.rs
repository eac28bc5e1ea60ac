//! Tests of [`super`].

use super::*;
use crate::query::sample::{self, rows};

fn error(sql: &str) -> QueryError {
    let sample = sample::archive(2);
    let reader = Reader::open(&sample.path()).unwrap();
    rows(&reader, sql, &[]).expect_err(sql)
}

#[test]
fn an_error_points_at_the_word_and_brings_the_nearest() {
    for (sql, word, nearest) in [
        ("select acter from events", "acter", "actor"),
        ("select time,\n  e.acter\nfrom events e", "e", "actor"),
        (
            "select * from activity where actor_emal = 'x'",
            "actor_emal",
            "actor_email",
        ),
        ("select *\nfrom evnts", "evnts", "events"),
        (
            "select * from sendsafely_event",
            "sendsafely_event",
            "sendsafely_events",
        ),
        ("select uper(actor) from events", "uper", "upper"),
        ("selct 1", "selct", "select"),
        (
            "with x as (select acter from events) select * from x",
            "acter",
            "actor",
        ),
    ] {
        let error = error(sql);
        let place = error.place().unwrap_or_else(|| panic!("{sql}: {error:?}"));
        let line = sql.lines().nth(place.line - 1).unwrap();
        let pointed: String = line
            .chars()
            .skip(place.column - 1)
            .take(place.length)
            .collect();
        assert_eq!(pointed, word, "{sql}");
        assert_eq!(
            error.nearest().first().map(String::as_str),
            Some(nearest),
            "{sql}: {error:?}"
        );
    }
}

#[test]
fn errors_without_a_like_name_point_all_the_same() {
    for (sql, message, column) in [
        (
            "select \"nope\" from events",
            "no such column: \"nope\" - should this be a string literal in single-quotes?",
            8,
        ),
        ("select 'abc", "unrecognized token: \"'abc\"", 8),
        ("select (1", "incomplete input", 10),
        ("select 1; select 2", "one query at a time", 11),
        (
            "select lower() from events",
            "wrong number of arguments to function lower()",
            8,
        ),
        (
            "select actor from events a join events b",
            "ambiguous column name: actor",
            8,
        ),
        ("-- nothing", "there is no query here", 11),
        ("", "there is no query here", 1),
    ] {
        let error = error(sql);
        assert_eq!(error.to_string(), message);
        assert_eq!(
            error.place().map(|place| place.column),
            Some(column),
            "{sql}: {error:?}"
        );
    }
}

#[test]
fn what_fails_on_the_way_is_told_in_the_words_of_sqlite() {
    assert_eq!(error("select '{' ->> '$.x'").to_string(), "malformed JSON");
    assert_eq!(
        error("select abs(-9223372036854775807 - 1)").to_string(),
        "integer overflow"
    );
}

#[test]
fn a_missing_parameter_and_a_nameless_one_are_told() {
    assert_eq!(
        error("select :who").to_string(),
        "parameter `who` is not given"
    );
    assert!(
        error("select ?")
            .to_string()
            .starts_with("a parameter needs a name")
    );
}

#[test]
fn only_what_is_alike_is_near_and_never_the_word_itself() {
    assert_eq!(
        nearest("actor", ["actor", "action", "on_behalf_of"]),
        ["action"]
    );
    assert!(nearest("zzz", ["actor", "ip"]).is_empty());
    assert_eq!(
        nearest("Tim", ["time", "TIMES", "batch"]),
        ["time", "TIMES"]
    );
}
