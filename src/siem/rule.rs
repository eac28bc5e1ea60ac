//! What actions mean: `actions.csv` and `classes.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::wording::Wording;
use crate::event::Archived;

/// A line of `actions.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Rule {
    of: String,
    #[serde(rename = "type")]
    event_type: String,
    words: String,
    /// A name in `classes.toml`.
    pub(super) class: String,
    /// One of its activities, or `Other`.
    pub(super) activity: String,
    /// Whose account it is about: `actor`, `target`, `either` or nobody's.
    pub(super) user: String,
    /// `success`, `failure`, or nothing.
    pub(super) status: String,
    /// How much it is worth to whoever reads alerts.
    pub(super) severity: Severity,
    category: String,
    kind: String,
}

/// How much an event is worth to whoever reads alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    Informational = 1,
    Low,
    Medium,
    High,
}

/// A class of OCSF.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Class {
    pub(super) uid: i64,
    pub(super) name: String,
    pub(super) category_uid: i64,
    pub(super) category: String,
    pub(super) activities: BTreeMap<String, i64>,
}

impl Rule {
    /// Every rule, in the order in which they count.
    pub(super) fn all() -> &'static [Rule] {
        static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
        RULES.get_or_init(|| lines(include_str!("actions.csv")))
    }

    /// Whether it is about such an event, as far as words tell.
    pub(super) fn fits(&self, event: &Archived, wording: &Wording) -> bool {
        let event_type = event.event_type.as_deref().unwrap_or_default();
        is_of(&self.of, event)
            && ["*", event_type].contains(&self.event_type.as_str())
            && self
                .words
                .split_whitespace()
                .all(|group| holds(group, &wording.words))
    }

    /// ECS's `event.category`.
    pub(super) fn categories(&self) -> Vec<&str> {
        self.category.split('|').collect()
    }

    /// ECS's `event.type`.
    pub(super) fn types(&self) -> Vec<&str> {
        self.kind.split('|').collect()
    }
}

impl Class {
    /// The class of that name; the one of events that fit no other, where there is none.
    pub(super) fn find(name: &str) -> &'static Class {
        static CLASSES: OnceLock<BTreeMap<String, Class>> = OnceLock::new();
        let classes = CLASSES.get_or_init(|| {
            toml::from_str(include_str!("classes.toml")).expect("the file is part of the program")
        });
        let found = classes.get(name).or_else(|| classes.get(BASE));
        found.expect("the file names the base event")
    }

    /// The number of an activity; 99, which stands for any other, where it has none.
    pub(super) fn activity(&self, name: &str) -> i64 {
        self.activities.get(name).copied().unwrap_or(OTHER)
    }
}

/// The class of events that fit no other.
pub(super) const BASE: &str = "base_event";

const OTHER: i64 = 99;

/// The lines of a file of ours.
pub(super) fn lines<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(file.as_bytes());
    let lines = reader.deserialize().collect::<Result<_, _>>();
    lines.expect("the file is part of the program")
}

/// Whether an event is of this kind and feed: `safe/*`, `*/cloudtrail`, `*`.
pub(super) fn is_of(of: &str, event: &Archived) -> bool {
    let (kind, feed) = of.split_once('/').unwrap_or((of, "*"));
    ["*", &event.kind].contains(&kind) && ["*", &event.feed].contains(&feed)
}

/// Whether one of a group's alternatives is among the words; or, after `!`, none.
fn holds(group: &str, words: &[String]) -> bool {
    if let Some(unwanted) = group.strip_prefix('!') {
        return !holds(unwanted, words);
    }
    let (words_only, at_start) = match group.strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (group, false),
    };
    words_only.split('|').any(|alternative| {
        let phrase: Vec<&str> = alternative.split('+').collect();
        let mut places = words.windows(phrase.len());
        let is_it = |place: &[String]| place.iter().zip(&phrase).all(|(a, b)| a == b);
        if at_start {
            places.next().is_some_and(is_it)
        } else {
            places.any(is_it)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_words_are_found() {
        let words = ["user", "logged", "in", "again"].map(str::to_owned);
        for (group, found) in [
            ("user", true),
            ("admin|user", true),
            ("logged+in", true),
            ("in+logged", false),
            ("^user", true),
            ("^logged|user", true),
            ("^logged", false),
            ("!user", false),
            ("!admin", true),
            ("a+b+c+d+e", false),
        ] {
            assert_eq!(holds(group, &words), found, "{group}");
        }
        assert!(!holds("x", &[]));
        assert!(holds("!x", &[]));
    }

    #[test]
    fn every_rule_names_what_there_is() {
        let statuses = ["", "success", "failure"];
        for rule in Rule::all() {
            let class = Class::find(&rule.class);
            assert_ne!(class.uid, 0, "{rule:?}");
            let known = class.activities.contains_key(&rule.activity) || rule.activity == "Other";
            assert!(known, "{rule:?}");
            assert!(statuses.contains(&rule.status.as_str()), "{rule:?}");
            let users = ["", "actor", "target", "either"];
            assert!(users.contains(&rule.user.as_str()), "{rule:?}");
            let about_users = ["authentication", "account_change", "user_access"];
            let needs_user = about_users.contains(&rule.class.as_str());
            assert_eq!(needs_user, !rule.user.is_empty(), "{rule:?}");
        }
        assert_eq!(Class::find("base_event").uid, 0);
    }

    /// What ECS 8.17 expects of each category.
    #[test]
    fn every_rule_is_told_in_words_of_ecs() {
        let allowed: &[(&str, &[&str])] = &[
            ("authentication", &["start", "end", "info"]),
            (
                "iam",
                &[
                    "admin", "change", "creation", "deletion", "group", "info", "user",
                ],
            ),
            (
                "file",
                &["access", "change", "creation", "deletion", "info"],
            ),
            (
                "configuration",
                &["access", "change", "creation", "deletion", "info"],
            ),
            (
                "api",
                &[
                    "access", "admin", "allowed", "change", "creation", "deletion", "denied",
                    "end", "info", "start", "user",
                ],
            ),
        ];
        for rule in Rule::all() {
            for category in rule.categories() {
                let types = allowed.iter().find(|(name, _)| *name == category);
                let (_, types) = types.unwrap_or_else(|| panic!("{rule:?}"));
                assert!(
                    rule.types().iter().all(|kind| types.contains(kind)),
                    "{rule:?}"
                );
            }
        }
    }
}
