//! `trailkeep connect`: how other tools open the archive, read-only, while trailkeep writes it.
//!
//! What is printed is a text a tool, in `connect/`, with the archive's path filled in as that tool
//! has it quoted. Those of sqlite3, DuckDB and Datasette are run by tests as they are printed.

use std::fs;
use std::io::Write;
use std::path::Path;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::Session;
use super::failure::{Exit, Failure};
use super::schedule::shell;
use crate::archive::ArchiveError;

/// Print how another tool opens the archive, or list the tools
#[derive(Args)]
pub(super) struct Connect {
    /// The tool; without it, they are listed
    #[arg(value_name = "TOOL", value_parser = names())]
    tool: Option<String>,
}

/// A tool that opens archives.
struct Tool {
    name: &'static str,
    about: &'static str,
    /// What is printed; `{…}` stands for the archive, see [`filled`].
    text: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "sqlite3",
        about: "SQLite's own shell",
        text: include_str!("connect/sqlite3.txt"),
    },
    Tool {
        name: "duckdb",
        about: "DuckDB, whose SQL is asked of SQLite or of a copy",
        text: include_str!("connect/duckdb.txt"),
    },
    Tool {
        name: "datasette",
        about: "Datasette: tables, facets and SQL in a browser, and as JSON",
        text: include_str!("connect/datasette.txt"),
    },
    Tool {
        name: "grafana",
        about: "Grafana, by its SQLite data source",
        text: include_str!("connect/grafana.txt"),
    },
    Tool {
        name: "powerbi",
        about: "Power BI and Excel, by ODBC",
        text: include_str!("connect/powerbi.txt"),
    },
];

impl Connect {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let named = |tool: &&Tool| self.tool.as_deref() == Some(tool.name);
        let Some(tool) = TOOLS.iter().find(named) else {
            return list(session);
        };
        let archive = session.config()?.archive.value;
        let mut data = session.screen.data();
        data.write_all(filled(tool.text, &whole(&archive)?).as_bytes())?;
        data.flush()?;
        Ok(Exit::Ok)
    }
}

fn list(session: &Session) -> Result<Exit, Failure> {
    let rows: Vec<_> = TOOLS
        .iter()
        .map(|tool| [tool.name, tool.about].map(str::to_owned))
        .collect();
    session.screen.table(&rows)?;
    session
        .screen
        .note("`trailkeep connect TOOL` prints how it opens the archive");
    Ok(Exit::Ok)
}

/// The archive's whole path: a tool is begun anywhere.
fn whole(archive: &Path) -> Result<String, Failure> {
    if !archive.exists() {
        return Err(ArchiveError::Missing(archive.to_owned()).into());
    }
    let named = archive.display();
    let whole = fs::canonicalize(archive)
        .map_err(|error| Failure::usage(format!("{named} cannot be looked at: {error}")))?;
    whole.into_os_string().into_string().map_err(|_| {
        Failure::usage(format!("the path of {named} is no text"))
            .hinted("move the archive to where tools can name it")
    })
}

/// The text with the archive in it:
/// - `{path}` as it is,
/// - `{word}` as a word of the shell,
/// - `{attach}` DuckDB's statement as a word of the shell,
/// - `{json}` in double quotes, as JSON and YAML have them,
/// - `{uri}` as SQLite's URI,
/// - `{name}` its name as Datasette has it in addresses.
fn filled(text: &str, path: &str) -> String {
    let attach = format!(
        "install sqlite; load sqlite; attach '{}' as trailkeep (type sqlite, read_only)",
        path.replace('\'', "''")
    );
    let stem = Path::new(path).file_stem().unwrap_or_default();
    let fillings = [
        ("{word}", shell::word(path)),
        ("{attach}", shell::word(&attach)),
        ("{json}", serde_json::Value::from(path).to_string()),
        (
            "{uri}",
            format!("file:{}?mode=ro", escaped(path, b"-._~/", '%')),
        ),
        ("{name}", escaped(&stem.to_string_lossy(), b"-_", '~')),
        ("{path}", path.to_owned()),
    ];
    let parts = text.split_inclusive('}');
    let fill = |part: &str| {
        let filling = fillings.iter().find(|(place, _)| part.ends_with(place));
        filling.map_or_else(
            || part.to_owned(),
            |(place, value)| format!("{}{value}", &part[..part.len() - place.len()]),
        )
    };
    parts.map(fill).collect()
}

/// A text in an address: what may mean something there stands by its number, behind this mark.
fn escaped(text: &str, plain: &[u8], mark: char) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("{mark}{byte:02X}")
        }
    };
    text.bytes().map(escape).collect()
}

fn names() -> PossibleValuesParser {
    let values = TOOLS
        .iter()
        .map(|tool| clap::builder::PossibleValue::new(tool.name).help(tool.about));
    PossibleValuesParser::new(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = "/a b/it's {name} 100%/log.2026.db";

    #[test]
    fn each_place_has_the_path_as_it_is_quoted_there() {
        for (place, filled_in) in [
            ("{path}", ODD),
            ("{word}", r"'/a b/it'\''s {name} 100%/log.2026.db'"),
            (
                "{attach}",
                r"'install sqlite; load sqlite; attach '\''/a b/it'\'''\''s {name} 100%/log.2026.db'\'' as trailkeep (type sqlite, read_only)'",
            ),
            ("{json}", r#""/a b/it's {name} 100%/log.2026.db""#),
            (
                "{uri}",
                "file:/a%20b/it%27s%20%7Bname%7D%20100%25/log.2026.db?mode=ro",
            ),
            ("{name}", "log~2E2026"),
        ] {
            let text = format!("a {place} b {{other}} {place}");
            let expected = format!("a {filled_in} b {{other}} {filled_in}");
            assert_eq!(filled(&text, ODD), expected, "{place}");
        }
    }

    #[test]
    fn no_text_has_a_place_that_stays_empty() {
        for tool in TOOLS {
            let printed = filled(tool.text, "/archive.db");
            assert!(printed.contains("/archive.db"), "{}", tool.name);
            let places = ["path", "word", "attach", "json", "uri", "name"];
            for place in places.map(|place| format!("{{{place}}}")) {
                assert!(!printed.contains(&place), "{}: {place}", tool.name);
            }
        }
    }
}
