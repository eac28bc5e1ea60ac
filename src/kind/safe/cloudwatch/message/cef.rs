//! ArcSight's Common Event Format, in which SAFE up to 3.1 wrote its log ("User audit log in CEF
//! format"): `CEF:Version|Device Vendor|Device Product|Device Version|Signature ID|Name|Severity|`
//! and an extension of `key=value` pairs. Which keys SAFE writes is not known; those that CEF's
//! own dictionary defines are understood, and any other is kept.

use std::borrow::Cow;

use super::columns::{Field, Scope};
use super::shape::Member;
use crate::record::member;

/// Where CEF begins in a text: at its start, or after a blank.
pub(super) fn start(text: &str) -> Option<usize> {
    let begins = |at: &usize| {
        let (before, rest) = text.split_at(*at);
        let version = rest.as_bytes().get(MARK.len());
        before.chars().next_back().is_none_or(char::is_whitespace)
            && version.is_some_and(u8::is_ascii_digit)
    };
    text.match_indices(MARK).map(|(at, _)| at).find(begins)
}

/// The fields of the header and the pairs of the extension; none where the header is cut short.
pub(super) fn read(text: &str) -> Option<Vec<Member<'_>>> {
    let mut rest = text.strip_prefix(MARK)?;
    let mut members = Vec::new();
    for (name, field) in HEADER {
        let end = unescaped(rest, b'|').next()?;
        let (value, after) = rest.split_at(end);
        rest = after.strip_prefix('|')?;
        members.extend(member(name, value.trim(), field.map(|field| (field, 0))));
    }
    read_extension(rest, &mut members);
    Some(members)
}

const MARK: &str = "CEF:";

/// The fields of the header, named as in CEF's dictionary.
const HEADER: [(&str, Option<Field>); 7] = [
    ("cefVersion", None),
    ("deviceVendor", None),
    ("deviceProduct", None),
    ("deviceVersion", None),
    ("deviceEventClassId", Some(Field::Class)),
    ("name", Some(Field::Action)),
    ("severity", None),
];

/// What keys of CEF's dictionary mean. `suid` is who by id, `rt` when the event was received,
/// which for an audit log is when it happened.
const KEYS: [(&str, Field); 8] = [
    ("suid", Field::UserId),
    ("suser", Field::UserName),
    ("src", Field::Address),
    ("spt", Field::Port),
    ("rt", Field::Time),
    ("start", Field::Time),
    ("end", Field::Time),
    ("duser", Field::Target),
];

/// Pairs of the extension. A value reaches up to the next key, and may hold blanks.
fn read_extension<'a>(text: &'a str, members: &mut Vec<Member<'a>>) {
    let mut keys = unescaped(text, b'=')
        .filter_map(|end| Some((key_start(text, end)?, end)))
        .peekable();
    let first = keys.peek().map_or(text.len(), |(start, _)| *start);
    let before = text.get(..first).unwrap_or_default();
    members.extend(member("extension", before.trim(), None));
    while let Some((start, end)) = keys.next() {
        let next = keys.peek().map_or(text.len(), |(start, _)| *start);
        let key = text.get(start..end).unwrap_or_default();
        let value = text.get(end + 1..next).unwrap_or_default();
        members.extend(member(key, value.trim(), meaning(key)));
    }
}

/// Where the key begins that the `=` at `end` follows; none where what stands there is no key.
fn key_start(text: &str, end: usize) -> Option<usize> {
    let before = text.get(..end)?;
    let key = before.rsplit(char::is_whitespace).next()?;
    let in_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-[]".contains(&byte);
    (!key.is_empty() && key.bytes().all(in_key)).then_some(end - key.len())
}

/// CEF's own keys come before those that are called as columns usually are.
fn meaning(key: &str) -> Option<(Field, usize)> {
    let known = KEYS.iter().position(|(known, _)| *known == key);
    let known = known.and_then(|rank| Some((KEYS.get(rank)?.1, rank)));
    let usual = || Scope::Root.field(key);
    known.or_else(|| usual().map(|(field, rank)| (field, KEYS.len() + rank)))
}

fn member<'a>(name: &'a str, value: &str, field: Option<(Field, usize)>) -> Option<Member<'a>> {
    (!value.is_empty()).then(|| Member {
        name: Cow::Borrowed(name),
        json: Cow::Owned(member::quoted(&unescape(value))),
        field,
    })
}

/// Where the byte stands without a backslash before it that would make it part of a value.
fn unescaped(text: &str, wanted: u8) -> impl Iterator<Item = usize> {
    let mut escaped = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let is_plain = !std::mem::take(&mut escaped);
        escaped = is_plain && byte == b'\\';
        (is_plain && byte == wanted).then_some(at)
    })
}

fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some(c @ ('\\' | '|' | '=')) => plain.push(c),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            other => plain.extend(Some('\\').into_iter().chain(other)),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> Option<Vec<(String, String)>> {
        let value = |json: &str| serde_json::from_str(json).unwrap();
        let members = read(text)?.into_iter();
        Some(
            members
                .map(|it| (it.name.into_owned(), value(&it.json)))
                .collect(),
        )
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn header_and_extension_come_apart_whatever_is_escaped() {
        let header = r"CEF:0|SAFE Security|SAFE|3.1|lo\|gin|User \\ in|5|";
        let fields = [
            ("cefVersion", "0"),
            ("deviceVendor", "SAFE Security"),
            ("deviceProduct", "SAFE"),
            ("deviceVersion", "3.1"),
            ("deviceEventClassId", "lo|gin"),
            ("name", r"User \ in"),
            ("severity", "5"),
        ];
        for (extension, expected) in [
            ("", vec![]),
            ("src=10.0.0.1", vec![("src", "10.0.0.1")]),
            (
                r"src=10.0.0.1 suser=ann lee msg=a\=b \\ c|d\ne request=https://x/?a=b&c=d spt=443 ",
                vec![
                    ("src", "10.0.0.1"),
                    ("suser", "ann lee"),
                    ("msg", "a=b \\ c|d\ne"),
                    ("request", "https://x/?a=b&c=d"),
                    ("spt", "443"),
                ],
            ),
            ("no pairs at all", vec![("extension", "no pairs at all")]),
            (
                r"old way a= b=c\t",
                vec![("extension", "old way"), ("b", r"c\t")],
            ),
        ] {
            let all = fields.iter().chain(&expected);
            let all: Vec<_> = all
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect();
            assert_eq!(
                said(&format!("{header}{extension}")),
                Some(all),
                "{extension}"
            );
        }
        assert_eq!(said("CEF:0|SAFE Security|SAFE|3.1|1|name"), None);
        assert_eq!(said(r"CEF:0|a|b|c|d|e|5\|"), None);
    }

    #[test]
    fn cef_begins_at_the_start_or_after_a_blank() {
        for (text, at) in [
            ("CEF:0|a", Some(0)),
            ("Nov 21 2026 23:02:01 host CEF:1|a", Some(26)),
            ("xCEF:0|a", None),
            ("the CEF: what", None),
            ("CEF: CEF:0|", Some(5)),
            ("é\u{a0}CEF:0|", Some(4)),
        ] {
            assert_eq!(start(text), at, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_value_survives(value in "[^\\s\\\\=|][^\\\\=|]{0,20}") {
            let text = format!("CEF:0|v|p|1|id|name|5|x=1 key={value}");
            let read = said(&text).unwrap();
            prop_assert_eq!(&read.last().unwrap().1, value.trim());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", pairs in "([a-c]?[=|\\\\ é]){0,20}") {
            for text in [text, format!("CEF:0|{pairs}"), format!("CEF:0|v|p|1|id|name|5|{pairs}")] {
                let _at = start(&text);
                let _read = said(&text);
            }
        }
    }
}
