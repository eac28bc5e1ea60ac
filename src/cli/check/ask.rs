//! Runs one check: its answer, what is new in it, and what is known of the time it asks for.

use std::time::Instant;

use super::choice::Chosen;
use super::round::Checked;
use crate::archive::reader::Reader;
use crate::check::{self, Answer, INCOMPLETE, Listener};
use crate::cli::failure::Failure;
use crate::cli::query::coverage::{self, Known};
use crate::query::{Expect, Options, Query, QueryError};

/// How checks are asked.
pub(super) struct Ask<'a> {
    pub(super) reader: &'a Reader,
    pub(super) options: Options<'a>,
    /// Whether a time that is not complete is an alarm.
    pub(super) must_be_complete: bool,
}

impl Ask<'_> {
    /// Runs a check, whatever comes of it.
    pub(super) fn check(&self, check: Chosen, listeners: Vec<Listener>) -> Checked {
        let begun = Instant::now();
        let asked = check.asked().clone();
        let options = Options {
            given: &check.given,
            ..self.options
        };
        let (query, found) = match check.query {
            Ok((query, expect)) => {
                let found = self.answer(&query, expect, options, &listeners);
                (query, found)
            }
            Err(error) => (Query::default(), Err(error)),
        };
        let failed = |error| Failure::of_query(error, Some(&check.file)).declared(&query);
        let (answer, coverage) = found.map_err(failed).map_or_else(
            |failure| (Err(failure), None),
            |(answer, coverage)| (Ok(answer), coverage),
        );
        Checked {
            took: begun.elapsed(),
            asked,
            query,
            answer,
            coverage,
            listeners,
        }
    }

    fn answer(
        &self,
        query: &Query,
        expect: Expect,
        options: Options<'_>,
        listeners: &[Listener],
    ) -> Result<(Answer, Option<Known>), QueryError> {
        // Asked for first: what is archived meanwhile is in the rows, and more than was promised.
        let known = || coverage::known(query, self.reader, options);
        let coverage = query.has_time().then(known).transpose()?;
        let mut answer = check::ask(query, expect, self.reader, options, listeners)?;
        let is_flawed = coverage.as_ref().is_some_and(|known| !known.is_whole);
        if self.must_be_complete && is_flawed {
            answer.offences.push(INCOMPLETE);
        }
        Ok((answer, coverage))
    }
}
