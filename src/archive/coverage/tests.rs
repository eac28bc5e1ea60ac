//! What the archive says of time is what was claimed, in its tables and in its views.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::archive::{Archive, Draft};
use crate::coverage::{Limits, Reach, Section, Standing};
use crate::event::{Event, Identity, Page, Span, Written};

const HOUR: i64 = 3_600_000;

const LIMITS: Limits = Limits {
    look_back: Duration::from_secs(100 * 3_600),
    settle: Duration::from_secs(10 * 3_600),
    reach: Reach::Free,
    log: Log::Audit,
};

struct Sandbox {
    archive: Archive,
    /// The moment it is, for the views go by SQLite's own clock.
    now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Sandbox {
    fn new() -> Sandbox {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(&folder.path().join("archive.db"), "a test").unwrap();
        Sandbox {
            now: time_of(&archive),
            archive,
            _folder: folder,
        }
    }

    /// So many hours ago, and a half, so that no moment falls on a limit.
    fn ago(&self, hours: i64) -> Timestamp {
        self.now.plus_millis(-hours * HOUR - HOUR / 2)
    }

    fn begin(&mut self, feed: &str, lost: &[Period]) -> Batch {
        let run = Run {
            source: "acme",
            kind: "sendsafely",
            feed,
            limits: (feed != "file").then_some(LIMITS),
            every: Duration::ZERO,
            lost,
        };
        self.archive.begin(&run, self.now).unwrap()
    }

    /// A batch that claims to have read from so many hours ago to so many, so many hours ago.
    fn claim(&mut self, feed: &str, from: i64, to: i64, as_of: i64) {
        let batch = self.begin(feed, &[]);
        let (from, to) = (self.ago(from), self.ago(to));
        let claim = Claim {
            period: Period { from, to },
            as_of: self.ago(as_of),
        };
        self.keep(
            &batch,
            Page {
                covers: Some(claim),
                ..Page::default()
            },
        );
    }

    fn keep(&mut self, batch: &Batch, page: Page) {
        let draft = Draft::new(page, batch.source);
        self.archive.ingest(batch, &draft, self.now).unwrap();
    }

    fn rows(&self, sql: &str) -> Vec<(String, String, String)> {
        let mut find = self.archive.db.prepare(sql).unwrap();
        let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// The view, its ends to the hour: it goes by the clock of the moment it is asked.
    fn gaps(&self) -> Vec<(String, i64, i64)> {
        let rows =
            self.rows("select state, from_time, to_time from gaps where feed = 'api' order by 2");
        let row = |(state, from, to): (String, String, String)| {
            (state, self.hours(&from), self.hours(&to))
        };
        rows.into_iter().map(row).collect()
    }

    /// So many whole hours ago.
    fn hours(&self, time: &str) -> i64 {
        let time = crate::time::parse_moment(time, self.now).unwrap();
        (self.now.millis() - time.millis() + 60_000) / HOUR
    }
}

/// The time by SQLite's clock.
fn time_of(archive: &Archive) -> Timestamp {
    let sql = "select cast(unixepoch('subsec') * 1000 as integer)";
    let millis = archive.db.query_row(sql, [], |row| row.get(0));
    Timestamp::from_millis(millis.unwrap())
}

/// The same, as the program has it.
fn expected(sandbox: &Sandbox) -> Vec<(String, i64, i64)> {
    let own = sandbox.archive.coverage("acme", "api").unwrap();
    let all = own.helped_by(&sandbox.archive.coverage("acme", "file").unwrap());
    let hours = |time: Timestamp| sandbox.hours(&time.to_string());
    let row = |section: Section| {
        let Period { from, to } = section.period;
        (section.standing.name().to_owned(), hours(from), hours(to))
    };
    let sections = all.sections(&LIMITS, sandbox.now).into_iter();
    let is_gap = |section: &Section| matches!(section.standing, Standing::Gap | Standing::Lost);
    sections.filter(is_gap).map(row).collect()
}

#[test]
fn a_claim_is_kept_with_its_batch_and_what_settled_is_complete() {
    let mut sandbox = Sandbox::new();
    sandbox.claim("api", 50, 0, 0);
    sandbox.claim("api", 60, 50, 0);
    let stretches = sandbox.archive.coverage("acme", "api").unwrap();
    let said: Vec<_> = stretches
        .stretches()
        .iter()
        .map(|one| (one.state, one.first_batch, one.last_batch))
        .collect();
    assert_eq!(said, [(State::Complete, 1, 2), (State::Open, 1, 1)]);
    let states = sandbox.rows("select state, feed, source from coverage order by from_time");
    assert_eq!(states[0], ("complete".into(), "api".into(), "acme".into()));
    assert_eq!(states.len(), 2);
}

#[test]
fn what_is_lost_is_on_record_with_the_batch_that_found_it_out() {
    let mut sandbox = Sandbox::new();
    sandbox.claim("api", 200, 150, 140);
    let lost = Period {
        from: sandbox.ago(150),
        to: sandbox.ago(101),
    };
    sandbox.begin("api", &[lost]);
    let coverage = sandbox.archive.coverage("acme", "api").unwrap();
    let last = coverage.stretches().last().unwrap();
    assert_eq!(
        (last.period, last.state, last.first_batch),
        (lost, State::Lost, 2)
    );
    assert_eq!(sandbox.gaps(), expected(&sandbox));
}

#[test]
fn events_that_were_not_there_before_are_counted_as_late() {
    let mut sandbox = Sandbox::new();
    sandbox.claim("api", 50, 5, 5);
    let batch = sandbox.begin("api", &[]);
    let event = |hours: i64, id: &str| {
        let time = Written::nowhere(sandbox.ago(hours));
        Event::at(time, Span::new(0, 0), Identity::Vendor(id.into()))
    };
    // Long settled; missed by two hours; missed by four; not read before; not read at all.
    let events = [(40, "a"), (7, "b"), (9, "c"), (4, "d"), (60, "e")];
    let page = Page {
        events: events.map(|(hours, id)| event(hours, id)).into(),
        ..Page::default()
    };
    let draft = Draft::new(page, batch.source);
    let counts = sandbox.archive.ingest(&batch, &draft, sandbox.now).unwrap();
    assert_eq!((counts.added, counts.late), (5, 3));
    assert_eq!(counts.late_by, LIMITS.settle);
    let kept =
        sandbox.rows("select late || '', late_by_seconds || '', '' from batches where batch = 2");
    assert_eq!(kept, [("3".into(), "36000.0".into(), String::new())]);
}

#[test]
fn a_first_archive_is_brought_to_this_form_and_what_was_covered_is_open() {
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    let first = include_str!("../../../migrations/0001_archive.sql");
    db.execute_batch(&format!(
        "{first};
         pragma user_version = 1;
         insert into source (id, name, kind) values (1, 'acme', 'sendsafely');
         insert into batch (id, source, feed, started_at) values (1, 1, 'api', 900);
         insert into covered values (1, 'api', 100, 800, 1);"
    ))
    .unwrap();
    crate::archive::schema::migrate(&mut db).unwrap();
    let coverage = of_feed(&db, "acme", "api").unwrap();
    let [stretch] = coverage.stretches() else {
        panic!("{coverage:?}")
    };
    assert_eq!((stretch.state, stretch.as_of.millis()), (State::Open, 900));
    assert_eq!(stretch.period.to.millis(), 800);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_view_of_gaps_says_what_the_program_says(
        claims in prop::collection::vec((0_i64..160, 1_i64..60, 0_i64..12, prop::bool::weighted(0.2)), 1..8),
    ) {
        let mut sandbox = Sandbox::new();
        for (from, length, age, file) in claims {
            let to = (from - length).max(0);
            let feed = if file { "file" } else { "api" };
            sandbox.claim(feed, from, to, (to - age).max(0));
        }
        prop_assert_eq!(sandbox.gaps(), expected(&sandbox));
    }
}
