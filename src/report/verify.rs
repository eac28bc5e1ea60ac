//! Checks a report: asks the same again, and writes it anew to compare it with the file.

pub(super) mod cells;
pub(super) mod document;

use std::io;
use std::time::Duration;

use crate::archive::reader::Reader;
use crate::coverage::{Section, Standing, without};
use crate::event::Timestamp;
use crate::query::{Options, Query};
use crate::report::answer::{Answer, Writer};
use crate::report::evidence::{Asked, Evidence, FORM, Feed};
use crate::report::form::{FORMS, Form};
use crate::report::{ReportError, make};

/// What came of checking a report.
#[derive(Debug)]
pub struct Findings {
    /// What the report says of itself.
    pub evidence: Evidence,
    /// The queries, in the report's order.
    pub queries: Vec<Finding>,
    /// How many events of the period were archived after the report was made.
    pub archived_since: u64,
    /// What else does not fit, each in a sentence; none where the file is as it was made.
    pub flaws: Vec<String>,
}

/// What came of asking a query again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The query.
    pub name: String,
    /// How many rows the report's answer has.
    pub then: u64,
    /// How many rows today's has; none where there is none.
    pub now: Option<u64>,
    /// How they compare.
    pub outcome: Outcome,
}

/// How an answer compares with the report's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is the same.
    Same,
    /// It has the same rows in another order.
    Reordered,
    /// It is another one.
    Changed,
    /// There is none, for this reason.
    Failed(String),
}

/// Why a file cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is no report, or its evidence cannot be read.
    #[error("it is no report of trailkeep, or its evidence is damaged")]
    NoReport(#[source] Option<serde_json::Error>),
    /// A newer trailkeep wrote it.
    #[error("it was written by trailkeep {0}, which is newer")]
    Newer(String),
    /// It was made from another archive.
    #[error("it was made from another archive, {then}; this one is {now}")]
    OtherArchive {
        /// The id of that archive.
        then: String,
        /// The id of this one.
        now: String,
    },
    /// The archive cannot be asked.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Checks the bytes of a report.
///
/// # Errors
/// They are no report of this archive, or the archive cannot be asked.
pub fn verify(
    file: &[u8],
    reader: &Reader,
    now: Timestamp,
    timeout: Option<Duration>,
) -> Result<Findings, VerifyError> {
    let (form, evidence) = read(file)?;
    let _frozen = reader.freeze().map_err(ReportError::from)?;
    must_be_of(&evidence, reader)?;
    let mut queries = Vec::new();
    let mut answers = Vec::new();
    let mut flaws = Vec::new();
    for asked in &evidence.queries {
        let (finding, answer) = ask_again(asked, reader, evidence.made_at, timeout, &mut flaws)?;
        queries.push(finding);
        answers.push(answer);
    }
    flaws.extend(archive_flaws(&evidence, reader, now)?);
    let comparable: Vec<bool> = queries
        .iter()
        .map(|one| one.outcome == Outcome::Same)
        .collect();
    let document = document::flaws(file, form, &evidence, answers, &comparable);
    flaws.extend(document.map_err(ReportError::from)?);
    let archived_since = reader.archived_after(evidence.archive.last_page, evidence.period());
    Ok(Findings {
        archived_since: archived_since.map_err(ReportError::from)?,
        evidence,
        queries,
        flaws,
    })
}

impl Findings {
    /// Whether the report is what the archive says.
    pub fn is_true(&self) -> bool {
        let as_it_was = |one: &Finding| matches!(one.outcome, Outcome::Same | Outcome::Reordered);
        self.flaws.is_empty() && self.queries.iter().all(as_it_was)
    }

    /// Whether some query could not be asked again.
    pub fn has_failed(&self) -> bool {
        let failed = |one: &Finding| matches!(one.outcome, Outcome::Failed(_));
        self.queries.iter().any(failed)
    }
}

fn read(file: &[u8]) -> Result<(&'static Form, Evidence), VerifyError> {
    let form = FORMS.iter().find(|form| file.starts_with(form.magic));
    let form = form.ok_or(VerifyError::NoReport(None))?;
    let (json, _) = (form.evidence)(file).ok_or(VerifyError::NoReport(None))?;
    let damaged = |error| VerifyError::NoReport(Some(error));
    let begun: Begun = serde_json::from_str(&json).map_err(damaged)?;
    if begun.form > FORM {
        return Err(VerifyError::Newer(begun.version));
    }
    Ok((form, serde_json::from_str(&json).map_err(damaged)?))
}

/// What the evidence of every form says.
#[derive(serde::Deserialize)]
struct Begun {
    form: u32,
    version: String,
}

fn must_be_of(evidence: &Evidence, reader: &Reader) -> Result<(), VerifyError> {
    let now = reader.archive_id().map_err(ReportError::from)?;
    if now == evidence.archive.id {
        return Ok(());
    }
    let named = |id: &Option<String>| id.clone().unwrap_or_else(|| "empty".to_owned());
    Err(VerifyError::OtherArchive {
        then: named(&evidence.archive.id),
        now: named(&now),
    })
}

/// Asks a query again, with the same parameters.
fn ask_again(
    asked: &Asked,
    reader: &Reader,
    made_at: Timestamp,
    timeout: Option<Duration>,
    flaws: &mut Vec<String>,
) -> Result<(Finding, Answer), ReportError> {
    let given = given(asked);
    let options = Options {
        given: &given,
        now: made_at,
        timeout,
    };
    let query = Query::read(&asked.sql).map_err(|source| ReportError::Query {
        name: asked.name.clone(),
        source: Box::new(source),
    });
    let answered = query.and_then(|query| make::ask(reader, &asked.name, &query, options));
    let (now, outcome, answer) = match answered {
        Ok((again, answer)) => {
            flaws.extend(told_otherwise(asked, &again));
            (Some(again.answer.rows), compare(asked, &again), answer)
        }
        Err(ReportError::Query { source, .. }) => {
            let nothing = Writer::new(asked.columns.clone()).end();
            (None, Outcome::Failed(source.to_string()), nothing)
        }
        Err(error) => return Err(error),
    };
    let finding = Finding {
        name: asked.name.clone(),
        then: asked.answer.rows,
        now,
        outcome,
    };
    Ok((finding, answer))
}

fn compare(then: &Asked, now: &Asked) -> Outcome {
    let unordered = |asked: &Asked| asked.answer.unordered_sha256.clone();
    if then.answer == now.answer {
        Outcome::Same
    } else if then.answer.rows == now.answer.rows
        && unordered(then).is_some()
        && unordered(then) == unordered(now)
    {
        Outcome::Reordered
    } else {
        Outcome::Changed
    }
}

/// What the evidence says of a query besides its answer follows from its text; but the columns of
/// `select *` may be others by now, and then so is the answer.
fn told_otherwise(then: &Asked, now: &Asked) -> Option<String> {
    let is_same = then.answer == now.answer;
    let told = Asked {
        answer: then.answer.clone(),
        columns: if is_same { &now.columns } else { &then.columns }.clone(),
        ..now.clone()
    };
    (told != *then).then(|| {
        let name = &then.name;
        format!("what the evidence says of {name} is not what its text says")
    })
}

/// The parameters as they were bound. What was nothing is so by its default again.
fn given(asked: &Asked) -> Vec<(String, String)> {
    let given = asked.parameters.iter().filter_map(|(name, value)| {
        let text = match value {
            serde_json::Value::Null => return None,
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((name.clone(), text))
    });
    given.collect()
}

/// What the evidence says of the archive, and the archive does not.
fn archive_flaws(
    evidence: &Evidence,
    reader: &Reader,
    now: Timestamp,
) -> Result<Vec<String>, ReportError> {
    let mut flaws = Vec::new();
    let archive = make::archive(reader)?;
    if archive.last_page < evidence.archive.last_page {
        flaws.push(format!(
            "the archive ends at page {}, the report was made from one up to page {}: this is an older copy",
            archive.last_page, evidence.archive.last_page
        ));
        return Ok(flaws);
    }
    let mut sources = evidence.archive.sources.iter();
    if !sources.all(|source| archive.sources.contains(source)) {
        flaws.push("the archive has not the sources that the report names".to_owned());
    }
    if !has_batches(evidence, reader)? {
        flaws.push("the batches of the period are not those of the archive".to_owned());
    }
    let coverage = make::coverage(reader, evidence.period(), now)?;
    let feeds = evidence.coverage.iter();
    let doubtful = feeds.filter(|feed| !is_covered(feed, &coverage));
    flaws.extend(doubtful.map(|feed| {
        let (source, feed) = (&feed.source, &feed.feed);
        format!("{source}/{feed} is not complete where the report says so")
    }));
    Ok(flaws)
}

/// Whether the batches of the period are those of the archive, as far as it had come.
fn has_batches(evidence: &Evidence, reader: &Reader) -> Result<bool, ReportError> {
    let mut now = make::batches(reader, evidence.period(), evidence.archive.last_page)?;
    for (now, then) in now.iter_mut().zip(&evidence.batches) {
        // A batch that was still running had none yet.
        if then.sha256.is_none() {
            now.sha256 = None;
        }
    }
    Ok(now == evidence.batches)
}

/// What is complete stays so.
fn is_covered(then: &Feed, now: &[Feed]) -> bool {
    let is_it = |feed: &&Feed| (&feed.source, &feed.feed) == (&then.source, &then.feed);
    let sections = now
        .iter()
        .find(is_it)
        .map(Feed::sections)
        .unwrap_or_default();
    let complete = |sections: Vec<Section>| {
        let complete = sections
            .into_iter()
            .filter(|one| one.standing == Standing::Complete);
        complete.map(|section| section.period).collect::<Vec<_>>()
    };
    let now = complete(sections);
    complete(then.sections())
        .into_iter()
        .all(|period| without(period, &now).is_empty())
}

impl From<io::Error> for VerifyError {
    fn from(error: io::Error) -> VerifyError {
        VerifyError::Report(error.into())
    }
}
