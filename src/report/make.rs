//! Asks the archive what a report is about.

use crate::archive::reader::{FeedRecord, Reader, Share};
use crate::event::{Period, Timestamp};
use crate::query::{Options, Parameter, ParameterKind, Prepared, Query, QueryError, Value};
use crate::report::answer::{self, Answer, Writer, hex};
use crate::report::evidence::{Archive, Asked, Batch, Evidence, FORM, Feed, Span, Stood};
use crate::report::selection::{Chosen, FROM, Selection, TO, is_as_of};
use crate::report::{Order, Report, ReportError};

/// Makes a report. All of it is of one state of the archive, whoever writes it meanwhile.
///
/// # Errors
/// Something is wrong with what is asked, or the archive cannot be read.
pub fn make(reader: &Reader, order: &Order<'_>) -> Result<Report, ReportError> {
    let Period { from, to } = order.period;
    if order.period.is_empty() {
        return Err(ReportError::Backwards { from, to });
    }
    let selection = Selection::of(order)?;
    if let (true, Some(one)) = (selection.queries.is_empty(), selection.left_out.first()) {
        let (query, parameter) = (one.query.clone(), one.parameter.clone());
        return Err(ReportError::Empty { query, parameter });
    }
    let unresolved = unresolved();
    let chosen = selection
        .queries
        .iter()
        .map(|one| (one.name, one.query, one.given.clone()));
    let last = ("unresolved-actors", &unresolved, bounds(order.period));
    let _frozen = reader.freeze()?;
    let mut report = Report {
        evidence: facts(reader, order, &selection)?,
        answers: Vec::new(),
    };
    for (name, query, given) in chosen.chain([last]) {
        let options = Options {
            given: &given,
            now: order.now,
            timeout: order.timeout,
        };
        let (asked, answer) = ask(reader, name, query, options)?;
        report.evidence.queries.push(asked);
        report.answers.push(answer);
    }
    Ok(report)
}

/// Asks one query.
///
/// # Errors
/// It is not answered.
pub(super) fn ask(
    reader: &Reader,
    name: &str,
    query: &Query,
    options: Options<'_>,
) -> Result<(Asked, Answer), ReportError> {
    let failed = |source: QueryError| ReportError::Query {
        name: name.to_owned(),
        source: Box::new(source),
    };
    let mut prepared = query.prepare(reader, options).map_err(failed)?;
    let parameters = parameters(&prepared);
    let columns = prepared.columns().into_iter().map(|column| column.name);
    let mut writer = Writer::new(columns.collect());
    let mut rows = prepared.rows();
    while let Some(row) = rows.next().map_err(failed)? {
        writer.row(row)?;
    }
    let answer = writer.end();
    let asked = Asked {
        name: name.to_owned(),
        about: query.about.clone(),
        span: span(query, &parameters),
        parameters,
        chart: query.chart.as_ref().map(Into::into),
        columns: answer.columns.clone(),
        answer: answer.digests.clone(),
        sql_sha256: answer::sha256(&query.sql),
        sql: query.sql.clone(),
    };
    Ok((asked, answer))
}

/// What evidence says of an archive and a period, before anything is asked.
fn facts(
    reader: &Reader,
    order: &Order<'_>,
    selection: &Selection<'_>,
) -> Result<Evidence, ReportError> {
    let archive = archive(reader)?;
    let batches = batches(reader, order.period, archive.last_page)?;
    Ok(Evidence {
        form: FORM,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        title: order
            .title
            .map_or_else(|| title(order, selection), str::to_owned),
        made_at: order.now,
        coverage: coverage(reader, order.period, order.now)?,
        batches,
        archive,
        period: order.period.into(),
        named: order.named.to_vec(),
        left_out: selection.left_out.clone(),
        queries: Vec::new(),
        document_sha256: None,
    })
}

/// Which archive this is and how far it has come.
///
/// # Errors
/// SQLite fails.
pub(super) fn archive(reader: &Reader) -> Result<Archive, ReportError> {
    let reached = reader.reached()?;
    Ok(Archive {
        id: reader.archive_id()?,
        schema: reader.figures()?.schema,
        sources: reader.sources()?,
        last_batch: reached.batch,
        last_page: reached.page,
        archived_to: reached.archived_at,
    })
}

/// How each feed's time stands in a period.
///
/// # Errors
/// The archive is of an older schema, or SQLite fails.
pub(super) fn coverage(
    reader: &Reader,
    period: Period,
    now: Timestamp,
) -> Result<Vec<Feed>, ReportError> {
    let feeds = reader.feeds(now)?.into_iter();
    let feeds = feeds.filter(FeedRecord::brings_events);
    Ok(feeds.map(|feed| stood(&feed, period, now)).collect())
}

fn stood(feed: &FeedRecord, period: Period, now: Timestamp) -> Feed {
    let within = |section: crate::coverage::Section| {
        let from = section.period.from.max(period.from);
        let to = section.period.to.min(period.to);
        let standing = section.standing.name().to_owned();
        (from < to).then_some(Stood { from, to, standing })
    };
    Feed {
        source: feed.source.clone(),
        feed: feed.feed.clone(),
        sections: feed.sections(now).into_iter().filter_map(within).collect(),
    }
}

/// The batches that brought events of a period, as far as a page.
///
/// # Errors
/// SQLite fails.
pub(super) fn batches(
    reader: &Reader,
    period: Period,
    page: i64,
) -> Result<Vec<Batch>, ReportError> {
    let shares = reader.shares(period, page)?;
    let batch = |share: Share| Batch {
        batch: share.batch,
        source: share.source,
        feed: share.feed,
        started_at: share.started_at,
        events: share.events,
        sha256: share.sha256,
    };
    Ok(shares.into_iter().map(batch).collect())
}

/// What was named; where that is one query, its description.
fn title(order: &Order<'_>, selection: &Selection<'_>) -> String {
    match (order.named, selection.queries.as_slice()) {
        (
            [name],
            [
                Chosen {
                    name: its, query, ..
                },
            ],
        ) if name == its && !query.about.is_empty() => query.about.clone(),
        _ => order.named.join(", "),
    }
}

/// Actors of a period whom no list of users knows.
fn unresolved() -> Query {
    let query = Query::read(include_str!("unresolved-actors.sql"));
    query.expect("the header of a query of our own is tested")
}

fn bounds(period: Period) -> Vec<(String, String)> {
    let bounds = [("from", period.from), ("to", period.to)];
    let given = bounds.map(|(name, moment)| (name.to_owned(), moment.to_string()));
    given.into()
}

fn parameters(prepared: &Prepared<'_>) -> serde_json::Map<String, serde_json::Value> {
    let bound = prepared.bound().map(|(name, value)| {
        let value = match value {
            Value::Null => serde_json::Value::Null,
            Value::Integer(number) => number.into(),
            Value::Real(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Blob(bytes) => hex(bytes).into(),
        };
        (name.to_owned(), value)
    });
    bound.collect()
}

/// What a query was asked about, as far as its parameters say.
fn span(query: &Query, parameters: &serde_json::Map<String, serde_json::Value>) -> Span {
    let bound = |is_meant: &dyn Fn(&Parameter) -> bool| {
        let times = query.parameters.iter().filter(|one| is_meant(one));
        let mut moments =
            times.filter_map(|one| crate::time::parse_iso(parameters.get(&one.name)?.as_str()?));
        moments.next()
    };
    let is_time = |one: &Parameter| one.kind == ParameterKind::Time;
    Span {
        from: bound(&|one| is_time(one) && FROM.contains(&one.name.as_str())),
        to: bound(&|one| is_as_of(one) || is_time(one) && TO.contains(&one.name.as_str())),
    }
}
