//! Law 7: reading cannot write. What a query may do is a list; whatever is not on it is refused.
//!
//! The handle is read-only and can attach nothing ([`crate::archive::reader`]); here SQLite is
//! made to ask before every action of a statement, and to stop when its time is up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Stands over a handle from before a statement is prepared until after it is dropped.
pub(crate) struct Guard<'c> {
    connection: &'c Connection,
    /// What it has seen.
    pub(crate) watch: Watch,
}

/// The time limit of a statement and what it was refused.
pub(crate) struct Watch {
    state: Arc<Mutex<State>>,
    /// What is left of the time limit while SQLite is not at work.
    remaining: Option<Duration>,
}

#[derive(Default)]
struct State {
    deadline: Option<Instant>,
    /// Its time was up.
    late: bool,
    refused: Option<Refused>,
}

/// What a statement was not allowed to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What the statement as a whole does: `ATTACH`, `INSERT`. SQLite asks in words of its own
    /// (to create a table is to insert into the schema), so the statement's verb says it better.
    Statement,
    /// A pragma that could change something.
    Pragma(String),
    /// A function that reaches outside the archive.
    Function(String),
}

impl<'c> Guard<'c> {
    /// Takes its post. `limit` is how long SQLite may work, not counting the time in which its
    /// rows are being written somewhere.
    pub(crate) fn post(
        connection: &'c Connection,
        limit: Option<Duration>,
    ) -> rusqlite::Result<Guard<'c>> {
        let state = Arc::new(Mutex::new(State::default()));
        let watch = Watch {
            state: state.clone(),
            remaining: limit,
        };
        let guard = Guard { connection, watch };
        let asked = state.clone();
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            answer(&asked, &context)
        }))?;
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || late(&state)))?;
        Ok(guard)
    }
}

impl Watch {
    /// The clock runs from here to [`Watch::pause`].
    pub(crate) fn resume(&mut self) {
        lock(&self.state).deadline = self
            .remaining
            .and_then(|left| Instant::now().checked_add(left));
    }

    /// SQLite has answered; what its rows are used for is not its time.
    pub(crate) fn pause(&mut self) {
        if let Some(deadline) = lock(&self.state).deadline.take() {
            self.remaining = Some(deadline.saturating_duration_since(Instant::now()));
        }
    }

    /// Whether the statement was stopped because its time was up, and by nobody else.
    pub(crate) fn is_late(&self) -> bool {
        lock(&self.state).late
    }

    /// What was refused since the last call.
    pub(crate) fn refused(&self) -> Option<Refused> {
        lock(&self.state).refused.take()
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // Taking hooks off a handle we own fails only inside one of them.
        let _ = self
            .connection
            .authorizer(None::<fn(AuthContext<'_>) -> Authorization>);
        let _ = self.connection.progress_handler(0, None::<fn() -> bool>);
    }
}

/// About every quarter of a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

fn late(state: &Mutex<State>) -> bool {
    let mut state = lock(state);
    let deadline = state.deadline;
    state.late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
    state.late
}

fn answer(state: &Mutex<State>, context: &AuthContext<'_>) -> Authorization {
    match judge(&context.action) {
        None => Authorization::Allow,
        Some(refused) => {
            lock(state).refused = Some(refused);
            Authorization::Deny
        }
    }
}

/// The law: reading tables, calling functions, recursing. All else is refused.
fn judge(action: &AuthAction<'_>) -> Option<Refused> {
    match action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => None,
        AuthAction::Function { function_name } => {
            let name = function_name.to_ascii_lowercase();
            FUNCTIONS_REFUSED
                .contains(&name.as_str())
                .then_some(Refused::Function(name))
        }
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => {
            let name = pragma_name.to_ascii_lowercase();
            let allowed = PRAGMAS_WITH_VALUE.contains(&name.as_str())
                || (pragma_value.is_none() && PRAGMAS.contains(&name.as_str()));
            (!allowed).then_some(Refused::Pragma(name))
        }
        _ => Some(Refused::Statement),
    }
}

/// Functions that load code or reach for files, whatever SQLite was built with.
const FUNCTIONS_REFUSED: &[&str] = &[
    "load_extension",
    "fts3_tokenizer",
    "readfile",
    "writefile",
    "edit",
    "sqlite_log",
];

/// Pragmas that only tell; their value names what they tell of.
const PRAGMAS_WITH_VALUE: &[&str] = &[
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
];

/// Pragmas that tell when they are given no value, and set when they are.
const PRAGMAS: &[&str] = &[
    "function_list",
    "pragma_list",
    "collation_list",
    "compile_options",
    // A full-text index asks for it before it is read.
    "data_version",
    "page_count",
    "page_size",
    "freelist_count",
    "user_version",
    "schema_version",
    "encoding",
];

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::archive::reader::Reader;
    use crate::query::sample::{self, NOW, rows};
    use crate::query::{Options, Query, QueryError};

    fn refusal(sql: &str) -> String {
        let sample = sample::archive(2);
        let reader = Reader::open(&sample.path()).unwrap();
        let error = rows(&reader, sql, &[]).expect_err(sql);
        assert!(
            matches!(error, QueryError::Refused { place: Some(_), .. }),
            "{sql}: {error:?}"
        );
        error.to_string()
    }

    #[test]
    fn whatever_does_not_read_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let leak = folder.path().join("leak.db");
        for (sql, what) in [
            ("attach ':memory:' as other", "ATTACH"),
            (&*format!("vacuum into '{}'", leak.display()), "VACUUM"),
            ("pragma query_only = 0", "PRAGMA query_only"),
            ("create temp table t (x)", "CREATE"),
            ("select load_extension('x.so')", "load_extension()"),
            ("insert into source values (9, 'x', 'safe')", "INSERT"),
            ("update event set page = 9", "UPDATE"),
            ("with x as (select 1) delete from event", "DELETE"),
            ("replace into source values (1, 'x', 'safe')", "REPLACE"),
            ("explain drop table event", "DROP"),
            ("alter table event add column x", "ALTER"),
            ("begin immediate", "BEGIN"),
            ("savepoint x", "SAVEPOINT"),
            ("delete from events", "DELETE"),
            ("reindex", "REINDEX"),
            ("analyze", "ANALYZE"),
            ("detach main", "DETACH"),
            ("pragma wal_checkpoint(truncate)", "PRAGMA wal_checkpoint"),
            ("pragma user_version = 7", "PRAGMA user_version"),
            ("select * from pragma_journal_mode", "PRAGMA journal_mode"),
            ("-- just looking\nvacuum", "VACUUM"),
        ] {
            assert_eq!(
                refusal(sql),
                format!("{what} is refused: queries only read the archive"),
                "{sql}"
            );
        }
        assert!(!leak.exists());
    }

    #[test]
    fn what_reads_is_allowed() {
        let sample = sample::archive(2);
        let reader = Reader::open(&sample.path()).unwrap();
        for sql in [
            "select name from pragma_table_info('events')",
            "pragma table_info(events)",
            "select count(*) from pragma_function_list",
            "explain query plan select * from events",
            "with recursive n(x) as (select 1 union all select x + 1 from n where x < 9) select max(x) from n",
            "select actor, row_number() over (order by time) from events",
            "select value from events, json_each(details)",
            "values (1), (2)",
            "select sql from sqlite_schema",
        ] {
            assert!(!rows(&reader, sql, &[]).unwrap().is_empty(), "{sql}");
        }
    }

    #[test]
    fn the_guard_goes_with_the_query() {
        let sample = sample::archive(2);
        let reader = Reader::open(&sample.path()).unwrap();
        assert!(rows(&reader, "pragma cache_size", &[]).is_err());
        reader
            .connection()
            .execute_batch("pragma cache_size")
            .unwrap();
    }

    #[test]
    fn an_endless_query_is_stopped() {
        let sample = sample::archive(2);
        let reader = Reader::open(&sample.path()).unwrap();
        let limit = Duration::from_millis(200);
        let options = Options {
            given: &[],
            now: NOW,
            timeout: Some(limit),
        };
        let endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
        let mut prepared = Query::read(endless)
            .unwrap()
            .prepare(&reader, options)
            .unwrap();
        let begun = Instant::now();
        let error = prepared.rows().next().unwrap_err();
        assert!(
            matches!(error, QueryError::TimedOut(after) if after == limit),
            "{error:?}"
        );
        assert!(begun.elapsed() >= limit && begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn time_spent_on_writing_rows_does_not_count() {
        let sample = sample::archive(2);
        let reader = Reader::open(&sample.path()).unwrap();
        let options = Options {
            given: &[],
            now: NOW,
            timeout: Some(Duration::from_millis(100)),
        };
        let rows = "with recursive n(x) as (select 1 union all select x + 1 from n) select x from n limit 3";
        let mut prepared = Query::read(rows)
            .unwrap()
            .prepare(&reader, options)
            .unwrap();
        let mut rows = prepared.rows();
        for _ in 0..3 {
            assert!(rows.next().unwrap().is_some());
            let idle = Instant::now();
            while idle.elapsed() < Duration::from_millis(60) {
                std::hint::spin_loop();
            }
        }
        assert!(rows.next().unwrap().is_none());
    }
}
