//! No text of an event leaves its field, in any dialect: each line is read back by a small reader
//! that shares nothing with what wrote it.

mod classes;
mod readers;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::event::Timestamp;
use readers::{Cef, Syslog};

/// An event that says no more than when.
pub(super) fn event() -> Archived {
    Archived {
        key: 1_876_951_040_000_000_007,
        source: "acme".to_owned(),
        kind: "sendsafely".to_owned(),
        feed: "api".to_owned(),
        event_id: None,
        time: Timestamp::from_millis(1_790_000_000_123),
        event_type: None,
        action: None,
        actor: None,
        actor_email: None,
        actor_name: None,
        actor_role: None,
        on_behalf_of: None,
        ip: None,
        port: None,
        target: None,
        file_name: None,
        file_size: None,
        details: None,
        batch: 3,
        archived_at: Timestamp::from_millis(1_790_000_100_000),
        raw: None,
    }
}

/// What somebody might put into a file's name to be somebody else.
const NASTY: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{b}",
    "\u{c}",
    "\u{1c}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "|",
    "\\",
    "=",
    "\\=",
    "\\|",
    "\"",
    "'",
    "]",
    "[",
    "\\]",
    "{",
    "}",
    " act=none",
    " src=192.0.2.9",
    "] {\"actor\":\"x\"}",
    "\u{feff}",
    "\u{202e}",
    "é",
    "😀",
    "CEF:0|a|b|c|d|e|9|",
    "<8>1 ",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{9b}",
    "a",
    " ",
    "\t",
    "#012",
    "\",\"x\":\"",
    "%",
    "\\n",
];

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(NASTY).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

prop_compose! {
    fn any_event()(
        texts in prop::collection::vec(prop::option::weighted(0.8, nasty()), 12),
        source in nasty(),
        names in prop::collection::vec(nasty(), 2),
        numbers in prop::collection::vec(prop::option::of(any::<i64>()), 2),
        millis in -8_000_000_000_000_i64..8_000_000_000_000,
        is_ip in any::<bool>(),
    ) -> Archived {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().flatten();
        let details = serde_json::json!({ names[0].clone(): names[1].clone(), "reason": names[1] });
        Archived {
            source,
            event_id: text(),
            event_type: text(),
            action: text(),
            actor: text(),
            actor_email: text(),
            actor_name: text(),
            actor_role: text(),
            on_behalf_of: text(),
            ip: if is_ip { Some("2001:db8::1".to_owned()) } else { text() },
            target: text(),
            file_name: text(),
            raw: text(),
            port: numbers[0],
            file_size: numbers[1],
            time: Timestamp::from_millis(millis),
            details: Some(serde_json::to_string_pretty(&details).unwrap()),
            ..event()
        }
    }
}

/// Every character at which some reader of lines ends one.
const LINE_ENDS: &[char] = &[
    '\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}',
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn an_event_is_one_line_whatever_it_says(event in any_event()) {
        for dialect in DIALECTS {
            let line = (dialect.line)(&event);
            prop_assert!(!line.contains(LINE_ENDS), "{}: {line:?}", dialect.name);
            prop_assert!(!line.contains('\0'), "{}: {line:?}", dialect.name);
        }
    }

    #[test]
    fn every_column_comes_back_from_json_lines(event in any_event()) {
        let line: Value = serde_json::from_str(&jsonl::line(&event)).unwrap();
        is_told(&line, &event);
    }

    #[test]
    fn ocsf_keeps_texts_where_they_belong(event in any_event()) {
        let line: Value = serde_json::from_str(&ocsf::line(&event)).unwrap();
        let uid = event.uid();
        prop_assert_eq!(line["metadata"]["uid"].as_str(), Some(uid.as_str()));
        prop_assert_eq!(line["metadata"]["event_code"].as_str(), event.action.as_deref());
        prop_assert_eq!(line["raw_data"].as_str(), event.raw.as_deref());
        prop_assert_eq!(line["unmapped"]["target"].as_str(), event.target.as_deref());
        let actor = match line["class_uid"].as_i64() {
            Some(0) => &line["unmapped"]["actor"],
            _ => &line["actor"]["user"]["uid"],
        };
        prop_assert_eq!(actor.as_str(), event.actor.as_deref());
        let uids = ["class_uid", "activity_id", "type_uid"].map(|name| line[name].as_i64().unwrap());
        prop_assert_eq!(uids[0] * 100 + uids[1], uids[2]);
    }

    #[test]
    fn ecs_keeps_texts_where_they_belong(event in any_event()) {
        let line: Value = serde_json::from_str(&ecs::line(&event)).unwrap();
        prop_assert_eq!(line["event"]["action"].as_str(), event.action.as_deref());
        prop_assert_eq!(line["event"]["original"].as_str(), event.raw.as_deref());
        prop_assert_eq!(line["user"]["id"].as_str(), event.actor.as_deref());
        prop_assert_eq!(line["file"]["name"].as_str(), event.file_name.as_deref());
        prop_assert_eq!(line["source"]["address"].as_str(), event.ip.as_deref());
        let ip = line["source"]["ip"].as_str();
        prop_assert!(ip.is_none_or(|ip| ip.parse::<std::net::IpAddr>().is_ok()));
    }

    #[test]
    fn nothing_breaks_out_of_a_field_of_cef(event in any_event()) {
        let line = cef::line(&event);
        let read = Cef::read(&line);
        prop_assert_eq!(read.header.len(), 7, "{}", line);
        prop_assert!(read.header[6].parse::<u8>().unwrap() <= 10);
        let printed = |text: &str| readers::in_cef(text);
        for (key, told) in [
            ("act", &event.action), ("suid", &event.actor), ("fname", &event.file_name),
            ("cs2", &event.target), ("cs1", &event.details), ("rawEvent", &event.raw),
            ("cat", &event.event_type), ("dvchost", &Some(event.source.clone())),
        ] {
            let value = read.extension.get(key).cloned();
            prop_assert_eq!(value, told.as_deref().map(printed), "{} of {}", key, line);
        }
        let own: Vec<&String> = read.extension.keys().filter(|key| !KEYS.contains(&key.as_str())).collect();
        prop_assert!(own.is_empty(), "{:?} of {}", own, line);
    }

    #[test]
    fn nothing_breaks_out_of_a_field_of_syslog(event in any_event()) {
        let line = syslog::line(&event);
        let read = Syslog::read(&line);
        prop_assert!(read.header.iter().all(|part| !part.is_empty() && part.is_ascii()), "{}", line);
        prop_assert!(read.header[2].len() <= 255 && read.header[5].len() <= 32, "{}", line);
        prop_assert_eq!(read.id.as_str(), "trailkeep@32473");
        for (name, told) in [
            ("action", &event.action), ("actor", &event.actor), ("file", &event.file_name),
            ("target", &event.target), ("type", &event.event_type), ("ip", &event.ip),
        ] {
            let value = read.parameters.get(name).cloned();
            prop_assert_eq!(value, told.as_deref().map(readers::in_syslog), "{} of {}", name, line);
        }
        prop_assert!(read.message.is_ascii());
        is_told(&serde_json::from_str(&read.message).unwrap(), &event);
    }
}

/// The keys that a line of CEF may have.
const KEYS: &[&str] = &[
    "rt",
    "externalId",
    "cat",
    "act",
    "outcome",
    "reason",
    "suid",
    "suser",
    "spriv",
    "duser",
    "src",
    "c6a2",
    "c6a2Label",
    "spt",
    "fname",
    "fsize",
    "requestClientApplication",
    "dvchost",
    "deviceFacility",
    "cs1",
    "cs1Label",
    "cs2",
    "cs2Label",
    "cs3",
    "cs3Label",
    "cs4",
    "cs4Label",
    "cs5",
    "cs5Label",
    "rawEvent",
];

fn is_told(line: &Value, event: &Archived) {
    for (name, told) in [
        ("event_id", &event.event_id),
        ("event_type", &event.event_type),
        ("action", &event.action),
        ("actor", &event.actor),
        ("actor_email", &event.actor_email),
        ("actor_name", &event.actor_name),
        ("actor_role", &event.actor_role),
        ("on_behalf_of", &event.on_behalf_of),
        ("ip", &event.ip),
        ("target", &event.target),
        ("raw", &event.raw),
        ("source", &Some(event.source.clone())),
        ("key", &Some(event.key.to_string())),
    ] {
        assert_eq!(line[name].as_str(), told.as_deref(), "{name} of {line}");
    }
    let details: Value = serde_json::from_str(event.details.as_ref().unwrap()).unwrap();
    assert_eq!(line["details"], details);
    assert_eq!(line["port"].as_i64(), event.port);
}

#[test]
fn each_dialect_is_found_by_its_name() {
    let names: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name).collect();
    assert_eq!(names, ["jsonl", "ocsf", "ecs", "cef", "syslog"]);
    assert!(
        names
            .iter()
            .all(|name| find(name).is_some_and(|found| found.name == *name))
    );
    assert!(find("xml").is_none());
}
