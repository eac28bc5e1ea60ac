//! What every form says in the same words.

use crate::event::Timestamp;
use crate::report::evidence::{Asked, Evidence, Span};
use crate::report::form::parameters;

/// A stretch of time in words.
pub(super) fn span(span: Span) -> String {
    let moment = |moment: Timestamp| moment.to_string();
    match (span.from.map(moment), span.to.map(moment)) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("from {from} on"),
        (None, Some(to)) => format!("up to {to}"),
        (None, None) => "the whole archive".to_owned(),
    }
}

/// What time a query was asked about, in short where it is the report's.
pub(super) fn asked_about(asked: Span, evidence: &Evidence) -> String {
    if asked == evidence.period {
        "the period".to_owned()
    } else {
        span(asked)
    }
}

/// What a query is called: its description, else its name.
pub(super) fn title(asked: &Asked) -> &str {
    if asked.about.is_empty() {
        &asked.name
    } else {
        &asked.about
    }
}

/// What stands on the title page: names and values.
pub(super) fn facts(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let sources = evidence.archive.sources.iter();
    let sources: Vec<String> = sources
        .map(|(name, kind)| format!("{name} ({kind})"))
        .collect();
    let batches = match evidence.batches.len() {
        1 => "1 batch".to_owned(),
        batches => format!("{batches} batches"),
    };
    vec![
        ("Sources", or_none(sources.join(", "))),
        (
            "Events",
            format!("{} in the period, from {batches}", evidence.events()),
        ),
        ("Archived up to", archived_to(evidence)),
        (
            "Made",
            format!("{} by trailkeep {}", evidence.made_at, evidence.version),
        ),
        ("Archive", id(evidence)),
    ]
}

/// Queries that were left out; none if none were.
pub(super) fn left_out(evidence: &Evidence) -> Option<String> {
    let left_out = evidence.left_out.iter();
    let names: Vec<String> = left_out
        .map(|one| format!("{} (parameter {})", one.query, one.parameter))
        .collect();
    let names = names.join(", ");
    (!names.is_empty()).then(|| format!("Left out, for want of a parameter: {names}."))
}

/// The other parameters of a query, after its name and time.
pub(super) fn subtitle(asked: &Asked) -> String {
    let mut subtitle = span(asked.span);
    for (name, value) in parameters(asked) {
        subtitle.push_str(&format!("; {name} = {value}"));
    }
    subtitle
}

/// What the evidence is, and what it is worth.
pub(super) fn proof(evidence: &Evidence) -> [String; 3] {
    [
        "Whoever has the archive can ask the same again: `trailkeep report verify FILE` runs the texts \
         below with the same parameters, compares each answer, and writes this report anew to compare it \
         with the file."
            .to_owned(),
        "It shows that the report is what the archive says. It does not show that nobody changed \
         archive and report alike: for that, keep the file, or its SHA-256, where neither can be changed."
            .to_owned(),
        format!(
            "The SHA-256 of an answer is that of its columns and then its rows, all of them, each a JSON \
             array without blanks on a line of its own, as in [\"{}\",1,null]; bytes are \
             {{\"blob\":\"00ff\"}}. Times are UTC; a period begins with its first moment and ends \
             before its last.",
            evidence.made_at
        ),
    ]
}

/// Which archive it is, and how far it had come.
pub(super) fn archive(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let archive = &evidence.archive;
    vec![
        ("Id", id(evidence)),
        (
            "Last page",
            format!("{}, archived {}", archive.last_page, archived_to(evidence)),
        ),
        ("Last batch", archive.last_batch.to_string()),
        ("Schema", archive.schema.to_string()),
        ("Period", span(evidence.period)),
        (
            "Made",
            format!("{} by trailkeep {}", evidence.made_at, evidence.version),
        ),
        ("Named", evidence.named.join(", ")),
    ]
}

/// What came of a query.
pub(super) fn query(asked: &Asked) -> Vec<(&'static str, String)> {
    let parameters = asked.parameters.iter();
    let parameters: Vec<String> = parameters
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    vec![
        ("Parameters", or_none(parameters.join(", "))),
        ("Rows", asked.answer.rows.to_string()),
        ("Answer’s SHA-256", asked.answer.sha256.clone()),
        ("Text’s SHA-256", asked.sql_sha256.clone()),
    ]
}

fn id(evidence: &Evidence) -> String {
    or_none(evidence.archive.id.clone().unwrap_or_default())
}

fn archived_to(evidence: &Evidence) -> String {
    let moment = evidence.archive.archived_to;
    or_none(moment.map(|moment| moment.to_string()).unwrap_or_default())
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}
