//! The members of a JSON object, each as it stands: nothing is parsed that nobody asks for.

mod scan;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Calls `each` with every member's name and the exact text of its value.
///
/// # Errors
/// The text is no JSON object.
pub fn members<'a>(
    json: &'a str,
    mut each: impl FnMut(Cow<'a, str>, &'a str),
) -> serde_json::Result<()> {
    let mut scanned = 0;
    let plain = scan::members(json, |name, raw| {
        scanned += 1;
        each(Cow::Borrowed(name), raw);
    });
    if plain.is_some() {
        return Ok(());
    }
    // What is unusual is read again from the start; members that were told are not told twice.
    let untold = |name, raw| match scanned {
        0 => each(name, raw),
        _ => scanned -= 1,
    };
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_map(Members(untold))?;
    reader.end()
}

/// Calls `each` with the exact text of every element.
///
/// # Errors
/// The text is no JSON array.
pub fn elements<'a>(json: &'a str, each: impl FnMut(&'a str)) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_seq(Elements(each))?;
    reader.end()
}

/// The text of a value: a string's without its quotes and escapes, anything else's as it stands;
/// none for `null`.
pub fn text(raw: &str) -> Option<Cow<'_, str>> {
    match string(raw) {
        Some(text) => Some(text),
        None if raw == "null" => None,
        None => Some(Cow::Borrowed(raw)),
    }
}

/// The text of a string; none for any other value.
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    // A map key or a number could fail to serialise; a string cannot.
    serde_json::to_string(text).unwrap_or_default()
}

/// What is wrong with JSON, without the line and column that mean nothing within one record.
pub fn fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let plain = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(plain, _)| plain);
    format!("no JSON object: {plain}")
}

struct Members<F>(F);

impl<'a, F: FnMut(Cow<'a, str>, &'a str)> Visitor<'a> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((Name(name), value)) = map.next_entry::<Name<'a>, &'a RawValue>()? {
            (self.0)(name, value.get());
        }
        Ok(())
    }
}

struct Elements<F>(F);

impl<'a, F: FnMut(&'a str)> Visitor<'a> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element::<&'a RawValue>()? {
            (self.0)(value.get());
        }
        Ok(())
    }
}

/// A name that is borrowed where it has no escapes; `Cow` itself would always copy.
struct Name<'a>(Cow<'a, str>);

impl<'a> Deserialize<'a> for Name<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Name<'a>, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'a> Visitor<'a> for NameVisitor {
    type Value = Name<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'a str) -> Result<Name<'a>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'a>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_come_as_they_stand() {
        let json = r#" {"a" : "x\ty", "\u0062": [1, {"c":2}],"n":1e5,"z":null} "#;
        let mut seen = Vec::new();
        members(json, |name, raw| seen.push((name.into_owned(), raw))).unwrap();
        let expected = [
            ("a", r#""x\ty""#),
            ("b", r#"[1, {"c":2}]"#),
            ("n", "1e5"),
            ("z", "null"),
        ];
        assert_eq!(seen, expected.map(|(name, raw)| (name.to_owned(), raw)));
        for json in ["[1]", "{} {}", "{\"a\":1", "\"a\"", ""] {
            assert!(members(json, |_, _| {}).is_err(), "{json}");
        }
    }

    /// What serde_json alone finds, duplicates and all.
    fn by_serde(json: &str) -> Option<Vec<(String, &str)>> {
        let mut found = Vec::new();
        let mut reader = serde_json::Deserializer::from_str(json);
        let each = |name: Cow<'_, str>, raw| found.push((name.into_owned(), raw));
        reader.deserialize_map(Members(each)).ok()?;
        reader.end().ok()?;
        Some(found)
    }

    fn found(json: &str) -> Option<Vec<(String, &str)>> {
        let mut found = Vec::new();
        let read = members(json, |name, raw| found.push((name.into_owned(), raw)));
        read.ok().map(|()| found)
    }

    #[test]
    fn values_are_valid_just_where_serde_json_says_so() {
        let plain = r#"0 -0 01 - 1. 1.5 .5 1e5 1E+5 1e- 1e +1 true tru trues null NaN 'a' 1// [] [,] [1,] [}
            {} {,} {"a":} {"a":1,} {1:2} [{"a":[{}]}] " "\n" "\x" "\u12" "\u12aF" "\ud800" "\" "é€" "12345678""#;
        let blank = [
            "",
            "1 \r\n",
            "\u{a0}1",
            "[1 2]",
            "{\"a\" 1}",
            "\"\t\"",
            "\"1234567\u{1}8\"",
        ];
        let deep = [20, 40, 130].map(|depth| "[".repeat(depth) + &"]".repeat(depth));
        let values = plain
            .split_whitespace()
            .chain(blank)
            .chain(deep.iter().map(String::as_str));
        for value in values {
            for json in [
                format!("{{\"a\":1,\"v\":{value}}}"),
                format!("{{{value}:1}}"),
                format!("{{\"a\":1}}{value}"),
            ] {
                assert_eq!(found(&json), by_serde(&json), "{json}");
            }
        }
    }

    proptest! {
        #[test]
        fn members_are_those_that_serde_json_finds(
            chars in r#"[{}\[\]",:\\u0-9ae.\-+trlnf\t é]{0,40}"#,
            tokens in r#"([{\[]|"[a\\"é]{0,12}"|[,:]|[\]}]|null|-?1){0,16}"#,
        ) {
            for json in [format!("{{\"a\":{chars}}}"), format!("{{\"a\":[{tokens}]}}"), format!("{{{tokens}}}")] {
                prop_assert_eq!(found(&json), by_serde(&json));
            }
        }
    }

    #[test]
    fn text_is_borrowed_unless_it_has_escapes() {
        assert!(matches!(text("\"plain\""), Some(Cow::Borrowed("plain"))));
        assert_eq!(text(r#""a\"b\u00fc""#).as_deref(), Some("a\"bü"));
        assert_eq!(text("12.50").as_deref(), Some("12.50"));
        assert_eq!(text("null"), None);
    }
}
