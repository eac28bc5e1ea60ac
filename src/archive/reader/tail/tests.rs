use super::*;
use crate::query::sample::{self, Sample};

fn reader(sample: &Sample) -> Reader {
    Reader::open(&sample.path()).unwrap()
}

/// Keys in the order of archiving, told by SQL that seeks nothing.
fn order(sample: &Sample, of: &str) -> Vec<i64> {
    let sql = format!(
        "select key from events where {of} order by (select page from event e
        where e.key = events.key), key"
    );
    let mut find = sample.writer.prepare(&sql).unwrap();
    let keys = find.query_map([], |row| row.get(0)).unwrap();
    keys.collect::<Result<_, _>>().unwrap()
}

fn walk(reader: &Reader, from: Position, only: &Only) -> (Vec<i64>, Position) {
    let (mut keys, mut place) = (Vec::new(), from);
    loop {
        let stretch = reader.after(place, only).unwrap();
        keys.extend(stretch.events.iter().map(|event| event.key));
        place = stretch.end;
        if stretch.is_last {
            return (keys, place);
        }
    }
}

fn of_source(name: &str) -> Only {
    Only {
        source: Some(name.to_owned()),
        ..Only::default()
    }
}

#[test]
fn every_event_comes_once_in_the_order_of_archiving() {
    let sample = sample::archive(1_700);
    // Pages of which the later holds the earlier events, and some hold none.
    sample
        .writer
        .execute_batch(
            "insert into page select id + 10, batch, source, feed, archived_at, null from page;
         insert into page select id + 20, batch, source, feed, archived_at, null from page
             where id < 10;
         update event set page = page + 20 - 10 * (key % 3) where key % 3 < 2",
        )
        .unwrap();
    let reader = reader(&sample);
    let all = order(&sample, "true");
    let (keys, end) = walk(&reader, Position::START, &Only::default());
    assert_eq!(keys.len(), 1_700);
    assert_eq!(keys, all);
    assert_eq!(end, reader.end().unwrap());
    assert!(
        reader
            .after(end, &Only::default())
            .unwrap()
            .events
            .is_empty()
    );
}

#[test]
fn what_is_not_wanted_is_passed_over_for_good() {
    let sample = sample::archive(1_300);
    let reader = reader(&sample);
    let feed = Only {
        feed: Some("api".to_owned()),
        ..Only::default()
    };
    for (only, of) in [
        (of_source("safe-us"), "source = 'safe-us'"),
        (of_source("acme"), "source = 'acme'"),
        (feed, "feed = 'api'"),
        (of_source("nobody"), "false"),
    ] {
        let (keys, end) = walk(&reader, Position::START, &only);
        assert_eq!(keys, order(&sample, of), "{of}");
        assert_eq!(end, reader.end().unwrap(), "{of}");
    }
}

#[test]
fn the_last_events_are_counted_from_the_end() {
    let sample = sample::archive(900);
    let reader = reader(&sample);
    for (only, of) in [
        (Only::default(), "true"),
        (of_source("safe-us"), "source = 'safe-us'"),
    ] {
        let all = order(&sample, of);
        for last in [0, 1, 10, all.len() - 1, all.len(), all.len() + 1] {
            let place = reader.before_last(last as u64, &only).unwrap();
            let (keys, _) = walk(&reader, place, &only);
            assert_eq!(keys, all[all.len().saturating_sub(last)..], "{of} {last}");
        }
    }
    let nothing = reader.before_last(u64::MAX, &Only::default()).unwrap();
    assert_eq!(nothing, Position::START);
}

#[test]
fn an_event_is_told_with_the_user_it_was_then() {
    let sample = sample::archive(2);
    let reader = reader(&sample);
    let (events, raw) = (
        reader
            .after(Position::START, &Only::default())
            .unwrap()
            .events,
        None,
    );
    let [safe, sendsafely] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(
        (safe.kind.as_str(), safe.feed.as_str()),
        ("safe", "reports")
    );
    assert_eq!(safe.event_id, None);
    assert_eq!(safe.uid(), safe.key.to_string());
    assert_eq!(
        sendsafely.event_id.as_deref(),
        Some(sample::event_id(0).as_str())
    );
    assert_eq!(sendsafely.uid(), sample::event_id(0));
    assert_eq!(sendsafely.time.millis(), sendsafely.key >> 20);
    assert_eq!((sendsafely.batch, &sendsafely.raw), (2, &raw));
    assert_eq!(
        sendsafely.archived_at.to_string(),
        "2026-11-20T12:00:00.500Z"
    );
    let email = sendsafely.actor.as_ref().unwrap().to_lowercase();
    assert_eq!(sendsafely.actor_email.as_deref(), Some(email.as_str()));
    assert!(sendsafely.actor_name.as_ref().unwrap().starts_with("User "));
    assert!(sendsafely.details.as_ref().unwrap().contains("\"n\":1"));
}

#[test]
fn records_come_along_where_they_are_asked_for() {
    let sample = sample::archive(1);
    let block = crate::archive::record::pack(&[b"{\"n\":1}\xff"]).unwrap();
    sample
        .writer
        .execute("insert into block values (5, ?)", [block])
        .unwrap();
    let place = 5 << crate::archive::record::BLOCK_SHIFT;
    sample
        .writer
        .execute("update event set template = null, block = ?", [place])
        .unwrap();
    let only = Only {
        with_raw: true,
        ..Only::default()
    };
    let events = reader(&sample)
        .after(Position::START, &only)
        .unwrap()
        .events;
    assert_eq!(events[0].raw.as_deref(), Some("{\"n\":1}\u{fffd}"));
}

/// There may be hundreds of millions: a stretch costs what it holds.
#[test]
fn a_stretch_is_found_without_reading_what_is_before_it() {
    let sample = sample::archive(10);
    let reader = reader(&sample);
    let plan = |sql: &str, names: &[(&str, &dyn rusqlite::ToSql)]| -> String {
        let mut explain = reader
            .connection()
            .prepare(&format!("explain query plan {sql}"))
            .unwrap();
        let rows = explain
            .query_map(names, |row| row.get::<_, String>(3))
            .unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    let values = named_params! {
        ":source": None::<String>, ":feed": None::<String>, ":after": 1, ":key": 1, ":most": 1
    };
    let in_page = plan(&Places::in_page(), values);
    assert!(
        in_page.contains("event_page (page=? AND rowid>?)"),
        "{in_page}"
    );
    let in_later = plan(&Places::in_later(), &values[..3]);
    assert!(in_later.contains("event_page (page=?)"), "{in_later}");
    for plan in [in_page, in_later] {
        assert!(
            !plan.contains("TEMP B-TREE") && !plan.contains("SCAN event"),
            "{plan}"
        );
    }
}

/// A hand-over that never ends must not hold the log back.
#[test]
fn between_stretches_nothing_is_held_open() {
    let sample = sample::archive(600);
    let reader = reader(&sample);
    let before = reader.data_version().unwrap();
    let stretch = reader.after(Position::START, &Only::default()).unwrap();
    assert!(!stretch.is_last);
    sample
        .writer
        .execute(
            "insert into source (id, name, kind) values (9, 'x', 'safe')",
            [],
        )
        .unwrap();
    let busy: i64 = sample
        .writer
        .query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(busy, 0);
    assert_ne!(reader.data_version().unwrap(), before);
}

#[test]
fn a_stretch_ends_early_where_its_events_are_large() {
    let sample = sample::archive(40);
    sample
        .writer
        .execute(
            "update event set details = '{\"a\":\"' || ? || '\"}'",
            ["x".repeat(30_000)],
        )
        .unwrap();
    let reader = reader(&sample);
    let stretch = reader.after(Position::START, &Only::default()).unwrap();
    assert!(
        (2..20).contains(&stretch.events.len()),
        "{}",
        stretch.events.len()
    );
    assert_eq!(walk(&reader, Position::START, &Only::default()).0.len(), 40);
}

#[test]
fn an_archive_of_an_older_program_has_no_such_order() {
    let sample = sample::archive(1);
    sample
        .writer
        .pragma_update(None, "user_version", schema::TAIL_VERSION - 1)
        .unwrap();
    let reader = reader(&sample);
    let only = Only::default();
    assert!(matches!(
        reader.after(Position::START, &only),
        Err(ArchiveError::Older(_))
    ));
    assert!(matches!(reader.end(), Err(ArchiveError::Older(_))));
    assert!(matches!(
        reader.before_last(1, &only),
        Err(ArchiveError::Older(_))
    ));
    assert!(matches!(reader.cursors(), Err(ArchiveError::Older(_))));
}
