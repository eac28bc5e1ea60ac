//! What holds the house together and no compiler checks: who may use whom, how long things are,
//! who may print.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 400;

/// One word a thing: these name everything and so nothing.
const NAMES_OF_DRAWERS: &[&str] = &[
    "util", "utils", "common", "helper", "helpers", "manager", "misc", "shared", "mod",
];
const PREFIXES_OF_NOTHING: &[&str] = &["process_", "handle_", "get_", "do_"];

/// What only `cli` and `main` may do: speak, end the program, read the environment.
const ONLY_CLI: &[&str] = &[
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "stdout()",
    "stderr()",
    "process::exit",
    "env::var",
    "env::vars",
    "env::args",
    "env::current_dir",
];

/// Written apart, so that this file does not hold them.
const REMINDERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

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

/// Which module may use which: the table in `lib.rs`.
struct Rules {
    may_use: BTreeMap<String, Option<BTreeSet<String>>>,
}

impl Rules {
    /// Reads the rows `//! | module | may use |`; `everything` is no limit.
    fn read(lib: &str) -> Rules {
        let rows = lib
            .lines()
            .filter_map(|line| line.strip_prefix("//! |")?.strip_suffix('|'));
        let cells = rows.filter_map(|row| row.split_once('|'));
        let cells = cells.map(|(module, used)| (module.trim(), used.trim()));
        let rules = cells.filter(|(module, _)| *module != "module" && !module.starts_with('-'));
        let may_use = rules.map(|(module, used)| {
            let names = used.split(',').map(|name| name.trim().to_owned());
            let names: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
            (module.to_owned(), (used != "everything").then_some(names))
        });
        Rules {
            may_use: may_use.collect(),
        }
    }

    /// Modules without a row, and names in the table that are no module.
    fn gaps(&self, lib: &str) -> Vec<String> {
        let declared =
            |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
        let modules: BTreeSet<String> = lib.lines().filter_map(declared).collect();
        let used = self.may_use.values().flatten().flatten();
        let named: BTreeSet<String> = self.may_use.keys().chain(used).cloned().collect();
        let no_row = modules
            .iter()
            .filter(|module| !self.may_use.contains_key(*module));
        let no_row =
            no_row.map(|module| format!("src/lib.rs: its table has no row for `{module}`"));
        let no_module = named.difference(&modules);
        let no_module =
            no_module.map(|name| format!("src/lib.rs: its table names `{name}`, no module"));
        no_row.chain(no_module).collect()
    }

    fn broken_by(&self, file: &File) -> Vec<String> {
        let modules = file.modules();
        let Some(module) = modules.first() else {
            return Vec::new();
        };
        let mut complaints = Vec::new();
        if file.code().contains(&"super::".repeat(modules.len())) {
            complaints.push(format!("{}: leaves its module by `super`", file.path));
        }
        let Some(Some(may_use)) = self.may_use.get(module) else {
            return complaints;
        };
        for used in modules_used(&file.code()) {
            if used != *module && !may_use.contains(&used) {
                let path = &file.path;
                complaints.push(format!(
                    "{path}: `{module}` may not use `{used}`, says src/lib.rs"
                ));
            }
        }
        complaints
    }
}

impl File {
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
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs")
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

/// The top modules that `crate::…` paths lead to, groups (`crate::{a, b::c}`) among them.
fn modules_used(code: &str) -> BTreeSet<String> {
    let paths = code.split("crate::").skip(1);
    paths
        .flat_map(|rest| {
            if let Some(group) = rest.strip_prefix('{') {
                heads(group)
            } else {
                vec![head(rest)]
            }
        })
        .collect()
}

/// The first name of each member of a `use` group, whose opening brace is left out.
fn heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 1;
    let mut member = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && c == ',') {
            heads.push(head(group[member..at].trim_start()));
            member = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn head(path: &str) -> String {
    path.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn is_declared(path: &str, texts: &BTreeMap<&str, &str>) -> bool {
    if ["src/lib.rs", "src/main.rs", "tests/all.rs"].contains(&path) {
        return true;
    }
    let (folder, name) = path.rsplit_once('/').expect("every file lies in a folder");
    let parent = match folder {
        "src" => "src/lib.rs".to_owned(),
        "tests" => "tests/all.rs".to_owned(),
        _ => format!("{folder}.rs"),
    };
    let declaration = format!("mod {};", name.trim_end_matches(".rs"));
    let lines = texts.get(parent.as_str()).map(|text| text.lines());
    let mut declarations = lines.into_iter().flatten().map(without_visibility);
    declarations.any(|line| line == declaration)
}

fn without_visibility(line: &str) -> &str {
    let line = line.trim();
    match line.strip_prefix("pub") {
        Some(rest) => rest.split_once(' ').map_or(line, |(_, rest)| rest),
        None => line,
    }
}

fn too_long(file: &File) -> Vec<String> {
    let code = file.code();
    let lines: Vec<&str> = code.lines().collect();
    let mut complaints = Vec::new();
    if lines.len() > FILE_LINES_MAX {
        complaints.push(format!("{}: {} lines of code", file.path, lines.len()));
    }
    for (start, name) in lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, function(line)?)))
    {
        let length = length(&lines[start..]);
        if length > FUNCTION_LINES_MAX {
            complaints.push(format!(
                "{}:{}: `{name}` has {length} lines",
                file.path,
                start + 1
            ));
        }
    }
    complaints
}

/// Lines of the function that begins these lines, which rustfmt has laid out. A declaration in a
/// trait ends with its signature.
fn length(lines: &[&str]) -> usize {
    let signature_end = lines
        .iter()
        .position(|line| line.ends_with(['{', ';', '}']));
    let signature_end = signature_end.unwrap_or_default();
    if !lines[signature_end].ends_with('{') {
        return signature_end + 1;
    }
    let indent = lines[0].len() - lines[0].trim_start().len();
    let end = format!("{}}}", " ".repeat(indent));
    let after = lines.iter().position(|line| *line == end);
    after.unwrap_or(lines.len()) + 1
}

/// The name of the function that begins on this line.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_signature = before.split_whitespace().all(|word| {
        word.starts_with("pub") || ["const", "async", "unsafe", "extern"].contains(&word)
    });
    let name = after
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()?;
    (is_signature && !name.is_empty()).then_some(name)
}

fn speaking(file: &File) -> Vec<String> {
    if ["cli", "main"].contains(
        &file
            .path
            .trim_start_matches("src/")
            .split(['/', '.'])
            .next()
            .unwrap_or(""),
    ) {
        return Vec::new();
    }
    let code = file.code();
    let spoken = code.lines().enumerate().flat_map(|(at, line)| {
        let words = ONLY_CLI.iter().filter(move |word| has_word(line, word));
        words.map(move |word| format!("{}:{}: `{word}` is for cli alone", file.path, at + 1))
    });
    spoken.collect()
}

/// Whether the line holds the word, and not as the end of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

fn named_for_nothing(file: &File) -> Vec<String> {
    let parts = file.path.trim_end_matches(".rs").split('/');
    let drawers = parts.filter(|name| NAMES_OF_DRAWERS.contains(name));
    let drawers = drawers.map(|name| format!("{}: `{name}` names nothing", file.path));
    let functions = file.text.lines().filter_map(function);
    let vague = functions.filter(|name| {
        PREFIXES_OF_NOTHING
            .iter()
            .any(|prefix| name.starts_with(prefix))
    });
    let vague = vague.map(|name| format!("{}: `{name}` does not say what it does", file.path));
    drawers.chain(vague).collect()
}

fn reminders(file: &File) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let found = lines.filter(|(_, line)| REMINDERS.iter().any(|word| has_word(line, word)));
    found
        .map(|(at, line)| format!("{}:{}: {}", file.path, at + 1, line.trim()))
        .collect()
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
                folders.push(path);
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

/// The rules themselves, over a house that breaks each.
mod rules {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    const LIB: &str = "//! | module | may use |\n//! |---|---|\n//! | feed | event |\n\
        //! | event | |\n//! | cli | everything |\n//! | gone | |\n\
        pub mod event;\npub mod feed;\npub mod cli;\npub mod new;\n";

    #[test]
    fn an_edge_that_the_table_does_not_have_is_found() {
        let rules = Rules::read(LIB);
        for (path, code, broken) in [
            ("src/feed.rs", "use crate::event::Page;", 0),
            ("src/feed.rs", "use crate::cli::run;", 1),
            (
                "src/feed/a.rs",
                "use crate::{\n    event::{self, Page},\n    cli,\n};",
                1,
            ),
            ("src/feed/a.rs", "let page = crate::archive::open();", 1),
            (
                "src/feed/a.rs",
                "// crate::cli\n#[cfg(test)]\nuse crate::cli;",
                0,
            ),
            ("src/feed/a.rs", "use super::feed;", 0),
            ("src/feed/a.rs", "use super::super::cli;", 1),
            ("src/event.rs", "use crate::feed::Feed;", 1),
            ("src/event/tests.rs", "use crate::feed::Feed;", 0),
            ("src/cli.rs", "use crate::{event, feed};", 0),
        ] {
            assert_eq!(
                rules.broken_by(&file(path, code)).len(),
                broken,
                "{path}: {code}"
            );
        }
        assert_eq!(rules.gaps(LIB).len(), 2, "{:?}", rules.gaps(LIB));
    }

    #[test]
    fn a_file_that_nobody_names_is_found() {
        let texts = BTreeMap::from([
            ("src/lib.rs", "pub mod a;\npub(crate) mod b;\n"),
            ("src/a.rs", "mod c;\n// mod d;\n"),
        ]);
        for (path, declared) in [
            ("src/a.rs", true),
            ("src/b.rs", true),
            ("src/a/c.rs", true),
            ("src/a/d.rs", false),
        ] {
            assert_eq!(is_declared(path, &texts), declared, "{path}");
        }
        assert!(!is_declared("src/b/e.rs", &texts));
    }

    #[test]
    fn what_is_too_long_is_found() {
        let body = "        work();\n".repeat(FUNCTION_LINES_MAX - 2);
        let long = format!("    pub fn long() {{\n{body}        more();\n    }}\n");
        let fits = format!("    pub(crate) async fn fits() {{\n{body}    }}\n");
        assert_eq!(too_long(&file("src/a.rs", &long)).len(), 1);
        assert_eq!(too_long(&file("src/a.rs", &fits)).len(), 0);
        let declared = format!("    fn declared(\n        &self,\n    );\n{long}");
        assert_eq!(too_long(&file("src/a.rs", &declared)).len(), 1);
        let lines = "use a;\n".repeat(FILE_LINES_MAX);
        assert_eq!(
            too_long(&file(
                "src/a.rs",
                &format!("{lines}#[cfg(test)]\nmod tests {{}}")
            ))
            .len(),
            0
        );
        assert_eq!(
            too_long(&file("src/a.rs", &format!("{lines}use b;\n"))).len(),
            1
        );
    }

    #[test]
    fn speech_names_and_reminders_are_found() {
        let says = "fn a() {\n    println!(\"a\");\n}\n";
        assert_eq!(
            speaking(&file("src/sync.rs", says)),
            ["src/sync.rs:2: `println!` is for cli alone"]
        );
        assert_eq!(speaking(&file("src/cli/sync.rs", says)), [""; 0]);
        assert_eq!(speaking(&file("src/climate.rs", says)).len(), 1);
        assert_eq!(
            speaking(&file("src/a.rs", "let v = std::env::var_os(\"A\");")).len(),
            1
        );
        assert_eq!(
            named_for_nothing(&file("src/kind/utils.rs", "fn get_page() {}")).len(),
            2
        );
        assert_eq!(
            named_for_nothing(&file("src/page.rs", "fn page() {}")).len(),
            0
        );
        assert_eq!(
            reminders(&file("src/a.rs", &format!("// {}: later", REMINDERS[0]))).len(),
            1
        );
    }
}
