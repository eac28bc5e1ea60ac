//! What answers cost at ten million events, next to DuckDB's native table of the same events in the
//! same run: the questions in `questions/` and every saved query.
//!
//! `cargo bench --bench queries` installs DuckDB and prints the table that `docs/figures.md` quotes;
//! `-- --events 1000000` is quicker, `-- --only NAME` asks only what has that in its name. An answer
//! is timed from its text to its last row in memory, within a process that has the file open already:
//! ours through [`Query::prepare`], DuckDB's through its Python API and `fetchall`. Median of nine
//! rounds after a tenth of a second of them that do not count. The events are kept in `target/bench` for
//! the next run.

#![expect(clippy::print_stdout, reason = "what a benchmark finds is printed")]

#[path = "queries/answer.rs"]
mod answer;
#[path = "queries/append.rs"]
mod append;
#[expect(dead_code, reason = "other benchmarks compare rounds")]
mod cost;
#[path = "queries/data.rs"]
mod data;
#[path = "queries/files.rs"]
mod files;
#[path = "queries/question.rs"]
mod question;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use trailkeep::archive::reader::Reader;
use trailkeep::event::Timestamp;

use self::answer::{Answer, DuckDb, ask_us};
use self::cost::Outcome;
use self::files::Files;
use self::question::Question;

/// 2026-11-20, so that the data is the same at every run.
const NOW: Timestamp = Timestamp::from_millis(1_795_132_800_000);
/// In milliseconds.
const DAY: i64 = 86_400_000;
const EVENTS: usize = 10_000_000;
const ROUNDS: usize = 9;
/// A processor that has waited for the other is slow at first.
const WARM_UP: Duration = Duration::from_millis(100);

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` runs benchmarks too, with this argument; there is nothing to test.
    if arguments.iter().any(|argument| argument == "--test") {
        return Ok(());
    }
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let events = option("--events").map_or(Ok(EVENTS), str::parse)?;
    set_up()?;
    let files = Files::prepare(events)?;
    println!(
        "{events} events, {:.1} bytes each in the archive",
        files.bytes_per_event()?
    );
    answers(&files, option("--only").unwrap_or_default())?;
    match option("--only") {
        Some(_) => Ok(()),
        None => append::compare(&files),
    }
}

/// Installs DuckDB.
fn set_up() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("tests/set-up"));
    let status = command
        .arg("benches/peers.txt")
        .current_dir(root)
        .status()?;
    if !status.success() {
        return Err(format!("tests/set-up: {status}").into());
    }
    Ok(())
}

fn answers(files: &Files, only: &str) -> Outcome<()> {
    let reader = Reader::open(&files.archive())?;
    let mut asked = question::all(&reader)?;
    asked.retain(|question| question.name.contains(only));
    let mut duckdb = DuckDb::open(&files.duckdb())?;
    println!(
        "\n{:40} {:>8} {:>10} {:>10} {:>8}",
        "", "rows", "ms", "DuckDB", "ratio"
    );
    let (mut questions, mut saved) = (Vec::new(), Vec::new());
    for question in &asked {
        let ours = ask_us(&reader, question)?;
        let theirs = duckdb.ask(question)?;
        println!("{}", line(question, &ours, &theirs));
        if let Ok(theirs) = theirs {
            let ratios = if question.is_saved {
                &mut saved
            } else {
                &mut questions
            };
            ratios.push(ours.ms / theirs.ms);
        }
    }
    duckdb.close()?;
    let both = [&questions[..], &saved[..]].concat();
    for (which, ratios) in [
        ("questions", questions),
        ("saved queries", saved),
        ("in all", both),
    ] {
        let (count, mean) = (ratios.len(), mean(&ratios));
        println!("geometric mean of {count} {which}: {mean:.2} of DuckDB's time");
    }
    Ok(())
}

fn line(question: &Question, ours: &Answer, theirs: &Result<Answer, String>) -> String {
    let ours_only = format!("{:40} {:8} {:10.2}", question.name, ours.rows, ours.ms);
    match theirs {
        Err(error) => {
            let error = error.lines().next().unwrap_or_default();
            format!("{ours_only} {:>10} {:>8}  DuckDB: {error}", "-", "-")
        }
        Ok(theirs) => {
            let verdict = match (ours.rows == theirs.rows, ours.hash == theirs.hash) {
                (true, true) => String::new(),
                (true, false) => "  the rows are others".to_owned(),
                _ => format!("  DuckDB has {} rows", theirs.rows),
            };
            let ratio = ours.ms / theirs.ms;
            format!("{ours_only} {:10.2} {ratio:8.3}{verdict}", theirs.ms)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are some dozens")]
fn mean(ratios: &[f64]) -> f64 {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (logarithms / ratios.len() as f64).exp()
}
