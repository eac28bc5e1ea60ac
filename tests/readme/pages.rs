//! The README and every page in `docs/`: what it links to is there, and it can be found.

use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A page that users read.
pub(super) struct Page {
    /// From the project's root: `docs/feeds.md`.
    pub(super) path: String,
    pub(super) text: String,
}

/// The README first, then what lies in `docs/`, by name.
pub(super) fn pages() -> Vec<Page> {
    let entries = fs::read_dir(Path::new(ROOT).join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut paths: Vec<String> = names.map(|name| format!("docs/{name}")).collect();
    paths.sort();
    paths.insert(0, "README.md".to_owned());
    paths.iter().map(|path| page(path)).collect()
}

/// The page of this path.
pub(super) fn page(path: &str) -> Page {
    Page {
        path: path.to_owned(),
        text: fs::read_to_string(Path::new(ROOT).join(path)).unwrap(),
    }
}

#[test]
fn every_link_leads_to_a_file_and_to_a_section_of_it() {
    for page in pages() {
        let links = page.links();
        // A table of contents is where links are forgotten.
        assert!(page.path != "docs/feeds.md" || links.len() >= 8);
        for link in links {
            let (file, section) = link.split_once('#').unwrap_or((&link, ""));
            let path = match file {
                "" => page.path.clone(),
                file => page.beside(file),
            };
            assert!(
                Path::new(ROOT).join(&path).is_file(),
                "{}: {link}",
                page.path
            );
            let sections = self::page(&path).sections();
            let is_there = section.is_empty() || sections.iter().any(|one| one == section);
            assert!(is_there, "{}: {link} is none of {sections:?}", page.path);
        }
    }
}

#[test]
fn the_readme_leads_to_every_page() {
    let readme = page("README.md");
    let linked = readme.links();
    for page in pages().iter().skip(1) {
        assert!(linked.contains(&page.path), "{}", page.path);
    }
}

impl Page {
    /// What it links to in the project.
    fn links(&self) -> Vec<String> {
        let links = self.text.split("](").skip(1);
        let links = links.map(|rest| rest.split(')').next().unwrap_or_default());
        let inner = links.filter(|link| !link.contains("://"));
        inner.map(str::to_owned).collect()
    }

    /// The path, from the project's root, of a file that is named as seen from this page.
    fn beside(&self, file: &str) -> String {
        match (self.path.starts_with("docs/"), file.strip_prefix("../")) {
            (true, None) => format!("docs/{file}"),
            (true, Some(above)) => above.to_owned(),
            (false, _) => file.to_owned(),
        }
    }

    /// Its headings, as links name them.
    fn sections(&self) -> Vec<String> {
        // A comment in a block of code is no heading.
        let prose = self.text.split("```").step_by(2).flat_map(str::lines);
        let headings = prose.filter(|line| line.starts_with('#'));
        let headings = headings.filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
        let anchor = |heading: &str| {
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        };
        headings.map(anchor).collect()
    }
}
