//! What an archive claims, it has: coverage and checkpoints never run ahead of the events.

use trailkeep::event::Timestamp;

use crate::support::rig::Rig;
use crate::support::simulated::{Simulated, simulated};

/// Everything that was visible at the moment up to which a feed claims to be complete is in the
/// archive, whether the sync that claims it failed or not.
#[track_caller]
pub(crate) fn hold(rig: &Rig) {
    counts_are_of_what_is_there(rig);
    for of in simulated() {
        let Some(moment) = claimed(rig, of) else {
            continue;
        };
        let (events, garbage) = rig.truth(of, moment);
        let (archived, quarantined) = (rig.archived(of), rig.quarantined(of));
        let name = of.kind.name;
        for (event, count) in &events {
            let kept = archived.get(event).copied().unwrap_or_default();
            assert!(
                kept >= *count,
                "{name} is said to be complete up to {moment}, but has {kept} of {count}: {event}"
            );
        }
        let lacking: Vec<_> = garbage.difference(&quarantined).collect();
        assert!(
            lacking.is_empty(),
            "{name} is complete up to {moment} without {lacking:?}"
        );
    }
}

/// What batches say they added is what there is.
#[track_caller]
fn counts_are_of_what_is_there(rig: &Rig) {
    let both: (i64, i64) = rig
        .archive()
        .query_row(
            "select (select coalesce(sum(added), 0) from batch), (select count(*) from event)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(both.0, both.1, "added, and there");
}

/// The latest moment up to which the archive says, by coverage or checkpoint, that all is there.
fn claimed(rig: &Rig, of: &Simulated) -> Option<Timestamp> {
    let db = rig.archive();
    let moment: Option<i64> = db
        .query_row(
            "select max(moment) from (
                 select c.to_time as moment from covered c join source s on s.id = c.source
                 where s.name = ?1
                 union all
                 select c.json ->> ?2 from checkpoint c join source s on s.id = c.source
                 where s.name = ?1)",
            [of.kind.name, of.complete_to],
            |row| row.get(0),
        )
        .unwrap();
    moment.map(Timestamp::from_millis)
}
