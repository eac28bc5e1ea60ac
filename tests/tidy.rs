//! What holds the house together and no compiler checks: who may use whom, how long things are,
//! who may print.

mod edges;
mod shape;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use self::edges::Rules;
use self::shape::{is_declared, named_for_nothing, reminders, speaking, too_long};

/// A Rust file of the project.
struct File {
    /// From the project's root: `src/kind/safe.rs`.
    path: String,
    text: String,
}

#[test]
fn modules_use_only_whom_they_may() {
    let lib = read("src/lib.rs");
    let rules = Rules::read(&lib.text);
    let mut complaints = rules.gaps(&lib.text);
    complaints.extend(files("src").iter().flat_map(|file| rules.broken_by(file)));
    none(complaints);
}

#[test]
fn no_file_is_forgotten() {
    let files: Vec<File> = ["src", "tests"].into_iter().flat_map(files).collect();
    let texts: BTreeMap<&str, &str> = files
        .iter()
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let forgotten = files.iter().filter(|file| !is_declared(&file.path, &texts));
    none(forgotten.map(|file| format!("{}: no `mod` names it", file.path)));
}

#[test]
fn functions_and_files_are_short() {
    none(files("src").iter().flat_map(too_long));
}

#[test]
fn only_the_command_line_speaks() {
    none(files("src").iter().flat_map(speaking));
}

#[test]
fn names_say_something() {
    none(
        ["src", "tests"]
            .into_iter()
            .flat_map(files)
            .flat_map(|file| named_for_nothing(&file)),
    );
}

#[test]
fn no_work_is_left_as_a_reminder() {
    none(
        ["src", "tests"]
            .into_iter()
            .flat_map(files)
            .flat_map(|file| reminders(&file)),
    );
}

impl File {
    fn new(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The modules it lies in, outermost first: `kind`, `safe`. None for `lib.rs` and `main.rs`.
    fn modules(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let roots = ["lib", "main"];
        path.split('/')
            .filter(|name| !roots.contains(name))
            .map(str::to_owned)
            .collect()
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.contains("/tests/")
    }

    /// Its lines without comments, up to its tests; nothing of a file that is all tests.
    fn code(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        let lines = self.text.lines().take_while(|line| *line != "#[cfg(test)]");
        let code = lines.map(|line| match line.trim_start() {
            trimmed if trimmed.starts_with("//") => "",
            _ => line,
        });
        code.collect::<Vec<_>>().join("\n")
    }
}

#[track_caller]
fn none(complaints: impl IntoIterator<Item = String>) {
    let complaints: Vec<String> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// Every Rust file below a folder of the project.
fn files(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // A package of its own, such as the fuzz targets, has its own ways.
                if !path.join("Cargo.toml").exists() {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(read_path(root, &path));
            }
        }
    }
    assert!(!files.is_empty(), "there is no Rust file in {folder}");
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn read(path: &str) -> File {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    read_path(root, &root.join(path))
}

fn read_path(root: &Path, path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap();
    let relative = path.strip_prefix(root).unwrap();
    let names: Vec<&str> = relative.iter().map(|name| name.to_str().unwrap()).collect();
    File {
        path: names.join("/"),
        text,
    }
}
