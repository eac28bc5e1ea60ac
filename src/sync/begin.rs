//! Begins a run: whether it is due, what it is to read, and its batch in the archive.

use crate::archive::{Archive, ArchiveError, Run};
use crate::event::Timestamp;
use crate::feed::Start;
use crate::sync::decision::{Decision, Known};
use crate::sync::pass::Beginning;
use crate::sync::{Ended, Job, Outcome, Wishes};

/// A job that runs now, or one that is not due.
pub(super) enum Begun {
    Pass(Box<Beginning>),
    NotDue(Box<Outcome>),
}

pub(super) fn begin(
    archive: &mut Archive,
    job: Job,
    wishes: Wishes,
    now: Timestamp,
) -> Result<Begun, ArchiveError> {
    let known = known(archive, &job)?;
    let plan = match known.decide(job.interval, job.limits.as_ref(), wishes, now) {
        Decision::NotDue(due) => {
            let idle = Outcome::idle(&job.source, &job.feed, Ok(Ended::NotDue));
            let next = Some(due);
            return Ok(Begun::NotDue(Box::new(Outcome { next, ..idle })));
        }
        Decision::Read(plan) => plan,
    };
    let early = known.due(job.interval, now);
    let (reads, lost) = plan.map_or_else(Default::default, |plan| (plan.periods(), plan.lost));
    let start = Start {
        reads,
        covers: job.covers,
        checkpoints: archive.checkpoints(&job.source, &job.feed)?,
        since: wishes.since,
        force: wishes.force,
        identity_names: archive.identity_names(&job.source)?,
        ..Start::of(&job.source, now)
    };
    let run = Run {
        source: &job.source,
        kind: job.kind,
        feed: &job.feed,
        limits: job.limits,
        every: job.interval,
        lost: &lost,
    };
    let batch = archive.begin(&run, now)?;
    Ok(Begun::Pass(Box::new(Beginning {
        job,
        start,
        batch,
        lost,
        early,
    })))
}

/// Files that the user vouches for count as well.
fn known(archive: &Archive, job: &Job) -> Result<Known, ArchiveError> {
    Ok(Known {
        coverage: archive.coverage_with_files(&job.source, &job.feed)?,
        last_complete: archive.last_complete(&job.source, &job.feed)?,
    })
}
