//! Who may use whom: the table in `src/lib.rs`, and the paths that lead to other modules.

use std::collections::{BTreeMap, BTreeSet};

use super::File;

/// Which module may use which: the table in `lib.rs`.
pub(super) struct Rules {
    may_use: BTreeMap<String, Option<BTreeSet<String>>>,
}

impl Rules {
    /// Reads the rows `//! | module | may use |`; `everything` is no limit.
    pub(super) fn read(lib: &str) -> Rules {
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
    pub(super) fn gaps(&self, lib: &str) -> Vec<String> {
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

    pub(super) fn broken_by(&self, file: &File) -> Vec<String> {
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
            rules.broken_by(&File::new(path, code)).len(),
            broken,
            "{path}: {code}"
        );
    }
    assert_eq!(rules.gaps(LIB).len(), 2, "{:?}", rules.gaps(LIB));
}
