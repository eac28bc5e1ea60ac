use super::*;
use crate::archive::reader::Reader;
use crate::query::sample::{self, Sample};
use crate::query::{Options, Query};

fn plan_of(sample: &Sample, sql: &str) -> Plan {
    let reader = Reader::open(&sample.path()).unwrap();
    let given = [("since".to_owned(), "30d".to_owned())];
    let query = Query::read(sql).unwrap();
    let options = Options {
        given: if sql.contains(":since") { &given } else { &[] },
        now: sample::NOW,
        timeout: None,
    };
    query.plan(&reader, options).unwrap()
}

/// The steps of a plan, a line each.
fn told(plan: &Plan) -> String {
    let lines = plan.steps.iter().map(|step| {
        let indent = "  ".repeat(step.depth);
        format!("{indent}{}", step.does)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Queries, what serves them, and what is told of how they are answered.
const TOLD: &[(&str, Served, &str)] = &[
    (
        "select actor, count(*) from events group by 1 order by 2 desc",
        Served::RollUp,
        "reads the roll-up of actors\nsorts",
    ),
    (
        "select max(length(details)) from events",
        Served::Nothing,
        "reads all 1,200 events\nlooks up texts by number",
    ),
    (
        "select max(length(raw(key))) from events",
        Served::Nothing,
        "reads all 1,200 events",
    ),
    (
        "select max(e.key) from events e",
        Served::Index,
        "finds events by their key",
    ),
    (
        "select port, count(*) from events group by 1 order by 2 desc",
        Served::Nothing,
        "reads all 1,200 events\nsorts to group\nsorts",
    ),
    (
        "select actor from events where time >= '2026-10-21T12:00:00Z' \
         and time < '2026-11-20T12:00:00Z'",
        Served::Range,
        "reads the events of 30 days by their time: a range of the table, about 299 of 1,200",
    ),
    (
        "-- x\n-- param since time\nselect time from events where time >= :since order by time",
        Served::Range,
        "reads the events of 30 days by their time: a range of the table, about 299 of 1,200",
    ),
    (
        "select actor from events where time >= lower(actor)",
        Served::Nothing,
        "reads all 1,200 events",
    ),
    (
        "select port from events where event_id = '0bc1d2e3-0000-4000-8000-000000000002'",
        Served::Index,
        "finds events by their key\nreads all sources\nfinds the ids of events by an index",
    ),
    (
        "select file_name from sendsafely_events where package_id = 'PKG1' order by file_name",
        Served::Index,
        "finds events by their key\nfinds texts by text: an index\n\
         finds the events of packages by package: an index\nfinds texts by text: an index\n\
         reads all sources\nmakes an index of pages for this query alone\nsorts\n\
         looks up texts by number",
    ),
    (
        "select feed from events where key = 7",
        Served::Index,
        "finds events by their key",
    ),
    (
        "select events from actors where events > 5",
        Served::RollUp,
        "reads the roll-up of actors",
    ),
    (
        "select present from users",
        Served::Aside,
        "reads all users\nfor each row:\n  finds users by user_id and source: an index",
    ),
    ("select 1", Served::Aside, ""),
    (
        "select distinct actor_role from activity where time > '2026-11-01'",
        Served::Range,
        "reads the events of 19 days by their time: a range of the table, about 194 of 1,200\n\
         for each row:\n  finds users by user_id and source: an index\n\
         for each row:\n  finds users by an index\nsorts out what comes twice\n\
         looks up users by number",
    ),
    (
        "with recursive n(x) as (select 1 union all select x + 1 from n where x < 9) select * from n",
        Served::Aside,
        "",
    ),
    (
        "select value from events, json_each(details)",
        Served::Nothing,
        "reads all 1,200 events\ngoes through a JSON value\nlooks up texts by number",
    ),
    (
        "with few as materialized (select actor from events where time > '2026-11-01') \
         select events from few join actors using (actor)",
        Served::Range,
        "first, and keeps the rows as `few`:\n  \
         reads the events of 19 days by their time: a range of the table, about 194 of 1,200\n\
         reads the roll-up of actors\nlooks up texts by number",
    ),
];

#[test]
fn how_a_query_is_answered_is_told_in_plain_words() {
    let sample = sample::archive(1200);
    for (sql, served, expected) in TOLD {
        let plan = plan_of(&sample, sql);
        let rows = &plan.rows;
        assert_eq!(told(&plan), *expected, "{sql}\n{rows:#?}");
        assert_eq!(plan.served, *served, "{sql}");
    }
}

#[test]
fn every_saved_query_is_told_in_words_of_ours() {
    let sample = sample::archive(300);
    let reader = Reader::open(&sample.path()).unwrap();
    for saved in crate::query::saved::list(None).unwrap() {
        let query = saved.query.unwrap();
        let needed = query.parameters.iter().filter(|one| one.default.is_none());
        let given: Vec<(String, String)> = needed
            .map(|one| (one.name.clone(), "7".to_owned()))
            .collect();
        let options = Options {
            given: &given,
            now: sample::NOW,
            timeout: None,
        };
        let plan = query.plan(&reader, options).unwrap();
        let told = told(&plan);
        assert!(
            !told.is_empty() && !told.contains("SQLite"),
            "{}\n{told}",
            saved.name
        );
    }
}

#[test]
fn a_query_that_is_wrong_is_wrong_before_it_is_told_how() {
    let sample = sample::archive(2);
    let reader = Reader::open(&sample.path()).unwrap();
    let options = Options {
        given: &[],
        now: sample::NOW,
        timeout: None,
    };
    for (sql, said) in [
        ("select acter from events", "no such column: acter"),
        ("delete from event", "DELETE is refused"),
        ("select :x", "parameter `x` is not given"),
    ] {
        let error = Query::read(sql)
            .unwrap()
            .plan(&reader, options)
            .unwrap_err();
        assert!(error.to_string().starts_with(said), "{error}");
    }
}

#[test]
fn what_is_not_known_is_told_in_sqlites_words() {
    let row = |id, parent, detail: &str| PlanRow {
        id,
        parent,
        detail: detail.to_owned(),
    };
    let mut known = Known::default();
    known.relations.column("event", "key");
    known.relations.name_as_in("select * from event e");
    let rows = vec![
        row(1, 0, "DANCE WITH e"),
        row(2, 1, "SCAN e"),
        row(3, 3, "SCAN e"),
    ];
    let plan = Plan::read(rows, &known);
    assert_eq!(
        told(&plan),
        "in SQLite's words: DANCE WITH e\n  reads all events"
    );
    assert_eq!(plan.served, Served::Nothing);
}

#[test]
fn numbers_are_grouped_by_thousands() {
    for (number, text) in [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (1_234_567, "1,234,567"),
    ] {
        assert_eq!(grouped(number), text);
    }
}
