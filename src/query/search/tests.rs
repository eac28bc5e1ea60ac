//! Tests of [`super`]: what a search finds is what a look into every event finds.

use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::archive::{Archive, ArchiveError, Batch, Draft, Run};
use crate::event::{Detail, Event, Identity, Page, Span, Written};
use crate::query::sample::{NOW, rows};

const RUN: Run<'static> = Run {
    source: "acme",
    kind: "sendsafely",
    feed: "file",
    limits: None,
    every: Duration::ZERO,
    lost: &[],
};

/// An archive into which files are told of.
struct Told {
    _folder: tempfile::TempDir,
    path: PathBuf,
    archive: Archive,
    batch: Batch,
    events: usize,
}

impl Told {
    fn new() -> Told {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        let mut archive = Archive::open(&path, "a test").unwrap();
        let batch = archive.begin(&RUN, NOW).unwrap();
        Told {
            _folder: folder,
            path,
            archive,
            batch,
            events: 0,
        }
    }

    fn of(files: &[&str]) -> Told {
        let mut told = Told::new();
        let files: Vec<(String, String)> = files
            .iter()
            .map(|file| ((*file).to_owned(), String::new()))
            .collect();
        told.tell(&files);
        told
    }

    fn tell(&mut self, files: &[(String, String)]) {
        self.try_to_tell(files).unwrap();
    }

    /// A page of events, of the name of a file and what else is said; an empty text is none. Many
    /// are of one millisecond.
    fn try_to_tell(&mut self, files: &[(String, String)]) -> Result<(), ArchiveError> {
        let mut page = Page::default();
        for (file, said) in files {
            let number = self.events;
            self.events += 1;
            let start = page.bytes.len();
            page.bytes.extend_from_slice(number.to_string().as_bytes());
            let raw = Span::new(start, page.bytes.len());
            let time = NOW.plus_millis(-i64::try_from(number * 7 % 40).unwrap());
            let id = Identity::Vendor(format!("id-{number}").as_str().into());
            let json = serde_json::Value::from(said.as_str()).to_string();
            let detail = Detail {
                name: "said".into(),
                json: json.as_str().into(),
            };
            page.events.push(Event {
                file_name: (!file.is_empty()).then(|| file.as_str().into()),
                details: if said.is_empty() {
                    vec![]
                } else {
                    vec![detail]
                },
                ..Event::at(Written::nowhere(time), raw, id)
            });
        }
        let draft = Draft::new(page, self.batch.source);
        self.archive.ingest(&self.batch, &draft, NOW).map(drop)
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }

    fn ask(&self, sql: &str) -> Result<Vec<String>, QueryError> {
        rows(&self.reader(), sql, &[])
    }

    /// The names of the files that a search finds, in their order.
    fn found(&self, text: &str) -> Vec<String> {
        let sql = "select e.details ->> '$.fileName' from search(:text) s
            join events e on e.key = s.key order by 1";
        let rows = rows(&self.reader(), sql, &[("text", text)]).unwrap();
        let name = |row: &String| row.split('"').nth(1).unwrap_or_default().to_owned();
        rows.iter().map(name).collect()
    }

    fn build(&mut self) {
        while self.archive.build_search().unwrap() > 0 {}
    }
}

#[test]
fn words_may_stand_anywhere_and_quotes_hold_them_together() {
    let told = Told::of(&[
        "Invoice 2026.pdf",
        "2026 INVOICE",
        "invoices",
        "Écrit",
        "a%b_c",
    ]);
    for (text, found) in [
        (
            "invoice",
            &["2026 INVOICE", "Invoice 2026.pdf", "invoices"][..],
        ),
        ("invoice 2026", &["2026 INVOICE", "Invoice 2026.pdf"]),
        ("\"invoice 2026\"", &["Invoice 2026.pdf"]),
        ("\"invoice 2026", &["Invoice 2026.pdf"]),
        ("invoice es", &["invoices"]),
        ("éCRIT", &["Écrit"]),
        ("ecrit", &[]),
        ("a%b", &["a%b_c"]),
        ("a_b", &[]),
        ("' or 'inv", &[]),
        ("NEAR(invoice)", &[]),
    ] {
        assert_eq!(told.found(text), found, "{text}");
    }
}

#[test]
fn what_is_too_short_is_told() {
    let told = Told::of(&["invoice"]);
    for text in ["in", "", "a \"b \" c", "  "] {
        let sql = format!("select *\nfrom search('{text}')");
        let error = told.ask(&sql).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("three characters at least"), "{message}");
        assert_eq!(error.place().map(|place| place.line), Some(2), "{text}");
    }
    let nothing = told.ask("select * from search(null)").unwrap();
    assert!(nothing.is_empty());
}

#[test]
fn without_an_index_a_search_says_how_to_get_one() {
    let mut told = Told::of(&["invoice"]);
    told.archive.keep_search(false).unwrap();
    let sql = "select * from events where key in (select key from search('invoice'))";
    let error = told.ask(sql).unwrap_err();
    assert!(error.to_string().contains("`search = true`"), "{error}");
    assert_eq!(error.place().map(|place| place.column), Some(52));
    assert!(told.ask("select 'search(' from events").is_ok());
    told.tell(&[("another invoice".to_owned(), String::new())]);
    told.archive.keep_search(true).unwrap();
    assert_eq!(told.archive.search_left().unwrap(), 2);
    let both = ["another invoice", "invoice"];
    assert_eq!(told.found("invoice"), both, "before it is built");
    assert_eq!(told.archive.build_search().unwrap(), 2);
    assert_eq!(told.found("invoice"), both, "after a step");
    told.build();
    assert_eq!(told.archive.search_left().unwrap(), 0);
    assert_eq!(told.found("invoice"), both);
}

#[test]
fn a_page_that_is_not_kept_leaves_nothing_in_the_index() {
    let mut told = Told::of(&["invoice"]);
    let many: Vec<(String, String)> = (0..2_000)
        .map(|number| (format!("invoice {number}"), format!("said {number}")))
        .collect();
    told.archive.limit_pages(1).unwrap();
    assert!(told.try_to_tell(&many).is_err());
    assert_eq!(told.found("invoice"), ["invoice"]);
    told.archive.limit_pages(1_000_000).unwrap();
    told.tell(&many);
    assert_eq!(told.found("invoice").len(), 2_001);
    assert_eq!(told.found("said 1999"), ["invoice 1999"]);
}

#[test]
fn a_search_stands_where_a_table_does() {
    let told = Told::of(&["invoice 1", "invoice 2", "plan"]);
    let count = "[Integer(2)]";
    for sql in [
        "select count(*) from search('invoice')",
        "select count(search.key) from search('invoice') where search.key > 0",
        "select count(*) from search('invoice') as s",
        "select count(s.key) from Search ('inv' || 'oice') s",
        "select count(*) from events join search('invoice') using (key)",
        "select count(*) from events e join search('invoice') s on s.key = e.key where e.time > '2026'",
        "with s as (select * from search('invoice')) select count(*) from s",
        "with events as (select 1), event as (select 2) select count(*) from search('invoice')",
        "select count(*) from search('invoice') a join search('voice') b on b.key = a.key",
        "select count(*) from (select * from search('invoice') union select * from search('voice 1'))",
        "select count(*) from events where key in (select key from search('invoice'))",
    ] {
        assert_eq!(told.ask(sql).unwrap(), [count], "{sql}");
    }
    assert_eq!(
        told.ask("select s.key is not null from search('invoice') s limit 1")
            .unwrap(),
        ["[Integer(1)]"]
    );
}

#[test]
fn what_is_wrong_beside_a_search_is_shown_where_it_was_written() {
    let told = Told::of(&["invoice"]);
    for (sql, word) in [
        ("select acter from search('invoice') s", "acter"),
        ("select 1 from search('invoice') s where acter = 1", "acter"),
        (
            "select 1 from search('a(b' || ')c') s join search('invoice') t on t.acter = s.key",
            "acter",
        ),
        ("select 1 from search('invoice', 'x') s", "search"),
        ("select 1 from search(acter) s", "search"),
        ("select search('invoice')", "search"),
        ("select 1 from events e, search('invoice')", "search"),
    ] {
        let error = told.ask(sql).unwrap_err();
        let place = error.place().unwrap_or_else(|| panic!("{sql}: {error}"));
        let line: Vec<char> = place.text.chars().collect();
        let pointed: String = line[place.column - 1..][..place.length].iter().collect();
        assert_eq!(pointed, word, "{sql}: {error}");
        assert_eq!(place.text, sql);
    }
}

#[test]
fn only_parts_that_may_hold_it_are_read() {
    let told = Told::of(&["invoice"]);
    let sql = "explain query plan select e.time from search('invoice') s
        join events e on e.key = s.key";
    let plan = told.ask(sql).unwrap().join("\n");
    for step in [
        "SCAN t VIRTUAL TABLE",
        "SEARCH p USING INTEGER PRIMARY KEY",
        "SEARCH e USING INDEX event_page (page=? AND rowid>? AND rowid<?)",
    ] {
        assert!(plan.contains(step), "{step}\n{plan}");
    }
}

/// What names and remarks are made of, so that much is alike.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "invoice",
        "INV",
        "voice",
        " ",
        "2026",
        "-",
        "\"",
        "\\",
        "'",
        "Ärger",
        "äR",
        "été",
        "ß",
        "İ",
        "日本語",
        "%",
        "_",
        "a",
        "\n",
        "{",
        "😀",
        "\u{1}\u{8}",
        "\u{7f}\t",
        "/\u{2028}",
    ]);
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn page() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((text(), text()), 0..150)
}

/// The text that is looked into: the name, and the details as the views have them.
const LOOKED_INTO: &str = "select key, coalesce(details ->> '$.fileName' || char(10), '')
    || coalesce(details, '') from events order by key";

/// Letter by letter, for that is what is promised.
fn lower(text: &str) -> String {
    text.chars().map(|c| c.to_lowercase().to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_search_finds_what_a_look_into_every_event_finds(
        (before, steps) in (prop::collection::vec(page(), 0..3), 0..3),
        after in prop::collection::vec(page(), 0..3),
        needles in prop::collection::vec((text(), text()), 1..12),
    ) {
        let mut told = Told::new();
        told.archive.keep_search(false).unwrap();
        before.iter().for_each(|page| told.tell(page));
        told.archive.keep_search(true).unwrap();
        for _ in 0..steps {
            told.archive.build_search().unwrap();
        }
        after.iter().for_each(|page| told.tell(page));
        let reader = told.reader();
        let mut all = reader.connection().prepare(LOOKED_INTO).unwrap();
        let texts = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let texts: Vec<(i64, String)> = texts.map(Result::unwrap).collect();
        for (one, other) in needles {
            let needle = format!("{one} {other}");
            // Quotes are for those who search.
            let words: Vec<&str> = needle.split_whitespace().collect();
            if needle.contains('"') || words.iter().all(|word| lower(word).chars().count() < 3) {
                continue;
            }
            let is_in = |text: &str| words.iter().all(|word| lower(text).contains(&lower(word)));
            let expected: Vec<String> = texts
                .iter()
                .filter(|(_, text)| is_in(text))
                .map(|(key, _)| format!("[Integer({key})]"))
                .collect();
            let sql = "select key from search(:text) order by key";
            let found = rows(&reader, sql, &[("text", &needle)]).unwrap();
            prop_assert_eq!(found, expected, "{}", needle);
        }
    }
}
