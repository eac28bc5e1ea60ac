//! What people do in SAFE: the rows of its audit report.

use std::sync::Arc;

use fastrand::Rng;

use crate::event::Timestamp;

use super::people::{Cast, Person, pick};
use super::rhythm::Rhythm;

/// One row of SAFE's audit report. Rows have no id, and two may be equal in every cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeEvent {
    /// When it happened.
    pub time: Timestamp,
    /// From when on reports show it.
    pub visible_at: Timestamp,
    /// From which address.
    pub ip: Arc<str>,
    /// From which port.
    pub port: u16,
    /// SAFE's uuid of the user who did it.
    pub user_id: Arc<str>,
    /// The user's e-mail address.
    pub username: Arc<str>,
    /// What was done, in free text.
    pub activity: Arc<str>,
    /// In which part of the product; the column is made up.
    pub module: &'static str,
    /// The row is written without its time, so that nobody can tell when it happened.
    pub garbage: bool,
}

/// Rows in order of time, drawn one at a time.
pub(super) struct Activities<'a> {
    rng: Rng,
    rhythm: Rhythm,
    cast: &'a Cast,
    /// Share of rows that repeat the row before, to the millisecond.
    repeats: f64,
    last: Option<SafeEvent>,
}

impl<'a> Activities<'a> {
    pub(super) fn new(rng: Rng, rhythm: Rhythm, cast: &'a Cast, repeats: f64) -> Activities<'a> {
        Activities {
            rng,
            rhythm,
            cast,
            repeats,
            last: None,
        }
    }
}

impl Iterator for Activities<'_> {
    type Item = SafeEvent;

    fn next(&mut self) -> Option<SafeEvent> {
        let time = self.rhythm.next()?;
        if self.rng.f64() < self.repeats
            && let Some(last) = &self.last
        {
            return Some(last.clone());
        }
        let person = self.cast.someone(&mut self.rng, time);
        let event = activity(&mut self.rng, person, time);
        self.last = Some(event.clone());
        Some(event)
    }
}

/// A row by this person, from one of the person's addresses.
pub(super) fn row(
    rng: &mut Rng,
    who: &Person,
    time: Timestamp,
    done: &str,
    module: &'static str,
) -> SafeEvent {
    let ip = rng
        .choice(&who.addresses)
        .cloned()
        .unwrap_or_else(|| "".into());
    SafeEvent {
        time,
        visible_at: time,
        ip,
        port: rng.u16(1024..),
        user_id: who.user_id.clone(),
        username: who.email.clone(),
        activity: done.into(),
        module,
        garbage: false,
    }
}

fn activity(rng: &mut Rng, who: &Person, time: Timestamp) -> SafeEvent {
    let total = ACTIVITIES.iter().map(|kind| kind.0).sum();
    let mut left = rng.u32(0..total);
    let kind = ACTIVITIES.iter().find(|kind| {
        let found = left < kind.0;
        left = left.saturating_sub(kind.0);
        found
    });
    let (_, form, module, things) = kind.unwrap_or(&ACTIVITIES[0]);
    let thing = pick(things, rng.usize(..1 << 20));
    let mut row = row(rng, who, time, &form.replace("{}", thing), module);
    if *form == "Login failed" {
        // In the office nobody types a password, so that no address has the failures of many.
        row.ip = who.home();
    }
    row
}

/// Weight, text, module and what `{}` may stand for. The classes of activity are documented
/// (sign-in and sign-out, integrations, groups, risk scenarios, questionnaires); the wording is
/// made up, for none is published. A synchronization is stopped in a story alone.
const ACTIVITIES: &[(u32, &str, &str, &[&str])] = &[
    (300, "User logged in", "Authentication", &[]),
    (200, "User logged out", "Authentication", &[]),
    (25, "Login failed", "Authentication", &[]),
    (6, "Integration '{}' set up", "Integrations", INTEGRATIONS),
    (70, "Integration '{}' updated", "Integrations", INTEGRATIONS),
    (50, "Integration '{}' tested", "Integrations", INTEGRATIONS),
    (
        80,
        "Synchronization of integration '{}' started",
        "Integrations",
        INTEGRATIONS,
    ),
    (
        60,
        "Synchronization of integration '{}' triggered",
        "Integrations",
        INTEGRATIONS,
    ),
    (15, "Group '{}' created", "Groups", GROUPS),
    (50, "Group '{}' updated", "Groups", GROUPS),
    (5, "Group '{}' deleted", "Groups", GROUPS),
    (
        20,
        "Risk scenario '{}' created",
        "Risk Scenarios",
        SCENARIOS,
    ),
    (
        60,
        "Risk scenario '{}' updated",
        "Risk Scenarios",
        SCENARIOS,
    ),
    (6, "Risk scenario '{}' deleted", "Risk Scenarios", SCENARIOS),
    (
        50,
        "Questionnaire '{}' updated",
        "Questionnaires",
        QUESTIONNAIRES,
    ),
];

const INTEGRATIONS: &[&str] = &[
    "Qualys",
    "CrowdStrike Falcon",
    "Microsoft Entra ID",
    "AWS",
    "Tenable.io",
    "ServiceNow",
    "Okta",
];
const GROUPS: &[&str] = &[
    "Zürich data centre",
    "Endpoints EMEA",
    "Payment systems",
    "Cloud, production",
];
// The awkward cells: a comma, quotes, a line break.
const SCENARIOS: &[&str] = &[
    "Ransomware",
    "Insider, data theft",
    "Cloud outage",
    "Supplier \"tier 1\" breach",
    "Phishing\nof executives",
];
const QUESTIONNAIRES: &[&str] = &[
    "SOC 2",
    "ISO 27001:2022",
    "Vendor onboarding",
    "NIST CSF, short",
];
