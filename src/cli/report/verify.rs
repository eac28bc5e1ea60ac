//! `trailkeep report verify`: whether a report is what the archive says.

mod json;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::archive::reader::Reader;
use crate::cli::Session;
use crate::cli::failure::{Exit, Failure};
use crate::cli::outcome::OutputForm;
use crate::cli::query::length;
use crate::cli::screen::Screen;
use crate::fetch::clock::{Clock, SystemClock};
use crate::report::verify::{Finding, Findings, Outcome, verify};

/// Ask the queries of a report again, and compare it with what it was made as
///
/// Runs the texts that stand in the file with the same parameters, compares the number of rows and
/// the SHA-256 of each answer, then writes the report anew and compares it with the file. Exits
/// with 0 if the report is what the archive says, with 1 if it is not (any more), with 2 if some
/// query cannot be run or the file is no report.
///
/// It proves that file and archive agree; not that neither was made to agree by whoever may write
/// both. Title, and when and by which version it was made, are as whoever made it says. Of an answer that has changed since, the rows in the file can only be held against the
/// file's own SHA-256, which whoever edits the file can edit, too.
#[derive(Args)]
pub(super) struct Verify {
    /// A report: HTML, Markdown or xlsx
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How to say what came of it
    #[arg(short, long, value_enum, value_name = "FORM", default_value_t = OutputForm::Text)]
    output: OutputForm,
    /// How long each query may work: 90s, 10min
    #[arg(long, value_name = "D", default_value = "60s", value_parser = length)]
    timeout: Duration,
}

/// A larger file is no report.
const BYTES_MAX: u64 = 1 << 30;

impl Verify {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        let name = self.file.display().to_string();
        let file = read(&self.file).map_err(|error| Failure::from(error).of(&name))?;
        let reader = Reader::open(&config.archive.value)?;
        let findings = verify(&file, &reader, SystemClock.now(), Some(self.timeout));
        let findings = findings.map_err(|error| Failure::from(error).of(&name))?;
        match self.output {
            OutputForm::Text => tell(&findings, &session.screen)?,
            OutputForm::Json => json::write(&session.screen, &name, &findings)?,
        }
        Ok(match (findings.has_failed(), findings.is_true()) {
            (true, _) => Exit::Usage,
            (false, true) => Exit::Ok,
            (false, false) => Exit::Findings,
        })
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > BYTES_MAX {
        return Err(std::io::Error::other("it is too large for a report"));
    }
    fs::read(path)
}

fn tell(findings: &Findings, screen: &Screen) -> std::io::Result<()> {
    let header = ["QUERY", "THEN", "NOW", "ANSWER"].map(str::to_owned);
    let rows = findings.queries.iter().map(row);
    screen.table(&std::iter::once(header).chain(rows).collect::<Vec<_>>())?;
    for one in &findings.queries {
        if let Outcome::Failed(why) = &one.outcome {
            screen.warning(format_args!("{} cannot be run: {why}", one.name));
        }
    }
    for flaw in &findings.flaws {
        screen.warning(flaw);
    }
    screen.note(since(findings));
    if findings.is_true() {
        screen.note("the report is what the archive says");
    }
    Ok(())
}

fn row(one: &Finding) -> [String; 4] {
    let outcome = match one.outcome {
        Outcome::Same => "same",
        Outcome::Reordered => "same rows, in another order",
        Outcome::Changed => "changed",
        Outcome::Failed(_) => "cannot be run",
    };
    let now = one
        .now
        .map_or_else(|| "-".to_owned(), |rows| rows.to_string());
    [
        one.name.clone(),
        one.then.to_string(),
        now,
        outcome.to_owned(),
    ]
}

/// What was archived since the report was made, and whether it explains a change.
fn since(findings: &Findings) -> String {
    let since = findings.evidence.made_at;
    let has_changed = findings
        .queries
        .iter()
        .any(|one| one.outcome == Outcome::Changed);
    let archived = match findings.archived_since {
        0 => "no event of the period was".to_owned(),
        1 => "1 event of the period was".to_owned(),
        events => format!("{events} events of the period were"),
    };
    let explained = match (has_changed, findings.archived_since) {
        (false, _) => "",
        (true, 0) => "; a list of users may have changed, or a query asks for more than the period",
        (true, _) => ", which may be why an answer has changed",
    };
    format!("{archived} archived after the report was made at {since}{explained}")
}
