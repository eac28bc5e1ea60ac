//! A round of checks for programs.

use std::io;

use serde_json::{Value, json};

use super::form;
use super::round::{Checked, Round, SCREEN};
use crate::format;

/// The round as one object.
///
/// # Errors
/// None, for text takes all that is written to it.
pub(super) fn text(round: &Round) -> io::Result<String> {
    let checks: Vec<Value> = {
        let check = |check| of(check, SCREEN, round.asks_for_new);
        round.checks.iter().map(check).collect()
    };
    let object = json!({
        "archive": round.archive,
        "version": env!("CARGO_PKG_VERSION"),
        "ran_at": round.ran_at.to_string(),
        "outcome": round.outcome().name(),
        "checks": checks,
    });
    Ok(serde_json::to_string_pretty(&object)? + "\n")
}

/// A check as one of its listeners hears of it; `new_rows` only where what is new is asked for.
pub(super) fn of(check: &Checked, listener: usize, asks_for_new: bool) -> Value {
    let (query, answer) = (&check.query, check.answer.as_ref().ok());
    let failure = check.answer.as_ref().err();
    let error = failure.map(|failure| {
        let reasons = failure
            .reasons()
            .into_iter()
            .map(|reason| format!(": {reason}"));
        format!("{failure}{}", reasons.collect::<String>())
    });
    let news = check.news(listener);
    let parameters: Value = serde_json::from_str(&check.asked.parameters).unwrap_or_default();
    json!({
        "name": check.asked.name,
        "about": query.about,
        "tags": query.tags,
        "severity": query.severity.map(crate::query::Severity::name),
        "expect": query.expect.map(|expect| expect.to_string()),
        "parameters": parameters,
        "outcome": check.outcome(listener).name(),
        "rows": answer.map(|answer| answer.rows),
        "new_rows": asks_for_new.then(|| news.map_or(0, |news| news.rows)),
        "offending": offending(check, listener),
        "complete": check.is_complete(),
        "coverage": check.coverage.as_ref().map(|known| &known.lines),
        "error": error,
        "hints": failure.map(|failure| &failure.hints),
        "sha256": hex(&check.sha256()),
        "took_ms": u64::try_from(check.took.as_millis()).unwrap_or(u64::MAX),
    })
}

/// The rows that are shown, an object each; none where there is no alarm.
fn offending(check: &Checked, listener: usize) -> Value {
    let written = || {
        let (answer, news) = (check.answer.as_ref().ok()?, check.news(listener)?);
        let text = form::rows(format::find("json")?, &answer.columns, &news.shown, None).ok()?;
        serde_json::from_str(&text).ok()
    };
    written().unwrap_or_else(|| json!([]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
