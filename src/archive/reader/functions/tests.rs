//! Tests of [`super`].

use proptest::prelude::*;

use super::FUNCTIONS;
use crate::archive::reader::Reader;
use crate::query::QueryError;
use crate::query::sample::{self, Sample};

fn ask(sample: &Sample, sql: &str) -> Result<Vec<String>, QueryError> {
    let reader = Reader::open(&sample.path()).unwrap();
    sample::rows(&reader, sql, &[])
}

/// What each expression gives, written as Rust would.
fn gives(table: &[(&str, &str)]) {
    let sample = sample::archive(1);
    for (expression, value) in table {
        let rows = ask(&sample, &format!("select {expression}"));
        let rows = rows.unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(rows, [format!("[{value}]")], "{expression}");
    }
}

/// What each expression is told, and the word it points at.
fn is_told(table: &[(&str, &str, &str)]) {
    let sample = sample::archive(1);
    for (expression, message, word) in table {
        let sql = format!("select actor,\n  {expression} from events");
        let error = ask(&sample, &sql).expect_err(expression);
        assert_eq!(error.to_string(), *message, "{expression}");
        let place = error.place();
        let place = place.unwrap_or_else(|| panic!("{expression} has no place"));
        let line: Vec<char> = place.text.chars().collect();
        let pointed = &line[place.column - 1..][..place.length];
        assert_eq!(pointed.iter().collect::<String>(), *word, "{expression}");
    }
}

#[test]
fn a_pattern_matches_anywhere_in_a_text() {
    gives(&[
        ("'invoice-2026.pdf' regexp '\\d{4}'", "Integer(1)"),
        ("regexp('^2026', 'invoice-2026.pdf')", "Integer(0)"),
        ("'ÉTÉ' regexp '(?i)été'", "Integer(1)"),
        ("'a' not regexp 'b'", "Integer(1)"),
        ("2026 regexp '^20'", "Integer(1)"),
        ("x'41ff' regexp '^A'", "Integer(1)"),
        ("null regexp 'a'", "Null"),
        ("'a' regexp null", "Null"),
    ]);
}

#[test]
fn a_pattern_may_come_from_a_row() {
    let sample = sample::archive(1);
    let sql = "select group_concat('ab' regexp column1) from (values ('a'), ('^b'), ('b$'))";
    assert_eq!(ask(&sample, sql).unwrap(), ["[Text(\"1,0,1\")]"]);
}

#[test]
fn a_wrong_pattern_is_told_at_its_place() {
    is_told(&[
        (
            "actor regexp '('",
            "regexp() cannot read `(`: unclosed group",
            "'('",
        ),
        (
            "regexp('a{9999}{9999}', actor)",
            "regexp() cannot read `a{9999}{9999}`: it takes more than 1 MiB when compiled",
            "'a{9999}{9999}'",
        ),
        (
            "regexp(char(91), actor)",
            "regexp() cannot read `[`: unclosed character class",
            "regexp",
        ),
    ]);
}

#[test]
fn a_net_contains_its_addresses() {
    gives(&[
        ("cidr_contains('192.0.2.0/24', '192.0.2.255')", "Integer(1)"),
        ("cidr_contains('192.0.2.0/24', '192.0.3.0')", "Integer(0)"),
        ("cidr_contains('192.0.2.77/24', '192.0.2.1')", "Integer(1)"),
        ("cidr_contains('192.0.2.7', '192.0.2.7')", "Integer(1)"),
        ("cidr_contains('192.0.2.7', '192.0.2.6')", "Integer(0)"),
        ("cidr_contains('0.0.0.0/0', '192.0.2.7')", "Integer(1)"),
        ("cidr_contains('0.0.0.0/0', '2001:db8::1')", "Integer(0)"),
        ("cidr_contains('::/0', '192.0.2.7')", "Integer(0)"),
        ("cidr_contains('::/0', '2001:db8::1')", "Integer(1)"),
        (
            "cidr_contains('2001:DB8::/33', '2001:db8:7fff::1')",
            "Integer(1)",
        ),
        (
            "cidr_contains('2001:db8::/33', '2001:db8:8000::1')",
            "Integer(0)",
        ),
        ("cidr_contains('fe80::/10', 'fe80::1%eth0')", "Integer(1)"),
        (
            "cidr_contains('192.0.2.0/24', '::ffff:192.0.2.1')",
            "Integer(1)",
        ),
        (
            "cidr_contains('::ffff:192.0.2.0/120', '192.0.2.1')",
            "Integer(1)",
        ),
        (
            "cidr_contains('::ffff:192.0.2.0/120', '192.0.3.1')",
            "Integer(0)",
        ),
        (
            "cidr_contains('::ffff:0.0.0.0/95', '192.0.2.1')",
            "Integer(0)",
        ),
        ("cidr_contains('192.0.2.0/24', 'Office')", "Null"),
        ("cidr_contains('192.0.2.0/24', null)", "Null"),
        ("cidr_contains(null, '192.0.2.1')", "Null"),
    ]);
}

#[test]
fn a_wrong_net_is_told_even_where_there_is_no_address() {
    let told = |why: &str| format!("cidr_contains() takes no net {why}");
    is_told(&[
        (
            "cidr_contains('office', null)",
            &told("`office`: it has no IP address"),
            "'office'",
        ),
        (
            "cidr_contains('192.0.2.0/33', actor)",
            &told("`192.0.2.0/33`: its prefix is no number from 0 to 32"),
            "'192.0.2.0/33'",
        ),
        (
            "cidr_contains('::/+1', actor)",
            &told("`::/+1`: its prefix is no number from 0 to 128"),
            "'::/+1'",
        ),
    ]);
}

#[test]
fn an_address_has_a_version_and_other_text_none() {
    gives(&[
        ("ip_version('192.0.2.1')", "Integer(4)"),
        ("ip_version('::ffff:192.0.2.1')", "Integer(4)"),
        ("ip_version('2001:db8::1')", "Integer(6)"),
        ("ip_version(' ::1 ')", "Integer(6)"),
        ("ip_version('192.0.2')", "Null"),
        ("ip_version(7)", "Null"),
        ("ip_version(null)", "Null"),
    ]);
}

#[test]
fn a_time_is_told_by_the_clocks_of_a_place() {
    gives(&[
        (
            "local_time('2026-09-01T12:00:00.007Z', 'Europe/Berlin')",
            "Text(\"2026-09-01T14:00:00.007+02:00\")",
        ),
        (
            "local_time('2026-10-25T00:59:59.999Z', 'Europe/Berlin')",
            "Text(\"2026-10-25T02:59:59.999+02:00\")",
        ),
        (
            "local_time('2026-10-25T01:00:00.000Z', 'europe/berlin')",
            "Text(\"2026-10-25T02:00:00.000+01:00\")",
        ),
        (
            "local_time('2026-01-01 00:00:00', 'America/New_York')",
            "Text(\"2025-12-31T19:00:00.000-05:00\")",
        ),
        (
            "local_time('2026-01-01', 'Asia/Kathmandu')",
            "Text(\"2026-01-01T05:45:00.000+05:45\")",
        ),
        (
            "local_time('2026-01-01T00:00:00+01:00', 'UTC')",
            "Text(\"2025-12-31T23:00:00.000+00:00\")",
        ),
        ("local_time('yesterday', 'UTC')", "Null"),
        ("local_time(0, 'UTC')", "Null"),
        ("local_time(null, 'UTC')", "Null"),
        ("local_time('2026-01-01', null)", "Null"),
    ]);
}

#[test]
fn a_zone_that_nobody_knows_brings_the_nearest() {
    is_told(&[(
        "local_time(time, 'Europe/Berln')",
        "local_time() knows no time zone `Europe/Berln`",
        "'Europe/Berln'",
    )]);
    let sample = sample::archive(1);
    for (written, nearest) in [
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
    ] {
        let error = ask(&sample, &format!("select local_time('', '{written}')")).unwrap_err();
        assert_eq!(error.nearest().first().unwrap(), nearest, "{written}");
    }
}

#[test]
fn percentiles_lie_between_the_numbers() {
    let sample = sample::archive(1);
    let of = |expression: &str, values: &str| {
        let sql = format!("select {expression} from (select column1 as x from (values {values}))");
        ask(&sample, &sql).unwrap().remove(0)
    };
    for (expression, values, result) in [
        ("median(x)", "(3), (1), (2)", "Real(2.0)"),
        ("median(x)", "(4), (1), (null), (3), ('2')", "Real(2.5)"),
        ("median(x)", "(null)", "Null"),
        ("percentile(x, 0)", "(7), (5)", "Real(5.0)"),
        ("percentile(x, 100)", "(7), (5)", "Real(7.0)"),
        ("percentile(x, 95)", "(0), (10)", "Real(9.5)"),
        ("percentile(x, 37)", "(0.1), (0.1)", "Real(0.1)"),
        ("median(x)", "(-1e308), (1e308)", "Real(0.0)"),
        (
            "percentile(x, 50) filter (where x > 1)",
            "(1), (2), (3)",
            "Real(2.5)",
        ),
    ] {
        assert_eq!(
            of(expression, values),
            format!("[{result}]"),
            "{expression}"
        );
    }
    assert_eq!(
        ask(&sample, "select median(1) where 0").unwrap(),
        ["[Null]"]
    );
}

#[test]
fn a_median_moves_with_its_window() {
    let sample = sample::archive(1);
    let sql = "select median(column1) over (rows between 2 preceding and current row)
        from (values (5), (1), (null), (9), (9), (2), (4))";
    let medians: Vec<String> = [5.0, 3.0, 3.0, 5.0, 9.0, 9.0, 4.0]
        .map(|median| format!("[Real({median:?})]"))
        .into();
    assert_eq!(ask(&sample, sql).unwrap(), medians);
}

#[test]
fn a_median_of_a_window_is_that_of_its_rows() {
    let sample = sample::archive(1);
    let values: Vec<u32> = (0..60).map(|n| n * 37 % 101).collect();
    let rows: Vec<String> = values.iter().map(|value| format!("({value})")).collect();
    let sql = format!(
        "select median(column1) over (rows 7 preceding) from (values {})",
        rows.join(", ")
    );
    let median = |end: usize| {
        let mut window = values[end.saturating_sub(7)..=end].to_vec();
        window.sort_unstable();
        let middle = |at: usize| f64::from(window[at]);
        let last = window.len() - 1;
        let median = f64::midpoint(middle(last / 2), middle(last.div_ceil(2)));
        format!("[Real({median:?})]")
    };
    let medians: Vec<String> = (0..values.len()).map(median).collect();
    assert_eq!(ask(&sample, &sql).unwrap(), medians);
}

#[test]
fn what_has_no_percentile_is_told() {
    is_told(&[
        ("median(actor)", "median() takes numbers", "median"),
        (
            "percentile(port, 101)",
            "percentile() takes a percentage from 0 to 100",
            "percentile",
        ),
        (
            "percentile(port, '')",
            "percentile() takes a percentage from 0 to 100",
            "percentile",
        ),
    ]);
    let sample = sample::archive(1);
    let sql = "select percentile(column1, column1) from (values (1), (2))";
    let error = ask(&sample, sql).unwrap_err();
    assert_eq!(
        error.to_string(),
        "percentile() takes one percentage for all rows"
    );
}

#[test]
fn sizes_are_written_as_people_read_them() {
    gives(&[
        ("human_bytes(0)", "Text(\"0 B\")"),
        ("human_bytes(-0.0)", "Text(\"0 B\")"),
        ("human_bytes(999)", "Text(\"999 B\")"),
        ("human_bytes(1000)", "Text(\"1.00 kB\")"),
        ("human_bytes(999994)", "Text(\"999.99 kB\")"),
        ("human_bytes(999995)", "Text(\"1.00 MB\")"),
        ("human_bytes('1500000')", "Text(\"1.50 MB\")"),
        ("human_bytes(-26576505441)", "Text(\"-26.58 GB\")"),
        ("human_bytes(9223372036854775807)", "Text(\"9.22 EB\")"),
        ("human_bytes('12 MB')", "Null"),
        ("human_bytes(9e999)", "Null"),
        ("human_bytes(null)", "Null"),
    ]);
}

#[test]
fn the_readme_has_every_function() {
    let readme = include_str!("../../../../README.md");
    for function in FUNCTIONS {
        let row = format!("| `{}` | {} |", function.call(), function.about);
        assert!(readme.contains(&row), "the README lacks\n{row}");
    }
}

/// A value of any type of SQLite's, as SQL; many are such as functions look at.
fn value() -> impl Strategy<Value = String> {
    let quoted = |text: String| format!("'{}'", text.replace('\'', "''").replace('\0', " "));
    let telling = prop::sample::select(vec![
        "192.0.2.1",
        "::ffff:1.2.3.4",
        "::/0",
        "10.0.0.0/8",
        "/",
        "%",
        "fe80::1%1",
        "1/-1",
        "Europe/Berlin",
        "UTC",
        "2026-09-01T12:00:00.000Z",
        "-009999-01-01T00:00Z",
        "9999-12-31",
        "(?i)a|b",
        "a{1000}{1000}",
        "\\",
        "(",
        "1e308",
        "-1e308",
        "50",
        "NaN",
        "inf",
        "",
    ]);
    prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|n| format!("cast('{n}' as integer)")),
        (-3_i64..200).prop_map(|n| n.to_string()),
        any::<f64>()
            .prop_filter("SQL has no such number", |x| x.is_finite())
            .prop_map(|x| format!("cast('{x:e}' as real)")),
        Just("9e999".to_owned()),
        ".{0,12}".prop_map(quoted),
        telling.prop_map(move |text| quoted(text.to_owned())),
        prop::collection::vec(any::<u8>(), 0..12).prop_map(|bytes| format!("x'{}'", hex(&bytes))),
        prop::collection::vec(any::<u8>(), 0..12)
            .prop_map(|bytes| format!("cast(x'{}' as text)", hex(&bytes))),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

proptest! {
    #[test]
    fn no_value_of_any_type_makes_a_function_panic(
        rows in prop::collection::vec((value(), value()), 1..6),
    ) {
        let sample = sample::archive(1);
        let reader = Reader::open(&sample.path()).unwrap();
        let rows: Vec<String> = rows.iter().map(|(a, b)| format!("({a}, {b})")).collect();
        for function in FUNCTIONS {
            let call = match (function.name, function.arguments.contains(',')) {
                // It stands for a query with these in it.
                ("search", _) => "search_trigrams(column1), search_found(column1, column2)".to_owned(),
                (name, true) => format!("{name}(column1, column2)"),
                (name, false) => format!("{name}(column1)"),
            };
            let sql = format!("select {call} from (values {})", rows.join(", "));
            if let Err(error) = sample::rows(&reader, &sql, &[]) {
                let message = error.to_string();
                let begins = format!("{}()", function.name);
                prop_assert!(message.starts_with(&begins), "{sql}: {message}");
            }
        }
    }
}
