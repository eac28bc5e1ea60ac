//! Begins a run: whether it is due, what it is to read, and its batch in the archive.

use std::time::Duration;

use crate::archive::{Archive, ArchiveError, Ingested, Run};
use crate::coverage::Limits;
use crate::coverage::plan::Plan;
use crate::event::Timestamp;
use crate::feed::Start;
use crate::sync::pass::Beginning;
use crate::sync::{Ended, FILE_FEED, Job, Outcome, Wishes};

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
    // A run that began later than now was begun by a clock that was wrong.
    let last = archive.last_complete(&job.source, &job.feed)?;
    let due = last
        .filter(|last| *last <= now)
        .map(|last| last.after(job.interval))
        .filter(|due| *due > now);
    if let Some(due) = due.filter(|_| !wishes.force && wishes.since.is_none()) {
        return Ok(Begun::NotDue(Box::new(not_due(job, due))));
    }
    let plan = match job.limits {
        Some(limits) => plan(archive, &job, &limits, wishes, now)?,
        None => None,
    };
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
    })))
}

/// What is to be read, from what is known: files the user vouches for count as well.
fn plan(
    archive: &Archive,
    job: &Job,
    limits: &Limits,
    wishes: Wishes,
    now: Timestamp,
) -> Result<Option<Plan>, ArchiveError> {
    let known = archive.coverage(&job.source, &job.feed)?;
    let known = known.helped_by(&archive.coverage(&job.source, FILE_FEED)?);
    Ok(Some(Plan::new(&known, limits, now, wishes.since)))
}

fn not_due(job: Job, due: Timestamp) -> Outcome {
    Outcome {
        source: job.source,
        feed: job.feed,
        ending: Ok(Ended::NotDue),
        counts: Ingested::default(),
        bytes: 0,
        took: Duration::ZERO,
        next: Some(due),
        lost: Vec::new(),
        notices: Vec::new(),
    }
}
