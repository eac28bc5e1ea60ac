//! Whatever is archived, read and cut off in between: each event is handed on at least once, in
//! the order of archiving, and to each cursor on its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use trailkeep::archive::cursor::{Cursors, Position};
use trailkeep::archive::reader::{Only, Reader};
use trailkeep::archive::{Archive, Batch, Draft, Run};
use trailkeep::event::{Event, Identity, Page, Span, Text, Written};

use super::cases;
use crate::support::rig::START;

/// Something that happens.
#[derive(Debug, Clone)]
enum Deed {
    /// A page is archived whose events happened so many minutes before or after the others.
    Archive(Vec<i64>),
    /// A hand-over runs, so many stretches long, and is killed before the cursor of the last moved.
    HandOver {
        cursor: usize,
        stretches: usize,
        killed: bool,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        prop::collection::vec(-5_000_i64..5_000, 0..400).prop_map(Deed::Archive),
        (0..CURSORS.len(), 1..4_usize, any::<bool>()).prop_map(|(cursor, stretches, killed)| {
            Deed::HandOver {
                cursor,
                stretches,
                killed,
            }
        }),
    ]
}

/// One for all events, and one for those of a source.
const CURSORS: [(&str, Option<&str>); 2] = [("siem", None), ("only-acme", Some("acme"))];

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn each_event_is_handed_on_at_least_once_and_in_order(deeds in prop::collection::vec(deed(), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let mut model = Model::new(folder.path().join("trail.db"));
        for deed in &deeds {
            model.perform(deed);
        }
        for cursor in 0..CURSORS.len() {
            model.perform(&Deed::HandOver { cursor, stretches: usize::MAX, killed: false });
            model.holds(cursor);
        }
    }
}

struct Model {
    path: PathBuf,
    archive: Archive,
    batches: [Batch; 2],
    archived: i64,
    /// What came out under each cursor, by the key, in the order in which it came.
    handed: [Vec<i64>; 2],
}

impl Model {
    fn new(path: PathBuf) -> Model {
        let mut archive = open(&path);
        let batches = ["acme", "other"].map(|source| {
            let run = Run {
                source,
                kind: "sendsafely",
                feed: "api",
                limits: None,
                every: Duration::ZERO,
                lost: &[],
            };
            archive.begin(&run, START).unwrap()
        });
        Model {
            path,
            archive,
            batches,
            archived: 0,
            handed: Default::default(),
        }
    }

    fn perform(&mut self, deed: &Deed) {
        match deed {
            Deed::Archive(minutes) => {
                let page = self.page(minutes);
                let batch = &self.batches[minutes.len() % 2];
                let draft = Draft::new(page, batch.source);
                self.archive.ingest(batch, &draft, START).unwrap();
            }
            Deed::HandOver {
                cursor,
                stretches,
                killed,
            } => self.hand_over(*cursor, *stretches, *killed),
        }
    }

    fn page(&mut self, minutes: &[i64]) -> Page {
        let event = |minute: &i64| {
            self.archived += 1;
            let time = Written::nowhere(START.plus_millis(minute * 60_000));
            let id = Text::from(format!("event {}", self.archived));
            Event::at(time, Span::new(0, 2), Identity::Vendor(id))
        };
        Page {
            events: minutes.iter().map(event).collect(),
            bytes: b"{}".to_vec(),
            ..Page::default()
        }
    }

    /// As `trailkeep tail` does it: read, write, and then move the cursor.
    fn hand_over(&mut self, cursor: usize, stretches: usize, killed: bool) {
        let (name, source) = CURSORS[cursor];
        let only = Only {
            source: source.map(str::to_owned),
            ..Only::default()
        };
        let reader = Reader::open(&self.path).unwrap();
        let mut cursors = Cursors::open(&self.path).unwrap();
        let mut place = cursors.take(name, Position::START, START).unwrap();
        for left in (0..stretches).rev() {
            let stretch = reader.after(place, &only).unwrap();
            self.handed[cursor].extend(stretch.events.iter().map(|event| event.key));
            if killed && left == 0 {
                return;
            }
            if stretch.end != place {
                cursors.put(name, place, stretch.end, START).unwrap();
            }
            place = stretch.end;
            if stretch.is_last {
                return;
            }
        }
    }

    fn holds(&self, cursor: usize) {
        let wanted = order(&self.path, CURSORS[cursor].1);
        let handed = &self.handed[cursor];
        let mut seen = BTreeSet::new();
        let first: Vec<i64> = handed
            .iter()
            .copied()
            .filter(|key| seen.insert(*key))
            .collect();
        assert_eq!(first, wanted, "each is handed on, the first time in order");
        // What comes again goes on from there in order, too.
        let ranks: BTreeMap<i64, usize> = wanted.iter().copied().zip(0..).collect();
        let rank = |key: &i64| ranks[key];
        for pair in handed.windows(2) {
            let (before, after) = (rank(&pair[0]), rank(&pair[1]));
            assert!(
                after == before + 1 || after <= before,
                "{before} is followed by {after}"
            );
        }
    }
}

fn open(path: &Path) -> Archive {
    Archive::open(path, "a test").unwrap()
}

/// Keys in the order of archiving, as SQL has it.
fn order(path: &Path, source: Option<&str>) -> Vec<i64> {
    let db = rusqlite::Connection::open(path).unwrap();
    let sql =
        "select e.key from event e join page p on p.id = e.page join source s on s.id = p.source
        where ?1 is null or s.name = ?1 order by p.id, e.key";
    let mut find = db.prepare(sql).unwrap();
    let keys = find.query_map([source], |row| row.get(0)).unwrap();
    keys.collect::<Result<_, _>>().unwrap()
}
