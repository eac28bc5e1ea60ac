//! What the header of every query says, and says rightly.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use trailkeep::query::saved;
use trailkeep::query::{Parameter, Query};

const FOLDERS: &[&str] = &[
    "access",
    "admin",
    "completeness",
    "integrations",
    "investigate",
    "sharing",
];

#[test]
fn every_query_says_what_it_is_for_and_what_it_takes() {
    for saved in saved::list(None).unwrap() {
        let name = saved.name;
        let query = saved.query.unwrap();
        let about = &query.about;
        assert!(!about.is_empty() && !about.ends_with('.'), "{name}");
        assert!(about.starts_with(char::is_uppercase), "{name}: {about}");
        assert!(about.len() <= 120, "{name}: {about}");
        let told = |one: &Parameter| !one.about.is_empty() && !one.about.ends_with('.');
        assert!(query.parameters.iter().all(told), "{name}");
        assert!(FOLDERS.contains(&saved.folder.unwrap().as_str()), "{name}");
    }
}

#[test]
fn every_query_of_a_time_has_an_end_and_only_a_subject_has_no_default() {
    // Whoever of these is asked for cannot be guessed.
    let subjects = ["who", "ip", "file", "package", "domain", "id"];
    for saved in saved::list(None).unwrap() {
        let (name, query) = (saved.name, saved.query.unwrap());
        let has = |wanted: &str| query.parameters.iter().any(|one| one.name == wanted);
        let is_read = |wanted: &str| query.sql.contains(&format!(" >= :{wanted}"));
        if is_read("since") && !query.sql.contains("last_seen >= :since") {
            assert!(has("until") || has("known"), "{name} has no `until`");
        }
        let needed = query.parameters.iter().filter(|one| one.default.is_none());
        for one in needed {
            assert!(
                subjects.contains(&one.name.as_str()),
                "{name}: {}",
                one.name
            );
        }
        for one in &query.parameters {
            let used = query.sql.matches(&format!(":{}", one.name)).count();
            assert!(used > 0, "{name} makes no use of {}", one.name);
        }
    }
}

#[test]
fn every_tag_is_a_control_and_every_control_is_served() {
    let controls = controls();
    let mut served = BTreeSet::new();
    for saved in saved::list(None).unwrap() {
        let query = saved.query.unwrap();
        let tags = header(&query, "tags").unwrap_or_else(|| panic!("{} has no tags", saved.name));
        let tags: Vec<&str> = tags.split_whitespace().collect();
        for tag in &tags {
            assert!(controls.contains_key(*tag), "{}: {tag}", saved.name);
            served.insert((*tag).to_owned());
        }
        let distinct: BTreeSet<&&str> = tags.iter().collect();
        assert_eq!(distinct.len(), tags.len(), "{}: {tags:?}", saved.name);
    }
    let unserved: Vec<&String> = controls
        .keys()
        .filter(|tag| !served.contains(*tag))
        .collect();
    assert!(unserved.is_empty(), "{unserved:?}");
}

#[test]
fn every_check_has_a_severity_and_every_chart_a_form() {
    for saved in saved::list(None).unwrap() {
        let (name, query) = (saved.name, saved.query.unwrap());
        let (expect, severity) = (header(&query, "expect"), header(&query, "severity"));
        assert_eq!(expect.is_some(), severity.is_some(), "{name}");
        if let (Some(expect), Some(severity)) = (expect, severity) {
            assert_eq!(expect, "no rows", "{name}");
            let known = ["low", "medium", "high", "critical"];
            assert!(known.contains(&severity), "{name}: {severity}");
        }
        let Some(chart) = header(&query, "chart") else {
            continue;
        };
        let [form, label, value] = chart.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{name}: {chart}");
        };
        assert!(["bar", "line"].contains(&form), "{name}: {chart}");
        for column in [label, value] {
            let named = [
                format!("as {column},"),
                format!(".{column},"),
                format!("as {column}\n"),
            ];
            let is_there = named.iter().any(|named| query.sql.contains(named.as_str()));
            assert!(is_there, "{name} has no column {column}");
        }
    }
}

/// What the header says under this name.
fn header<'q>(query: &'q Query, name: &str) -> Option<&'q str> {
    let mark = format!("-- {name}: ");
    query
        .sql
        .lines()
        .find_map(|line| line.strip_prefix(mark.as_str()))
}

/// The controls, and what they are called.
fn controls() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/queries/controls.csv");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).filter_map(|row| row.split_once(','));
    let rows = rows.map(|(tag, title)| (tag.to_owned(), title.trim_matches('"').to_owned()));
    rows.collect()
}
