//! What people do in SendSafely: the entries of its audit log.

use std::collections::VecDeque;
use std::sync::Arc;

use fastrand::Rng;

use crate::event::Timestamp;

use super::people::{Cast, hyphenated, pick, uuid};
use super::rhythm::Rhythm;

/// One entry of SendSafely's audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendSafelyEvent {
    /// SendSafely's id of the entry. Its form is not published; this is a UUID of version 4.
    pub event_id: u128,
    /// When it happened.
    pub time: Timestamp,
    /// From when on the audit log shows it.
    pub visible_at: Timestamp,
    /// `PACKAGE_EVENT`, `USER_EVENT` or `ADMIN_EVENT`.
    pub event_type: &'static str,
    /// What was done.
    pub action: &'static str,
    /// From which address.
    pub ip: Arc<str>,
    /// Who did it: an e-mail address, `Anonymous Recipient` or `Unverified Sender`.
    pub authenticated_user: Arc<str>,
    /// As whom an administrator did it.
    pub impersonated_user: Option<Arc<str>>,
    /// The members of `LogDetails`, in order. `packageOwner` is documented; the rest is made up.
    pub details: Vec<(&'static str, Value)>,
    /// The entry is written without its time, so that nobody can tell when it happened.
    pub garbage: bool,
}

/// The value of one member of `LogDetails`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string.
    Text(Arc<str>),
    /// A number.
    Number(u64),
}

impl SendSafelyEvent {
    /// The id as the API writes it.
    pub fn id(&self) -> String {
        hyphenated(self.event_id)
    }

    /// The text of one member of `LogDetails`.
    pub fn detail(&self, name: &str) -> Option<&str> {
        let found = self.details.iter().find(|detail| detail.0 == name);
        found.and_then(|detail| match &detail.1 {
            Value::Text(text) => Some(text.as_ref()),
            Value::Number(_) => None,
        })
    }
}

/// A package: what SendSafely puts files in.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) id: Arc<str>,
    pub(super) class: &'static str,
    pub(super) owner: Arc<str>,
    pub(super) files: Vec<(Arc<str>, u64)>,
}

/// Entries in order of time, drawn one at a time.
pub(super) struct Transfers<'a> {
    rng: Rng,
    rhythm: Rhythm,
    cast: &'a Cast,
    /// The packages people still work with, newest last.
    packages: VecDeque<Arc<Package>>,
}

impl<'a> Transfers<'a> {
    pub(super) fn new(rng: Rng, rhythm: Rhythm, cast: &'a Cast) -> Transfers<'a> {
        Transfers {
            rng,
            rhythm,
            cast,
            packages: VecDeque::new(),
        }
    }

    fn package_event(&mut self, time: Timestamp, action: &'static str) -> SendSafelyEvent {
        let package = self.package(time, action);
        let (ip, who) = self.party(time, action);
        let mut event = entry(&mut self.rng, time, ("PACKAGE_EVENT", action), ip, who);
        event.details = package_details(&mut self.rng, &package, action);
        // An administrator now and then acts as the owner of a package.
        if self.rng.u8(..) == 0 {
            let admin = self.cast.admin(&mut self.rng, time);
            event.authenticated_user = admin.portal_email.clone();
            event.ip = admin.addresses.first().cloned().unwrap_or(event.ip);
            event.impersonated_user = Some(package.owner.clone());
        }
        event
    }

    /// Uploads and finalizing are now and then about a new package, downloads about one that is
    /// there; what is done in workspaces is about workspaces.
    fn package(&mut self, time: Timestamp, action: &str) -> Arc<Package> {
        const KEPT: usize = 400;
        let in_workspace = action.starts_with("WORKSPACE");
        let fresh = !action.ends_with("DOWNLOAD") && self.rng.u8(..3) == 0;
        let start = self.rng.usize(..=self.packages.len());
        let later = self.packages.iter().skip(start).chain(&self.packages);
        let found = later
            .into_iter()
            .find(|p| (p.class == "WORKSPACE") == in_workspace);
        if let Some(package) = found.filter(|_| !fresh) {
            return package.clone();
        }
        let owner = self.cast.someone(&mut self.rng, time).portal_email.clone();
        let class = if in_workspace {
            "WORKSPACE"
        } else {
            class(&mut self.rng)
        };
        let package = Arc::new(new_package(&mut self.rng, owner, class));
        self.packages.push_back(package.clone());
        if self.packages.len() > KEPT {
            self.packages.pop_front();
        }
        package
    }

    /// Files are fetched by outsiders, put there by staff, as a rule.
    fn party(&mut self, time: Timestamp, action: &str) -> (Arc<str>, Arc<str>) {
        let outside = if action == "PACKAGE_FILE_DOWNLOAD" {
            170
        } else {
            40
        };
        if self.rng.u8(..) < outside {
            let outsider = self.cast.outsider(&mut self.rng);
            return (outsider.address.clone(), outsider.email.clone());
        }
        let person = self.cast.someone(&mut self.rng, time);
        let ip = self.rng.choice(&person.addresses).cloned();
        (ip.unwrap_or_else(|| "".into()), person.portal_email.clone())
    }

    fn user_event(&mut self, time: Timestamp, action: &'static str) -> SendSafelyEvent {
        let (ip, who) = self.party(time, action);
        let mut event = entry(&mut self.rng, time, ("USER_EVENT", action), ip, who);
        event.details.push((
            "userType",
            text(pick(&["REGISTERED", "GUEST"], self.rng.usize(..9) / 7)),
        ));
        event.details.push((
            "userAgent",
            text(pick(USER_AGENTS, self.rng.usize(..1 << 16))),
        ));
        if action == "LOGIN_FAILED" {
            event.details.push((
                "reason",
                text(pick(
                    &["BAD_PASSWORD", "TWO_FA_FAILED"],
                    self.rng.usize(..4) / 3,
                )),
            ));
        }
        event
    }

    fn admin_event(&mut self, time: Timestamp, action: &'static str) -> SendSafelyEvent {
        let admin = self.cast.admin(&mut self.rng, time);
        let target = self.cast.someone(&mut self.rng, time).portal_email.clone();
        let ip = self
            .rng
            .choice(&admin.addresses)
            .cloned()
            .unwrap_or_else(|| "".into());
        let mut event = entry(
            &mut self.rng,
            time,
            ("ADMIN_EVENT", action),
            ip,
            admin.portal_email.clone(),
        );
        event.details.push(("targetUser", Value::Text(target)));
        if action.starts_with("PRIVILEGE") {
            event.details.push((
                "privilege",
                text(pick(PRIVILEGES, self.rng.usize(..1 << 16))),
            ));
        }
        event.details.push((
            "userAgent",
            text(pick(USER_AGENTS, self.rng.usize(..1 << 16))),
        ));
        event
    }
}

impl Iterator for Transfers<'_> {
    type Item = SendSafelyEvent;

    fn next(&mut self) -> Option<SendSafelyEvent> {
        let time = self.rhythm.next()?;
        let total = ACTIONS.iter().map(|action| action.0).sum();
        let mut left = self.rng.u32(0..total);
        let drawn = ACTIONS.iter().find(|action| {
            let found = left < action.0;
            left = left.saturating_sub(action.0);
            found
        });
        let (_, class, action) = *drawn.unwrap_or(&ACTIONS[0]);
        Some(match class {
            "PACKAGE_EVENT" => self.package_event(time, action),
            "USER_EVENT" => self.user_event(time, action),
            _ => self.admin_event(time, action),
        })
    }
}

/// An entry without details. `what` is its type and action.
pub(super) fn entry(
    rng: &mut Rng,
    time: Timestamp,
    what: (&'static str, &'static str),
    ip: Arc<str>,
    who: Arc<str>,
) -> SendSafelyEvent {
    SendSafelyEvent {
        event_id: uuid(rng),
        time,
        visible_at: time,
        event_type: what.0,
        action: what.1,
        ip,
        authenticated_user: who,
        impersonated_user: None,
        details: Vec::new(),
        garbage: false,
    }
}

pub(super) fn package_details(
    rng: &mut Rng,
    package: &Package,
    action: &str,
) -> Vec<(&'static str, Value)> {
    let mut details = vec![
        ("packageOwner", Value::Text(package.owner.clone())),
        ("packageId", Value::Text(package.id.clone())),
        ("packageType", text(package.class)),
    ];
    if action == "FINALIZE_PACKAGE" {
        details.push(("fileCount", Value::Number(package.files.len() as u64)));
    } else if let Some((name, size)) = rng.choice(&package.files) {
        details.push(("fileName", Value::Text(name.clone())));
        details.push(("fileSize", Value::Number(*size)));
    }
    details
}

pub(super) fn new_package(rng: &mut Rng, owner: Arc<str>, class: &'static str) -> Package {
    let mut part = || -> String {
        (0..4)
            .map(|_| char::from(*rng.choice(LETTERS).unwrap_or(&b'A')))
            .collect()
    };
    let id = format!("{}-{}", part(), part()).into();
    let files = (0..rng.usize(1..5)).map(|_| file(rng)).collect();
    Package {
        id,
        class,
        owner,
        files,
    }
}

fn class(rng: &mut Rng) -> &'static str {
    pick(
        &["TRANSFER", "TRANSFER", "TRANSFER", "DROPZONE"],
        rng.usize(..4),
    )
}

/// A file's name and its size in bytes: small ones are common, large ones rare.
fn file(rng: &mut Rng) -> (Arc<str>, u64) {
    let (topic, period) = (
        pick(TOPICS, rng.usize(..1 << 16)),
        pick(PERIODS, rng.usize(..1 << 16)),
    );
    let kind = pick(
        &["pdf", "xlsx", "docx", "zip", "csv", "pptx"],
        rng.usize(..1 << 16),
    );
    let size = 1_u64 << rng.u32(11..30);
    (
        format!("{topic} {period}.{kind}").into(),
        size + rng.u64(..size),
    )
}

fn text(text: &'static str) -> Value {
    Value::Text(text.into())
}

/// Weight, type and action. The types are documented, and the actions `PACKAGE_FILE_DOWNLOAD`,
/// `FINALIZE_PACKAGE`, `WORKSPACE_UPLOAD` and `WORKSPACE_DOWNLOAD` stand in official code; the
/// rest are synthetic names for actions that the documents tell of in prose.
const ACTIONS: &[(u32, &str, &str)] = &[
    (110, "PACKAGE_EVENT", "FINALIZE_PACKAGE"),
    (190, "PACKAGE_EVENT", "PACKAGE_FILE_UPLOAD"),
    (300, "PACKAGE_EVENT", "PACKAGE_FILE_DOWNLOAD"),
    (90, "PACKAGE_EVENT", "WORKSPACE_UPLOAD"),
    (130, "PACKAGE_EVENT", "WORKSPACE_DOWNLOAD"),
    (120, "USER_EVENT", "LOGIN"),
    (15, "USER_EVENT", "LOGIN_FAILED"),
    (8, "USER_EVENT", "PASSWORD_RESET"),
    (8, "ADMIN_EVENT", "USER_ACTIVATED"),
    (5, "ADMIN_EVENT", "USER_DEACTIVATED"),
    (3, "ADMIN_EVENT", "USER_2FA_DISABLED"),
    (6, "ADMIN_EVENT", "PRIVILEGE_GRANTED"),
    (5, "ADMIN_EVENT", "PRIVILEGE_REVOKED"),
];

const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const PRIVILEGES: &[&str] = &[
    "MANAGE_USERS",
    "VIEW_REPORTS",
    "MANAGE_DROPZONES",
    "ORGANIZATION_ADMIN",
];
const TOPICS: &[&str] = &[
    "Board pack",
    "Payroll",
    "Penetration test report",
    "Claims export, final",
    "Master services agreement",
    "Übersicht Lieferanten",
    "Patient list \"anonymised\"",
    "Bank reconciliation",
    "監査報告書",
    "Incident timeline",
    "Customer list",
    "Offer",
];
const PERIODS: &[&str] = &[
    "2026-Q1",
    "2026-Q2",
    "2026-Q3",
    "July 2026",
    "August 2026",
    "September 2026",
    "v2",
    "v3 (signed)",
    "draft",
];
const USER_AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "SendSafely-Outlook/4.2",
];
