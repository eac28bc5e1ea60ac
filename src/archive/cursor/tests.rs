use std::path::PathBuf;
use std::time::Duration;

use rusqlite::OpenFlags;

use super::*;
use crate::archive::draft::Draft;
use crate::archive::reader::Reader;
use crate::archive::{Archive, Ending, Run};
use crate::event::{Event, Identity, Page, Span, Text, Written};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn at(page: i64, key: i64) -> Position {
    Position { page, key }
}

fn made() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    drop(Archive::open(&path, "a test").unwrap());
    (folder, path)
}

const RUN: Run<'_> = Run {
    source: "acme",
    kind: "sendsafely",
    feed: "api",
    limits: None,
    every: Duration::ZERO,
    lost: &[],
};

fn page(id: &str) -> Page {
    let time = Written::nowhere(NOW);
    let identity = Identity::Vendor(Text::from(id));
    Page {
        bytes: b"{}".to_vec(),
        events: vec![Event::at(time, Span::new(0, 2), identity)],
        ..Page::default()
    }
}

#[test]
fn a_cursor_stands_where_it_was_put_and_a_new_one_where_it_is_told() {
    let (_folder, path) = made();
    let mut cursors = Cursors::open(&path).unwrap();
    assert_eq!(
        cursors.take("siem", Position::START, NOW).unwrap(),
        Position::START
    );
    cursors.put("siem", Position::START, at(3, 7), NOW).unwrap();
    assert_eq!(cursors.take("other", at(9, 9), NOW).unwrap(), at(9, 9));
    drop(cursors);
    let mut again = Cursors::open(&path).unwrap();
    assert_eq!(again.take("siem", at(5, 5), NOW).unwrap(), at(3, 7));
    assert!(again.forget("siem").unwrap());
    assert!(!again.forget("siem").unwrap());
    assert_eq!(again.take("siem", at(5, 5), NOW).unwrap(), at(5, 5));
    assert_eq!(again.take("other", Position::START, NOW).unwrap(), at(9, 9));
}

#[test]
fn a_cursor_that_another_moved_or_forgot_is_not_moved() {
    let (_folder, path) = made();
    let mut one = Cursors::open(&path).unwrap();
    let mut two = Cursors::open(&path).unwrap();
    one.take("siem", Position::START, NOW).unwrap();
    two.put("siem", Position::START, at(1, 1), NOW).unwrap();
    let moved = one.put("siem", Position::START, at(2, 2), NOW);
    assert!(matches!(moved, Err(ArchiveError::CursorMoved(name)) if name == "siem"));
    assert_eq!(one.take("siem", Position::START, NOW).unwrap(), at(1, 1));
    two.forget("siem").unwrap();
    let forgotten = one.put("siem", at(1, 1), at(2, 2), NOW);
    assert!(matches!(forgotten, Err(ArchiveError::CursorMoved(_))));
}

/// Each is one short transaction that takes the write lock when it begins, so that neither finds
/// in the midst of its own that the other was faster.
#[test]
fn cursors_move_while_a_sync_archives() {
    const PAGES: i64 = 120;
    let (_folder, path) = made();
    let mut archive = Archive::open(&path, "a sync").unwrap();
    let mut cursors = Cursors::open(&path).unwrap();
    cursors.take("siem", Position::START, NOW).unwrap();
    let mover = std::thread::spawn(move || {
        let mut before = Position::START;
        for key in 1..=PAGES {
            cursors.put("siem", before, at(1, key), NOW).unwrap();
            before = at(1, key);
        }
    });
    let batch = archive.begin(&RUN, NOW).unwrap();
    for number in 1..=PAGES {
        let draft = Draft::new(page(&number.to_string()), batch.source);
        archive.ingest(&batch, &draft, NOW).unwrap();
    }
    mover.join().unwrap();
    archive
        .end(&batch, &Ending::Complete, (0, [0; 32]), NOW)
        .unwrap();
    let reader = Reader::open(&path).unwrap();
    let cursor = &reader.cursors().unwrap()[0];
    assert_eq!(cursor.name, "siem");
    let counted = reader
        .connection()
        .query_row("select count(*) from event", [], |row| row.get(0));
    assert_eq!(counted, Ok(PAGES));
}

#[test]
fn a_cursor_waits_for_a_page_that_is_being_archived() {
    let (_folder, path) = made();
    let mut cursors = Cursors::open(&path).unwrap();
    cursors.take("siem", Position::START, NOW).unwrap();
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("begin immediate").unwrap();
    let (begins, begun) = std::sync::mpsc::channel();
    let mover = std::thread::spawn(move || {
        begins.send(()).unwrap();
        cursors.put("siem", Position::START, at(1, 1), NOW)
    });
    begun.recv().unwrap();
    // Long enough for it to find the archive busy.
    let never = begun.recv_timeout(Duration::from_millis(300));
    assert!(never.is_err() && !mover.is_finished());
    writer.execute_batch("commit").unwrap();
    mover.join().unwrap().unwrap();
}

#[test]
fn an_archive_that_cannot_be_written_keeps_no_cursor() {
    let (_folder, path) = made();
    let read_only = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let refused = Beside::over(read_only, &path, schema::TAIL_VERSION).unwrap_err();
    assert!(matches!(refused, ArchiveError::ReadOnly(_)), "{refused}");
}

#[test]
fn what_is_no_archive_of_today_is_told() {
    let (_folder, path) = made();
    let old = Connection::open(&path).unwrap();
    old.pragma_update(None, "user_version", schema::TAIL_VERSION - 1)
        .unwrap();
    assert!(matches!(Cursors::open(&path), Err(ArchiveError::Older(_))));
    let none = path.with_extension("none");
    assert!(matches!(
        Cursors::open(&none),
        Err(ArchiveError::Missing(_))
    ));
    assert!(!none.exists());
    std::fs::write(&none, "time,actor\n".repeat(1_000)).unwrap();
    assert!(matches!(
        Cursors::open(&none),
        Err(ArchiveError::Damaged { .. })
    ));
}
