//! What the API feed asks the portal.

use crate::event::{Period, Timestamp};
use crate::feed::Request;

/// With its slash at the end: so it is requested and signed in the official sample.
pub(super) const PATH: &str = "/api/v2.0/enterprise/audit-logs/";

/// Rows a page: the documented maximum.
pub(super) const PAGE_SIZE: u64 = 100;

/// What is asked for beyond either end of a slice.
pub(super) const EDGE_MILLIS: i64 = 1_000;

/// The body is as the official sample builds it, with unset filters as empty texts.
pub(super) fn request(slice: Period, row: u64) -> Request {
    let (least, most) = asked(slice);
    let written = |time: Timestamp| time.datetime().format("%Y-%m-%d %H:%M:%S").to_string();
    let body = format!(
        "{{\"eventType\":\"\",\"ipAddress\":\"\",\"authenticatedUser\":\"\",\
         \"impersonatedUser\":\"\",\"packageOwner\":\"\",\"minTimestamp\":\"{}\",\
         \"maxTimestamp\":\"{}\",\"pageSize\":{PAGE_SIZE},\"rowIndex\":{row}}}",
        written(least),
        written(most),
    );
    Request::post(PATH, body, purpose(slice, row))
}

/// What is asked for to get a slice: whole seconds, and a second more on either side.
pub(super) fn asked(slice: Period) -> (Timestamp, Timestamp) {
    let to_second = |time: Timestamp| time.plus_millis(-time.millis().rem_euclid(1_000));
    let least = to_second(slice.from).plus_millis(-EDGE_MILLIS);
    let most = to_second(slice.to.plus_millis(999)).plus_millis(EDGE_MILLIS);
    (least, most)
}

pub(super) fn purpose(slice: Period, row: u64) -> String {
    let day = |time: Timestamp| time.datetime().format("%Y-%m-%d %H:%M").to_string();
    format!(
        "audit log {} to {}, row {row}",
        day(slice.from),
        day(slice.to)
    )
}
