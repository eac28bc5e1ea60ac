//! A report: answers to named queries over a period, with all that somebody else needs to check them.
//!
//! [`make()`] asks the archive, in one state of it, and gives a [`Report`]: its [`Evidence`], which is
//! all that is known of it but rows, and an [`Answer`] for each query. A [`Form`] writes it, a file a
//! form, one line in [`FORMS`]. [`verify()`](verify::verify) reads the evidence back out of a file,
//! asks the same again, and compares.

pub mod answer;
mod chart;
mod completeness;
pub mod evidence;
mod form;
mod html;
mod make;
mod markdown;
mod selection;
pub mod verify;
mod wording;
mod xlsx;

use std::io;
use std::time::Duration;

use crate::archive::ArchiveError;
use crate::event::{Period, Timestamp};
use crate::query::QueryError;
use crate::query::saved::Saved;
use crate::report::answer::Answer;
use crate::report::evidence::Evidence;
pub use crate::report::form::{FORMS, Form, find};
pub use crate::report::make::make;

/// A report that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// What is asked: saved queries and tags.
    pub named: &'a [String],
    /// The saved queries there are.
    pub saved: &'a [Saved],
    /// Its title; made from what is asked, where nobody says.
    pub title: Option<&'a str>,
    /// What it is about.
    pub period: Period,
    /// Values for parameters of the queries.
    pub given: &'a [(String, String)],
    /// The moment at which it is made.
    pub now: Timestamp,
    /// How long each query may work.
    pub timeout: Option<Duration>,
}

/// What was asked of an archive, and what it answered.
#[derive(Debug)]
pub struct Report {
    /// All of it but rows.
    pub evidence: Evidence,
    /// The answers, in the order of the queries of the evidence.
    pub answers: Vec<Answer>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is neither a saved query nor a tag of that name.
    #[error("there is no saved query and no tag `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// Names that are like it, the nearest first.
        nearest: Vec<String>,
    },
    /// A saved query has something wrong in its header.
    #[error("{name}: {what}")]
    Header {
        /// The query.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// A query needs a parameter that is not given.
    #[error("{query}: parameter `{parameter}` is not given")]
    Missing {
        /// The query.
        query: String,
        /// The parameter.
        parameter: String,
        /// What it means.
        about: String,
    },
    /// A parameter is given that no query takes.
    #[error("none of the queries has a parameter `{name}`")]
    NoParameter {
        /// The parameter.
        name: String,
        /// Names that are like it, the nearest first.
        nearest: Vec<String>,
    },
    /// Every query of the tags that were named was left out.
    #[error("nothing is left to ask: {query} needs the parameter `{parameter}`")]
    Empty {
        /// The first of the queries.
        query: String,
        /// What it needs.
        parameter: String,
    },
    /// The period has nothing in it.
    #[error("the period ends at {to}, before it begins at {from}")]
    Backwards {
        /// Its beginning.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
    /// A query was not answered.
    #[error("{name}: {source}")]
    Query {
        /// The query.
        name: String,
        /// Why.
        source: Box<QueryError>,
    },
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There is no room for the answers until they are written.
    #[error("the answers cannot be kept until they are written")]
    Spool(#[from] io::Error),
}

#[cfg(test)]
mod tests;
