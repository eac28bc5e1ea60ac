//! `docs/auditor-questions.md`: thirty questions, each with a query that there is.

use trailkeep::query::saved;

use super::pages::page;
use super::shell_lines;

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
