//! Roll-ups say what the events say, whatever went wrong while they came.

use rusqlite::Connection;

use crate::support::rig::Rig;

const TABLES: &[&str] = &[
    "day_action",
    "day_actor",
    "hour_actor",
    "address",
    "column_word",
    "person_event",
    "action_event",
    "(select * from file_package union all select * from recent_file_package order by 1, 2)",
];

/// Their migrations make the same of the events, all at once.
#[track_caller]
pub(crate) fn hold(rig: &Rig) {
    let db = Connection::open(rig.path()).unwrap();
    let kept: Vec<_> = TABLES.iter().map(|table| rows(&db, table)).collect();
    let migration = include_str!("../../migrations/0007_rollups.sql");
    let begin = migration.find("insert into").unwrap();
    let end = migration.find("drop view").unwrap();
    db.execute_batch(
        "begin; delete from package_event where package = 0;
         delete from recent_package_event where package = 0;
         delete from file_package; delete from recent_file_package;",
    )
    .unwrap();
    for table in TABLES.iter().filter(|table| !table.starts_with('(')) {
        db.execute_batch(&format!("delete from {table}")).unwrap();
    }
    db.execute_batch(&migration[begin..end]).unwrap();
    let migration = include_str!("../../migrations/0010_actions.sql");
    let begin = migration.find("insert into").unwrap();
    db.execute_batch(&migration[begin..]).unwrap();
    for (table, kept) in TABLES.iter().zip(kept) {
        assert_eq!(kept, rows(&db, table), "{table}");
    }
    db.execute_batch("rollback").unwrap();
}

fn rows(db: &Connection, table: &str) -> Vec<String> {
    let mut find = db.prepare(&format!("select * from {table}")).unwrap();
    let width = find.column_count();
    let mut rows = find.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let values = (0..width).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
        found.push(values.collect::<Vec<_>>().join(" "));
    }
    found
}
