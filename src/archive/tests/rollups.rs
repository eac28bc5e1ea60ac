//! Roll-ups and lists say what the events say, whatever came in which order and failed meanwhile.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Made anew from the events by the migrations that made them for archives of before.
const TABLES: &[&str] = &[
    "day_action",
    "day_actor",
    "hour_actor",
    "address",
    "column_word",
    "person_event",
    "file_package",
    "package_event",
    "action_event",
];

#[derive(Debug, Clone)]
struct Deed {
    id: u32,
    millis: i64,
    action: &'static str,
    actor: Option<&'static str>,
    on_behalf_of: Option<&'static str>,
    ip: Option<&'static str>,
    package: Option<&'static str>,
    file: Option<&'static str>,
    size: Option<i64>,
}

fn deed() -> impl Strategy<Value = Deed> {
    let day = 86_400_000_i64;
    let millis = prop_oneof![
        -2..2_i64,
        day - 2..day + 2,
        -day - 2..-day + 2,
        0..400 * day
    ];
    let who = || select(vec![None, Some("jane"), Some("joe"), Some("jim")]);
    let package = select(vec![None, Some("P1"), Some("P2")]);
    let file = select(vec![None, Some("a.pdf"), Some("b.pdf")]);
    let size = select(vec![None, Some(0), Some(7), Some(1 << 62)]);
    let action = select(vec!["LOGIN", "LOGOUT", "jane"]);
    let what = (0..60_u32, millis, action, size);
    (what, who(), who(), who(), package, file).prop_map(
        |((id, millis, action, size), actor, on_behalf_of, ip, package, file)| Deed {
            id,
            millis,
            action,
            actor,
            on_behalf_of,
            ip,
            package,
            file,
            size,
        },
    )
}

fn page_of(deeds: &[Deed]) -> Page {
    let mut page = Page::default();
    for deed in deeds {
        let id = deed.id.to_string();
        let start = page.bytes.len();
        page.bytes.extend_from_slice(format!("{deed:?}").as_bytes());
        let time = Written::nowhere(Timestamp::from_millis(deed.millis));
        let raw = Span::new(start, page.bytes.len());
        let text = |text: Option<&'static str>| text.map(Text::from);
        page.events.push(Event {
            action: text(Some(deed.action)),
            actor: text(deed.actor),
            on_behalf_of: text(deed.on_behalf_of),
            ip: text(deed.ip),
            package: text(deed.package),
            file_name: text(deed.file),
            file_size: deed.size.map(Written::nowhere),
            ..Event::at(time, raw, Identity::Vendor(Text::from(id.as_str())))
        });
    }
    page
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn they_say_what_the_events_say(
        pages in proptest::collection::vec(
            (proptest::collection::vec(deed(), 1..30), any::<bool>()), 1..6)
    ) {
        let mut sandbox = Sandbox::new();
        for (deeds, fails) in &pages {
            if *fails {
                sandbox.archive.limit_pages(1).unwrap();
                let draft = Draft::new(page_of(deeds), sandbox.batch.source);
                let _ = sandbox.archive.ingest(&sandbox.batch, &draft, NOW);
                sandbox.archive.limit_pages(u32::MAX - 1).unwrap();
            }
            sandbox.ingest(page_of(deeds));
        }
        let all = |sandbox: &Sandbox| -> Vec<Vec<String>> {
            let rows = |table: &&str| sandbox.rows(&match *table {
                "package_event" | "file_package" => {
                    format!("select * from {table} union all select * from recent_{table} order by 1, 2")
                }
                _ => format!("select * from {table}"),
            });
            TABLES.iter().map(rows).collect()
        };
        let kept = all(&sandbox);
        let db = Connection::open(&sandbox.path).unwrap();
        for table in TABLES.iter().chain(&["recent_package_event", "recent_file_package"]) {
            db.execute_batch(&format!("delete from {table}")).unwrap();
        }
        db.execute_batch("insert into package_event select package, key from event where package > 0").unwrap();
        let migration = include_str!("../../../migrations/0007_rollups.sql");
        let begin = migration.find("insert into").unwrap();
        let end = migration.find("drop view").unwrap();
        db.execute_batch(&migration[begin..end]).unwrap();
        let migration = include_str!("../../../migrations/0010_actions.sql");
        db.execute_batch(&migration[migration.find("insert into").unwrap()..]).unwrap();
        prop_assert_eq!(kept, all(&sandbox));
    }
}
