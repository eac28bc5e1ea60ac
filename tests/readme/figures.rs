//! `docs/figures.md`: each benchmark has its table there, and the README's figures are among them.

use super::pages::{page, pages};

#[test]
fn every_benchmark_has_its_table() {
    let figures = page("docs/figures.md").text;
    for benchmark in benchmarks() {
        let section = figures
            .split("\n## ")
            .find(|section| section.contains(&benchmark));
        let section = section.unwrap_or_else(|| panic!("nothing is said of {benchmark}"));
        assert!(section.contains("```text\n"), "{benchmark} has no table");
    }
}

#[test]
fn every_benchmark_that_is_named_is_there() {
    let there = benchmarks();
    for page in pages() {
        for named in page.text.split("cargo bench --bench ").skip(1) {
            let name = named.split([' ', '`', '\n']).next().unwrap();
            let command = format!("cargo bench --bench {name}");
            assert!(there.contains(&command), "{}: {command}", page.path);
        }
    }
}

#[test]
fn the_readme_has_few_figures_each_from_a_table() {
    let readme = page("README.md").text;
    let section = readme.split("\n## How fast\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let figures: Vec<&str> = section.split("\n- ").skip(1).collect();
    assert!((1..=5).contains(&figures.len()), "{section}");
    let printed = page("docs/figures.md").text;
    for figure in figures {
        assert!(figure.contains("`cargo bench --bench "), "{figure}");
        let fractions = numbers(figure).filter(|number| number.contains('.'));
        let fractions: Vec<&str> = fractions.collect();
        assert!(!fractions.is_empty(), "{figure}");
        for fraction in fractions {
            let is_printed = numbers(&printed).any(|number| number == fraction);
            assert!(is_printed, "{fraction} is in no table");
        }
    }
}

/// The commands of those that `Cargo.toml` declares.
fn benchmarks() -> Vec<String> {
    let manifest = include_str!("../../Cargo.toml");
    let names = manifest.split("[[bench]]\nname = \"").skip(1);
    let names = names.map(|rest| rest.split('"').next().unwrap());
    let commands: Vec<String> = names
        .map(|name| format!("cargo bench --bench {name}"))
        .collect();
    assert!(!commands.is_empty());
    commands
}

/// The numbers of a text, with their fractions.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
}
