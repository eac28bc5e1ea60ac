//! The first copy is never touched: what comes later with other content is kept beside it, on
//! record as a conflict.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use trailkeep::archive::record;
use trailkeep::demo::{Blemishes, Options, Plan};
use trailkeep::sync::Wishes;

use super::kept::complete;
use super::scenario::{options, plans};
use super::{cases, run};
use crate::support::rig::{Rig, START};
use crate::support::simulated::{Simulated, simulated};

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn what_comes_later_with_other_content_is_kept_beside_the_first(
        plan in plans(50..300),
        options in options(),
    ) {
        run(amend(plan, options));
    }
}

async fn amend(plan: Plan, mut options: Options) {
    let from_then_on = START.plus_millis(3_600_000 * 12);
    options.safe.table.tenant_from = Some(from_then_on);
    let rig = Rig::new(plan, Blemishes::default(), options);
    complete(&rig.sync(Wishes::default()).await);
    let first: Vec<_> = simulated().into_iter().map(|of| copies(&rig, of)).collect();
    let amended = simulated()
        .into_iter()
        .map(|of| (of.amend)(&rig.vendors, START));
    let amended: Vec<usize> = amended.collect();
    rig.live(Duration::from_secs(25 * 3_600), 0);
    for _ in 0..2 {
        let again = Wishes {
            since: Some(START.plus_millis(-61 * 86_400_000)),
            force: true,
        };
        complete(&rig.sync(again).await);
        for ((of, first), amended) in simulated().into_iter().zip(&first).zip(&amended) {
            let now = copies(&rig, of);
            let touched: Vec<_> = first.difference(&now).collect();
            assert!(touched.is_empty(), "{}: {touched:#?}", of.source);
            let differing = vec![of.amended.to_owned(); *amended];
            assert_eq!(conflicts(&rig, of), differing, "{}", of.source);
        }
    }
}

/// Everything that is kept of this kind's events: what the archive says, and the bytes.
fn copies(rig: &Rig, of: &Simulated) -> BTreeSet<String> {
    let db = rig.archive();
    let mut find = db
        .prepare("select * from events where source = ?1")
        .unwrap();
    let columns = find.column_count();
    let copies = find.query_map([of.source], |row| {
        let values = (0..columns).map(|n| row.get::<_, rusqlite::types::Value>(n));
        let values: Vec<_> = values.collect::<Result<_, _>>()?;
        let record = record::read(&db, row.get("key")?)?.unwrap();
        Ok(format!("{values:?} {}", String::from_utf8_lossy(&record)))
    });
    copies.unwrap().map(Result::unwrap).collect()
}

/// In which columns events of this kind differ from their first copies.
fn conflicts(rig: &Rig, of: &Simulated) -> Vec<String> {
    let db = rig.archive();
    let mut find = db
        .prepare("select differs from conflicts where source = ?1")
        .unwrap();
    let differing = find.query_map([of.source], |row| row.get(0));
    differing.unwrap().map(Result::unwrap).collect()
}
