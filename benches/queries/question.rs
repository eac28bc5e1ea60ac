//! What is asked: our SQL, and what DuckDB is asked in its place.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use trailkeep::archive::reader::Reader;
use trailkeep::query::{Options, ParameterKind, Query, saved};

use crate::cost::Outcome;
use crate::data::email;
use crate::{DAY, NOW};

pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) is_saved: bool,
    pub(crate) query: Query,
    pub(crate) given: Vec<(String, String)>,
    /// In DuckDB's words.
    pub(crate) duckdb: String,
}

/// The questions in `benches/questions`, and all saved queries.
pub(crate) fn all(reader: &Reader) -> Outcome<Vec<Question>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/questions");
    let examples = examples(reader)?;
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut questions = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = name.strip_suffix(".sql").filter(|name| !name.contains('.')) {
            let query = Query::read(&fs::read_to_string(&file)?)?;
            questions.push(Question::new(name, false, query, &examples, &folder)?);
        }
    }
    for one in saved::list(None)? {
        questions.push(Question::new(
            &one.name, true, one.query?, &examples, &folder,
        )?);
    }
    Ok(questions)
}

impl Question {
    fn new(
        name: &str,
        is_saved: bool,
        query: Query,
        examples: &[(&str, String)],
        folder: &Path,
    ) -> Outcome<Question> {
        let folder = if is_saved {
            folder.join("saved")
        } else {
            folder.to_owned()
        };
        let twin = folder.join(format!("{name}.duckdb.sql"));
        let duckdb = if twin.exists() {
            fs::read_to_string(twin)?
        } else {
            translated(&query.sql)
        };
        let declared = |name: &str| query.parameters.iter().any(|one| one.name == name);
        let given = examples.iter().filter(|(name, _)| declared(name));
        Ok(Question {
            name: name.to_owned(),
            is_saved,
            given: given
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            query,
            duckdb,
        })
    }

    pub(crate) fn options(&self) -> Options<'_> {
        Options {
            given: &self.given,
            now: NOW,
            timeout: None,
        }
    }

    /// The values of the parameters that DuckDB's text uses; a time as an object.
    pub(crate) fn values(&self) -> Map<String, Value> {
        let used = self.query.parameters.iter();
        let used = used.filter(|one| self.duckdb.contains(&format!("${}", one.name)));
        let value = |name: &str, kind| {
            let text = self.query.text(name, self.options())?;
            Some(match kind {
                _ if text == "null" => Value::Null,
                ParameterKind::Time => {
                    json!({"time": self.query.time(&[name], self.options())?.to_string()})
                }
                ParameterKind::Text => json!(text),
                ParameterKind::Flag => json!(["true", "yes", "1"].contains(&text)),
                ParameterKind::Integer | ParameterKind::Number => {
                    serde_json::from_str(text).unwrap_or_default()
                }
            })
        };
        used.map(|one| {
            (
                one.name.clone(),
                value(&one.name, one.kind).unwrap_or_default(),
            )
        })
        .collect()
    }
}

/// The same in DuckDB's words, where only those differ: its parameters, a `like` that goes by case, and
/// an end of time that is a time.
fn translated(sql: &str) -> String {
    let lines = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let mut text = lines
        .collect::<Vec<_>>()
        .join("\n")
        .replace(" like ", " ilike ")
        .replace("(:until, '9')", "(:until, timestamp '9999-12-31')");
    for (at, _) in text.clone().match_indices(':') {
        let is_name = text[at + 1..].starts_with(|c: char| c.is_ascii_lowercase());
        if is_name && !text[..at].ends_with(':') {
            text.replace_range(at..=at, "$");
        }
    }
    text
}

/// Values for parameters that have no default, out of the data.
fn examples(reader: &Reader) -> Outcome<Vec<(&'static str, String)>> {
    let one = |column: &str| -> Outcome<String> {
        let sql = format!(
            "select {column} from sendsafely_events
             where time >= '2026-10-14T12:00' and file_name is not null limit 1"
        );
        let query = Query::read(&sql)?;
        let options = Options {
            given: &[],
            now: NOW,
            timeout: None,
        };
        let mut prepared = query.prepare(reader, options)?;
        let mut rows = prepared.rows();
        let row = rows.next()?.ok_or("no event has a file")?;
        match row.first() {
            Some(trailkeep::query::Value::Text(text)) => Ok(text.to_string()),
            other => Err(format!("{column} is {other:?}").into()),
        }
    };
    let file = one("file_name")?;
    Ok(vec![
        ("since", NOW.plus_millis(-30 * DAY).to_string()),
        ("known", NOW.plus_millis(-45 * DAY).to_string()),
        (
            "part",
            file.trim_end_matches(char::is_alphabetic).to_owned(),
        ),
        ("file", file),
        ("id", one("event_id")?),
        ("package", one("package_id")?),
        ("ip", one("ip_address")?),
        ("who", email(200)),
        ("domain", "example.com".to_owned()),
    ])
}
