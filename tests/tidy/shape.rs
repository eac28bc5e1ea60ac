//! What a file and its parts look like: how long they are, what they are called, what they say.

use std::collections::BTreeMap;

use super::File;

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

pub(super) fn is_declared(path: &str, texts: &BTreeMap<&str, &str>) -> bool {
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

pub(super) fn too_long(file: &File) -> Vec<String> {
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

pub(super) fn speaking(file: &File) -> Vec<String> {
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

pub(super) fn named_for_nothing(file: &File) -> Vec<String> {
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

pub(super) fn reminders(file: &File) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let found = lines.filter(|(_, line)| REMINDERS.iter().any(|word| has_word(line, word)));
    found
        .map(|(at, line)| format!("{}:{}: {}", file.path, at + 1, line.trim()))
        .collect()
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
    assert_eq!(too_long(&File::new("src/a.rs", &long)).len(), 1);
    assert_eq!(too_long(&File::new("src/a.rs", &fits)).len(), 0);
    let declared = format!("    fn declared(\n        &self,\n    );\n{long}");
    assert_eq!(too_long(&File::new("src/a.rs", &declared)).len(), 1);
    let lines = "use a;\n".repeat(FILE_LINES_MAX);
    assert_eq!(
        too_long(&File::new(
            "src/a.rs",
            &format!("{lines}#[cfg(test)]\nmod tests {{}}")
        ))
        .len(),
        0
    );
    assert_eq!(
        too_long(&File::new("src/a.rs", &format!("{lines}use b;\n"))).len(),
        1
    );
}

#[test]
fn speech_names_and_reminders_are_found() {
    let says = "fn a() {\n    println!(\"a\");\n}\n";
    assert_eq!(
        speaking(&File::new("src/sync.rs", says)),
        ["src/sync.rs:2: `println!` is for cli alone"]
    );
    assert_eq!(speaking(&File::new("src/cli/sync.rs", says)), [""; 0]);
    assert_eq!(speaking(&File::new("src/climate.rs", says)).len(), 1);
    assert_eq!(
        speaking(&File::new("src/a.rs", "let v = std::env::var_os(\"A\");")).len(),
        1
    );
    assert_eq!(
        named_for_nothing(&File::new("src/kind/utils.rs", "fn get_page() {}")).len(),
        2
    );
    assert_eq!(
        named_for_nothing(&File::new("src/page.rs", "fn page() {}")).len(),
        0
    );
    assert_eq!(
        reminders(&File::new(
            "src/a.rs",
            &format!("// {}: later", REMINDERS[0])
        ))
        .len(),
        1
    );
}
