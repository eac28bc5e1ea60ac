//! Keeps what is known of each feed's time: every change in the transaction of what it follows from.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::archive::{Batch, Run};
use crate::coverage::{Coverage, Log, State, Stretch};
use crate::event::{Claim, Period, Timestamp, millis};

/// What is known of a feed's time.
pub(super) fn of_feed(db: &Connection, source: &str, feed: &str) -> rusqlite::Result<Coverage> {
    let mut find = db.prepare(
        "select from_time, to_time, state, as_of, first_batch, last_batch
         from stretch where source = (select id from source where name = ?1) and feed = ?2",
    )?;
    let stretches = find.query_map([source, feed], stretch)?;
    stretches.collect::<Result<_, _>>().map(Coverage::new)
}

/// The feed of files that the user gives.
pub const FILE_FEED: &str = "file";

/// The same with what the user vouches for in files of the source, which are of its audit log.
pub(super) fn with_files(db: &Connection, source: &str, feed: &str) -> rusqlite::Result<Coverage> {
    let known = of_feed(db, source, feed)?;
    if log(db, source, feed)? != Log::Audit {
        return Ok(known);
    }
    Ok(known.helped_by(&of_feed(db, source, FILE_FEED)?))
}

/// Which log a feed brings; before its first run nothing is known of its time anyway.
fn log(db: &Connection, source: &str, feed: &str) -> rusqlite::Result<Log> {
    let sql = "select log from feed
        where source = (select id from source where name = ?1) and feed = ?2";
    let name: Option<String> = db
        .prepare_cached(sql)?
        .query_row([source, feed], |row| row.get(0))
        .optional()?;
    Ok(name.and_then(|name| Log::find(&name)).unwrap_or(Log::Audit))
}

/// Notes what the vendor allows, for views to tell gaps from what is lost.
pub(super) fn note_limits(db: &Connection, batch: &Batch, run: &Run<'_>) -> rusqlite::Result<()> {
    let Some(limits) = run.limits else {
        return Ok(());
    };
    db.execute(
        "insert or replace into feed values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            batch.source,
            batch.feed,
            millis(limits.look_back),
            limits.reach.name(),
            millis(limits.settle),
            millis(run.every),
            limits.log.name(),
        ],
    )
    .map(drop)
}

/// Takes in what a page claims.
pub(super) fn claim(db: &Connection, batch: &Batch, claim: Claim) -> rusqlite::Result<()> {
    change(db, batch, |coverage| {
        coverage.claim(claim, batch.settle, batch.id);
    })
}

/// Takes in what cannot be had any longer.
pub(super) fn lose(
    db: &Connection,
    batch: &Batch,
    lost: &[Period],
    now: Timestamp,
) -> rusqlite::Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    change(db, batch, |coverage| {
        for period in lost {
            coverage.lose(*period, now, batch.id);
        }
    })
}

/// A feed has few stretches, so all of them are written anew.
fn change(
    db: &Connection,
    batch: &Batch,
    change: impl FnOnce(&mut Coverage),
) -> rusqlite::Result<()> {
    let mut coverage = of_feed(db, &batch.name, &batch.feed)?;
    change(&mut coverage);
    db.prepare_cached("delete from stretch where source = ?1 and feed = ?2")?
        .execute(params![batch.source, batch.feed])?;
    let mut insert =
        db.prepare_cached("insert into stretch values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for stretch in coverage.stretches() {
        insert.execute(params![
            batch.source,
            batch.feed,
            stretch.period.from.millis(),
            stretch.period.to.millis(),
            stretch.state.name(),
            stretch.as_of.millis(),
            stretch.first_batch,
            stretch.last_batch,
        ])?;
    }
    Ok(())
}

fn stretch(row: &Row<'_>) -> rusqlite::Result<Stretch> {
    let time = |n| row.get(n).map(Timestamp::from_millis);
    let state: String = row.get(2)?;
    Ok(Stretch {
        period: Period {
            from: time(0)?,
            to: time(1)?,
        },
        // The table admits no other word.
        state: State::find(&state).unwrap_or(State::Open),
        as_of: time(3)?,
        first_batch: row.get(4)?,
        last_batch: row.get(5)?,
    })
}

#[cfg(test)]
mod tests;
