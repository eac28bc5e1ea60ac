//! What people do in SendSafely: the entries of its audit log.

use std::collections::VecDeque;
use std::iter::Peekable;
use std::sync::Arc;
use std::vec;

use fastrand::Rng;

use crate::event::Timestamp;

use super::package::{self, Package};
use super::people::{Cast, Person, hyphenated, pick, uuid};
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

/// Entries in order of time, drawn one at a time.
pub(super) struct Transfers<'a> {
    rng: Rng,
    rhythm: Rhythm,
    cast: &'a Cast,
    /// Whose accounts are still to be closed, the first to leave first.
    leaving: Peekable<vec::IntoIter<&'a Person>>,
    /// The packages people still work with, newest last.
    packages: VecDeque<Arc<Package>>,
}

impl<'a> Transfers<'a> {
    pub(super) fn new(rng: Rng, rhythm: Rhythm, cast: &'a Cast) -> Transfers<'a> {
        let leaving = cast.leaving(rhythm.period());
        Transfers {
            rng,
            rhythm,
            cast,
            leaving: leaving.into_iter().peekable(),
            packages: VecDeque::new(),
        }
    }

    fn package_event(&mut self, time: Timestamp, action: &'static str) -> SendSafelyEvent {
        let package = self.package(time, action);
        let (ip, who) = self.party(time, action);
        let mut event = entry(&mut self.rng, time, ("PACKAGE_EVENT", action), ip, who);
        event.details = package.details(&mut self.rng, action);
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
            package::class(&mut self.rng)
        };
        let package = Arc::new(Package::new(&mut self.rng, owner, class));
        self.packages.push_back(package.clone());
        if self.packages.len() > KEPT {
            self.packages.pop_front();
        }
        package
    }

    /// Files are fetched by outsiders, put there by staff, as a rule. In the office nobody types a
    /// password that could be wrong.
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
        let ip = if action == "LOGIN_FAILED" {
            person.home()
        } else {
            let drawn = self.rng.choice(&person.addresses).cloned();
            drawn.unwrap_or_default()
        };
        (ip, person.portal_email.clone())
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

    /// Accounts are opened for guests; rights are granted to others of the staff, and revoked.
    fn admin_event(&mut self, time: Timestamp, action: &'static str) -> SendSafelyEvent {
        let (cast, rng) = (self.cast, &mut self.rng);
        let admin = cast.admin(rng, time);
        let target = match action {
            "USER_ACTIVATED" => &cast.guest(rng).email,
            _ => &cast.someone_but(rng, time, admin).portal_email,
        };
        self.by_admin(time, action, admin, target)
    }

    /// The account of somebody who has left is closed with the next that is done at all.
    fn account_closed(&mut self, time: Timestamp, leaver: &Person) -> SendSafelyEvent {
        let admin = self.cast.admin(&mut self.rng, time);
        self.by_admin(time, "USER_DEACTIVATED", admin, &leaver.portal_email)
    }

    fn by_admin(
        &mut self,
        time: Timestamp,
        action: &'static str,
        admin: &Person,
        target: &Arc<str>,
    ) -> SendSafelyEvent {
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
        let target = Value::Text(target.clone());
        event.details.push(("targetUser", target));
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
        let has_left = |person: &&Person| !person.is_there(time);
        if let Some(leaver) = self.leaving.next_if(has_left) {
            return Some(self.account_closed(time, leaver));
        }
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

pub(super) fn text(text: &'static str) -> Value {
    Value::Text(text.into())
}

/// Weight, type and action. The types are documented, and the actions `PACKAGE_FILE_DOWNLOAD`,
/// `FINALIZE_PACKAGE`, `WORKSPACE_UPLOAD` and `WORKSPACE_DOWNLOAD` stand in official code; the
/// rest are synthetic names for actions that the documents tell of in prose. What an auditor asks
/// after is not left to chance: accounts are closed as people leave, and second factors are switched
/// off in stories alone.
const ACTIONS: &[(u32, &str, &str)] = &[
    (110, "PACKAGE_EVENT", "FINALIZE_PACKAGE"),
    (190, "PACKAGE_EVENT", "PACKAGE_FILE_UPLOAD"),
    (300, "PACKAGE_EVENT", "PACKAGE_FILE_DOWNLOAD"),
    (90, "PACKAGE_EVENT", "WORKSPACE_UPLOAD"),
    (130, "PACKAGE_EVENT", "WORKSPACE_DOWNLOAD"),
    (128, "USER_EVENT", "LOGIN"),
    (15, "USER_EVENT", "LOGIN_FAILED"),
    (8, "USER_EVENT", "PASSWORD_RESET"),
    (8, "ADMIN_EVENT", "USER_ACTIVATED"),
    (6, "ADMIN_EVENT", "PRIVILEGE_GRANTED"),
    (5, "ADMIN_EVENT", "PRIVILEGE_REVOKED"),
];

const PRIVILEGES: &[&str] = &[
    "MANAGE_USERS",
    "VIEW_REPORTS",
    "MANAGE_DROPZONES",
    "ORGANIZATION_ADMIN",
];
const USER_AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "SendSafely-Outlook/4.2",
];
