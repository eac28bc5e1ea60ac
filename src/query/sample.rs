//! A small archive made of nothing but SQL, for the tests of whatever reads one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use fastrand::Rng;
use rusqlite::{Connection, params};
use tempfile::TempDir;

use crate::archive::reader::Reader;
use crate::archive::{identity, schema};
use crate::event::Timestamp;
use crate::query::{Options, Query, QueryError};

/// The moment at which the sample's story ends: 2026-11-20T12:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_176_000_000);

/// An archive in a folder that goes when this does.
pub(crate) struct Sample {
    folder: TempDir,
    pub(crate) writer: Connection,
}

impl Sample {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("archive.db")
    }
}

/// An archive of so many events of the 120 days before [`NOW`].
pub(crate) fn archive(events: u32) -> Sample {
    archive_of_days(events, 120)
}

/// An archive of so many events of so many days before [`NOW`], half of them of `safe-us`, half
/// of `acme`; always the same for the same numbers.
pub(crate) fn archive_of_days(events: u32, days: i64) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Connection::open(folder.path().join("archive.db")).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    schema::migrate(&mut writer).unwrap();
    let transaction = writer.transaction().unwrap();
    transaction.execute_batch(PEOPLE).unwrap();
    let mut rng = Rng::with_seed(u64::from(events));
    let mut words = HashMap::new();
    for number in 0..events {
        let millis = NOW.millis() - rng.i64(0..days * 86_400_000);
        insert(&transaction, &mut words, number, millis, &mut rng);
    }
    transaction.execute_batch(SPANS).unwrap();
    roll_up(&transaction);
    transaction.commit().unwrap();
    Sample { folder, writer }
}

/// Fills the roll-ups anew, as their migration fills them for the archives of before.
pub(crate) fn roll_up(archive: &Connection) {
    let tables = [
        "day_action",
        "day_actor",
        "hour_actor",
        "address",
        "column_word",
        "person_event",
        "file_package",
        "action_event",
    ];
    for table in tables.into_iter().chain(["recent_file_package"]) {
        archive
            .execute_batch(&format!("delete from {table}"))
            .unwrap();
    }
    archive
        .execute_batch(
            "delete from package_event where package = 0;
             delete from recent_package_event where package = 0;",
        )
        .unwrap();
    let migration = include_str!("../../migrations/0007_rollups.sql");
    let begin = migration.find("insert into").unwrap();
    let end = migration.find("drop view").unwrap();
    archive.execute_batch(&migration[begin..end]).unwrap();
    let migration = include_str!("../../migrations/0010_actions.sql");
    let begin = migration.find("insert into").unwrap();
    archive.execute_batch(&migration[begin..]).unwrap();
    gather(archive);
}

/// Has a third of what gathers be recent.
fn gather(archive: &Connection) {
    for (table, column) in [
        ("identity", "hash"),
        ("package_event", "key"),
        ("file_package", "package"),
    ] {
        archive
            .execute_batch(&format!(
                "insert or ignore into recent_{table} select * from {table} where {column} % 3 = 0;
                 delete from {table} where {column} % 3 = 0;"
            ))
            .unwrap();
    }
}

/// The vendor's id of the sample's event of that number; SAFE's (odd numbers) have none.
pub(crate) fn event_id(number: u32) -> String {
    format!("0bc1d2e3-0000-4000-8000-{number:012x}")
}

const SAFE_ACTIONS: &[&str] = &[
    "User logged in",
    "Login failed",
    "Integration AWS updated",
    "User role changed",
    "Report viewed",
];
const SENDSAFELY: &[(&str, &str)] = &[
    ("USER_EVENT", "LOGIN"),
    ("USER_EVENT", "LOGIN_FAILED"),
    ("PACKAGE_EVENT", "PACKAGE_FILE_DOWNLOAD"),
    ("PACKAGE_EVENT", "FINALIZE_PACKAGE"),
    ("ADMIN_EVENT", "USER_ROLE_CHANGE"),
];
const PACKAGES: u32 = 200;

fn insert(archive: &Connection, words: &mut Words, number: u32, millis: i64, rng: &mut Rng) {
    let safe = number % 2 == 1;
    let person = rng.usize(0..40);
    let (event_type, action, actor) = deed(safe, person, rng);
    let package = action
        .contains("PACKAGE")
        .then(|| format!("PKG{}", rng.u32(0..PACKAGES)));
    let file = package
        .as_ref()
        .map(|package| format!("{package} plan.pdf"));
    let ip = format!(
        "192.0.2.{}",
        person + usize::from(number.is_multiple_of(50)) * 100
    );
    let mut word = |text: Option<&str>| word(archive, words, text);
    let sql = "insert into event values (?,?,?,?,?,?,0,?,null,0,?,?,?,?,?,'{\"n\":1}',null,null)";
    let key = (millis << 20) | i64::from(number & 0xf_ffff);
    let values = params![
        key,
        1 + i64::from(!safe),
        (!safe).then(|| identify(archive, number, key)),
        word(event_type),
        word(Some(action)),
        word(Some(&actor)),
        word(Some(&ip)),
        word(package.as_deref()),
        word(package.as_ref().map(|_| "PACKAGE")),
        word(package.as_ref().map(|_| "owner@example.com")),
        word(file.as_deref()),
        file.as_ref().map(|_| 1024),
    ];
    archive
        .prepare_cached(sql)
        .unwrap()
        .execute(values)
        .unwrap();
}

/// Class of event, action and actor, as SAFE or SendSafely would have them.
fn deed(safe: bool, person: usize, rng: &mut Rng) -> (Option<&'static str>, &'static str, String) {
    if safe {
        let user_id = format!("00000000-0000-4000-8000-{person:012x}");
        return (None, SAFE_ACTIONS[rng.usize(0..5)], user_id);
    }
    let (event_type, action) = SENDSAFELY[rng.usize(0..5)];
    (
        Some(event_type),
        action,
        format!("User{person}@Example.com"),
    )
}

/// Keeps the identity of an event with an id; gives the id as the archive stores it.
fn identify(archive: &Connection, number: u32, key: i64) -> [u8; 16] {
    let id = event_id(number);
    let hash = identity::of_vendor_id(2, &id);
    let mut keep = archive
        .prepare_cached("insert into identity values (?, ?, 0)")
        .unwrap();
    keep.execute([hash, key]).unwrap();
    u128::from_str_radix(&id.replace('-', ""), 16)
        .unwrap()
        .to_be_bytes()
}

type Words = HashMap<String, i64>;

fn word(archive: &Connection, words: &mut Words, text: Option<&str>) -> i64 {
    let Some(text) = text else { return 0 };
    if let Some(id) = words.get(text) {
        return *id;
    }
    archive
        .execute("insert into word (text) values (?)", [text])
        .unwrap();
    let id = archive.last_insert_rowid();
    words.insert(text.to_owned(), id);
    id
}

/// Forty people; the last five left on 2026-11-10, and one was promoted on 2026-10-15. Two who
/// never did anything.
const PEOPLE: &str = "
insert into source (id, name, kind) values (1, 'safe-us', 'safe'), (2, 'acme', 'sendsafely');
insert into batch (id, source, feed, started_at, ended_at, outcome)
    values (1, 1, 'reports', 1795176000000, 1795176001000, 'complete'), (2, 2, 'api', 1795176000000, 1795176001000, 'complete');
insert into page (id, batch, source, feed, archived_at)
    values (1, 1, 1, 'reports', 1795176000500), (2, 2, 2, 'api', 1795176000500);
insert into user (source, user_id, email, first_name, last_name, role, authentication, valid_from, valid_to)
    with recursive person(n) as (select 0 union all select n + 1 from person where n < 41)
    select 1, printf('00000000-0000-4000-8000-%012x', n), printf('user%d@example.com', n), 'User', n,
        iif(n = 0, 'Admin', 'Member'), 'SSO', 1780000000000, iif(n between 35 and 39, 1794268800000, null)
    from person;
update user set valid_to = 1792022400000, role = 'Member' where user_id like '%000001';
insert into user (source, user_id, email, first_name, last_name, role, authentication, valid_from)
    values (1, '00000000-0000-4000-8000-000000000001', 'user1@example.com', 'User', '1', 'Admin', 'SSO', 1792022400000);
insert into stretch values (1, 'reports', 1784808000000, 1795176000000, 'complete', 1795276000000, 1, 1);
";

const SPANS: &str = "
insert into actor_span
    select e.actor, p.source, min(e.key), max(e.key), count(*)
    from event e join page p on p.id = e.page group by 1, 2;
insert into package_event select package, key from event where package > 0;
";

/// A statement's rows, written as Rust would.
pub(crate) fn rows(
    reader: &Reader,
    sql: &str,
    given: &[(&str, &str)],
) -> Result<Vec<String>, QueryError> {
    rows_of(reader, &Query::read(sql)?, given)
}

/// A query's rows, written as Rust would.
pub(crate) fn rows_of(
    reader: &Reader,
    query: &Query,
    given: &[(&str, &str)],
) -> Result<Vec<String>, QueryError> {
    let given: Vec<(String, String)> = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let timeout = Some(Duration::from_secs(60));
    let mut prepared = query.prepare(
        reader,
        Options {
            given: &given,
            now: NOW,
            timeout,
        },
    )?;
    let mut rows = prepared.rows();
    let mut written = Vec::new();
    while let Some(row) = rows.next()? {
        written.push(format!("{row:?}"));
    }
    Ok(written)
}
