//! Tests of [`super`].

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rusqlite::Connection;

use super::columns::VIEWS;
use super::*;
use crate::archive::reader::Reader;
use crate::query::narrow::narrow;
use crate::query::sample::{self, Sample};
use crate::query::{Options, Query};

/// As `query::faster` does; lists are gone by whether they find few or many.
fn faster(sql: &str, connection: &Connection) -> String {
    let changed = |sql: String, change: &dyn Fn(&Text<'_>) -> Option<String>| {
        Text::read(&sql)
            .and_then(|text| change(&text))
            .unwrap_or(sql)
    };
    let named = changed(sql.to_owned(), &name_columns);
    let rolled_up = changed(named, &roll_up);
    let narrowed = changed(rolled_up, &narrow);
    let holds = |question: &str| {
        let few = format!("found * {} < events", seldom::READ_MEANWHILE);
        let any = question.replace(&few, "events > 0");
        let any = any.replace("found < 50", "true");
        let ask = connection.query_row(&any, [], |row| row.get(0));
        ask.unwrap_or_default()
    };
    changed(narrowed, &|text| rewrite(text, &holds))
}

/// Column names and rows.
fn answer(connection: &Connection, sql: &str) -> Result<(Vec<String>, Vec<String>), String> {
    let mut statement = connection.prepare(sql).map_err(|error| error.to_string())?;
    let names = statement
        .column_names()
        .iter()
        .map(ToString::to_string)
        .collect();
    let count = statement.column_count();
    let mut rows = statement.raw_query();
    let mut written = Vec::new();
    while let Some(row) = rows.next().map_err(|error| error.to_string())? {
        let value = |at| row.get_ref(at).map(|value| format!("{value:?}"));
        let values: Vec<String> = (0..count).map(value).collect::<Result<_, _>>().unwrap();
        written.push(values.join("|"));
    }
    Ok((names, written))
}

fn archive() -> Sample {
    let sample = sample::archive(900);
    sample
        .writer
        .execute_batch(
            "update event set on_behalf_of = (select actor from event where key > 0 limit 1)
                 where key % 7 = 0;
             update event set package = 0 where key % 11 = 0;
             update event set actor = 0 where key % 13 = 0;
             update event set file_size = 9223372036854775807 / 3000 where key % 17 = 0;
             insert into event select key - (56 << 20) * 365 * 86400000, page, null, event_type, action, actor,
                 on_behalf_of, ip, port, target, package, package_type, package_owner, file_name,
                 file_size, details, template, block from event limit 40;
             delete from actor_span; delete from package_event;
             delete from recent_package_event;
             insert into actor_span select e.actor, p.source, min(e.key), max(e.key), count(*)
                 from event e join page p on p.id = e.page group by 1, 2;
             insert into package_event select package, key from event where package > 0;",
        )
        .unwrap();
    sample::roll_up(&sample.writer);
    sample
}

const CONDITIONS: &[&str] = &[
    "action = 'LOGIN'",
    "'LOGIN' == ACTION",
    "action like '%login%'",
    "action not like '%login%'",
    "not (action like '%login%')",
    "ACTOR = 'User3@Example.com'",
    "lower(ACTOR) = 'user3@example.com'",
    "lower(ACTOR) in (select lower(email) from users where role = 'Admin')",
    "ACTOR in ('User1@Example.com', 'User2@Example.com')",
    "(lower(ACTOR) in ('user1@example.com') or lower(BEHALF) in ('user2@example.com'))",
    "ACTOR is null",
    "ACTOR is not null and ACTOR <> 'User1@Example.com'",
    "BEHALF is null",
    "BEHALF notnull",
    "IP like '192.0.2.1%'",
    "IP = '192.0.2.7'",
    "time >= '2026-10-01'",
    "time > '2026-10-20T13:00:00.000Z'",
    "time < '2026-10-01T12'",
    "'2026-10-15' > time",
    "time between '2026-09-01' and '2026-10-01'",
    "time not between '2026-09-01' and '2026-10-01'",
    "time <= '2026-11-01' and time > '1969-06-01'",
    "source = 'acme'",
    "source <> 'acme'",
    "event_type is null",
    "event_type <> 'USER_EVENT'",
    "coalesce(event_type, 'none') = 'none'",
    "action between 'A' and 'M'",
    "case action when 'LOGIN' then 1 else 0 end",
    "action = 'login' collate nocase",
    "ACTOR = action",
    "details ->> '$.fileSize' > 5",
    "substr(time, 12, 2) < '07'",
    "action = null",
    "action in (null)",
    "target is null",
];

const TERMS: &[&str] = &[
    "ACTOR",
    "action",
    "event_type",
    "source",
    "IP",
    "BEHALF",
    "substr(time, 1, 10)",
    "substr(time, 1, 7)",
    "date(time)",
    "strftime('%H', time)",
    "substr(time, 12, 2)",
    "strftime('%Y-%m', time)",
    "lower(ACTOR)",
];

const AGGREGATES: &[&str] = &[
    "count(*)",
    "count(*) as n",
    "count(distinct ACTOR)",
    "count(ACTOR)",
    "count(distinct IP) many",
    "min(time)",
    "max(time) as latest",
    "SIZE",
    "sum(action like '%LOGIN%')",
    "count(*) filter (where action = 'LOGIN')",
    "count(*) * 2 + 1",
];

fn condition() -> impl Strategy<Value = String> {
    let leaf = select(CONDITIONS).prop_map(str::to_owned);
    leaf.prop_recursive(3, 6, 3, |inner| {
        (proptest::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(parts, all)| {
            format!("({})", parts.join(if all { " and " } else { " or " }))
        })
    })
}

fn question() -> impl Strategy<Value = String> {
    let terms = subsequence(TERMS.to_vec(), 0..4);
    let aggregates = subsequence(AGGREGATES.to_vec(), 1..4);
    let order = select(vec![
        "",
        "order by 1",
        "order by 1 desc",
        "order by count(*) desc",
        "order by 2, 1 desc",
        "order by count(*) desc limit 5",
        "limit 3",
        "having count(*) > 2 order by 2 desc",
    ]);
    let by_number = any::<bool>();
    (terms, aggregates, condition(), order, by_number).prop_map(
        |(terms, aggregates, condition, order, by_number)| {
            let selected = [terms.clone(), aggregates].concat().join(", ");
            let numbers: Vec<String> = (1..=terms.len()).map(|at| at.to_string()).collect();
            let group = match (terms.is_empty(), by_number) {
                (true, _) => String::new(),
                (_, true) => format!("group by {}", numbers.join(", ")),
                _ => format!("group by {}", terms.join(", ")),
            };
            let order = if terms.is_empty() { "" } else { order };
            format!("select {selected} from VIEW where {condition} {group} {order}")
        },
    )
}

fn of_view(question: &str, view: &str) -> String {
    let names = match view {
        "sendsafely_events" => ["authenticated_user", "impersonated_user", "ip_address"],
        _ => ["actor", "on_behalf_of", "ip"],
    };
    let size = match view {
        "sendsafely_events" => "sum(file_size)",
        _ => "sum(details ->> '$.fileSize')",
    };
    let mut question = question.replace("VIEW", view).replace("SIZE", size);
    for (word, name) in ["ACTOR", "BEHALF", "IP"].into_iter().zip(names) {
        question = question.replace(word, name);
    }
    question
}

const VIEWS_ASKED: &[&str] = &["events", "main.events e", "activity", "sendsafely_events"];

#[test]
fn the_answer_is_the_same() {
    let sample = archive();
    let reader = Reader::open(&sample.path()).unwrap();
    let rolled = std::cell::Cell::new(0);
    let config = ProptestConfig::with_cases(500);
    proptest!(config, |(question in question(), view in select(VIEWS_ASKED))| {
        let sql = of_view(&question, view);
        let faster = faster(&sql, reader.connection());
        prop_assert_ne!(&sql, &faster);
        rolled.set(rolled.get() + usize::from(roll_up(&Text::read(&sql).unwrap()).is_some()));
        let plain = answer(reader.connection(), &sql);
        prop_assert_eq!(answer(reader.connection(), &faster), plain, "{}\n{}", sql, faster);
    });
    assert!(rolled.get() > 5, "only {} came from roll-ups", rolled.get());
}

const TIMES: &[&str] = &[
    "date(time)",
    "substr(time, 1, 7)",
    "strftime('%H', time)",
    "",
    "",
];

const COUNTED: &[&str] = &[
    "count(*)",
    "count(distinct ip)",
    "min(time), max(time)",
    "count(distinct actor), count(*)",
];

const WHEN: &[&str] = &[
    "1",
    "time >= '2026-10-01'",
    "e.time > '2026-10-20T13:00:00.000Z'",
    "substr(time, 12, 2) < '07'",
    "time >= '2026-09-01' and time < '2026-10-02'",
    "'2026-09-01' <= time",
    "(time between '2026-09-01' and '2026-10-02')",
];

const WHAT: &[&str] = &[
    "1",
    "source = 'acme'",
    "action like '%login%'",
    "lower(actor) < 'user3'",
    "actor is null or action = 'LOGIN'",
];

/// A question that roll-ups answer, as a rule.
fn rolled_up() -> impl Strategy<Value = String> {
    let terms = subsequence(vec!["actor", "action", "source", "ip"], 0..3);
    let parts = (select(TIMES), select(COUNTED), select(WHEN), select(WHAT));
    (terms, parts).prop_map(|(mut terms, (time, counted, when, what))| {
        terms.extend(Some(time).filter(|time| !time.is_empty()));
        let selected = [&terms[..], &[counted]].concat().join(", ");
        let group = if terms.is_empty() { "" } else { "group by" };
        let terms = terms.join(", ");
        format!("select {selected} from events e where {when} and ({what}) {group} {terms}")
    })
}

#[test]
fn the_answer_of_a_roll_up_is_the_same() {
    let sample = archive();
    let reader = Reader::open(&sample.path()).unwrap();
    let rolled = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(400), |(sql in rolled_up())| {
        rolled.set(rolled.get() + usize::from(roll_up(&Text::read(&sql).unwrap()).is_some()));
        let faster = faster(&sql, reader.connection());
        let plain = answer(reader.connection(), &sql);
        prop_assert_eq!(answer(reader.connection(), &faster), plain, "{}\n{}", sql, faster);
    });
    assert!(
        rolled.get() > 80,
        "only {} came from roll-ups",
        rolled.get()
    );
}

#[test]
fn rows_are_the_same() {
    let sample = archive();
    let reader = Reader::open(&sample.path()).unwrap();
    let columns = select(vec![
        "*",
        "key, time, action",
        "e.key, e.*",
        "e.actor, e.details as d",
    ]);
    let order = select(vec![
        "",
        "order by key desc",
        "order by time limit 20",
        "order by e.time desc",
        "order by action desc, time asc limit 9",
        "order by e.action, key",
    ]);
    let config = ProptestConfig::with_cases(150);
    proptest!(config, |(condition in condition(), columns in columns, order in order)| {
        let sql = of_view(&format!("select {columns} from events e where {condition} {order}"), "events");
        let faster = faster(&sql, reader.connection());
        let plain = answer(reader.connection(), &sql);
        prop_assert_eq!(answer(reader.connection(), &faster), plain, "{}\n{}", sql, faster);
    });
}

/// Where conditions on actions can stand.
const AROUND_ACTIONS: &[&str] = &[
    "select e.key, e.action from events e where CONDITION",
    "select e.key, e.action from events e where time > '2026-10-01' and CONDITION order by key desc",
    "select count(*), max(e.time) from events e where (CONDITION) and not e.action = 'LOGIN'",
    "select e.key, u.role from users u join events e on lower(e.actor) = lower(u.email) \
     where e.time between '2026-08-01' and '2026-11-01' and CONDITION order by 1, 2",
    "select e.key, a.actor_name from events e join activity a on a.key = e.key where CONDITION order by 1",
    "select w.key from events w where exists \
     (select 1 from activity e where e.actor = w.actor and CONDITION) order by 1",
    "select w.key, (select max(e.key) from events e where e.time < w.time and CONDITION) from events w \
     where w.time > '2026-11-10' order by 1",
    "select distinct (select count(*) from activity e where CONDITION), \
     exists (select 1 from safe_events e where e.time > '2027' and CONDITION) as one",
    "select e.action, e.day, sum(e.events) from daily e where CONDITION group by 1, 2",
    "select e.key from sendsafely_events e where CONDITION union all \
     select e.key from safe_events e where CONDITION order by 1",
];

fn of_actions() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "e.action = 'LOGIN'",
        "lower(e.action) = 'login'",
        "e.action like '%log%'",
        "e.action not like '%fail%'",
        "e.action in ('LOGIN', 'Report viewed')",
        "e.action is null",
        "e.action is not null",
        "e.source = 'acme'",
        "e.action <> e.source",
    ]);
    let pair = (leaf.clone(), select(vec!["and", "or"]), leaf);
    pair.prop_map(|(one, word, other)| format!("({one} {word} {other})"))
}

#[test]
fn the_answer_by_the_list_of_actions_is_the_same() {
    let sample = archive();
    sample
        .writer
        .execute_batch("update event set action = 0 where key % 19 = 0")
        .unwrap();
    sample::roll_up(&sample.writer);
    let reader = Reader::open(&sample.path()).unwrap();
    let listed = std::cell::Cell::new(0);
    let config = ProptestConfig::with_cases(300);
    proptest!(config, |(question in select(AROUND_ACTIONS), condition in of_actions())| {
        let sql = question.replace("CONDITION", &condition);
        let faster = faster(&sql, reader.connection());
        listed.set(listed.get() + usize::from(faster.contains("action_event")));
        let plain = answer(reader.connection(), &sql);
        prop_assert_eq!(answer(reader.connection(), &faster), plain, "{}\n{}", sql, faster);
    });
    assert!(listed.get() > 60, "only {} came by the list", listed.get());
}

/// Conditions on what is seldom, and which list finds it.
const LISTED: &[(&str, &str)] = &[
    ("action = 'LOGIN'", "action"),
    ("action like :what", "action"),
    (
        "action like '%log%' and action not like '%fail%' and action not like 'user%'",
        "action",
    ),
    (
        "time > '2026-10-01' and (action = 'LOGIN' or action = 'x')",
        "action",
    ),
    (
        "action = 'LOGIN' and actor like '%@%' order by key desc",
        "action",
    ),
    ("action = 'LOGIN' and actor = 'User1@Example.com'", "person"),
    ("action like '%log%' and actor like 'user3@%'", "person"),
    ("actor is null", "person"),
    ("ip = '192.0.2.7'", "person"),
    ("ip like '192.0.2.13_' or ip = '192.0.2.120'", "person"),
];

/// Conditions for which all events are read.
const UNLISTED: &[&str] = &[
    "action like 'LOGIN%'",
    "action not like '%log%' and action not like '%view%'",
    "action = 'LOGIN' or actor like '%@%'",
    "action = 'LOGIN' limit 5",
    "action = 'LOGIN' and event_id = 'x'",
    "key = 5 and action = 'LOGIN'",
    "time < '2020' and action = 'LOGIN'",
    "ip like '192.0.2.%'",
    "actor like '%@%'",
];

#[test]
fn lists_are_for_what_is_seldom() {
    let sample = sample::archive(900);
    let reader = Reader::open(&sample.path()).unwrap();
    let given = [("what".to_owned(), "LOGI_".to_owned())];
    let options = Options {
        given: &given,
        now: sample::NOW,
        timeout: None,
    };
    let list = |condition: &str| {
        let query = format!("select *, :what from events where {condition}");
        let query = Query::read(&query).unwrap();
        let prepared = query.prepare(&reader, options).unwrap();
        let mut lists = ["main.action_event", "main.person_event"].into_iter();
        lists.find(|list| prepared.run.contains(list))
    };
    for (condition, by) in LISTED {
        let list = list(condition);
        assert_eq!(list, Some(&*format!("main.{by}_event")), "{condition}");
    }
    for condition in UNLISTED {
        assert_eq!(list(condition), None, "{condition}");
    }
}

#[test]
fn texts_compare_as_those_of_a_column() {
    let sample = archive();
    let seven = "insert into word (text) values ('7'); insert into source values (7, '7', 'safe', null);
        insert into page select 77, batch, 7, feed, archived_at, header from page limit 1;
        update event set page = 77, event_type = last_insert_rowid() where key % 23 = 0;
        update event set event_type = w.id, action = w.id, actor = w.id, on_behalf_of = w.id, ip = w.id
            from word w where w.text = '7' and key % 23 = 0";
    sample.writer.execute_batch(seven).unwrap();
    sample::roll_up(&sample.writer);
    let reader = Reader::open(&sample.path()).unwrap();
    for column in [
        "source",
        "event_type",
        "action",
        "actor",
        "on_behalf_of",
        "ip",
    ] {
        let sql = format!("select e.key from (select 7 as n) s join events e on e.{column} = s.n");
        let plain = answer(reader.connection(), &sql).unwrap();
        assert!(!plain.1.is_empty(), "{column}");
        let faster = faster(&sql, reader.connection());
        assert_eq!(
            answer(reader.connection(), &faster).unwrap(),
            plain,
            "{faster}"
        );
    }
}

#[test]
fn the_newest_events_are_found_without_sorting() {
    let sample = sample::archive(20);
    let reader = Reader::open(&sample.path()).unwrap();
    for (sql, sorts) in [
        ("select * from events order by time desc limit 5", false),
        (
            "select e.time as t, actor_name from activity e order by t desc",
            false,
        ),
        (
            "select time, ip from events where time >= '2026-10-01' order by 1",
            false,
        ),
        ("select * from events order by time desc, actor", true),
        (
            "select action, max(time) from events group by 1 order by 2",
            true,
        ),
    ] {
        let plan = format!("explain query plan {}", faster(sql, reader.connection()));
        let (_, steps) = answer(reader.connection(), &plan).unwrap();
        let order = "USE TEMP B-TREE FOR ORDER BY".as_bytes();
        let order = format!("Text({order:?})");
        assert_eq!(
            steps.iter().any(|step| step.contains(&order)),
            sorts,
            "{sql}"
        );
    }
}

#[test]
fn a_coded_view_has_the_columns_and_rows_of_its_view() {
    let sample = archive();
    let reader = Reader::open(&sample.path()).unwrap();
    for view in VIEWS {
        let columns = view.columns.join(", ");
        let plain = answer(reader.connection(), &format!("select * from {}", view.name)).unwrap();
        assert_eq!(plain.0, view.columns, "{}", view.name);
        let kind = view
            .pages
            .map(|pages| format!(" where \"#page\" in ({pages})"));
        let kind = kind.unwrap_or_default();
        let coded = format!("select {columns} from temp.coded_{}{kind}", view.name);
        assert_eq!(
            answer(reader.connection(), &coded).unwrap(),
            plain,
            "{}",
            view.name
        );
    }
}

#[test]
fn what_is_no_view_of_ours_is_left_alone() {
    let connection = Connection::open_in_memory().unwrap();
    for sql in [
        "select 1",
        "select count(*) from users",
        "with events as (select 1 as actor) select actor from events",
        "select * from users u left join events e on e.actor = u.user_id where e.actor is null",
        "select * from events natural join users",
        "select actor from (select 'x' as actor) events_of_mine",
        "select (1 from events",
    ] {
        assert_eq!(faster(sql, &connection), sql);
    }
}
