//! The archive's own tests: what it keeps, what it refuses, and what a failure leaves behind.

mod feeds;
mod rollups;

use super::*;
use crate::coverage::{Log, Reach};
use crate::event::{
    Claim, Detail, Event, Identity, Page, Period, Reject, Span, Text, User, Window, Written,
};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const NOTHING_RECEIVED: (u64, [u8; 32]) = (0, [0; 32]);

const RUN: Run<'static> = Run {
    source: "acme",
    kind: "sendsafely",
    feed: "api",
    limits: Some(Limits {
        look_back: Duration::from_secs(90 * 86_400),
        settle: Duration::from_secs(2 * 86_400),
        reach: Reach::Free,
        log: Log::Audit,
    }),
    every: Duration::from_secs(300),
    lost: &[],
};

struct Sandbox {
    _dir: tempfile::TempDir,
    path: PathBuf,
    archive: Archive,
    batch: Batch,
}

impl Sandbox {
    fn new() -> Sandbox {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("archive.db");
        let mut archive = Archive::open(&path, "a test").unwrap();
        let batch = archive.begin(&RUN, NOW).unwrap();
        Sandbox {
            _dir: dir,
            path,
            archive,
            batch,
        }
    }

    fn ingest(&mut self, page: Page) -> Ingested {
        self.archive
            .ingest(&self.batch, &Draft::new(page, self.batch.source), NOW)
            .unwrap()
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        let db = Connection::open(&self.path).unwrap();
        let mut find = db.prepare(sql).unwrap();
        let width = find.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let cell = |n| match row.get_ref(n).unwrap() {
                rusqlite::types::ValueRef::Null => "-".to_owned(),
                rusqlite::types::ValueRef::Integer(n) => n.to_string(),
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            };
            Ok((0..width).map(cell).collect::<Vec<_>>().join("|"))
        };
        find.query_map([], row)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }
}

/// A page of JSON records whose columns point into them, as readers make it.
fn page(records: &[(&str, &str, &str)]) -> Page {
    let mut page = Page::default();
    for (id, time, action) in records {
        let raw = format!(
            r#"{{"id":"{id}", "at":"{time}", "do":"{action}", "size":98765, "x":{{"y":[1, 2]}}}}"#
        );
        let start = page.bytes.len();
        page.bytes.extend_from_slice(raw.as_bytes());
        let span_of = |part: &str| {
            let at = start + raw.find(part).unwrap();
            Span::new(at, at + part.len())
        };
        let millis = crate::time::parse_moment(time, NOW).unwrap();
        let event = Event {
            action: Some(Text::In(span_of(action))),
            actor: Some("jane@acme.example".into()),
            file_size: Some(Written {
                value: 98765,
                at: Some(span_of("98765")),
            }),
            details: vec![Detail {
                name: "x".into(),
                json: Text::In(span_of(r#"{"y":[1, 2]}"#)),
            }],
            ..Event::at(
                Written {
                    value: millis,
                    at: Some(span_of(time)),
                },
                Span::new(start, page.bytes.len()),
                Identity::Vendor(Text::In(span_of(id))),
            )
        };
        page.events.push(event);
    }
    page
}

/// Records without an id: (what they say, how often).
fn multiset(records: &[(&str, usize)], window: Window) -> Page {
    let mut page = Page {
        window,
        ..Page::default()
    };
    for (text, count) in records {
        for _ in 0..*count {
            let start = page.bytes.len();
            page.bytes.extend_from_slice(text.as_bytes());
            let mut content = [0; 32];
            content[..text.len()].copy_from_slice(text.as_bytes());
            let raw = Span::new(start, page.bytes.len());
            let time = Written::nowhere(NOW);
            let event = Event::at(time, raw, Identity::Content(content));
            page.events.push(Event {
                action: Some(Text::In(raw)),
                ..event
            });
        }
    }
    page
}

const TIME: &str = "2026-09-01T10:00:00.123Z";
const UUID: &str = "1eebc0b2-b019-42b3-8132-c15c5926b21e";

#[test]
fn a_page_is_kept_once_however_often_it_comes() {
    let mut sandbox = Sandbox::new();
    let records = [(UUID, TIME, "LOGIN"), ("42", TIME, "LOGOUT")];
    let first = sandbox.ingest(page(&records));
    assert_eq!((first.received, first.added, first.duplicate), (2, 2, 0));
    let again = sandbox.ingest(page(&records));
    assert_eq!(
        (again.received, again.added, again.duplicate, again.conflict),
        (2, 0, 2, 0)
    );
    let twice = sandbox.ingest(page(&[("7", TIME, "LOGIN"), ("7", TIME, "LOGIN")]));
    assert_eq!((twice.added, twice.duplicate, twice.conflict), (1, 1, 0));
    let rows = sandbox.rows(
        "select event_id, time, action, actor, details, source, feed from events order by event_id",
    );
    assert_eq!(
        rows[0],
        format!(
            r#"{UUID}|{TIME}|LOGIN|jane@acme.example|{{"fileSize":98765,"x":{{"y":[1, 2]}}}}|acme|api"#
        )
    );
    assert_eq!(rows.len(), 3);
    assert_eq!(
        sandbox.rows("select received, added, duplicate from batches"),
        ["6|3|3"]
    );
    assert_eq!(
        sandbox.rows("select actor, events from actors"),
        ["jane@acme.example|3"]
    );
}

#[test]
fn a_page_with_nothing_new_leaves_no_forms_and_no_words() {
    let mut sandbox = Sandbox::new();
    let record = ("3", TIME, "LOGIN");
    sandbox.ingest(page(&[record]));
    let kept = "select (select count(*) from template), (select count(*) from word)";
    let before = sandbox.rows(kept);
    let again = sandbox.ingest(page(&[record, record]));
    assert_eq!((again.added, again.duplicate), (0, 2));
    assert_eq!(sandbox.rows(kept), before);
}

#[test]
fn every_record_comes_back_byte_for_byte() {
    let mut sandbox = Sandbox::new();
    let odd = "2026-09-01T10:00:00.123000Z"; // a form of time that no template has
    let records = [
        (UUID, TIME, "LOGIN"),
        ("2", "2026-09-01T10:00:01.000Z", "LOGOUT"),
        ("3", "2026-09-01T10:00:02Z", "LOGIN"),
        ("4", odd, "LOGIN"),
    ];
    let given = page(&records);
    let raws: Vec<Vec<u8>> = given
        .events
        .iter()
        .map(|event| given.slice(event.raw).to_vec())
        .collect();
    sandbox.ingest(given);
    sandbox.ingest(multiset(&[("a,b\u{1},c", 1)], Window::Opens));
    let db = Connection::open(&sandbox.path).unwrap();
    let mut keys = db.prepare("select key from event order by key").unwrap();
    let keys: Vec<i64> = keys
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let kept: Vec<Vec<u8>> = keys
        .iter()
        .map(|key| record::read(&db, *key).unwrap().unwrap())
        .collect();
    for raw in &raws {
        assert!(kept.contains(raw), "{}", String::from_utf8_lossy(raw));
    }
    assert!(kept.contains(&b"a,b\x01,c".to_vec()));
    assert_eq!(
        sandbox.rows("select count(*) from event where template is not null"),
        ["2"]
    );
    assert_eq!(record::read(&db, 5).unwrap(), None);
}

#[test]
fn equal_records_without_an_id_are_kept_as_often_as_one_window_ever_held_them() {
    let mut sandbox = Sandbox::new();
    let count = |sandbox: &Sandbox, text: &str| {
        sandbox.rows(&format!(
            "select count(*) from events where action = '{text}'"
        ))[0]
            .clone()
    };
    sandbox.ingest(multiset(&[("a", 2), ("b", 1)], Window::Opens));
    assert_eq!(
        (count(&sandbox, "a"), count(&sandbox, "b")),
        ("2".into(), "1".into())
    );
    // The window goes on: one more of each.
    sandbox.ingest(multiset(&[("a", 1), ("b", 1)], Window::Continues));
    assert_eq!(
        (count(&sandbox, "a"), count(&sandbox, "b")),
        ("3".into(), "2".into())
    );
    // A later window that holds fewer takes nothing away; one that holds more adds the rest.
    assert_eq!(
        sandbox.ingest(multiset(&[("a", 1)], Window::Opens)).added,
        0
    );
    assert_eq!(
        sandbox.ingest(multiset(&[("a", 5)], Window::Opens)).added,
        2
    );
    assert_eq!(count(&sandbox, "a"), "5");
}

#[test]
fn the_first_copy_stays_and_what_differs_is_on_record() {
    let mut sandbox = Sandbox::new();
    sandbox.ingest(page(&[("1", TIME, "LOGIN")]));
    for _ in 0..2 {
        let later = sandbox.ingest(page(&[("1", "2026-09-02T00:00:00.000Z", "LOGOUT")]));
        assert_eq!((later.added, later.duplicate, later.conflict), (0, 1, 1));
    }
    let both = sandbox.ingest(page(&[("2", TIME, "LOGIN"), ("2", TIME, "LOGOUT")]));
    assert_eq!((both.added, both.duplicate, both.conflict), (1, 1, 1));
    assert_eq!(
        sandbox.rows("select action from events where event_id = '1'"),
        ["LOGIN"]
    );
    assert_eq!(
        sandbox.rows("select event_id, differs from conflicts order by 1"),
        ["1|time, action", "2|action"]
    );
}

#[test]
fn what_is_not_understood_is_kept_with_the_reason_once() {
    let mut sandbox = Sandbox::new();
    for _ in 0..2 {
        let mut page = Page {
            bytes: b"garbage".to_vec(),
            ..Page::default()
        };
        let raw = Span::new(0, 7);
        page.rejects.push(Reject {
            raw,
            reason: "no timestamp".into(),
            line: 3,
        });
        let ingested = sandbox.ingest(page);
        assert_eq!((ingested.received, ingested.quarantined), (1, 1));
    }
    let mut out_of_calendar = multiset(&[("z", 1)], Window::Opens);
    out_of_calendar.events[0].time.value = Timestamp::from_millis(i64::MAX / 2);
    assert_eq!(sandbox.ingest(out_of_calendar).quarantined, 1);
    assert_eq!(
        sandbox.rows("select line, reason, record from quarantine"),
        [
            "3|no timestamp|garbage",
            "0|the time is outside the calendar|z"
        ]
    );
}

#[test]
fn events_of_one_millisecond_find_room_beside_each_other() {
    let mut sandbox = Sandbox::new();
    let ids: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
    let records: Vec<_> = ids.iter().map(|id| (id.as_str(), TIME, "LOGIN")).collect();
    assert_eq!(sandbox.ingest(page(&records)).added, 5_000);
    assert_eq!(sandbox.ingest(page(&records)).duplicate, 5_000);
    assert_eq!(
        sandbox.rows("select count(distinct event_id), min(time) = max(time) from events"),
        ["5000|1"]
    );
}

#[test]
fn users_have_a_history() {
    let mut sandbox = Sandbox::new();
    let user = |id: &str, role: &str, login: i64| User {
        user_id: id.into(),
        email: Some(format!("{id}@acme.example")),
        role: Some(role.into()),
        last_login: Some(Timestamp::from_millis(login)),
        ..User::default()
    };
    let mut list = |users: Vec<User>, hour: i64| {
        let page = Page {
            users: Some(users),
            ..Page::default()
        };
        let now = NOW.plus_millis(hour * 3_600_000);
        let draft = Draft::new(page, sandbox.batch.source);
        sandbox.archive.ingest(&sandbox.batch, &draft, now).unwrap();
    };
    list(vec![user("ann", "User", 1), user("bob", "User", 1)], 0);
    list(vec![user("ann", "User", 2), user("bob", "Admin", 1)], 1);
    list(vec![user("ann", "User", 2)], 2);
    list(vec![user("ann", "User", 2), user("bob", "Admin", 1)], 3);
    let rows = sandbox.rows(
        "select user_id, role, substr(valid_from, 12, 2), substr(valid_to, 12, 2),
             substr(last_login, 21) from user_history order by 1, 3",
    );
    assert_eq!(
        rows,
        [
            "ann|User|14|-|002Z",
            "bob|User|14|15|001Z",
            "bob|Admin|15|16|001Z",
            "bob|Admin|17|-|001Z"
        ]
    );
    assert_eq!(
        sandbox.rows("select user_id, present from users order by 1"),
        ["ann|1", "bob|1"]
    );
}

#[test]
fn an_actor_is_who_they_were_then() {
    let mut sandbox = Sandbox::new();
    let first = NOW.plus_millis(-10);
    for (role, now) in [("User", first), ("Admin", NOW)] {
        let user = User {
            user_id: "u1".into(),
            email: Some("Jane@Acme.example".into()),
            role: Some(role.into()),
            ..User::default()
        };
        let page = Page {
            users: Some(vec![user]),
            ..Page::default()
        };
        let draft = Draft::new(page, sandbox.batch.source);
        sandbox.archive.ingest(&sandbox.batch, &draft, now).unwrap();
    }
    for (id, millis) in [("1", -100), ("2", -5), ("3", 5)] {
        let mut page = page(&[(id, TIME, "LOGIN")]);
        page.events[0].time = Written::nowhere(NOW.plus_millis(millis));
        sandbox.ingest(page);
    }
    assert_eq!(
        sandbox.rows("select event_id, actor_role, actor_known from activity order by 1"),
        ["1|User|1", "2|User|1", "3|Admin|1"]
    );
}

#[test]
fn a_full_disk_keeps_nothing_of_the_page_and_loses_nothing_before_it() {
    let mut sandbox = Sandbox::new();
    sandbox.ingest(page(&[("1", TIME, "LOGIN")]));
    let ids: Vec<String> = (10..4_000).map(|n| format!("{n:0100}")).collect();
    let records: Vec<_> = ids.iter().map(|id| (id.as_str(), TIME, "LOGIN")).collect();
    let full = || Page {
        checkpoints: vec![Checkpoint {
            partition: String::new(),
            json: "{}".into(),
        }],
        covers: Some(Claim {
            period: Period {
                from: NOW.plus_millis(-1),
                to: NOW,
            },
            as_of: NOW,
        }),
        ..page(&records)
    };
    sandbox.archive.limit_pages(40).unwrap();
    let draft = Draft::new(full(), sandbox.batch.source);
    let refused = sandbox.archive.ingest(&sandbox.batch, &draft, NOW);
    assert!(matches!(refused, Err(ArchiveError::Full(_))), "{refused:?}");
    assert_eq!(sandbox.rows("select count(*) from events"), ["1"]);
    assert_eq!(sandbox.rows("select received, added from batches"), ["1|1"]);
    assert_eq!(sandbox.rows("select count(*) from coverage"), ["0"]);
    assert_eq!(sandbox.archive.checkpoints("acme", "api").unwrap(), []);
    sandbox.archive.limit_pages(4_000_000).unwrap();
    assert_eq!(sandbox.ingest(full()).added, 3_990);
    assert_eq!(sandbox.archive.checkpoints("acme", "api").unwrap().len(), 1);
}

#[test]
fn a_second_writer_is_told_who_is_the_first() {
    let sandbox = Sandbox::new();
    let second = Archive::open(&sandbox.path, "another test").err();
    let holder = match second {
        Some(ArchiveError::Locked { holder, .. }) => holder,
        other => panic!("{other:?}"),
    };
    assert_eq!(holder, "a test");
}

#[test]
#[cfg(unix)]
fn nobody_else_may_read_a_new_archive() {
    use std::os::unix::fs::PermissionsExt;
    let mut sandbox = Sandbox::new();
    sandbox.ingest(page(&[("1", TIME, "LOGIN")]));
    for suffix in ["", "-wal", ".lock"] {
        let path = format!("{}{suffix}", sandbox.path.display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[test]
fn a_newer_archive_is_refused_and_so_is_what_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let newer = dir.path().join("newer.db");
    drop(Archive::open(&newer, "a test").unwrap());
    Connection::open(&newer)
        .unwrap()
        .execute_batch("pragma user_version = 99")
        .unwrap();
    assert!(matches!(
        Archive::open(&newer, "").err(),
        Some(ArchiveError::Newer(_))
    ));
    let other = dir.path().join("other.db");
    std::fs::write(
        &other,
        "this is no archive, but it is long enough to be a header of one",
    )
    .unwrap();
    assert!(matches!(
        Archive::open(&other, "").err(),
        Some(ArchiveError::Damaged { .. })
    ));
}

#[test]
fn names_that_settle_identity_are_settled_once() {
    let mut sandbox = Sandbox::new();
    assert_eq!(sandbox.archive.identity_names("acme").unwrap(), None);
    for names in [vec!["Module".to_owned()], vec!["Other".to_owned()]] {
        sandbox.ingest(Page {
            identity_names: Some(names),
            ..Page::default()
        });
        let settled = sandbox.archive.identity_names("acme").unwrap();
        assert_eq!(settled, Some(vec!["Module".to_owned()]));
    }
}

#[test]
fn a_run_that_died_is_marked_when_the_archive_is_opened_again() {
    let sandbox = Sandbox::new();
    let Sandbox {
        _dir,
        path,
        mut archive,
        batch,
    } = sandbox;
    archive
        .end(&batch, &Ending::Complete, NOTHING_RECEIVED, NOW)
        .unwrap();
    archive.begin(&RUN, NOW).unwrap();
    assert_eq!(archive.last_complete("acme", "api").unwrap(), Some(NOW));
    drop(archive);
    let _again = Archive::open(&path, "a test").unwrap();
    let db = Connection::open(&path).unwrap();
    let mut find = db.prepare("select outcome from batch order by id").unwrap();
    let outcomes: Vec<String> = find
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(outcomes, ["complete", "interrupted"]);
}

#[test]
fn an_archive_that_was_removed_meanwhile_is_no_success() {
    let mut sandbox = Sandbox::new();
    std::fs::remove_file(&sandbox.path).unwrap();
    let (complete, batch) = (Ending::Complete, sandbox.batch.clone());
    let ended = sandbox
        .archive
        .end(&batch, &complete, NOTHING_RECEIVED, NOW);
    assert!(matches!(ended, Err(ArchiveError::Removed(_))), "{ended:?}");
}

#[test]
fn the_file_of_another_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("create table place (url)").unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    for _ in 0..2 {
        let refused = Archive::open(&path, "a test").err();
        assert!(matches!(refused, Some(ArchiveError::Damaged { .. })));
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_is_no_archive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("folder");
    std::fs::create_dir(&path).unwrap();
    let refused = Archive::open(&path, "a test").err();
    assert!(matches!(refused, Some(ArchiveError::Io { .. })));
}
