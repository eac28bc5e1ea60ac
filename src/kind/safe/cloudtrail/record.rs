//! Files of CloudTrail, and the records in them as events.
//!
//! A file is an object `{"Records":[…]}`, compressed with gzip (AWS, "CloudTrail log file
//! examples"). Files are small and many, so that the records of several go into one page: a
//! [`Batch`] is filled from one file after another, and becomes a [`Page`] when it is full.

mod entry;

use std::str;

use crate::event::Page;
use crate::feed::{Body, FeedError};
use crate::record::container::{self, Format};
use crate::record::json::{Batch, Listed, Records};
use crate::record::member;

/// What a file in a trail's bucket is, told by its content.
pub enum Content {
    /// Records of what was done.
    Log(LogFile),
    /// The hourly list of log files with their hashes, which has no records (documented). Its key
    /// has `/CloudTrail-Digest/` in it.
    Digest,
    /// Unusual rates of calls, worked out from records that are in log files too (documented).
    /// Its key has `/CloudTrail-Insight/` in it.
    Insight,
}

/// Looks at the beginning of a file, compressed or not.
///
/// # Errors
/// It is damaged or cut short, or no file of CloudTrail.
pub fn open(body: Body) -> Result<Content, FeedError> {
    let contents = container::open(body)?;
    match contents.format {
        Format::Empty => Err(damaged("the file is empty")),
        Format::Csv => Err(foreign("it is no JSON")),
        Format::Json => match Records::in_list(contents.text, LIST)? {
            Listed::Records(records) => content(records),
            Listed::Without(names) if is_digest(&names) => Ok(Content::Digest),
            Listed::Without(names) => Err(without_list(&names)),
        },
    }
}

/// The records of one log file, being read.
pub struct LogFile(Records);

impl LogFile {
    /// Adds records to a page until it takes no more, or until the file ends: then false. The page
    /// may be full then too ([`Batch::is_full`]).
    ///
    /// # Errors
    /// The file is damaged or cut short. The page is then as it was before, and this file is not
    /// to be read further.
    pub fn fill(&mut self, batch: &mut Batch) -> Result<bool, FeedError> {
        Ok(self.0.fill(batch)?)
    }
}

/// A page of what was understood and what was not. A record that is not understood has the line
/// of its own file.
pub fn page(batch: Batch) -> Page {
    batch.read(entry::read)
}

/// The member of a log file that holds its records.
const LIST: &str = "Records";

/// How far the first record is looked for. One of insights is much shorter.
const FIRST_RECORD_BYTES: usize = 64 << 10;

fn content(mut records: Records) -> Result<Content, FeedError> {
    let is_insight = records.first(FIRST_RECORD_BYTES)?.is_some_and(is_insight);
    Ok(if is_insight {
        Content::Insight
    } else {
        Content::Log(LogFile(records))
    })
}

/// A record of insights says so in `eventType` (documented), and newer ones in `eventCategory`.
fn is_insight(record: &str) -> bool {
    let mut found = false;
    let read = member::members(record, |name, raw| {
        found |= match &*name {
            "eventType" => raw == "\"AwsCloudTrailInsight\"",
            "eventCategory" => raw == "\"Insight\"",
            _ => false,
        };
    });
    read.is_ok() && found
}

/// Members that a digest always has (AWS, "CloudTrail digest file structure").
fn is_digest(names: &[String]) -> bool {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    has("logFiles") || has("digestStartTime")
}

fn without_list(names: &[String]) -> FeedError {
    const SHOWN: usize = 8;
    let names: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    foreign(&if names.is_empty() {
        format!("it is no object with a list `{LIST}`")
    } else {
        format!("it has no list `{LIST}`, but {}", names.join(", "))
    })
}

fn damaged(why: &str) -> FeedError {
    FeedError::Damaged {
        why: why.to_owned(),
        hint: None,
    }
}

fn foreign(why: &str) -> FeedError {
    FeedError::Unreadable {
        why: format!("the file is none of CloudTrail's: {why}"),
        hint: Some("does the prefix lead to the trail's own folder?".to_owned()),
    }
}

#[cfg(test)]
mod tests;
