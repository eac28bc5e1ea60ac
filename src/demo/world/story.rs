//! The stories in the logs: what an incident responder should find.
//!
//! An integration is changed and stopped from an address nobody else uses; many sign-ins fail
//! until one succeeds; a privilege is granted at night, and a second factor switched off; somebody
//! about to leave downloads everything, and some more when the account is closed already. Two second
//! factors are switched off for people with a new phone.

use std::sync::Arc;

use fastrand::Rng;

use crate::event::{Period, Timestamp};

use super::activity::{SafeEvent, row};
use super::package::Package;
use super::people::{Cast, Person};
use super::transfers::{SendSafelyEvent, Value, entry};

/// The address that only the stories use.
pub(super) const STRANGER: &str = "203.0.113.66";

const FAILED_LOGINS: usize = 48;
const DOWNLOADS: i64 = 72;
const DOWNLOADS_AFTERWARDS: i64 = 6;

/// The integration that is stopped.
const STOPPED: &str = "CrowdStrike Falcon";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The stories in SAFE's log.
pub(super) fn in_safe(rng: &mut Rng, cast: &Cast, period: Period) -> Vec<SafeEvent> {
    let mut events = failed_logins(rng, cast, moment(period, 0.70, 3 * HOUR + 12 * MINUTE));
    events.extend(integration_stopped(rng, cast, stop(period)));
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
    let new_phones = [(0.86, 10 * HOUR + 20 * MINUTE), (0.94, 14 * HOUR)];
    for (share, time_of_day) in new_phones {
        events.extend(new_phone(rng, cast, moment(period, share, time_of_day)));
    }
    events.extend(leaver(rng, cast, departure(period)));
    events
}

/// From when on the integration of the story is stopped.
pub(super) fn stop(period: Period) -> Timestamp {
    moment(period, 0.70, 4 * HOUR)
}

/// What was stopped then stays so: another integration is synchronized in its place.
pub(super) fn keep_stopped(events: &mut [SafeEvent], since: Timestamp) {
    let is_of_it = |event: &&mut SafeEvent| {
        event.time > since
            && event.activity.starts_with("Synchronization")
            && event.activity.contains(STOPPED)
    };
    for event in events.iter_mut().filter(is_of_it) {
        event.activity = event.activity.replace(STOPPED, "Qualys").into();
    }
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
    let there = cast.staff.iter().filter(|person| person.is_there(start));
    let mut events: Vec<SafeEvent> = (0..=FAILED_LOGINS)
        .zip(there.cycle())
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
        "User logged in".to_owned(),
        format!("Integration '{STOPPED}' updated"),
        format!("Synchronization of integration '{STOPPED}' stopped"),
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

/// From an administrator's account, whose second factor is then switched off, so that it can be
/// used again.
fn privilege_granted(rng: &mut Rng, cast: &Cast, time: Timestamp) -> Vec<SendSafelyEvent> {
    let admin = &cast.admin(rng, time).portal_email;
    let mut by_stranger = |minutes, what| {
        let time = time.plus_millis(minutes * MINUTE);
        entry(rng, time, what, STRANGER.into(), admin.clone())
    };
    let sign_in = by_stranger(-1, ("USER_EVENT", "LOGIN"));
    let mut grant = by_stranger(0, ("ADMIN_EVENT", "PRIVILEGE_GRANTED"));
    grant.details = vec![
        of(&cast.leaver().portal_email),
        ("privilege", Value::Text("ORGANIZATION_ADMIN".into())),
    ];
    let mut switch_off = by_stranger(2, SWITCH_OFF);
    switch_off.details = vec![of(admin)];
    vec![sign_in, grant, switch_off]
}

/// An administrator switches off somebody's second factor, who signs in with a new one soon after.
fn new_phone(rng: &mut Rng, cast: &Cast, time: Timestamp) -> [SendSafelyEvent; 2] {
    let admin = cast.admin(rng, time);
    let person = cast.someone_but(rng, time, admin);
    let who = &person.portal_email;
    let mut switch_off = by(rng, admin, time, SWITCH_OFF);
    switch_off.details = vec![of(who)];
    let sign_in = time.plus_millis(9 * MINUTE + rng.i64(0..MINUTE));
    [
        switch_off,
        by(rng, person, sign_in, ("USER_EVENT", "LOGIN")),
    ]
}

/// In the two hours of an evening, not long before leaving, everything is downloaded; then the
/// account is closed, but for a session that goes on.
fn leaver(rng: &mut Rng, cast: &Cast, left_at: Timestamp) -> Vec<SendSafelyEvent> {
    let start = left_at.plus_millis(-21 * HOUR);
    let who = cast.leaver();
    let sign_in = ("USER_EVENT", "LOGIN");
    let mut events = vec![entry(
        rng,
        start,
        sign_in,
        who.home(),
        who.portal_email.clone(),
    )];
    events.extend(downloads(rng, cast, start, DOWNLOADS));
    let admin = cast.admin(rng, left_at);
    let mut closed = by(rng, admin, left_at, ("ADMIN_EVENT", "USER_DEACTIVATED"));
    closed.details = vec![of(&who.portal_email)];
    events.push(closed);
    let evening = left_at.plus_millis(3 * HOUR + 40 * MINUTE);
    events.extend(downloads(rng, cast, evening, DOWNLOADS_AFTERWARDS));
    events
}

/// What the leaver downloads from home, one file after the other.
fn downloads(rng: &mut Rng, cast: &Cast, start: Timestamp, count: i64) -> Vec<SendSafelyEvent> {
    let leaver = cast.leaver();
    let download = |n| {
        let owner = cast.someone(rng, start).portal_email.clone();
        let package = Package::new(rng, owner, "TRANSFER");
        let time = start.plus_millis((n + 1) * 21_000 + rng.i64(0..9_000));
        let what = ("PACKAGE_EVENT", "PACKAGE_FILE_DOWNLOAD");
        let mut download = entry(rng, time, what, leaver.home(), leaver.portal_email.clone());
        download.details = package.details(rng, what.1);
        download
    };
    (0..count).map(download).collect()
}

const SWITCH_OFF: (&str, &str) = ("ADMIN_EVENT", "USER_2FA_DISABLED");

/// Whose account it is about.
fn of(email: &Arc<str>) -> (&'static str, Value) {
    ("targetUser", Value::Text(email.clone()))
}

/// An entry by this person, from the office.
fn by(
    rng: &mut Rng,
    who: &Person,
    time: Timestamp,
    what: (&'static str, &'static str),
) -> SendSafelyEvent {
    entry(rng, time, what, who.office(), who.portal_email.clone())
}
