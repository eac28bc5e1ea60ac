//! From rows to where they are wanted, in a format, at most so many.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::coverage;
use super::destination::{self, Destination};
use super::look::Look;
use super::question::Question;
use super::scan::{Scan, Uncovered};
use crate::archive::reader::Reader;
use crate::cli::failure::Failure;
use crate::cli::pager::Paged;
use crate::cli::screen::{Screen, visible_lines};
use crate::fetch::clock::{Clock, SystemClock};
use crate::format::{Format, FormatKind, Layout};
use crate::query::{Column, Options, Prepared, Query, QueryError, Value};

/// How an answer is to be written.
pub(in crate::cli) struct Answer<'a> {
    pub(in crate::cli) screen: &'a Screen,
    pub(in crate::cli) format: &'static FormatKind,
    /// A file; none for standard output.
    pub(in crate::cli) to: Option<&'a Path>,
    pub(in crate::cli) limit: Option<u64>,
    pub(in crate::cli) look: Look,
    /// Whether to end with what is known of the time asked for, where the user says so.
    pub(in crate::cli) coverage: Option<bool>,
}

/// Why there is no answer, or not all of it.
pub(in crate::cli) enum Unanswered {
    /// Something is wrong with the query.
    Query(QueryError),
    /// Its rows cannot be written.
    Write(io::Error),
}

impl Answer<'_> {
    /// Writes the rows of a query.
    ///
    /// # Errors
    /// Something is wrong with the query, or the rows cannot be written.
    pub(in crate::cli) fn ask(
        &self,
        query: &Query,
        reader: &Reader,
        options: Options<'_>,
    ) -> Result<(), Unanswered> {
        let begun = Instant::now();
        // Asked for first: what is archived meanwhile is in the rows, and more than was promised.
        let remarks = self.remarks(query, reader, options);
        let scan = Scan::announce(self.screen, query, reader, options);
        let mut prepared = query.prepare(reader, options)?;
        let mut answering = Answering {
            prepared: &mut prepared,
            title: &query.about,
            remarks: &remarks,
            scan: &scan,
            begun,
        };
        let written = self.deliver(|out| self.rows(&mut answering, out))?;
        drop(scan);
        self.tell(written);
        if !self.format.remarks {
            remarks.iter().for_each(|remark| self.screen.note(remark));
        }
        Ok(())
    }

    /// What is known of the time asked for. A format without room for it has it if the user says so.
    fn remarks(&self, query: &Query, reader: &Reader, options: Options<'_>) -> Vec<String> {
        let by_default = query.has_time() && self.format.remarks;
        if !self.coverage.unwrap_or(by_default) {
            return Vec::new();
        }
        coverage::lines(query, reader, options).unwrap_or_else(|error| {
            let why = Failure::from(error);
            self.screen
                .warning(format_args!("coverage is not known: {why}"));
            Vec::new()
        })
    }

    /// Writes rows that are at hand, under a title.
    ///
    /// # Errors
    /// They cannot be written.
    pub(in crate::cli) fn write(
        &self,
        title: &str,
        columns: &[Column],
        rows: &[Vec<Value<'_>>],
    ) -> io::Result<()> {
        self.deliver(|out| {
            let mut format = self.begin(title, columns, out)?;
            for row in rows {
                format.row(row)?;
            }
            format.end(&[])
        })
    }

    /// To standard output, or to a file that is there whole or not at all.
    fn deliver<T, E: From<io::Error>>(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(path) = self.to else {
            let mut paged = Paged::new(self.screen, !self.look.no_pager);
            let written = write(&mut paged)?;
            paged.end()?;
            return Ok(written);
        };
        let mut destination = Destination::new(path)?;
        let written = write(&mut destination)?;
        destination.keep()?;
        Ok(written)
    }

    fn rows(
        &self,
        answering: &mut Answering<'_, '_>,
        out: &mut dyn Write,
    ) -> Result<Written, Unanswered> {
        let scan = answering.scan;
        let on_terminal = self.to.is_none() && self.screen.data_on_terminal();
        let mut uncovered = Uncovered { out, scan };
        let out: &mut dyn Write = if on_terminal {
            &mut uncovered
        } else {
            &mut *uncovered.out
        };
        let mut format = self.begin(answering.title, &answering.prepared.columns(), out)?;
        let mut rows = answering.prepared.rows();
        let mut written = Written::default();
        while let Some(row) = rows.next()? {
            if self.limit.is_some_and(|limit| written.rows >= limit) {
                written.cut = true;
                break;
            }
            if on_terminal {
                format.row(&row.into_iter().map(seen).collect::<Vec<_>>())?;
            } else {
                format.row(&row)?;
            }
            written.rows += 1;
            if written.rows.is_multiple_of(ROWS_BETWEEN_WORDS) {
                scan.tell(written.rows);
            }
        }
        written.took = answering.begun.elapsed();
        format.end(answering.remarks)?;
        Ok(written)
    }

    fn begin<'w>(
        &self,
        title: &'w str,
        columns: &[Column],
        out: &'w mut dyn Write,
    ) -> io::Result<Box<dyn Format + 'w>> {
        let on_terminal = self.to.is_none() && self.screen.data_on_terminal();
        let fits = on_terminal && !self.look.wide;
        let layout = Layout {
            title,
            width: fits.then(|| self.screen.columns()),
            style: self.look.style(self.screen, on_terminal, SystemClock.now()),
        };
        let mut format = (self.format.open)(Box::new(out), layout);
        format.begin(columns)?;
        Ok(format)
    }

    /// On a terminal how many rows there are and how long it took; and always that there are more
    /// than were asked for.
    fn tell(&self, written: Written) {
        let rows = match written.rows {
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        match self.to {
            Some(path) => self
                .screen
                .note(format_args!("{rows} to {}", path.display())),
            None if self.screen.data_on_terminal() => {
                self.screen
                    .note(format_args!("{rows}, {}", destination::brief(written.took)));
            }
            None => {}
        }
        if written.cut {
            self.screen
                .note(format_args!("there are more; --limit ends after {rows}"));
        }
    }
}

/// A value for a terminal, which would obey what an outsider may have written into a file's name.
fn seen(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Text(text) => Value::Text(visible_lines(&text).into()),
        value => value,
    }
}

/// How many rows are written before that is told.
const ROWS_BETWEEN_WORDS: u64 = 1_000;

/// A query that is being answered.
struct Answering<'a, 'r> {
    prepared: &'a mut Prepared<'r>,
    title: &'a str,
    remarks: &'a [String],
    scan: &'a Scan,
    begun: Instant,
}

/// What was written.
#[derive(Clone, Copy, Default)]
struct Written {
    rows: u64,
    /// There was more.
    cut: bool,
    /// How long it took: not how long the user then looked at it.
    took: Duration,
}

impl Unanswered {
    /// In words for the user.
    pub(in crate::cli) fn about(self, question: &Question) -> Failure {
        match self {
            Unanswered::Query(error) => {
                Failure::of_query(error, question.file.as_deref()).declared(&question.query)
            }
            Unanswered::Write(error) => error.into(),
        }
    }
}

impl From<QueryError> for Unanswered {
    fn from(error: QueryError) -> Unanswered {
        Unanswered::Query(error)
    }
}

impl From<io::Error> for Unanswered {
    fn from(error: io::Error) -> Unanswered {
        Unanswered::Write(error)
    }
}
