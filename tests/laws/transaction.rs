//! One transaction: a disk that fills up takes nothing back, and leaves no claim without its
//! events.

use proptest::collection::vec;
use proptest::prelude::*;
use trailkeep::archive::ArchiveError;
use trailkeep::demo::{Blemishes, Options, Plan, Vendor};
use trailkeep::record::PAGE_RECORDS_MAX;
use trailkeep::sync::{Outcome, SyncError, Wishes};

use super::kept::{FORCED, complete, nothing_is_lost};
use super::scenario::{BLEMISHES, options, plans};
use super::{cases, claims, run};
use crate::support::rig::{Rig, START};
use crate::support::simulated::simulated;

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn a_full_disk_leaves_no_claim_without_its_events(
        plan in plans(500..4_000),
        options in options(),
        room in vec(0_u32..140, 1..5),
    ) {
        run(fill_the_disk(plan, options, &room));
    }
}

#[test]
fn a_disk_that_is_full_in_the_midst_of_a_report_leaves_no_claim() {
    run(fill_the_disk_within_a_report());
}

async fn fill_the_disk(plan: Plan, options: Options, room: &[u32]) {
    let rig = Rig::new(plan, BLEMISHES, options);
    let none = rig.run_within(u32::MAX, Vec::new(), FORCED).await;
    assert!(none.unwrap().is_empty());
    for pages in room {
        let jobs = rig.jobs(&simulated());
        let ended = rig.run_within(size(&rig) + pages, jobs, FORCED).await;
        assert!(full_or_complete(&ended), "{ended:?}");
        claims::hold(&rig);
    }
    rig.settle();
    complete(&rig.sync(Wishes::default()).await);
    for of in simulated() {
        nothing_is_lost(&rig, of);
    }
}

/// A report of two and a half pages, and room for one and a half. How much room that is, a first
/// archive of the same tells.
async fn fill_the_disk_within_a_report() {
    let plan = Plan {
        seed: 1,
        // Two fifths of them are SAFE's.
        events: PAGE_RECORDS_MAX * 5 / 2 * 5 / 2,
        days: 60,
        now: START,
    };
    // The report that is begun is the one that is ended, without what was late for it.
    let blemishes = Blemishes {
        late: 0.0,
        ..BLEMISHES
    };
    let of = simulated().into_iter().find(|of| of.vendor == Vendor::Safe);
    let of = of.unwrap();
    let [first, rig] = [(); 2].map(|()| Rig::new(plan, blemishes, Options::default()));
    let none = first.run_within(u32::MAX, Vec::new(), FORCED).await;
    assert!(none.unwrap().is_empty());
    let empty = size(&first);
    complete(&first.run(first.jobs(&[of]), Wishes::default()).await);
    let room = (size(&first) - empty) * 3 / 5;

    let ended = rig.run_within(empty + room, rig.jobs(&[of]), Wishes::default());
    let ended = ended.await;
    assert!(full_or_complete(&ended), "{ended:?}");
    let outcome = &ended.unwrap()[0];
    assert!(outcome.ending.is_err(), "{outcome:?}");
    let kept = usize::try_from(outcome.counts.received).unwrap();
    assert_eq!(kept, PAGE_RECORDS_MAX, "it was full in the second page");
    claims::hold(&rig);
    complete(&rig.run(rig.jobs(&[of]), Wishes::default()).await);
    claims::hold(&rig);
    nothing_is_lost(&rig, of);
}

/// How many pages of SQLite's the archive has.
fn size(rig: &Rig) -> u32 {
    let db = rig.archive();
    let size = db.query_row("select page_count from pragma_page_count", [], |row| {
        row.get(0)
    });
    size.unwrap()
}

/// Nothing else went wrong, and nothing else is said to have.
fn full_or_complete(ended: &Result<Vec<Outcome>, ArchiveError>) -> bool {
    let is_full = |error: &ArchiveError| matches!(error, ArchiveError::Full(_));
    match ended {
        Ok(outcomes) => outcomes.iter().all(|outcome| match &outcome.ending {
            Ok(_) => true,
            Err(SyncError::Archive(error)) => is_full(error),
            Err(_) => false,
        }),
        Err(error) => is_full(error),
    }
}
