//! Three saved queries that a demo asks, with the beginning of their answers.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use crate::archive::reader::Reader;
use crate::cli::Session;
use crate::cli::failure::{Exit, Failure};
use crate::fetch::clock::{Clock, SystemClock};
use crate::format::{self, Layout};
use crate::query::{Options, Prepared, Query, QueryError, saved};

/// What auditors ask first, and of each answer the columns that say most on a narrow screen.
const QUESTIONS: [(&str, &str); 3] = [
    (
        "failed-logins",
        "coalesce(name, actor) as who, ip, failures, last_failure",
    ),
    (
        "downloads-by-person",
        "coalesce(name, actor) as who, downloads, files, bytes, last_download",
    ),
    (
        "admin-actions",
        "time, coalesce(name, actor) as who, role, action",
    ),
];

/// Rows of each answer that are shown.
const ROWS: usize = 5;

/// No answer from a demo's archive takes longer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Shows the beginning of each answer.
///
/// # Errors
/// The archive cannot be read, or standard output cannot be written.
pub(super) fn ask(session: &Session, archive: &Path) -> Result<(), Failure> {
    let reader = Reader::open(archive)?;
    let options = Options {
        given: &[],
        now: SystemClock.now(),
        timeout: Some(TIMEOUT),
    };
    for (name, columns) in QUESTIONS {
        let query = narrowed(saved::find(name, None).map_err(failure)?, columns);
        session
            .screen
            .note(format_args!("\n{name}: {}", query.about));
        show(session, &query, &reader, options)?;
    }
    Ok(())
}

/// The same query with fewer columns.
fn narrowed(query: Query, columns: &str) -> Query {
    let sql = format!("select {columns} from (\n{}\n)", query.sql);
    Query { sql, ..query }
}

fn show(
    session: &Session,
    query: &Query,
    reader: &Reader,
    options: Options<'_>,
) -> Result<(), Failure> {
    let mut answer = query.prepare(reader, options).map_err(failure)?;
    let mut data = session.screen.data();
    write(&mut data, &mut answer, session.screen.columns())?;
    data.flush()?;
    Ok(())
}

fn write(data: &mut dyn Write, answer: &mut Prepared<'_>, width: usize) -> Result<(), Failure> {
    let table = format::find("table").ok_or_else(|| io::Error::other("there is no table"))?;
    let layout = Layout {
        width: Some(width),
        ..Layout::default()
    };
    let mut table = (table.open)(Box::new(data), layout);
    table.begin(&answer.columns())?;
    let mut rows = answer.rows();
    for _ in 0..ROWS {
        let Some(row) = rows.next().map_err(failure)? else {
            break;
        };
        table.row(&row)?;
    }
    table.end(&[])?;
    Ok(())
}

fn failure(error: QueryError) -> Failure {
    Failure::new(Exit::Usage, error)
}
