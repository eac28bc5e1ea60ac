//! Tables whose new rows belong all over: they gather in a small one first, and move over in order.
//! `migrations/0009_gathering.sql` says why.

use rusqlite::{Connection, OptionalExtension};

/// A large table with a small one beside it, which is called `recent_` and its name.
pub(super) struct Gathering {
    table: &'static str,
    /// The column that comes first in its key.
    order: &'static str,
}

pub(super) const IDENTITY: Gathering = Gathering {
    table: "identity",
    order: "hash",
};
pub(super) const PACKAGE_EVENT: Gathering = Gathering {
    table: "package_event",
    order: "package",
};
pub(super) const FILE_PACKAGE: Gathering = Gathering {
    table: "file_package",
    order: "file_name",
};

/// Chosen so that of both tables about as much is written for a page of ten thousand events, however
/// large they are; and in unit tests, so that rows move at all.
const GATHERED: i64 = if cfg!(test) { 4 } else { 5_000 };

impl Gathering {
    /// Counts rows that were added to the small table, and moves on as many as exceed what is to
    /// gather there.
    pub(super) fn settle(&self, db: &Connection, added: usize) -> rusqlite::Result<()> {
        if added == 0 {
            return Ok(());
        }
        let mut state = self.state(db)?;
        state.recent += signed(added);
        let excess = state.recent - (state.settled * GATHERED).isqrt();
        if excess > 0 {
            self.move_on(db, &mut state, excess)?;
        }
        db.prepare_cached(
            "update gathering set settled = ?1, recent = ?2, next = ?3 where name = ?4",
        )?
        .execute((state.settled, state.recent, state.next, self.table))
        .map(drop)
    }

    /// Moves the next stretch, with so many rows in it or as are left up to the last of all; then it
    /// begins anew.
    fn move_on(&self, db: &Connection, state: &mut State, count: i64) -> rusqlite::Result<()> {
        let Gathering { table, order } = self;
        let last: Option<i64> = db
            .prepare_cached(&format!(
                "select {order} from recent_{table} where {order} >= ?1
                 order by {order} limit 1 offset ?2"
            ))?
            .query_row([state.next, count - 1], |row| row.get(0))
            .optional()?;
        let stretch = [state.next, last.unwrap_or(i64::MAX)];
        db.prepare_cached(&format!(
            "insert into {table} select * from recent_{table} where {order} between ?1 and ?2"
        ))?
        .execute(stretch)?;
        let moved = db
            .prepare_cached(&format!(
                "delete from recent_{table} where {order} between ?1 and ?2"
            ))?
            .execute(stretch)?;
        state.settled += signed(moved);
        state.recent -= signed(moved);
        state.next = stretch[1].wrapping_add(1);
        Ok(())
    }

    fn state(&self, db: &Connection) -> rusqlite::Result<State> {
        db.prepare_cached("select settled, recent, next from gathering where name = ?1")?
            .query_row([self.table], |row| {
                Ok(State {
                    settled: row.get(0)?,
                    recent: row.get(1)?,
                    next: row.get(2)?,
                })
            })
    }
}

/// How far rows have moved on.
struct State {
    settled: i64,
    recent: i64,
    next: i64,
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
