//! `docs/auditor-questions.md`: thirty questions, each with a query that there is.

use trailkeep::query::saved;

use super::pages::page;
use super::{DEMO, shell_lines};
use crate::support::sandbox::Sandbox;

const PAGE: &str = "docs/auditor-questions.md";

#[test]
fn thirty_questions_are_answered_each_by_a_command() {
    let page = page(PAGE).text;
    let questions: Vec<&str> = page.split("\n**").skip(1).collect();
    assert_eq!(questions.len(), 30);
    for (number, question) in (1..).zip(questions) {
        assert!(question.starts_with(&format!("{number}. ")), "{question}");
        assert!(question.contains("```sh\ntrailkeep query "), "{question}");
    }
}

#[test]
fn every_query_it_names_is_there() {
    let names: Vec<String> = saved::list(None)
        .unwrap()
        .into_iter()
        .map(|one| one.name)
        .collect();
    for line in shell_lines(&page(PAGE).text) {
        let asked = line.strip_prefix("trailkeep query ").unwrap();
        let name = asked.split_whitespace().next().unwrap();
        let is_sql = name.starts_with('"');
        assert!(is_sql || names.iter().any(|known| known == name), "{line}");
    }
}

/// What the demo has nothing of: that there is nothing to see is the answer.
const NONE: &[&str] = &[
    "activity-after-leaving",
    "role-changes",
    "shared-accounts",
    "failed-logins",
    "self-granted-privileges",
    "cloud-root-use",
    "cloud-logging-stopped",
    "gaps-in-period",
    "conflicting-records",
    "quarantined-records",
];

#[test]
fn every_question_is_answered_by_rows() {
    let mut sandbox = Sandbox::new();
    sandbox.shell(DEMO).exits(0);
    sandbox.set("TRAILKEEP_CONFIG", "trailkeep-demo/trailkeep.toml");
    for line in shell_lines(&page(PAGE).text) {
        let line = line.trim_end_matches(" -o jsonl");
        let answer = sandbox.shell(&format!("{line} -o jsonl"));
        let is_none = NONE.iter().any(|none| line.contains(none));
        assert_eq!(answer.stdout.is_empty(), is_none, "{line}");
    }
}
