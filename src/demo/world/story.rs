//! The stories in the logs: what an incident responder should find.
//!
//! An integration is changed and stopped from an address nobody else uses; many sign-ins fail
//! until one succeeds; a privilege is granted at night; somebody about to leave downloads
//! everything.

use std::sync::Arc;

use fastrand::Rng;

use crate::event::{Period, Timestamp};

use super::activity::{SafeEvent, row};
use super::people::Cast;
use super::transfers::{SendSafelyEvent, Value, entry, new_package, package_details};

/// The address that only the stories use.
pub(super) const STRANGER: &str = "203.0.113.66";

const FAILED_LOGINS: usize = 48;
const DOWNLOADS: usize = 72;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The stories in SAFE's log.
pub(super) fn in_safe(rng: &mut Rng, cast: &Cast, period: Period) -> Vec<SafeEvent> {
    let mut events = failed_logins(rng, cast, moment(period, 0.70, 3 * HOUR + 12 * MINUTE));
    events.extend(integration_stopped(
        rng,
        cast,
        moment(period, 0.70, 4 * HOUR),
    ));
    events.extend(role_changed(
        rng,
        cast,
        moment(period, 0.80, 2 * HOUR + 40 * MINUTE),
    ));
    events
}

/// The stories in SendSafely's log.
pub(super) fn in_sendsafely(rng: &mut Rng, cast: &Cast, period: Period) -> Vec<SendSafelyEvent> {
    let mut events = privilege_granted(rng, cast, moment(period, 0.80, 2 * HOUR + 43 * MINUTE));
    events.extend(mass_download(rng, cast, departure(period)));
    events
}

/// When the leaver leaves.
pub(super) fn departure(period: Period) -> Timestamp {
    moment(period, 0.90, 17 * HOUR)
}

/// A time of day on the day that lies so far along the period, or as near as fits in it.
fn moment(period: Period, share: f64, time_of_day: i64) -> Timestamp {
    let span = (period.to.millis() - period.from.millis()).max(0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a share of a span of days"
    )]
    let day = (period.from.millis() + (span as f64 * share) as i64).div_euclid(DAY);
    let latest = period.to.millis() - span / 20;
    Timestamp::from_millis(
        (day * DAY + time_of_day).clamp(period.from.millis() + span / 20, latest),
    )
}

fn failed_logins(rng: &mut Rng, cast: &Cast, start: Timestamp) -> Vec<SafeEvent> {
    let mut events: Vec<SafeEvent> = (0..=FAILED_LOGINS)
        .zip(cast.staff.iter().cycle())
        .map(|(n, person)| {
            let time = start.plus_millis(n as i64 * 850 + rng.i64(0..400));
            row(rng, person, time, "Login failed", "Authentication")
        })
        .collect();
    // The last one gets in.
    if let Some(last) = events.last_mut() {
        last.activity = "User logged in".into();
    }
    from_stranger(events)
}

fn integration_stopped(rng: &mut Rng, cast: &Cast, start: Timestamp) -> Vec<SafeEvent> {
    let admin = cast.admin(rng, start);
    let done = [
        "User logged in",
        "Integration 'CrowdStrike Falcon' updated",
        "Synchronization of integration 'CrowdStrike Falcon' stopped",
    ];
    let times = (0..).map(|n| start.plus_millis(n * 95_000));
    let events = done
        .iter()
        .zip(times)
        .map(|(done, time)| row(rng, admin, time, done, "Integrations"));
    from_stranger(events.collect())
}

fn role_changed(rng: &mut Rng, cast: &Cast, time: Timestamp) -> Vec<SafeEvent> {
    let admin = cast.admin(rng, time);
    let done = format!(
        "Role of '{}' changed from 'Viewer' to 'Admin'",
        cast.leaver().email
    );
    let sign_in = row(
        rng,
        admin,
        time.plus_millis(-2 * MINUTE),
        "User logged in",
        "Authentication",
    );
    from_stranger(vec![sign_in, row(rng, admin, time, &done, "Users")])
}

fn from_stranger(mut events: Vec<SafeEvent>) -> Vec<SafeEvent> {
    let stranger: Arc<str> = STRANGER.into();
    events
        .iter_mut()
        .for_each(|event| event.ip = stranger.clone());
    events
}

fn privilege_granted(rng: &mut Rng, cast: &Cast, time: Timestamp) -> Vec<SendSafelyEvent> {
    let admin = cast.admin(rng, time).portal_email.clone();
    let sign_in = entry(
        rng,
        time.plus_millis(-MINUTE),
        ("USER_EVENT", "LOGIN"),
        STRANGER.into(),
        admin.clone(),
    );
    let mut grant = entry(
        rng,
        time,
        ("ADMIN_EVENT", "PRIVILEGE_GRANTED"),
        STRANGER.into(),
        admin,
    );
    grant.details = vec![
        (
            "targetUser",
            Value::Text(cast.leaver().portal_email.clone()),
        ),
        ("privilege", Value::Text("ORGANIZATION_ADMIN".into())),
    ];
    vec![sign_in, grant]
}

/// In the two hours of an evening, not long before leaving; then the account is closed.
fn mass_download(rng: &mut Rng, cast: &Cast, left_at: Timestamp) -> Vec<SendSafelyEvent> {
    let leaver = cast.leaver();
    let home = leaver
        .addresses
        .last()
        .cloned()
        .unwrap_or_else(|| STRANGER.into());
    let start = left_at.plus_millis(-21 * HOUR);
    let who = leaver.portal_email.clone();
    let mut events = vec![entry(
        rng,
        start,
        ("USER_EVENT", "LOGIN"),
        home.clone(),
        who.clone(),
    )];
    for n in 0..DOWNLOADS as i64 {
        let owner = cast.someone(rng, start).portal_email.clone();
        let package = new_package(rng, owner, "TRANSFER");
        let time = start.plus_millis((n + 1) * 21_000 + rng.i64(0..9_000));
        let what = ("PACKAGE_EVENT", "PACKAGE_FILE_DOWNLOAD");
        let mut download = entry(rng, time, what, home.clone(), who.clone());
        download.details = package_details(rng, &package, what.1);
        events.push(download);
    }
    let admin = cast.admin(rng, left_at);
    let office = admin
        .addresses
        .first()
        .cloned()
        .unwrap_or_else(|| STRANGER.into());
    let what = ("ADMIN_EVENT", "USER_DEACTIVATED");
    let mut closed = entry(rng, left_at, what, office, admin.portal_email.clone());
    closed.details.push(("targetUser", Value::Text(who)));
    events.push(closed);
    events
}
