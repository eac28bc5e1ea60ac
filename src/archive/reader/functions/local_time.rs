//! `local_time(time, zone)`: a moment by the clocks of a place, with the rules of the system's own
//! zone data, which the system keeps up to date.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase, db};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{SAME, mistake, shown, text};

pub(super) fn register(connection: &Connection, _: &Path) -> rusqlite::Result<()> {
    connection.create_scalar_function("local_time", 2, SAME, |context| {
        if context.get_raw(1) == ValueRef::Null {
            return Ok(None);
        }
        let zone = match context.get_aux::<TimeZone>(1)? {
            Some(zone) => zone,
            None => context.set_aux(1, zone(db(), &text(context, 1).unwrap_or_default())?)?,
        };
        let ValueRef::Text(time) = context.get_raw(0) else {
            return Ok(None);
        };
        let time = std::str::from_utf8(time).ok().and_then(moment);
        Ok(time.map(|time| local(time, &zone)))
    })
}

/// The names of all zones; none where the system has no zone data.
pub(crate) fn zones() -> Vec<String> {
    db().available().map(|name| name.to_string()).collect()
}

/// How the message begins that a zone is not known, up to its name.
pub(crate) const UNKNOWN: &str = "local_time() knows no time zone `";

fn zone(zones: &TimeZoneDatabase, name: &str) -> rusqlite::Result<TimeZone> {
    zones.get(name).map_err(|_| {
        if zones.available().next().is_none() {
            return mistake(
                "local_time() finds no time zones on this system: install tzdata, \
                 or name its folder in TZDIR",
            );
        }
        mistake(format!("{UNKNOWN}{}`", shown(name)))
    })
}

/// A time as the views have it, as any RFC 3339 does, or as SQLite's `datetime()` and `date()`
/// give it, which is UTC.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let time: DateTime = text.parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// In the form of the views, with the offset from UTC in the place of the `Z`.
fn local(moment: Timestamp, zone: &TimeZone) -> String {
    let local = moment.to_zoned(zone.clone());
    local.strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_the_system_has_no_zones_is_told() {
        for zones in [
            TimeZoneDatabase::none(),
            TimeZoneDatabase::from_dir(tempfile::tempdir().unwrap().path())
                .unwrap_or_else(|_| TimeZoneDatabase::none()),
        ] {
            let error = zone(&zones, "Europe/Berlin").unwrap_err().to_string();
            assert!(error.contains("install tzdata"), "{error}");
        }
    }

    #[test]
    fn no_file_is_read_that_is_no_zone() {
        for name in ["../../../etc/passwd", "/etc/passwd", "Europe", "", "\0"] {
            let error = zone(db(), name).unwrap_err().to_string();
            assert!(error.starts_with(UNKNOWN), "{name}: {error}");
        }
    }
}
