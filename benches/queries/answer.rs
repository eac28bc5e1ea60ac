//! Asks us and DuckDB, and makes answers comparable.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use trailkeep::archive::reader::Reader;
use trailkeep::query::Value;

use crate::ROUNDS;
use crate::cost::Outcome;
use crate::files::python;
use crate::question::Question;

/// How long it took, and what it is.
pub(crate) struct Answer {
    pub(crate) ms: f64,
    pub(crate) rows: usize,
    /// Of the rows in any order, as benches/queries/peer.py has it.
    pub(crate) hash: String,
}

pub(crate) fn ask_us(reader: &Reader, question: &Question) -> Outcome<Answer> {
    once(reader, question)?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(once(reader, question)?);
    }
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ms, rows) = rounds.swap_remove(ROUNDS / 2);
    Ok(Answer {
        ms,
        rows: rows.len(),
        hash: hash(&rows),
    })
}

/// A value that outlives its row.
enum Kept {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

fn once(reader: &Reader, question: &Question) -> Outcome<(f64, Vec<Vec<Kept>>)> {
    let started = Instant::now();
    let mut prepared = question.query.prepare(reader, question.options())?;
    let mut rows = prepared.rows();
    let mut kept = Vec::new();
    while let Some(row) = rows.next()? {
        kept.push(row.into_iter().map(keep).collect());
    }
    Ok((started.elapsed().as_secs_f64() * 1_000.0, kept))
}

fn keep(value: Value<'_>) -> Kept {
    match value {
        Value::Null => Kept::Null,
        Value::Integer(number) => Kept::Integer(number),
        Value::Real(number) => Kept::Real(number),
        Value::Text(text) => Kept::Text(text.into_owned()),
        Value::Blob(bytes) => Kept::Blob(bytes.to_vec()),
    }
}

fn hash(rows: &[Vec<Kept>]) -> String {
    let line = |row: &Vec<Kept>| row.iter().map(written).collect::<Vec<_>>().join("\u{1f}");
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.sort_unstable();
    let digest = Sha256::digest(lines.join("\n"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn written(value: &Kept) -> String {
    match value {
        Kept::Null => "\0".to_owned(),
        Kept::Integer(number) => number.to_string(),
        Kept::Real(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Kept::Real(number) => format!("{number:.3}"),
        Kept::Text(text) => text.clone(),
        Kept::Blob(bytes) => format!("{bytes:?}"),
    }
}

#[derive(Deserialize)]
struct Said {
    name: String,
    error: Option<String>,
    #[serde(default)]
    ms: f64,
    #[serde(default)]
    rows: usize,
    #[serde(default)]
    hash: String,
}

/// DuckDB's answers by the questions' names; an error is one that it could not understand.
pub(crate) fn ask_duckdb(
    database: &Path,
    questions: &[Question],
) -> Outcome<HashMap<String, Result<Answer, String>>> {
    let asked: Vec<_> = questions
        .iter()
        .map(|one| {
            json!({"name": one.name, "sql": one.duckdb, "values": one.values(), "rounds": ROUNDS})
        })
        .collect();
    let mut command: Command = python();
    command
        .arg("ask")
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().ok_or("no standard input")?;
    input.write_all(&serde_json::to_vec(&asked)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("benches/queries/peer.py: {}", output.status).into());
    }
    let mut answers = HashMap::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let Said {
            name,
            error,
            ms,
            rows,
            hash,
        } = serde_json::from_str(line)?;
        let answer = error.map_or(Ok(Answer { ms, rows, hash }), Err);
        answers.insert(name, answer);
    }
    Ok(answers)
}
