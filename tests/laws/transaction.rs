//! One transaction: a disk that fills up takes nothing back, and leaves no claim without its
//! events.

use proptest::collection::vec;
use proptest::prelude::*;
use trailkeep::archive::ArchiveError;
use trailkeep::demo::{Options, Plan};
use trailkeep::sync::{Outcome, SyncError, Wishes};

use super::kept::{FORCED, complete, nothing_is_lost};
use super::scenario::{BLEMISHES, options, plans};
use super::{cases, claims, run};
use crate::support::rig::Rig;
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

async fn fill_the_disk(plan: Plan, options: Options, room: &[u32]) {
    let rig = Rig::new(plan, BLEMISHES, options);
    let none = rig.run_within(u32::MAX, Vec::new(), FORCED).await;
    assert!(none.unwrap().is_empty());
    for pages in room {
        let used: u32 = rig
            .archive()
            .query_row("select page_count from pragma_page_count", [], |row| {
                row.get(0)
            })
            .unwrap();
        let jobs = rig.jobs(&simulated());
        let ended = rig.run_within(used + pages, jobs, FORCED).await;
        assert!(full_or_complete(&ended), "{ended:?}");
        claims::hold(&rig);
    }
    rig.settle();
    complete(&rig.sync(Wishes::default()).await);
    for of in simulated() {
        nothing_is_lost(&rig, of);
    }
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
