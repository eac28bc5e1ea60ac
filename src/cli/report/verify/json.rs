//! What came of checking a report, as JSON.

use std::io;

use serde::Serialize;

use crate::cli::screen::Screen;
use crate::report::verify::{Finding, Findings, Outcome};

/// Writes one object.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn write(screen: &Screen, file: &str, findings: &Findings) -> io::Result<()> {
    let evidence = &findings.evidence;
    let verified = JsonVerified {
        file,
        is_true: findings.is_true(),
        made_at: evidence.made_at.to_string(),
        version: &evidence.version,
        archived_since: findings.archived_since,
        queries: findings.queries.iter().map(JsonFinding::of).collect(),
        flaws: &findings.flaws,
    };
    screen.json(&verified)
}

#[derive(Serialize)]
struct JsonVerified<'a> {
    file: &'a str,
    /// Whether the report is what the archive says.
    is_true: bool,
    made_at: String,
    /// Of trailkeep, as it made the report.
    version: &'a str,
    /// How many events of the period were archived after the report was made.
    archived_since: u64,
    queries: Vec<JsonFinding<'a>>,
    flaws: &'a [String],
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    name: &'a str,
    /// Rows of the report's answer.
    then: u64,
    /// Rows of today's; null where there is none.
    now: Option<u64>,
    /// `same`, `reordered`, `changed` or `failed`.
    outcome: &'static str,
    /// Why it failed.
    error: Option<&'a str>,
}

impl<'a> JsonFinding<'a> {
    fn of(finding: &'a Finding) -> JsonFinding<'a> {
        let (outcome, error) = match &finding.outcome {
            Outcome::Same => ("same", None),
            Outcome::Reordered => ("reordered", None),
            Outcome::Changed => ("changed", None),
            Outcome::Failed(why) => ("failed", Some(why.as_str())),
        };
        JsonFinding {
            name: &finding.name,
            then: finding.then,
            now: finding.now,
            outcome,
            error,
        }
    }
}
