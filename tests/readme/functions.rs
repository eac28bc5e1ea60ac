//! `docs/functions.md`: every function is there, with an example.

use trailkeep::archive::reader::FUNCTIONS;

use super::pages::page;
use super::shell_lines;

#[test]
fn every_function_has_a_section_with_an_example() {
    let text = page("docs/functions.md").text;
    for function in FUNCTIONS {
        let call = format!("`{}({})`", function.name, function.arguments);
        let mut sections = text.split("\n## ").skip(1);
        let section = sections.find(|section| section.contains(&call));
        let section = section.unwrap_or_else(|| panic!("nothing is said of {call}"));
        let examples = shell_lines(section);
        let is_shown = examples.iter().any(|line| line.contains(function.name));
        assert!(is_shown, "{call} has no example");
    }
}

#[test]
fn every_function_with_a_section_is_there() {
    let text = page("docs/functions.md").text;
    for section in text.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap();
        for name in heading.split(" and ") {
            let is_there = FUNCTIONS.iter().any(|function| function.name == name);
            assert!(is_there, "there is no function {name}");
        }
    }
}
