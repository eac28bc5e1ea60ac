//! What an archive claims, it has: coverage never runs ahead of the events.

use std::collections::BTreeSet;

use trailkeep::event::Timestamp;

use crate::support::rig::{Counted, Rig, counted};
use crate::support::simulated::{Shown, Simulated, simulated};

/// Of every stretch that is claimed, all that the vendor showed when it was asked is archived; of
/// what is claimed as complete, also all that came no later than events are said to come.
#[track_caller]
pub(crate) fn hold(rig: &Rig) {
    hold_of(rig, 0, |of| rig.shown(of, rig.vendors.now()));
}

/// The same of clocks that differ by so many milliseconds at most, and of all that this kind's
/// vendor has ever shown.
#[track_caller]
pub(crate) fn hold_of(rig: &Rig, skew: i64, ever: impl Fn(&Simulated) -> Vec<Shown>) {
    counts_are_of_what_is_there(rig);
    for of in simulated() {
        let claims = claims(rig, of);
        for pair in claims.windows(2) {
            assert!(pair[0].to <= pair[1].from, "claimed twice: {pair:?}");
        }
        let (kept, ever) = (Kept::of(rig, of), ever(of));
        for claim in claims.iter().filter(|claim| claim.state != "lost") {
            kept.has(claim, rig.shown(of, claim.as_of.plus_millis(-skew)));
            if claim.state == "complete" {
                let latest = |event: &Shown| event.time.plus_millis(claim.settle - skew);
                let in_time = |event: &&Shown| event.visible_at <= latest(event);
                kept.has(claim, ever.iter().filter(in_time).cloned().collect());
            }
        }
    }
}

/// What is in the archive of one kind.
struct Kept {
    name: &'static str,
    events: Counted,
    quarantined: BTreeSet<String>,
}

impl Kept {
    fn of(rig: &Rig, of: &Simulated) -> Kept {
        Kept {
            name: of.source,
            events: rig.archived(of),
            quarantined: rig.quarantined(of),
        }
    }

    /// What of these events lies in the stretch that is claimed is in the archive.
    #[track_caller]
    fn has(&self, claim: &Claim, shown: Vec<Shown>) {
        let within = |event: &Shown| claim.from <= event.time && event.time < claim.to;
        let (events, garbage) = counted(shown.into_iter().filter(within));
        let name = self.name;
        for (event, count) in &events {
            let kept = self.events.get(event).copied().unwrap_or_default();
            assert!(
                kept >= *count,
                "{name}: {claim:?}, but {kept} of {count}: {event}"
            );
        }
        let lacking: Vec<_> = garbage.difference(&self.quarantined).collect();
        assert!(lacking.is_empty(), "{name}: {claim:?} without {lacking:?}");
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

/// A stretch of which the archive says something.
#[derive(Debug)]
struct Claim {
    from: Timestamp,
    to: Timestamp,
    state: String,
    as_of: Timestamp,
    settle: i64,
}

fn claims(rig: &Rig, of: &Simulated) -> Vec<Claim> {
    let db = rig.archive();
    let mut find = db
        .prepare(
            "select t.from_time, t.to_time, t.state, t.as_of, f.settle
             from stretch t join feed f using (source, feed) join source s on s.id = t.source
             where s.name = ?1 order by 1",
        )
        .unwrap();
    let time = |row: &rusqlite::Row<'_>, n| row.get(n).map(Timestamp::from_millis);
    let claims = find.query_map([of.source], |row| {
        Ok(Claim {
            from: time(row, 0)?,
            to: time(row, 1)?,
            state: row.get(2)?,
            as_of: time(row, 3)?,
            settle: row.get(4)?,
        })
    });
    claims.unwrap().collect::<Result<_, _>>().unwrap()
}
