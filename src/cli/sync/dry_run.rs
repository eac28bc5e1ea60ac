//! What a sync would do, told from the config and the archive alone: nobody is asked, nothing is
//! written or locked, and no secret is needed.

use std::io;

use serde::Serialize;

use super::chosen;
use crate::archive::ArchiveError;
use crate::archive::reader::{FeedRecord, Reader};
use crate::cli::Session;
use crate::cli::failure::{Exit, Failure};
use crate::cli::outcome::OutputForm;
use crate::cli::screen::Screen;
use crate::config::{Config, Source, SourceFeed};
use crate::coverage::Reach;
use crate::coverage::plan::{Plan, Why};
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
    reads: Reads,
}

/// What is to be read of a feed.
enum Reads {
    /// Nothing before then.
    NotDue(Timestamp),
    /// The user list, and no events.
    Users,
    /// Whatever has come, of any time.
    Come(Come),
    /// Stretches of time.
    Stretches(Plan),
}

/// What is read of a bucket.
#[derive(Clone, Copy)]
struct Come {
    /// What has come since the last complete run began; all there is, if none was.
    since: Option<Timestamp>,
    /// What has come since then is read once more.
    again: Option<Timestamp>,
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
        let decision = known.decide(feed.kind.interval, limits.as_ref(), wishes, now);
        let come = Come {
            since: known.last_complete,
            again: wishes.since,
        };
        Decided {
            source: &source.name,
            feed: feed.kind.name,
            reads: Reads::of(decision, come),
        }
    }

    fn rows(&self, now: Timestamp) -> Vec<[String; 5]> {
        let name = format!("{}/{}", self.source, self.feed);
        let row = |[why, from, to, asks]: [String; 4]| [name.clone(), why, from, to, asks];
        self.reads.rows(now).into_iter().map(row).collect()
    }
}

impl Reads {
    fn of(decision: Decision, come: Come) -> Reads {
        match decision {
            Decision::NotDue(due) => Reads::NotDue(due),
            Decision::Read(None) => Reads::Users,
            Decision::Read(Some(plan)) if plan.reach == Reach::Whole => Reads::Come(come),
            Decision::Read(Some(plan)) => Reads::Stretches(plan),
        }
    }

    /// Why, from, to, and what is asked for.
    fn rows(&self, now: Timestamp) -> Vec<[String; 4]> {
        let asks = |why: &str, asks: String| [why.to_owned(), String::new(), String::new(), asks];
        match self {
            Reads::NotDue(due) => {
                let until = format!("until {}", minute(*due));
                vec![["not due".to_owned(), until, String::new(), String::new()]]
            }
            Reads::Users => vec![asks("users", WHOLE_LIST.to_owned())],
            Reads::Come(Come { since, again }) => {
                let new = asks(Why::New.name(), since.map_or(ALL.to_owned(), come_since));
                let again = again
                    .map(|again| asks(Why::Since.name(), format!("{}, again", come_since(again))));
                std::iter::once(new).chain(again).collect()
            }
            Reads::Stretches(plan) => stretches(plan, now),
        }
    }
}

fn stretches(plan: &Plan, now: Timestamp) -> Vec<[String; 4]> {
    let asks = plan.last_days(now).map_or(String::new(), last_days);
    let reads = plan.reads.iter();
    let reads = reads.map(|read| (read.why.name(), read.period, asks.clone()));
    let lost = plan.lost.iter();
    let lost = lost.map(|period| ("lost", *period, String::new()));
    reads
        .chain(lost)
        .map(|(why, period, asks)| [why.to_owned(), minute(period.from), minute(period.to), asks])
        .collect()
}

/// What a feed asks for that brings users only.
const WHOLE_LIST: &str = "the whole list";

/// What the first run of a bucket reads.
const ALL: &str = "all there is";

fn come_since(moment: Timestamp) -> String {
    format!("what has come since {}", minute(moment))
}

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
    /// It reads whatever has come, of any time, and no stretches.
    #[serde(skip_serializing_if = "Option::is_none")]
    come: Option<JsonCome>,
    reads: Vec<JsonStretch>,
    last_days: Option<u64>,
    lost: Vec<JsonStretch>,
}

/// What has come since then; all there is, if null. What is read once more is there if any is.
#[derive(Serialize)]
struct JsonCome {
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again_since: Option<String>,
}

impl JsonCome {
    fn of(come: Come) -> JsonCome {
        let text = |moment: Timestamp| moment.to_string();
        JsonCome {
            since: come.since.map(text),
            again_since: come.again.map(text),
        }
    }
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
        let mut json = Json {
            source: decided.source,
            feed: decided.feed,
            not_due_until: None,
            users: false,
            come: None,
            reads: Vec::new(),
            last_days: None,
            lost: Vec::new(),
        };
        match &decided.reads {
            Reads::NotDue(due) => json.not_due_until = Some(due.to_string()),
            Reads::Users => json.users = true,
            Reads::Come(come) => json.come = Some(JsonCome::of(*come)),
            Reads::Stretches(plan) => json.stretches(plan, now),
        }
        json
    }

    fn stretches(&mut self, plan: &Plan, now: Timestamp) {
        let reads = plan.reads.iter();
        let reads = reads.map(|read| JsonStretch::of(read.period, Some(read.why.name())));
        let lost = plan.lost.iter();
        self.reads = reads.collect();
        self.last_days = plan.last_days(now);
        self.lost = lost.map(|period| JsonStretch::of(*period, None)).collect();
    }
}

fn write_json(screen: &Screen, decided: &[Decided<'_>], now: Timestamp) -> io::Result<()> {
    let objects: Vec<Json<'_>> = decided.iter().map(|one| Json::of(one, now)).collect();
    screen.json(&objects)
}
