//! Tests of [`super`].

use super::*;
use crate::query::sample::NOW;

fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn one(declaration: &str, pairs: &[(&str, &str)]) -> Result<Value, String> {
    let parameter = Parameter::read(declaration).map_err(|error| error.to_string())?;
    let used = [parameter.name.clone()];
    let values = values(&[parameter], &used, &given(pairs), NOW);
    values
        .map(|values| values[0].clone())
        .map_err(|error| error.to_string())
}

#[test]
fn a_declaration_is_a_name_a_type_a_default_and_a_description() {
    use ParameterKind::{Integer, Number, Text, Time};
    for (text, name, kind, default, about) in [
        (
            "since time = 30d  how far back",
            "since",
            Time,
            Some("30d"),
            "how far back",
        ),
        ("who text  a person", "who", Text, None, "a person"),
        ("n integer=3", "n", Integer, Some("3"), ""),
        ("x text = 'a b' words", "x", Text, Some("a b"), "words"),
        ("x text = ''", "x", Text, Some(""), ""),
        ("x number = null  any", "x", Number, Some("null"), "any"),
    ] {
        let (name, about) = (name.to_owned(), about.to_owned());
        let default = default.map(str::to_owned);
        assert_eq!(
            Parameter::read(text),
            Ok(Parameter {
                name,
                kind,
                default,
                about
            }),
            "{text}"
        );
    }
    for text in [
        "",
        "since",
        "since date",
        "a-b text",
        "n integer = many",
        "since time = 5m",
    ] {
        assert!(Parameter::read(text).is_err(), "{text}");
    }
}

#[test]
fn a_value_is_what_its_type_says() {
    let text = |text: &str| Ok(Value::Text(text.to_owned()));
    assert_eq!(one("a text", &[("a", "007")]), text("007"));
    assert_eq!(one("a integer", &[("a", "-7")]), Ok(Value::Integer(-7)));
    assert_eq!(one("a number", &[("a", "1.5")]), Ok(Value::Real(1.5)));
    assert_eq!(one("a number", &[("a", "2")]), Ok(Value::Integer(2)));
    assert_eq!(one("a flag", &[("a", "yes")]), Ok(Value::Integer(1)));
    assert_eq!(
        one("a time", &[("a", "2026-09-01")]),
        text("2026-09-01T00:00:00.000Z")
    );
    assert_eq!(one("a time = 7d", &[]), text("2026-11-13T12:00:00.000Z"));
    assert_eq!(
        one("a time = 7d", &[("a", "1d")]),
        text("2026-11-19T12:00:00.000Z")
    );
    assert_eq!(one("a text = null", &[]), Ok(Value::Null));
    assert_eq!(one("a text = x", &[("a", "null")]), text("null"));
    assert_eq!(
        one("a text", &[("a", "1"), ("a", "2")]),
        text("2"),
        "the last one counts"
    );
}

#[test]
fn a_wrong_value_is_named_with_what_was_expected() {
    for (declaration, value, says) in [
        (
            "a integer",
            "1.5",
            "parameter `a`: `1.5` is not a whole number",
        ),
        ("a number", "NaN", "parameter `a`: `NaN` is not a number"),
        ("a flag", "on", "parameter `a`: `on` is not true or false"),
        (
            "a time",
            "soon",
            "parameter `a`: `soon` is no time: write 2026-09-01, 2026-09-01T12:00:00Z, or 48h, 7d, 3mo back from now",
        ),
    ] {
        assert_eq!(one(declaration, &[("a", value)]), Err(says.to_owned()));
    }
    assert_eq!(
        one("a text", &[]),
        Err("parameter `a` is not given".to_owned())
    );
}

#[test]
fn an_unknown_name_brings_the_nearest() {
    let since = Parameter::read("since time = 30d").unwrap();
    let error = values(
        &[since],
        &["since".to_owned()],
        &given(&[("sicne", "7d")]),
        NOW,
    );
    let nearest = vec!["since".to_owned()];
    assert_eq!(
        error,
        Err(ParameterError::Unknown {
            name: "sicne".to_owned(),
            nearest
        })
    );
}

#[test]
fn an_undeclared_name_takes_a_number_or_text() {
    for (text, value) in [
        ("7", Value::Integer(7)),
        ("-1.5", Value::Real(-1.5)),
        ("007", Value::Text("007".to_owned())),
        ("1e3", Value::Text("1e3".to_owned())),
        ("inf", Value::Text("inf".to_owned())),
        (
            "99999999999999999999",
            Value::Text("99999999999999999999".to_owned()),
        ),
        ("", Value::Text(String::new())),
    ] {
        let used = ["x".to_owned()];
        assert_eq!(
            values(&[], &used, &given(&[("x", text)]), NOW),
            Ok(vec![value]),
            "{text}"
        );
    }
}
