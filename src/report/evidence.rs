//! What a report says of itself, so that somebody else can check it: for people in its last part, and
//! for programs as JSON that is the same in every form of report.

use serde::{Deserialize, Serialize};

use crate::coverage::{Section, Standing};
use crate::event::{Period, Timestamp};
use crate::query;
use crate::report::answer::Digests;

/// All of a report but the rows of its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// How reports are written: [`FORM`]. A report of another form is not compared byte for byte.
    pub form: u32,
    /// The version of trailkeep that made it.
    pub version: String,
    /// Its title.
    pub title: String,
    /// When it was made.
    #[serde(with = "moment")]
    pub made_at: Timestamp,
    /// What it was made from.
    pub archive: Archive,
    /// The period it is about.
    pub period: Span,
    /// What was named: queries and tags.
    pub named: Vec<String>,
    /// Queries of a tag that were left out.
    pub left_out: Vec<LeftOut>,
    /// How each feed's time stood in the period, by source and feed.
    pub coverage: Vec<Feed>,
    /// The batches that brought events of the period.
    pub batches: Vec<Batch>,
    /// What was asked. The last one is always for actors whom no list of users knows.
    pub queries: Vec<Asked>,
    /// SHA-256 of all bytes of the report before this JSON; none in a form that has no such bytes.
    pub document_sha256: Option<String>,
}

/// How reports are written. Raised with every change to what one looks like.
pub const FORM: u32 = 1;

/// The archive that a report was made from, and how far it had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// What tells it from others ([`crate::archive::reader::Reader::archive_id`]).
    pub id: Option<String>,
    /// How many migrations it had been through.
    pub schema: i64,
    /// Its sources and their kinds.
    pub sources: Vec<(String, String)>,
    /// The last batch that had begun.
    pub last_batch: i64,
    /// The last page that was committed; whatever was archived later has a greater one.
    pub last_page: i64,
    /// When that page was archived.
    #[serde(with = "maybe_moment")]
    pub archived_to: Option<Timestamp>,
}

/// A stretch of time, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First moment in it; none where it has no beginning.
    #[serde(with = "maybe_moment")]
    pub from: Option<Timestamp>,
    /// First moment after it; none where it has no end.
    #[serde(with = "maybe_moment")]
    pub to: Option<Timestamp>,
}

/// A query that a tag names, and that was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The query.
    pub query: String,
    /// The parameter that must be given, and was not.
    pub parameter: String,
}

/// How a feed's time stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Its source.
    pub source: String,
    /// Its name.
    pub feed: String,
    /// How parts of the period stood; of what is missing here nothing was known.
    pub sections: Vec<Stood>,
}

/// How a part of a feed's time stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// First moment in it.
    #[serde(with = "moment")]
    pub from: Timestamp,
    /// First moment after it.
    #[serde(with = "moment")]
    pub to: Timestamp,
    /// `complete`, `open`, `gap` or `lost`.
    pub standing: String,
}

/// A batch that brought events of the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its number.
    pub batch: i64,
    /// Its source.
    pub source: String,
    /// Its feed.
    pub feed: String,
    /// When it began.
    #[serde(with = "moment")]
    pub started_at: Timestamp,
    /// How many events of the period it brought first.
    pub events: u64,
    /// SHA-256 of all that it received; none of a batch that has none on record.
    pub sha256: Option<String>,
}

/// What was asked and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The query's name.
    pub name: String,
    /// Its description.
    pub about: String,
    /// What it was asked about: what its parameters `since` or `from`, and `until` or `to` held.
    pub span: Span,
    /// Its parameters as they were bound, times in full.
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// What its answer is drawn as.
    pub chart: Option<Chart>,
    /// The columns of the answer.
    pub columns: Vec<String>,
    /// The answer as a whole.
    #[serde(flatten)]
    pub answer: Digests,
    /// SHA-256 of its text.
    pub sql_sha256: String,
    /// Its text.
    pub sql: String,
}

/// What an answer is drawn as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// How.
    pub kind: ChartKind,
    /// The column that says what a value is of.
    pub label: String,
    /// The column with the values.
    pub value: String,
}

/// How an answer is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartKind {
    /// A bar for each label.
    Bar,
    /// A line over time.
    Line,
}

impl Evidence {
    /// As JSON that nothing has to be done to in order to put it into HTML, Markdown or a table: of
    /// all that means anything there, or that does not show, only `\u003c` and the like are in it.
    pub fn json(&self) -> String {
        // Maps with texts as keys, numbers and texts: there is nothing that has no form in JSON.
        let json = serde_json::to_string_pretty(self).expect("every value has a form in JSON");
        json.chars().fold(String::new(), |mut escaped, c| {
            match c {
                '\n' => escaped.push(c),
                '<' | '>' | '&' | '`' => escape(&mut escaped, c),
                c if crate::format::shown(c) != c => escape(&mut escaped, c),
                c => escaped.push(c),
            }
            escaped
        })
    }

    /// The period; all of time where the report's JSON has no end of it.
    pub fn period(&self) -> Period {
        let (from, to) = (self.period.from, self.period.to);
        Period {
            from: from.unwrap_or(Timestamp::from_millis(i64::MIN)),
            to: to.unwrap_or(Timestamp::from_millis(i64::MAX)),
        }
    }

    /// How many events the period has.
    pub fn events(&self) -> u64 {
        let events = self.batches.iter().map(|batch| batch.events);
        events.fold(0, u64::saturating_add)
    }
}

impl Feed {
    /// The sections as coverage has them; a word that it does not know counts as lost.
    pub fn sections(&self) -> Vec<Section> {
        let sections = self.sections.iter().map(|one| Section {
            period: Period {
                from: one.from,
                to: one.to,
            },
            standing: Standing::find(&one.standing).unwrap_or(Standing::Lost),
        });
        sections.collect()
    }
}

impl From<Period> for Span {
    fn from(period: Period) -> Span {
        Span {
            from: Some(period.from),
            to: Some(period.to),
        }
    }
}

impl From<&query::Chart> for Chart {
    fn from(chart: &query::Chart) -> Chart {
        Chart {
            kind: match chart.kind {
                query::ChartKind::Bar => ChartKind::Bar,
                query::ChartKind::Line => ChartKind::Line,
            },
            label: chart.label.clone(),
            value: chart.value.clone(),
        }
    }
}

fn escape(text: &mut String, c: char) {
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        text.push_str(&format!("\\u{unit:04x}"));
    }
}

mod moment {
    //! A moment as text.

    use serde::{Deserialize, Deserializer, Serializer};

    use super::maybe_moment::read;
    use crate::event::Timestamp;

    pub(super) fn serialize<S: Serializer>(moment: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(moment)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        read(&String::deserialize(from)?)
    }
}

mod maybe_moment {
    //! A moment as text, or nothing.

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::event::Timestamp;
    use crate::time::parse_iso;

    pub(super) fn serialize<S: Serializer>(
        moment: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        moment.map(|moment| moment.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.as_deref().map(read).transpose()
    }

    pub(super) fn read<E: Error>(text: &str) -> Result<Timestamp, E> {
        parse_iso(text).ok_or_else(|| E::custom(format!("`{text}` is no moment")))
    }
}

#[cfg(test)]
mod tests;
