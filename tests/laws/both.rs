//! Two feeds of one source: an event that comes by both is one event, with both on record.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use trailkeep::demo::{Faults, Options, Plan};
use trailkeep::sync::{Job, Wishes};

use super::kept::{FORCED, complete};
use super::scenario::{BLEMISHES, faults, options, plans};
use super::{cases, run};
use crate::support::rig::Rig;
use crate::support::simulated::{Simulated, simulated};

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn what_both_bring_is_kept_once_and_known_of_both(
        plan in plans(50..300),
        options in options(),
        faults in faults(),
        export_first in any::<bool>(),
    ) {
        run(bring_both(plan, options, &faults, export_first));
    }
}

async fn bring_both(plan: Plan, options: Options, faults: &Faults, export_first: bool) {
    let rig = Rig::new(plan, BLEMISHES, options);
    let mut both = ["api", "s3"].map(of_portal);
    if export_first {
        both.reverse();
    }
    rig.vendors.set_faults(faults);
    rig.run(jobs(&rig, &both), Wishes::default()).await;
    rig.vendors.set_faults(&Faults::default());
    // One feed alone, then both, so that either may be the first to bring an event.
    rig.live(std::time::Duration::from_secs(20 * 3_600), 40);
    complete(&rig.run(jobs(&rig, &both[..1]), FORCED).await);
    rig.settle();
    complete(&rig.run(jobs(&rig, &both), FORCED).await);

    let brought = both.map(|of| (of.name, shown(&rig, of)));
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (feed, events) in brought {
        for id in events {
            expected.entry(id).or_default().insert(feed.to_owned());
        }
    }
    assert_eq!(sightings(&rig), expected);
    let events = "select count(*) from events where source = 'portal'";
    let events: i64 = rig
        .archive()
        .query_row(events, [], |row| row.get(0))
        .unwrap();
    assert_eq!(usize::try_from(events), Ok(expected.len()));
}

fn of_portal(feed: &str) -> &'static Simulated {
    let mut all = simulated().into_iter();
    all.find(|of| of.kind.name == "sendsafely" && of.name == feed)
        .unwrap()
}

/// The jobs of these feeds as those of one source.
fn jobs(rig: &Rig, feeds: &[&'static Simulated]) -> Vec<Job> {
    let jobs = rig.jobs(feeds).into_iter();
    let of_one_source = jobs.map(|job| Job {
        source: "portal".to_owned(),
        ..job
    });
    of_one_source.collect()
}

/// The ids of the events that a feed's vendor shows.
fn shown(rig: &Rig, of: &Simulated) -> Vec<String> {
    let shown = rig.shown(of, rig.vendors.now()).into_iter();
    let events = shown.filter(|one| !one.garbage);
    let id = |event: String| event.split('|').next().unwrap().to_owned();
    events.map(|one| id(one.event)).collect()
}

/// By which feeds each event came, as the archive has it.
fn sightings(rig: &Rig) -> BTreeMap<String, BTreeSet<String>> {
    let db = rig.archive();
    let sql = "select event_id, feed from sightings where source = 'portal'";
    let mut find = db.prepare(sql).unwrap();
    let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let mut feeds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, feed) in rows.unwrap().map(Result::unwrap) {
        assert!(feeds.entry(id).or_default().insert(feed));
    }
    feeds
}
