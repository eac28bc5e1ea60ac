//! Whatever is archived, however late, and whenever a run is cut off: each row that offends is told
//! at least once, to each who is told, and exactly once where nothing is cut off.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::Connection;
use trailkeep::archive::checks::{Asked, Checks, Told};
use trailkeep::archive::reader::Reader;
use trailkeep::archive::{Archive, Batch, Draft, Run};
use trailkeep::check::{Answer, Listener, Outcome, ask};
use trailkeep::event::{Event, Identity, Page, Span, Text, Timestamp, Written};
use trailkeep::query::{Options, Query, Value};

use super::cases;
use crate::support::rig::START;

/// Something that happens.
#[derive(Debug, Clone)]
enum Deed {
    /// Events are archived, each by one of three people, so many minutes before now: many of them
    /// late, and some of a time that no check asks for.
    Archive(Vec<(usize, i64)>),
    /// So many minutes pass.
    Pass(i64),
    /// A check is run for what is new, and cut off before what it told whom is on record.
    Check {
        check: usize,
        cut_off: Option<usize>,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let event = (0..PEOPLE.len(), 0..2 * WINDOW_MINUTES);
    prop_oneof![
        3 => prop::collection::vec(event, 0..12).prop_map(Deed::Archive),
        1 => (0..WINDOW_MINUTES / 2).prop_map(Deed::Pass),
        4 => (0..CHECKS.len(), prop::option::weighted(0.3, 0..WAYS.len()))
            .prop_map(|(check, cut_off)| Deed::Check { check, cut_off }),
    ]
}

const PEOPLE: [&str; 3] = ["ann", "bob", "eve"];
const WAYS: [&str; 2] = ["screen", "url"];
const WINDOW_MINUTES: i64 = 2 * 24 * 60;

/// What each expects, and the SQL: events one by one, events that are alike, a count, and a count
/// that is known by the first column alone.
const CHECKS: [(&str, &str); 5] = [
    (
        "no rows",
        "select event_id from events where time >= :since",
    ),
    ("no rows", "select actor from events where time >= :since"),
    (
        "no rows",
        "select actor, count(*) as events from events where time >= :since group by actor",
    ),
    (
        "no rows\n-- once: actor",
        "select actor, count(*) as events from events where time >= :since group by actor",
    ),
    (
        "at most 6 rows",
        "select event_id from events where time >= :since",
    ),
];

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn each_offending_row_is_told_once(deeds in prop::collection::vec(deed(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let mut model = Model::new(folder.path().join("trail.db"));
        for deed in &deeds {
            model.perform(deed);
        }
        for check in 0..CHECKS.len() {
            model.perform(&Deed::Check { check, cut_off: None });
            model.perform(&Deed::Check { check, cut_off: None });
        }
    }
}

/// Rows, and how many there are of each that is equal.
type Rows = BTreeMap<String, u64>;

struct Model {
    path: PathBuf,
    archive: Archive,
    batch: Batch,
    now: Timestamp,
    archived: u64,
    /// By check and way: what offended when last it was on record that it was told.
    told: BTreeMap<(usize, usize), Rows>,
}

impl Model {
    fn new(path: PathBuf) -> Model {
        let mut archive = Archive::open(&path, "a test").unwrap();
        let run = Run {
            source: "acme",
            kind: "sendsafely",
            feed: "api",
            limits: None,
            every: Duration::ZERO,
            lost: &[],
        };
        let batch = archive.begin(&run, START).unwrap();
        Model {
            path,
            archive,
            batch,
            now: START,
            archived: 0,
            told: BTreeMap::new(),
        }
    }

    fn perform(&mut self, deed: &Deed) {
        match deed {
            Deed::Archive(events) => {
                let page = self.page(events);
                let draft = Draft::new(page, self.batch.source);
                self.archive.ingest(&self.batch, &draft, self.now).unwrap();
            }
            Deed::Pass(minutes) => self.now = self.now.plus_millis(minutes * 60_000),
            Deed::Check { check, cut_off } => self.check(*check, *cut_off),
        }
    }

    fn page(&mut self, events: &[(usize, i64)]) -> Page {
        let event = |(person, minutes): &(usize, i64)| {
            self.archived += 1;
            let time = Written::nowhere(self.now.plus_millis(-minutes * 60_000));
            let id = Text::from(format!("event {}", self.archived));
            Event {
                actor: Some(Text::from(PEOPLE[*person])),
                ..Event::at(time, Span::new(0, 2), Identity::Vendor(id))
            }
        };
        Page {
            events: events.iter().map(event).collect(),
            bytes: b"{}".to_vec(),
            ..Page::default()
        }
    }

    /// As `trailkeep check --new` does it: ask, tell, and then keep what was told.
    fn check(&mut self, check: usize, cut_off: Option<usize>) {
        let mut checks = Checks::open(&self.path).unwrap();
        let asked = Asked {
            name: format!("check-{check}"),
            parameters: "{}".to_owned(),
        };
        let listener = |way: &&str| Listener {
            known: checks.told(&asked, way).unwrap(),
            limit: usize::MAX,
        };
        let listeners: Vec<Listener> = WAYS.iter().map(listener).collect();
        let answer = self.answer(check, &listeners);
        for (at, way) in WAYS.iter().enumerate() {
            let is_cut_off = cut_off == Some(at);
            self.holds(check, at, &answer, &listeners[at], is_cut_off);
            if is_cut_off {
                return;
            }
            let told = Told {
                asked: &asked,
                way,
                before: &listeners[at].known,
                now: &answer.offences,
            };
            checks.keep(&[], &[told]).unwrap();
        }
    }

    fn answer(&self, check: usize, listeners: &[Listener]) -> Answer {
        let (expect, sql) = CHECKS[check];
        let days = WINDOW_MINUTES / (24 * 60);
        let text = format!("-- x\n-- expect: {expect}\n-- param since time = {days}d\n{sql}");
        let query = Query::read(&text).unwrap();
        let reader = Reader::open(&self.path).unwrap();
        let options = Options {
            given: &[],
            now: self.now,
            timeout: None,
        };
        ask(&query, query.expect.unwrap(), &reader, options, listeners).unwrap()
    }

    /// What is told is what offends and did not when last it was told, by a count that knows
    /// nothing of hashes.
    fn holds(
        &mut self,
        check: usize,
        way: usize,
        answer: &Answer,
        listener: &Listener,
        is_cut_off: bool,
    ) {
        let offending = self.offending(check);
        let before = self.told.entry((check, way)).or_default();
        let mut new = Rows::new();
        for (row, count) in &offending {
            let more = count.saturating_sub(before.get(row).copied().unwrap_or(0));
            if more > 0 {
                new.insert(row.clone(), more);
            }
        }
        let shown = &answer.news[way].shown;
        let mut told = Rows::new();
        for row in shown {
            *told.entry(known_by(check, in_words(row))).or_default() += 1;
        }
        assert_eq!(told, new, "check {check} to {}", WAYS[way]);
        assert_eq!(answer.news[way].rows, shown.len() as u64);
        let outcome = match (offending.is_empty(), new.is_empty()) {
            (true, _) => Outcome::Pass,
            (_, true) => Outcome::Known,
            (_, false) => Outcome::Alarm,
        };
        assert_eq!(answer.outcome(listener), outcome);
        // What was cut off was told all the same, and comes again.
        if !is_cut_off {
            *before = offending;
        }
    }

    /// The rows that offend now, as SQL over the archive has them.
    fn offending(&self, check: usize) -> Rows {
        let (expect, sql) = CHECKS[check];
        let since = self.now.plus_millis(-WINDOW_MINUTES * 60_000);
        let db = Connection::open(&self.path).unwrap();
        let mut find = db.prepare(sql).unwrap();
        let columns = find.column_count();
        let mut rows = find.query([since.to_string()]).unwrap();
        let mut offending = Rows::new();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..columns).map(|at| match row.get_ref_unwrap(at).as_str() {
                Ok(text) => text.to_owned(),
                Err(_) => format!("{:?}", Value::Integer(row.get_unwrap(at))),
            });
            let row = values.collect::<Vec<_>>().join("|");
            *offending.entry(known_by(check, row)).or_default() += 1;
        }
        let bound = expect.split(' ').find_map(|word| word.parse().ok());
        if offending.values().sum::<u64>() <= bound.unwrap_or(0) {
            offending.clear();
        }
        offending
    }
}

fn known_by(check: usize, row: String) -> String {
    match CHECKS[check].0.split_once("once: ") {
        Some(_) => row.split('|').next().unwrap_or_default().to_owned(),
        None => row,
    }
}

fn in_words(row: &[Value<'_>]) -> String {
    let words = row.iter().map(|value| match value {
        Value::Text(text) => text.to_string(),
        other => format!("{other:?}"),
    });
    words.collect::<Vec<_>>().join("|")
}
