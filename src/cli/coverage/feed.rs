//! One feed as its coverage is shown.

use std::time::Duration;

use super::configured;
use super::missing::Missing;
use crate::archive::reader::FeedRecord;
use crate::config::Config;
use crate::coverage::{Section, Standing};
use crate::event::{Period, Timestamp};
use crate::kind::FeedKind;

/// One feed of the archive, as far as it is to be shown.
pub(super) struct Feed {
    /// The source.
    pub(super) source: String,
    /// The feed's name within it.
    pub(super) name: String,
    /// How its time stands, whatever reaches beyond the moment asked for.
    pub(super) sections: Vec<Section>,
    /// Up to when it was read.
    pub(super) to: Option<Timestamp>,
    /// Its gaps and what is lost.
    pub(super) missing: Vec<Missing>,
}

impl Feed {
    pub(super) fn new(
        record: FeedRecord,
        config: &Config,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Feed {
        let mut sections = record.sections(now);
        sections.retain(|section| since.is_none_or(|since| section.period.to > since));
        let mut configured = configured(config);
        let is_it = |(source, feed): (&str, &FeedKind)| {
            (source, feed.name) == (record.source.as_str(), record.feed.as_str())
        };
        let is_configured = configured.any(is_it);
        let missing = sections
            .iter()
            .filter_map(|section| Missing::of(&record, *section, is_configured, now));
        Feed {
            missing: missing.collect(),
            to: record.coverage.end(),
            sections,
            source: record.source,
            name: record.feed,
        }
    }

    /// `acme/api`
    pub(super) fn label(&self) -> String {
        format!("{}/{}", self.source, self.name)
    }

    /// From when on anything is known that is to be shown.
    pub(super) fn from(&self) -> Option<Timestamp> {
        Some(self.sections.first()?.period.from)
    }

    /// For how long in all it stands so within a period.
    pub(super) fn length(&self, standing: Standing, within: Period) -> Duration {
        let alike = self.sections.iter().filter(|one| one.standing == standing);
        let part = |section: &Section| Period {
            from: section.period.from.max(within.from),
            to: section.period.to.min(within.to),
        };
        alike.map(|section| part(section).length()).sum()
    }
}
