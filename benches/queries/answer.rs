//! Asks us and DuckDB, and makes answers comparable.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use trailkeep::archive::reader::Reader;
use trailkeep::query::Value;

use crate::cost::Outcome;
use crate::files::python;
use crate::question::Question;
use crate::{ROUNDS, WARM_UP};

/// How long it took, and what it is.
pub(crate) struct Answer {
    pub(crate) ms: f64,
    pub(crate) rows: usize,
    /// Of the rows in any order, as benches/queries/peer.py has it.
    pub(crate) hash: String,
}

pub(crate) fn ask_us(reader: &Reader, question: &Question) -> Outcome<Answer> {
    let begun = Instant::now();
    while begun.elapsed() < WARM_UP {
        once(reader, question)?;
    }
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
    error: Option<String>,
    #[serde(default)]
    ms: f64,
    #[serde(default)]
    rows: usize,
    #[serde(default)]
    hash: String,
}

/// DuckDB with the database open, which is asked in turns with us: a change in the machine's speed
/// meets both.
pub(crate) struct DuckDb {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl DuckDb {
    pub(crate) fn open(database: &Path) -> Outcome<DuckDb> {
        let mut command: Command = python();
        let command = command.arg("ask").arg(database);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = piped.spawn()?;
        let questions = process.stdin.take().ok_or("no standard input")?;
        let answers = process.stdout.take().ok_or("no standard output")?;
        Ok(DuckDb {
            process,
            questions,
            answers: BufReader::new(answers),
        })
    }

    /// Its answer; an error within is a question that it does not understand.
    pub(crate) fn ask(&mut self, question: &Question) -> Outcome<Result<Answer, String>> {
        let (sql, values) = (&question.duckdb, question.values());
        let warm_up = WARM_UP.as_secs_f64();
        let asked = json!({"sql": sql, "values": values, "rounds": ROUNDS, "warm_up": warm_up});
        writeln!(self.questions, "{asked}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let said: Said = serde_json::from_str(&line)?;
        let answer = Answer {
            ms: said.ms,
            rows: said.rows,
            hash: said.hash,
        };
        Ok(said.error.map_or(Ok(answer), Err))
    }

    pub(crate) fn close(self) -> Outcome<()> {
        let DuckDb {
            mut process,
            questions,
            ..
        } = self;
        drop(questions);
        let status = process.wait()?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("benches/queries/peer.py: {status}").into()),
        }
    }
}
