//! Nothing lost, nothing twice, bytes as received, and every pass loud about how it went.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use trailkeep::archive::record;
use trailkeep::demo::Faults;
use trailkeep::sync::{Ended, Outcome, Wishes};

use super::scenario::{Scenario, scenarios};
use super::{cases, claims, rollups, run};
use crate::support::recorder::Exchange;
use crate::support::rig::Rig;
use crate::support::simulated::{Simulated, simulated};

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn whatever_goes_wrong_one_clean_sync_leaves_the_vendors_truth(scenario in scenarios()) {
        run(keep_everything(&scenario));
    }
}

/// Though nothing is due.
pub(super) const FORCED: Wishes = Wishes {
    since: None,
    force: true,
};

async fn keep_everything(scenario: &Scenario) {
    let rig = scenario.rig();
    for step in &scenario.steps {
        rig.live(step.after, step.events);
        rig.vendors.set_faults(&step.faults);
        let force = step.force;
        rig.sync(Wishes { since: None, force }).await;
        claims::hold(&rig);
        rollups::hold(&rig);
    }
    rig.vendors.set_faults(&Faults::default());
    rig.settle();
    complete(&rig.sync(Wishes::default()).await);
    let exchanges = rig.wire.take();
    claims::hold(&rig);
    rollups::hold(&rig);
    for of in simulated() {
        nothing_is_lost(&rig, of);
        bytes_are_as_received(&rig, of, &exchanges);
    }
    nothing_is_added(&rig, &exchanges).await;
}

#[track_caller]
pub(super) fn complete(outcomes: &[Outcome]) {
    for outcome in outcomes {
        assert!(matches!(outcome.ending, Ok(Ended::Complete)), "{outcome:?}");
    }
}

/// The archive is what the vendor shows: no event more, none less.
#[track_caller]
pub(crate) fn nothing_is_lost(rig: &Rig, of: &Simulated) {
    let (events, garbage) = rig.truth(of, rig.vendors.now());
    let archived = rig.archived(of);
    let every: BTreeSet<&String> = events.keys().chain(archived.keys()).collect();
    let wrong: Vec<_> = every
        .into_iter()
        .map(|event| (event, events.get(event), archived.get(event)))
        .filter(|(_, shown, kept)| shown != kept)
        .collect();
    assert!(
        wrong.is_empty(),
        "{}: shown and kept differ: {wrong:#?}",
        of.source
    );
    assert_eq!(garbage, rig.quarantined(of), "{}", of.source);
}

/// Each record that the archive gives back came over the wire just so, as often.
fn bytes_are_as_received(rig: &Rig, of: &Simulated, exchanges: &[Exchange]) {
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers(rig, of, exchanges) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for record in (of.records)(answer) {
            *counts.entry(record).or_default() += 1;
        }
        for (record, count) in counts {
            let most = received.entry(record).or_default();
            *most = count.max(*most);
        }
    }
    let db = rig.archive();
    let mut find = db
        .prepare("select key from events where source = ?1")
        .unwrap();
    let keys = find.query_map([of.source], |row| row.get(0)).unwrap();
    for key in keys.map(Result::unwrap) {
        let bytes = record::read(&db, key).unwrap().unwrap();
        let record = String::from_utf8(bytes).unwrap();
        let left = received.get_mut(&record).filter(|left| **left > 0);
        assert!(left.is_some(), "{} did not send {record}", of.source);
        left.into_iter().for_each(|left| *left -= 1);
    }
}

/// Neither another sync nor the same answers as files add anything.
async fn nothing_is_added(rig: &Rig, exchanges: &[Exchange]) {
    let outcomes = rig.sync(FORCED).await;
    complete(&outcomes);
    for outcome in &outcomes {
        assert_eq!(outcome.counts.added, 0, "{outcome:?}");
    }
    for of in simulated() {
        for answer in answers(rig, of, exchanges).filter(|_| of.is_file) {
            let outcomes = rig.run(vec![rig.import(of, answer.to_vec())], FORCED).await;
            complete(&outcomes);
            assert_eq!(outcomes[0].counts.added, 0, "{outcomes:?}");
        }
        nothing_is_lost(rig, of);
    }
}

/// The answers to this kind's client that hold records, as they were received.
fn answers<'a>(
    rig: &Rig,
    of: &Simulated,
    exchanges: &'a [Exchange],
) -> impl Iterator<Item = &'a [u8]> {
    let (root, path) = ((of.url)(&rig.vendors).to_owned(), of.path);
    exchanges.iter().filter_map(move |exchange| {
        let (status, body) = exchange.answer.as_ref()?;
        let asked = exchange.url.path();
        let is_below = path.len() > 1 && asked.starts_with(path);
        let is_there = exchange.url.as_str().starts_with(&root) && (is_below || asked == path);
        let is_asked = is_there && *status == 200;
        let is_page_for_people = body.starts_with(b"<");
        (is_asked && !is_page_for_people).then_some(&**body)
    })
}
