//! Tests of [`super`].

use crate::query::{Chart, ChartKind, Expect, Query, QueryError, Severity};

#[test]
fn a_header_says_what_its_lines_say_in_any_order() {
    let sql = "
        -- Who downloaded what after leaving
        -- severity: high
        -- param since time = 30d  how far back
        -- tags: soc2-cc6.1 iso27001-a.8.15
        -- Note: this is a remark, and so are the next.
        -- Tables: events, users
        -- by the way, chart: nothing
        -- chart:  line   day\tdownloads
        --
        -- expect: no rows
        -- once : day  name
        -- tags: soc2-cc6.1 nist_au-6
        select 1 -- expect: at least 1 row";
    let query = Query::read(sql).unwrap();
    assert_eq!(query.about, "Who downloaded what after leaving");
    assert_eq!(query.parameters.len(), 1);
    let tags = ["soc2-cc6.1", "iso27001-a.8.15", "nist_au-6"];
    assert_eq!(query.tags, tags, "a tag counts once");
    assert_eq!(query.expect, Some(Expect::NoRows));
    assert_eq!(query.severity, Some(Severity::High));
    assert_eq!(query.once, ["day", "name"]);
    let chart = Chart {
        kind: ChartKind::Line,
        label: "day".to_owned(),
        value: "downloads".to_owned(),
    };
    assert_eq!(query.chart, Some(chart));
    let plain = Query::read("-- tags: a\n-- What it is\nselect 1").unwrap();
    assert_eq!(
        plain.about, "What it is",
        "a line with a key describes nothing"
    );
    assert_eq!(
        (plain.expect, plain.severity, plain.chart),
        (None, None, None)
    );
}

#[test]
fn what_is_expected_is_written_as_it_is_shown() {
    for (text, expect, met) in [
        ("no rows", Expect::NoRows, [true, false, false, false]),
        (
            "at most 0 rows",
            Expect::AtMost(0),
            [true, false, false, false],
        ),
        (
            "at most 1 row",
            Expect::AtMost(1),
            [true, true, false, false],
        ),
        (
            "at most 2 rows",
            Expect::AtMost(2),
            [true, true, true, false],
        ),
        (
            "at least 1 row",
            Expect::AtLeast(1),
            [false, true, true, true],
        ),
        (
            "at least 3 rows",
            Expect::AtLeast(3),
            [false, false, false, true],
        ),
    ] {
        let query = Query::read(&format!("-- x\n-- expect: {text}\nselect 1")).unwrap();
        assert_eq!(query.expect, Some(expect), "{text}");
        assert_eq!(expect.to_string(), text);
        assert_eq!([0, 1, 2, 3].map(|rows| expect.is_met(rows)), met, "{text}");
    }
}

#[test]
fn severities_are_ordered() {
    assert!(Severity::ALL.is_sorted_by(|less, more| less < more));
    for severity in Severity::ALL {
        let query = Query::read(&format!("-- severity: {severity}\nselect 1")).unwrap();
        assert_eq!(query.severity, Some(*severity));
    }
}

/// A header line, the words marked in it, what is said of it, and what may have been meant.
const WRONG: &[(&str, &str, &str, &[&str])] = &[
    (
        "severity: hihg",
        "hihg",
        "severity: `hihg` is out of place; write `low`, `medium`, `high` or `critical`",
        &["high"],
    ),
    (
        "severity: high please",
        "please",
        "severity: `please` is out of place; write `low`, `medium`, `high` or `critical`",
        &[],
    ),
    (
        "severity:",
        "",
        "severity ends too early; write `low`, `medium`, `high` or `critical`",
        &[],
    ),
    ("severity: High", "High", "severity: `High` is out", &[]),
    ("expect: no row", "row", "expect: `row` is out", &["rows"]),
    (
        "expect: nothing",
        "nothing",
        "expect: `nothing` is out",
        &["no"],
    ),
    (
        "expect: at mots 5 rows",
        "mots",
        "expect: `mots` is out",
        &["most"],
    ),
    (
        "expect: at most five rows",
        "five",
        "expect: `five` is out",
        &[],
    ),
    ("expect: at most -1 rows", "-1", "expect: `-1` is out", &[]),
    ("expect: at least 0 rows", "0", "expect: `0` is out", &[]),
    ("expect: at least 1", "", "expect ends too early", &[]),
    ("chart: pie a b", "pie", "chart: `pie` is out", &[]),
    ("chart: barr a b", "barr", "chart: `barr` is out", &["bar"]),
    ("chart: bar a", "", "chart ends too early", &[]),
    ("chart: bar a b c", "c", "chart: `c` is out", &[]),
    ("once:", "", "once ends too early", &[]),
    ("tags:", "", "tags ends too early", &[]),
    ("tags: a SOC2,", "SOC2,", "tags: `SOC2,` is out", &["soc2"]),
    ("tags: a ,", ",", "tags: `,` is out", &[]),
    (
        "expct: no rows",
        "expct",
        "a header has no line `expct:`",
        &["expect"],
    ),
    (
        "expected : no rows",
        "expected",
        "a header has no line `expected:`",
        &["expect"],
    ),
    (
        "severty: high",
        "severty",
        "a header has no line `severty:`",
        &["severity"],
    ),
    (
        "SEVERITY: high",
        "SEVERITY",
        "a header has no line `SEVERITY:`",
        &["severity"],
    ),
    ("tag: a", "tag", "a header has no line `tag:`", &["tags"]),
    ("onec: a", "onec", "a header has no line `onec:`", &["once"]),
    (
        "charts: bar a b",
        "charts",
        "a header has no line",
        &["chart"],
    ),
];

#[test]
fn a_wrong_line_is_named_with_its_word_and_the_nearest_right_one() {
    for (line, word, says, nearest) in WRONG {
        let sql = format!("-- Übersicht\n  --   {line}\nselect 1");
        let error = Query::read(&sql).expect_err(line);
        assert!(matches!(error, QueryError::Header(_)), "{line}: {error:?}");
        assert!(error.to_string().starts_with(says), "{line}: {error}");
        assert_eq!(error.nearest(), *nearest, "{line}");
        let place = error.place().unwrap();
        assert_eq!(place.line, 2, "{line}");
        let marked: String = place.text.chars().skip(place.column - 1).collect();
        assert!(marked.starts_with(word), "{line}: {marked:?}");
        let length = word.chars().count().max(1);
        assert_eq!(place.length, length, "{line}");
    }
}

#[test]
fn what_only_one_line_can_say_is_not_said_by_two() {
    for line in [
        "expect: no rows",
        "severity: low",
        "once: a",
        "chart: bar a b",
    ] {
        let sql = format!("-- {line}\n-- {line}\nselect 1");
        let error = Query::read(&sql).expect_err(line);
        let key = line.split(':').next().unwrap();
        assert_eq!(error.to_string(), format!("{key} is said twice"));
        let place = error.place().unwrap();
        assert_eq!((place.line, place.length), (2, line.len()));
    }
}
