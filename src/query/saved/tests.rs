//! Tests of [`super`] and of what `queries/` holds.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::*;
use crate::archive::reader::Reader;
use crate::query::sample::{self, NOW, Sample, event_id, rows_of};
use crate::query::{Options, Value};

/// What a query needs to be given; the rest have defaults.
const GIVEN: &[(&str, &str)] = &[
    ("package", "PKG7"),
    ("domain", "example.com"),
    ("ip", "192.0.2.7"),
    ("file", "PKG7 %.pdf"),
    ("id", "0bc1d2e3-0000-4000-8000-000000000004"),
    ("who", "user7@example.com"),
];

fn given(query: &Query) -> Vec<(&'static str, &'static str)> {
    let declared = |name: &str| query.parameters.iter().any(|one| one.name == name);
    GIVEN
        .iter()
        .copied()
        .filter(|(name, _)| declared(name))
        .collect()
}

#[test]
fn every_file_in_queries_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let files = files(Some(&folder)).unwrap();
    let there = files.into_iter().map(File::saved);
    let there: Vec<(String, String)> = there
        .map(|one| (one.folder.expect("each lies in a folder"), one.name))
        .collect();
    let built_in = BUILT_IN.iter();
    let built_in: Vec<(String, String)> = built_in
        .map(|one| (one.folder.to_owned(), one.name.to_owned()))
        .collect();
    assert_eq!(there, built_in);
    assert!(built_in.len() >= 40, "{}", built_in.len());
    let names: BTreeSet<&String> = built_in.iter().map(|(_, name)| name).collect();
    assert_eq!(names.len(), built_in.len(), "a name stands for one query");
}

#[test]
fn every_built_in_query_runs_with_what_it_needs() {
    let sample = sample::archive(400);
    let reader = Reader::open(&sample.path()).unwrap();
    for saved in list(None).unwrap() {
        let query = saved.query.unwrap();
        let rows = rows_of(&reader, &query, &given(&query));
        rows.unwrap_or_else(|error| panic!("{}: {error}", saved.name));
    }
}

#[test]
fn a_tag_is_found_by_its_whole_words_from_the_first() {
    let saved = Saved {
        name: "x".to_owned(),
        folder: Some("access".to_owned()),
        path: None,
        query: Query::read("-- X\n-- tags: soc2-cc6.1 nist-au-6\nselect 1"),
    };
    for tag in [
        "access",
        "soc2-cc6.1",
        "soc2-cc6",
        "soc2",
        "nist-au",
        "nist-au-6",
    ] {
        assert!(saved.is_tagged(tag), "{tag}");
    }
    for tag in [
        "",
        "x",
        "acc",
        "soc2-cc",
        "soc2-cc6.",
        "soc2-cc6.1.1",
        "cc6.1",
        "nist-au-61",
    ] {
        assert!(!saved.is_tagged(tag), "{tag}");
    }
}

fn first_row(sample: &Sample, name: &str, given: &[(&str, &str)]) -> Vec<String> {
    let reader = Reader::open(&sample.path()).unwrap();
    let given: Vec<(String, String)> = given
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    let options = Options {
        given: &given,
        now: NOW,
        timeout: None,
    };
    let mut prepared = find(name, None).unwrap().prepare(&reader, options).unwrap();
    let mut rows = prepared.rows();
    let row = rows.next().unwrap().unwrap();
    row.iter()
        .map(|value| match value {
            Value::Text(text) => text.to_string(),
            Value::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn queries_say_who_it_was_whichever_vendor_saw_it() {
    let sample = sample::archive(4_000);
    let row = first_row(&sample, "event", &[("id", &event_id(4))]);
    assert_eq!(row[3], event_id(4));
    assert!(
        row[6].starts_with("User") && row[6].ends_with("@Example.com"),
        "{row:?}"
    );
    assert_eq!(
        row[8],
        row[6].to_lowercase(),
        "the user is found by another spelling"
    );

    let row = first_row(&sample, "inactive-users", &[("since", "1d")]);
    assert_eq!(
        row[6], "Null",
        "whoever was never seen comes first: {row:?}"
    );

    let row = first_row(
        &sample,
        "departed-user-activity",
        &[("after_leaving", "yes")],
    );
    assert_eq!(row[5], "2026-11-10T00:00:00.000Z");
    assert!(row[0] > row[5], "{row:?}");
}

#[test]
fn odd_hours_may_span_midnight_or_not() {
    let sample = sample::archive(4_000);
    for (from, to) in [("20", "6"), ("1", "3")] {
        let row = first_row(
            &sample,
            "odd-hour-logins",
            &[("from_hour", from), ("to_hour", to)],
        );
        let hour: u32 = row[0][11..13].parse().unwrap();
        let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
        let odd = if from <= to {
            (from..to).contains(&hour)
        } else {
            hour >= from || hour < to
        };
        assert!(odd, "{row:?}");
    }
}

#[test]
fn the_users_folder_comes_first_and_a_broken_file_hides_nothing_else() {
    let own = tempfile::tempdir().unwrap();
    let write = |name: &str, sql: &str| {
        let path = own.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, sql).unwrap();
    };
    write("failed-logins.sql", "-- Mine\nselect 1");
    write("b/failed-logins.sql", "-- Hidden\nselect 1");
    write("b/again.sql", "-- Hidden\nselect 1");
    write("a/again.sql", "-- Of a folder\nselect 1");
    write("a/deep/deeper.sql", "-- Too deep\nselect 1");
    write("broken.sql", "-- Broken\n-- param x date\nselect :x");
    write("notes.txt", "no query");
    let saved = list(Some(own.path())).unwrap();
    assert_eq!(saved.len(), BUILT_IN.len() + 2);
    let placed: Vec<(Option<&str>, &str)> = saved
        .iter()
        .map(|one| (one.folder.as_deref(), one.name.as_str()))
        .collect();
    assert_eq!(placed[..2], [(None, "broken"), (None, "failed-logins")]);
    assert_eq!(placed[2], (Some("a"), "again"));
    assert!(placed[3..].is_sorted());
    let about = |name: &str| find(name, Some(own.path())).unwrap().about;
    assert_eq!(about("failed-logins"), "Mine");
    assert_eq!(about("again"), "Of a folder");
    assert!(matches!(
        find("broken", Some(own.path())),
        Err(QueryError::Parameter(_))
    ));
    assert!(list(Some(&own.path().join("absent"))).is_ok());
}

#[test]
fn an_unknown_name_brings_the_nearest() {
    let error = find("failed-login", None).unwrap_err();
    assert_eq!(error.to_string(), "there is no saved query `failed-login`");
    assert_eq!(
        error.nearest().first().map(String::as_str),
        Some("failed-logins")
    );
}

#[test]
#[ignore = "builds an archive of a million events, which takes a minute"]
fn queries_are_fast_on_a_million_events() {
    let sample = sample::archive_of_days(1_000_000, 365);
    let reader = Reader::open(&sample.path()).unwrap();
    let mut slow = Vec::new();
    for saved in list(None).unwrap() {
        let query = saved.query.unwrap();
        let (rows, took) = timed(&reader, &query);
        println!("{:24} {rows:7} rows {took:?}", saved.name);
        if took > Duration::from_millis(millis_at_most(&query)) {
            slow.push(format!("{}: {took:?}", saved.name));
        }
    }
    assert_eq!(slow, Vec::<String>::new());
}

/// What is found by its id is found at once; of the others those take longer that ask for more than
/// the last month.
fn millis_at_most(query: &Query) -> u64 {
    let options = Options {
        given: &[],
        now: NOW,
        timeout: None,
    };
    let month_ago = NOW.plus_millis(-31 * 86_400_000);
    let since = query.time(&["since"], options);
    let given = given(query);
    if given
        .iter()
        .any(|(name, _)| ["id", "package"].contains(name))
    {
        20
    } else if since.is_some_and(|since| since >= month_ago) {
        500
    } else {
        3_000
    }
}

fn timed(reader: &Reader, query: &Query) -> (usize, Duration) {
    let given: Vec<(String, String)> = given(query)
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    let begun = Instant::now();
    let mut prepared = query
        .prepare(
            reader,
            Options {
                given: &given,
                now: NOW,
                timeout: None,
            },
        )
        .unwrap();
    let mut rows = prepared.rows();
    let mut count = 0;
    while rows.next().unwrap().is_some() {
        count += 1;
    }
    (count, begun.elapsed())
}
