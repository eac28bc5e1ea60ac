//! Tests of [`super`].

use proptest::prelude::*;
use rusqlite::Connection;

use crate::archive::reader::Reader;
use crate::event::Timestamp;
use crate::query::sample::{self, Sample, event_id};
use crate::query::text::Text;

fn narrow(sql: &str) -> Option<String> {
    super::narrow(&Text::read(sql)?)
}

#[test]
fn what_is_not_certain_is_left_alone() {
    for sql in [
        "select * from events",
        "select * from events where not time >= '2026'",
        "select * from events where time >= '2026' or actor = 'x'",
        "select * from events where time >= archived_at",
        "select * from events e, span s where e.time >= from_time",
        "select * from events e, span s where e.event_id = s.event_id",
        "select * from events where time >= ?",
        "select * from events where time >= random()",
        "select * from events where time not between '2026' and '2027'",
        "select * from users u left join events e on e.actor = u.user_id where e.time >= '2026'",
        "select * from users u full join events e on e.actor = u.user_id where e.time >= '2026'",
        "with events as (select '2026' as time) select * from events where time >= '2025'",
        "select * from daily where day >= '2026'",
        "select * from events e, users u where time >= '2026'",
        "select * from safe_events where event_id = 'x'",
        "select * from events where event_id = 'it''s'",
        "select * from events where time is '2026'",
        "select * from events where time is not '2026-10-01'",
        "select * from events where event_id isnull",
        "select frm events",
    ] {
        assert_eq!(narrow(sql), None, "{sql}");
    }
}

#[test]
fn what_is_implied_stands_next_to_what_implies_it() {
    for (sql, narrowed) in [
        (
            "select * from events where time >= :since -- é\n and actor = 'é' and time < '2026-10-01'",
            "select * from events where \"events\".key >= key_from(:since) and x'' >= :since -- é\n \
             and actor = 'é' and \"events\".key < key_from('2026-10-01') and 0 < '2026-10-01'",
        ),
        (
            "select 'é' from activity e join users u where (date('now', '-7 days') < e.time)",
            "select 'é' from activity e join users u where (date('now', '-7 days') < x'' \
             and \"e\".key >= key_after(date('now', '-7 days')))",
        ),
        (
            "select * from events as e where e.time between :a and :b",
            "select * from events as e where \"e\".key >= key_from(:a) and \"e\".key < key_after(:b) \
             and :a between :a and :b",
        ),
        (
            "select * from events e where e.time <= :b and 'x' >= e.time",
            "select * from events e where \"e\".key < key_after(:b) and 0 <= :b \
             and 'x' >= 0 and \"e\".key < key_after('x')",
        ),
        (
            "select * from events e where e.time between e.archived_at and :b",
            "select * from events e where \"e\".key <= last_key(:b) \
             and e.time between e.archived_at and :b",
        ),
        (
            "select * from span s join events e where e.time >= s.from_time and e.time <= s.\"to\"",
            "select * from span s join events e where \"e\".key >= first_key(s.from_time) \
             and e.time >= s.from_time \
             and \"e\".key <= last_key(s.\"to\") and e.time <= s.\"to\"",
        ),
        (
            "select * from events e where e.time = :a",
            "select * from events e where \"e\".key >= key_from(:a) and \"e\".key < key_after(:a) \
             and :a = :a",
        ),
    ] {
        assert_eq!(narrow(sql).as_deref(), Some(narrowed));
    }
}

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection
        .prepare(&format!("explain query plan {sql}"))
        .unwrap();
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn sqlite_searches_where_it_would_have_scanned() {
    let sample = sample::archive(20);
    let reader = Reader::open(&sample.path()).unwrap();
    for sql in [
        "select * from events where time >= '2026-10-01'",
        "select * from events where time >= :since and action like '%x%'",
        "select count(*) from (select * from events x where x.time < :until and x.actor = 'a')",
        "select * from activity where time between :since and :until order by key desc",
        "select actor_name, count(*) from activity a where a.time >= :since group by 1",
        "select * from safe_events where time >= :since",
        "select * from cloudtrail_events where time >= :since",
        "select * from cloudtrail_events where event_id = :id",
        "select * from sendsafely_events where time >= :since",
        "select * from events where event_id = :id",
        "select * from activity where event_id = :id",
        "select * from sendsafely_events where package_id = :package",
        "select * from sendsafely_events s join activity a on a.key = s.key where s.package_id = :package",
        "select * from (select '2026-10-01' as day) d join events e where e.time >= d.day",
    ] {
        let scans = |plan: &str| plan.lines().any(|line| line.starts_with("SCAN e"));
        let before = plan(reader.connection(), sql);
        assert!(scans(&before), "{sql}\n{before}");
        let after = plan(reader.connection(), &narrow(sql).unwrap());
        assert!(
            !scans(&after) && after.contains("SEARCH e USING INTEGER PRIMARY KEY"),
            "{sql}\n{after}"
        );
    }
}

#[test]
fn every_saved_query_that_asks_for_a_time_is_narrowed() {
    for saved in crate::query::saved::list(None).unwrap() {
        let query = saved.query.unwrap();
        if query.sql.contains("e.time >= :") {
            assert!(narrow(&query.sql).is_some(), "{}", saved.name);
        }
    }
}

fn answer(connection: &Connection, sql: &str) -> Vec<(i64, Option<String>)> {
    let mut statement = connection
        .prepare(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_bound_from_another_table_gives_the_same_answer() {
    let sample = archive_on_boundaries();
    let reader = Reader::open(&sample.path()).unwrap();
    let sql = "with day as (select distinct substr(x.time, 1, 10) as first from events x)
        select e.key, d.first from day d join events e
        where e.time >= d.first and e.time < strftime('%Y-%m-%dT%H:%M:%fZ', d.first, '+1 day')
        order by 1, 2";
    let narrowed = narrow(sql).unwrap();
    let found = answer(reader.connection(), sql);
    assert!(found.len() > 400, "{}", found.len());
    assert_eq!(answer(reader.connection(), &narrowed), found);
    let both = "select a.key, b.event_type from events a, events b
        where a.time >= b.time and b.key % 13 = 0 order by a.key, b.key";
    let narrowed = narrow(both).unwrap();
    let found = answer(reader.connection(), both);
    assert_eq!(answer(reader.connection(), &narrowed), found);
}

fn value() -> impl Strategy<Value = String> {
    let edge = proptest::sample::select(vec![
        "'2026'",
        "'2026-10'",
        "'2026-10-'",
        "'2026-1'",
        "'2026-10-01'",
        "'2026-09-31'",
        "'2026-10-1'",
        "'9999-12-31'",
        "'0000-01-01'",
        "''",
        "'x'",
        "null",
        "5",
        "-5.5",
        "x'32303236'",
        "'2026-10-01 00:00:00'",
        "'2026-10-01T'",
        "'2026-10-01t00:00:00.000z'",
        "date('2026-10-20', '-7 days')",
    ]);
    let moment = prop_oneof![
        (0..120_i64 * 86_400_000).prop_map(|back| sample::NOW.millis() - back),
        (proptest::sample::select(boundaries()), -1..=1_i64).prop_map(|(at, by)| at + by),
    ];
    let ending = proptest::sample::select(vec!["", "", "", "Z", " ", "x", "-", "0", "9", ":60"]);
    let begun = (moment, 4..=24_usize, ending).prop_map(|(millis, length, ending)| {
        let text = Timestamp::from_millis(millis).to_string();
        format!("'{}{ending}'", &text[..length])
    });
    prop_oneof![1 => edge.prop_map(str::to_owned), 3 => begun]
}

/// Times at which a beginning of a time ends: years, months, days, down to milliseconds.
fn boundaries() -> Vec<i64> {
    [
        "2026-01-01T00:00:00.000Z",
        "2026-09-30T23:59:59.999Z",
        "2026-10-01T00:00:00.000Z",
        "2026-10-01T17:00:00.000Z",
        "2026-10-01T17:30:00.000Z",
        "2026-10-01T17:30:21.000Z",
        "2026-10-01T17:30:21.120Z",
        "2027-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
    ]
    .map(|text| {
        let time = chrono::DateTime::parse_from_rfc3339(text).unwrap();
        time.timestamp_millis()
    })
    .to_vec()
}

/// A sample with events on either side of each boundary, under the first and last key of their
/// millisecond, and at the ends of the calendar.
fn archive_on_boundaries() -> Sample {
    let sample = sample::archive(400);
    let ends = [-(1 << 43) + 1, (1 << 43) - 1];
    let around = boundaries().into_iter().flat_map(|at| at - 1..=at + 1);
    for millis in around.chain(ends) {
        for low in [0, (1 << 20) - 1] {
            sample
                .writer
                .execute(
                    "insert or ignore into event select ?1, page, null, event_type, action, actor, on_behalf_of,
                         ip, port, target, package, package_type, package_owner, file_name, file_size,
                         details, template, block
                     from (select * from event order by abs(key % 9973 - abs(?1 % 9973)) limit 1)",
                    [millis << 20 | low],
                )
                .unwrap();
        }
    }
    sample
        .writer
        .execute_batch(
            "insert into package_event select package, key from event where package > 0
             except select * from recent_package_event except select * from package_event",
        )
        .unwrap();
    sample
}

fn condition() -> impl Strategy<Value = String> {
    let is = proptest::sample::select(vec!["<", "<=", ">", ">=", "=", "==", "<>", "is", "like"]);
    let compared = (is, value()).prop_map(|(is, value)| format!("v.time {is} {value}"));
    let mirrored = (
        proptest::sample::select(vec!["<", "<=", ">", ">=", "="]),
        value(),
    )
        .prop_map(|(is, value)| format!("{value} {is} v.time"));
    let between = (value(), value(), proptest::sample::select(vec!["", "not "]))
        .prop_map(|(a, b, not)| format!("v.time {not}between {a} and {b}"));
    let id = (0..400_u32).prop_map(|number| format!("v.event_id = '{}'", event_id(number)));
    let other = Just("v.action like '%log%'".to_owned());
    let leaf = prop_oneof![4 => compared, 2 => mirrored, 2 => between, 1 => id, 1 => other];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let pair = (
            inner.clone(),
            inner.clone(),
            proptest::sample::select(vec!["and", "and", "or"]),
        );
        prop_oneof![
            4 => pair.prop_map(|(a, b, word)| format!("{a} {word} {b}")),
            1 => inner.clone().prop_map(|a| format!("({a})")),
            1 => inner.prop_map(|a| format!("not {a}")),
        ]
    })
}

/// Where a condition can stand.
const QUESTIONS: &[&str] = &[
    "select v.key, v.time from events v where CONDITION order by 1, 2",
    "select v.key, v.time from activity v where CONDITION order by 1, 2",
    "select v.key, v.actor_name from activity v where (CONDITION) and v.time < '2026-10-01T17:30:21.120Z' order by 1",
    "select v.key, v.time from sendsafely_events v where CONDITION order by 1, 2",
    "select v.key, v.time from safe_events v join events w on w.key = v.key \
     where v.time > '2026-09-30T23:59:59.999Z' and exists (select 1 from events v where v.key = w.key and CONDITION) order by 1",
    "select v.key, v.time from events v join users u on lower(u.email) = lower(v.actor) where CONDITION order by 1, 2",
    "select v.key, v.time from users u left join events v on lower(u.email) = lower(v.actor) where CONDITION order by 1, 2",
    "select v.key, v.time from (select * from events) v where CONDITION order by 1, 2",
    "select w.key, w.time from events w where exists (select 1 from events v where v.key = w.key and CONDITION) order by 1",
    "select w.key, w.time from events w where not exists (select 1 from activity v where v.key = w.key and CONDITION) order by 1",
    "select u.id, u.text from word u where u.text not in (select v.authenticated_user from sendsafely_events v where CONDITION) order by 1",
    "with w as (select v.key, v.actor from activity v where CONDITION) select count(*), min(actor) from w",
    "select w.key, (select max(v.time) from events v where v.actor = w.actor and CONDITION) from events w where w.time < '2026-07-25' order by 1",
    "select w.key, w.time from sendsafely_events w where exists (select 1 from sendsafely_events v \
     where v.package_id = w.package_id and v.key > w.key and CONDITION) order by 1",
    "select p.key, (select max(v.time) from events v join events s on s.key = v.key \
     where v.event_id = p.event_id and CONDITION) from events p where p.key % 5 = 0 order by 1",
    "select v.key, v.time from events v where (CONDITION) union all select v.key, null from safe_events v where v.time >= '2026-10-01T17' order by 1, 2",
];

#[test]
fn the_answer_is_the_same() {
    let sample = archive_on_boundaries();
    let reader = Reader::open(&sample.path()).unwrap();
    let questions = proptest::sample::select(QUESTIONS);
    let narrowed = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(800), |(question in questions, condition in condition())| {
        let sql = question.replace("CONDITION", &condition);
        if let Some(faster) = narrow(&sql) {
            narrowed.set(narrowed.get() + 1);
            prop_assert_eq!(answer(reader.connection(), &faster), answer(reader.connection(), &sql), "{}", faster);
        }
    });
    assert!(
        narrowed.get() > 200,
        "only {} queries were narrowed",
        narrowed.get()
    );
}

#[test]
fn a_package_and_an_id_find_what_they_found() {
    let sample = sample::archive(400);
    let reader = Reader::open(&sample.path()).unwrap();
    for number in 0..200 {
        for condition in [
            format!("package_id = 'PKG{number}'"),
            format!("'PKG{number}' = package_id and time < '2026-10-01'"),
            format!("event_id = '{}'", event_id(number)),
            format!("event_id = upper('{}')", event_id(number)),
        ] {
            let sql =
                format!("select key, time from sendsafely_events where {condition} order by 1");
            let narrowed = narrow(&sql).unwrap();
            assert_eq!(
                answer(reader.connection(), &narrowed),
                answer(reader.connection(), &sql),
                "{sql}"
            );
        }
    }
}

#[test]
fn what_sqlite_understands_the_parser_understands_too() {
    for sql in [
        "select * from events e where e.time >= '2026' and action glob 'LOGIN*'",
        "select * from events where time >= '2026' and details ->> '$.a' is not null",
        "select * from events where time >= :since and ip notnull and port isnull",
        "select count(*) filter (where ip is null) from events where time >= @since",
        "select group_concat(distinct actor) from events where time >= $since group by action",
        "select row_number() over (partition by actor order by time) from events where time > '2026'",
        "with a as not materialized (select * from events where time > '2026') select * from a",
        "with a(x) as materialized (select actor from events where time > '2026') select * from a",
        "select * from events where time >= '2026' and actor like '%\\_%' escape '\\' limit 5 offset 2",
        "select iif(port > 5, 1, 0), cast(port as text), x'00' from events where time >= '2026'",
        "select * from events where time >= '2026' and actor = 'a' collate nocase order by 1 nulls last",
        "select * from events where time >= '2026' union all select * from events order by 1 limit 3, 4",
        "select e.*, value from events e, json_each(e.details) where e.time >= '2026'",
        "explain query plan select * from events where time >= '2026'",
        "select * from events where time >= '2026' and actor in (select actor from events);",
        "select 1 as \"is\", 2 as [glob], 'é' as \"materialized\" from events where time >= '2026'",
        "select [actor], `ip`, \"port\" from events where \"time\" >= '2026' and port & 1 == 1",
        "select * from events where time >= datetime('now', '-1 day') and actor is not 'x'",
        "select * from events where time >= '2026' and (actor, ip) in (values ('a', 'b'))",
        "select * from events where time >= '2026' and not exists (select 1 from users where 0)",
    ] {
        assert!(narrow(sql).is_some(), "{sql}");
    }
}

#[test]
fn as_deep_as_sqlite_goes_is_not_too_deep() {
    let sample = sample::archive(20);
    let reader = Reader::open(&sample.path()).unwrap();
    let sql = |depth| {
        format!(
            "select key from events where time > '2026'{}",
            " and port is null".repeat(depth)
        )
    };
    let rows = |depth| sample::rows(&reader, &sql(depth), &[]);
    assert_eq!(rows(900).unwrap().len(), 20);
    assert!(
        rows(5_000).is_err(),
        "SQLite has a limit, and so keeps the parser from deeper ones"
    );
}
