//! What it costs to add fresh events to an archive that holds many, next to a table of DuckDB's with
//! a primary key.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;

use crate::cost::{Cost, Outcome, cost, times};
use crate::files::{Files, import, python};

/// Fresh events, and how many come at a time: about what a run brings to a busy tenant within the
/// hour, and what a day's report has.
pub(crate) const FRESH: usize = 100_000;
const BATCHES: [usize; 2] = [1_000, 10_000];

#[derive(Deserialize)]
struct Said {
    seconds: f64,
    processor: f64,
}

/// Adds the same events, batch by batch, to copies of both.
pub(crate) fn compare(files: &Files) -> Outcome<()> {
    BATCHES
        .into_iter()
        .try_for_each(|batch| compare_by(files, batch))
}

fn compare_by(files: &Files, batch: usize) -> Outcome<()> {
    let folder = files.archive().with_extension("append");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let batches = batches(&files.fresh(), &folder, batch)?;
    let archive = folder.join("archive.db");
    copy(&files.archive(), &archive)?;
    let ours = cost(&mut import(&archive, &batches))?;
    fs::remove_file(archive)?;
    let theirs = duckdb(&files.duckdb(), &folder, &batches)?;
    println!("\n{FRESH} fresh events, {batch} at a time");
    // No peaks: a process begins with that of the one which starts it, and ours has the whole archive
    // before it.
    println!("{}", times("trailkeep import", ours));
    println!("{}", times("DuckDB, primary key", theirs));
    let of = |ours: Duration, theirs: Duration| ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "import / DuckDB: {:.2} of its time, {:.2} of its processor",
        of(ours.wall, theirs.wall),
        of(ours.cpu, theirs.cpu)
    );
    Ok(fs::remove_dir_all(folder)?)
}

fn batches(fresh: &Path, folder: &Path, batch: usize) -> Outcome<Vec<PathBuf>> {
    let mut lines = BufReader::new(File::open(fresh)?).lines();
    let mut batches = Vec::new();
    for number in 0..FRESH / batch {
        let path = folder.join(format!("{number:03}.ndjson"));
        let mut out = BufWriter::new(File::create(&path)?);
        for line in lines.by_ref().take(batch) {
            writeln!(out, "{}", line?)?;
        }
        out.flush()?;
        batches.push(path);
    }
    Ok(batches)
}

/// What is still to be written of a copy would be written while something is timed.
fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::copy(from, to)?;
    Ok(File::open(to)?.sync_all()?)
}

/// Only the inserting is timed there, and not the process as a whole.
fn duckdb(database: &Path, folder: &Path, batches: &[PathBuf]) -> Outcome<Cost> {
    let copy = folder.join("events.duckdb");
    self::copy(database, &copy)?;
    let mut command = python();
    command.arg("append").arg(copy).args(batches);
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("benches/queries/peer.py: {}", output.status).into());
    }
    let said: Said = serde_json::from_slice(&output.stdout)?;
    Ok(Cost {
        wall: Duration::from_secs_f64(said.seconds),
        cpu: Duration::from_secs_f64(said.processor),
        peak_mib: 0,
    })
}
