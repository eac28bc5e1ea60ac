//! The table `[status]`: from when on something is worth a word.

use std::time::Duration;

use super::document::Table;
use super::error::ConfigError;
use super::section::read_duration;
use super::{Effective, Origin, template};
use crate::kind::{Setting, SettingKind};
use crate::time::parse_duration;

/// When `trailkeep status` finds something amiss.
#[derive(Debug, Clone)]
pub struct Status {
    /// A feed is stale when its next run is overdue by this.
    pub stale: Effective<Duration>,
    /// A loss is near when the vendor forgets something that is missing within this.
    pub loss: Effective<Duration>,
}

const STALE: Setting = Setting {
    key: "stale",
    about: "a feed is stale when its next run is overdue by this",
    value: SettingKind::Duration("26h"),
};
const LOSS: Setting = Setting {
    key: "loss",
    about: "a loss is near when the vendor forgets something that is missing within this",
    value: SettingKind::Duration("14d"),
};

/// Every key of the table.
pub(super) const SETTINGS: &[Setting] = &[STALE, LOSS];

impl Status {
    /// Reads the table of a whole document, if it is there.
    pub(super) fn read(document: &Table<'_>) -> Result<Status, ConfigError> {
        let table = document.value("status").map(|value| value.table());
        let table = table.transpose()?;
        if let Some(table) = &table {
            table.refuse_unknown(&[STALE.key, LOSS.key])?;
        }
        Ok(Status {
            stale: duration(table.as_ref(), &STALE)?,
            loss: duration(table.as_ref(), &LOSS)?,
        })
    }
}

fn duration(
    table: Option<&Table<'_>>,
    setting: &Setting,
) -> Result<Effective<Duration>, ConfigError> {
    let default = template::default_text(setting);
    match table.and_then(|table| table.value(setting.key)) {
        Some(value) => Ok(Effective {
            value: read_duration(&value, &default)?,
            origin: Origin::File(value.place()),
        }),
        None => Ok(Effective {
            value: parse_duration(&default).unwrap_or_default(),
            origin: Origin::Default,
        }),
    }
}
