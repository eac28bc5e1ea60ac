//! What a sync would do, told from the config and the archive alone: nobody is asked, nothing is
//! written or locked, and no secret is needed.

use std::io::{self, Write};

use serde::Serialize;

use super::chosen;
use crate::archive::ArchiveError;
use crate::archive::reader::{FeedRecord, Reader};
use crate::cli::Session;
use crate::cli::failure::{Exit, Failure};
use crate::cli::outcome::OutputForm;
use crate::cli::screen::Screen;
use crate::config::{Config, Source, SourceFeed};
use crate::coverage::plan::Plan;
use crate::event::{Period, Timestamp};
use crate::fetch::clock::{Clock, SystemClock};
use crate::sync::Wishes;
use crate::sync::decision::{Decision, Known};
use crate::time::minute;

/// Says of each feed what would be read and why, or when it is due.
///
/// # Errors
/// No source is configured, there is none of that name, or the archive cannot be read.
pub(super) fn run(
    session: &Session,
    config: &Config,
    named: &[String],
    wishes: Wishes,
    form: OutputForm,
) -> Result<Exit, Failure> {
    let now = SystemClock.now();
    let feeds = chosen(config, named)?;
    let records = match Reader::open(&config.archive.value) {
        Err(ArchiveError::Missing(_)) => Vec::new(),
        reader => reader?.feeds(now)?,
    };
    let decided = |(source, feed)| Decided::new(source, feed, &records, wishes, now);
    let decided: Vec<Decided<'_>> = feeds.into_iter().map(decided).collect();
    match form {
        OutputForm::Text => table(&session.screen, &decided, now)?,
        OutputForm::Json => write_json(&session.screen, &decided, now)?,
    }
    Ok(Exit::Ok)
}

/// A feed, and what is to be done with it.
struct Decided<'a> {
    source: &'a str,
    feed: &'a str,
    decision: Decision,
}

impl<'a> Decided<'a> {
    fn new(
        source: &'a Source,
        feed: &SourceFeed,
        records: &[FeedRecord],
        wishes: Wishes,
        now: Timestamp,
    ) -> Decided<'a> {
        let is_it = |one: &&FeedRecord| one.source == source.name && one.feed == feed.kind.name;
        let known = records.iter().find(is_it).map(|record| Known {
            coverage: record.coverage.clone(),
            last_complete: record.last_complete,
        });
        // What a feed can have is no secret.
        let limits = feed.kind.limits(&feed.section.settings);
        let known = known.unwrap_or_default();
        Decided {
            source: &source.name,
            feed: feed.kind.name,
            decision: known.decide(feed.kind.interval, limits.as_ref(), wishes, now),
        }
    }

    fn rows(&self, now: Timestamp) -> Vec<[String; 5]> {
        let name = format!("{}/{}", self.source, self.feed);
        let row = |what: &str, from: String, to: String, asks: String| {
            [name.clone(), what.to_owned(), from, to, asks]
        };
        let plan = match &self.decision {
            Decision::NotDue(due) => {
                let until = format!("until {}", minute(*due));
                return vec![row("not due", until, String::new(), String::new())];
            }
            Decision::Read(None) => {
                return vec![row(
                    "users",
                    String::new(),
                    String::new(),
                    WHOLE_LIST.to_owned(),
                )];
            }
            Decision::Read(Some(plan)) => plan,
        };
        let asks = plan.last_days(now).map_or(String::new(), last_days);
        let reads = plan.reads.iter();
        let reads = reads.map(|read| (read.why.name(), read.period, asks.clone()));
        let lost = plan.lost.iter();
        let lost = lost.map(|period| ("lost", *period, String::new()));
        reads
            .chain(lost)
            .map(|(what, period, asks)| row(what, minute(period.from), minute(period.to), asks))
            .collect()
    }
}

/// What a feed asks for that brings users only.
const WHOLE_LIST: &str = "the whole list";

fn last_days(days: u64) -> String {
    match days {
        1 => "the last day".to_owned(),
        days => format!("the last {days} days"),
    }
}

fn table(screen: &Screen, decided: &[Decided<'_>], now: Timestamp) -> io::Result<()> {
    let header = ["FEED", "WHY", "FROM", "TO", "ASKS FOR"].map(str::to_owned);
    let rows = decided.iter().flat_map(|decided| decided.rows(now));
    let mut rows: Vec<Vec<String>> = rows.map(Vec::from).collect();
    let asks_for = rows.iter().any(|row| row.last() != Some(&String::new()));
    rows.insert(0, header.into());
    if !asks_for {
        rows.iter_mut().for_each(|row| row.truncate(4));
    }
    screen.table(&rows)
}

/// One feed in JSON: when it is due, or what would be read.
#[derive(Serialize)]
struct Json<'a> {
    source: &'a str,
    feed: &'a str,
    not_due_until: Option<String>,
    /// It reads the whole user list, and no events.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    users: bool,
    reads: Vec<JsonStretch>,
    last_days: Option<u64>,
    lost: Vec<JsonStretch>,
}

/// A stretch of time, half-open.
#[derive(Serialize)]
struct JsonStretch {
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    from: String,
    to: String,
}

impl JsonStretch {
    fn of(period: Period, why: Option<&'static str>) -> JsonStretch {
        JsonStretch {
            why,
            from: period.from.to_string(),
            to: period.to.to_string(),
        }
    }
}

impl Json<'_> {
    fn of<'a>(decided: &'a Decided<'a>, now: Timestamp) -> Json<'a> {
        let (due, plan) = match &decided.decision {
            Decision::NotDue(due) => (Some(due.to_string()), None),
            Decision::Read(plan) => (None, plan.as_ref()),
        };
        let reads = plan.map_or(&[][..], |plan| &plan.reads).iter();
        let lost = plan.map_or(&[][..], |plan| &plan.lost).iter();
        Json {
            source: decided.source,
            feed: decided.feed,
            not_due_until: due,
            users: decided.decision == Decision::Read(None),
            reads: reads
                .map(|read| JsonStretch::of(read.period, Some(read.why.name())))
                .collect(),
            last_days: plan.and_then(|plan: &Plan| plan.last_days(now)),
            lost: lost.map(|period| JsonStretch::of(*period, None)).collect(),
        }
    }
}

fn write_json(screen: &Screen, decided: &[Decided<'_>], now: Timestamp) -> io::Result<()> {
    let objects: Vec<Json<'_>> = decided.iter().map(|one| Json::of(one, now)).collect();
    let mut data = screen.data();
    serde_json::to_writer_pretty(&mut data, &objects)?;
    writeln!(data)?;
    data.flush()
}
