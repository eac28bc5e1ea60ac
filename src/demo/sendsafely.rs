//! SendSafely, simulated: signed requests, the audit log and the SCIM directory. Whatever its documents do not allow
//! is refused.

mod audit_log;
pub(super) mod entry;
pub(super) mod scim;

#[cfg(test)]
mod tests;

use chrono::NaiveDateTime;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::event::Timestamp;

use super::http::{Answer, Call, Purpose};
use super::world::World;
use entry::EntryForm;
use scim::ScimOptions;

/// How the simulated SendSafely behaves where its documents leave it open.
#[derive(Debug, Clone)]
pub struct SendSafelyOptions {
    /// In which order entries come.
    pub order: Order,
    /// `minTimestamp` and `maxTimestamp` leave out the very moments they name.
    pub bounds_excluded: bool,
    /// The name of the list in an answer.
    pub list_name: &'static str,
    /// The form of an entry.
    pub entry: EntryForm,
    /// The values of `pagination` are strings, as official code reads them; else numbers and
    /// booleans.
    pub pagination_as_text: bool,
    /// The last row that can be paged to, where there is a limit.
    pub row_cap: Option<usize>,
    /// The key belongs to an administrator; nobody else may read the audit log.
    pub admin: bool,
    /// The SCIM directory.
    pub scim: ScimOptions,
}

/// In which order entries come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The latest first.
    NewestFirst,
    /// The earliest first.
    OldestFirst,
}

impl Default for SendSafelyOptions {
    fn default() -> SendSafelyOptions {
        SendSafelyOptions {
            order: Order::NewestFirst,
            bounds_excluded: true,
            list_name: "auditLogs",
            entry: EntryForm::default(),
            pagination_as_text: true,
            row_cap: None,
            admin: true,
            scim: ScimOptions::default(),
        }
    }
}

/// The vendor at work.
#[derive(Debug)]
pub(super) struct SendSafely {
    options: SendSafelyOptions,
    key: String,
    secret: String,
}

/// How far a request's time may be off. The real limit is unknown.
const SKEW_MAX_MILLIS: i64 = 15 * 60_000;

/// What a request is for.
pub(super) fn purpose(call: &Call) -> Purpose {
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/api/v2.0/enterprise/audit-logs/") => Purpose::AuditLog,
        ("GET", "/api/v2.0/user/") => Purpose::User,
        ("GET", "/api/v2.0/config/verify-credentials/") => Purpose::VerifyCredentials,
        ("GET", scim::USERS) => Purpose::Directory,
        _ => Purpose::Unknown,
    }
}

impl SendSafely {
    pub(super) fn new(options: SendSafelyOptions, key: &str, secret: &str) -> SendSafely {
        SendSafely {
            options,
            key: key.to_owned(),
            secret: secret.to_owned(),
        }
    }

    /// Answers one request.
    pub(super) fn answer(&self, call: &Call, world: &World, now: Timestamp) -> Answer {
        if call.path.starts_with(scim::ROOT) {
            return scim::answer(call, world, now, &self.options.scim);
        }
        let purpose = purpose(call);
        if purpose == Purpose::Unknown {
            return Answer::html(404, "Page not found");
        }
        if let Err(why) = self.verify(call, now) {
            return refused("AUTHENTICATION_FAILED", why);
        }
        match purpose {
            Purpose::AuditLog if self.options.admin => {
                audit_log::page(call, world, now, &self.options)
            }
            Purpose::AuditLog => refused("DENIED", "You do not have access to this resource."),
            Purpose::User => self.user(world),
            _ => Answer::json(
                200,
                &json!({"response": "SUCCESS", "message": owner(world)}),
            ),
        }
    }

    /// Whether a request is signed as documented, with this key, just now.
    fn verify(&self, call: &Call, now: Timestamp) -> Result<(), &'static str> {
        if call.header("ss-api-key") != Some(&self.key) {
            return Err("Invalid API Key");
        }
        let timestamp = call
            .header("ss-request-timestamp")
            .ok_or("Missing timestamp")?;
        let moment = signed_at(timestamp).ok_or("Invalid timestamp")?;
        if moment.millis().abs_diff(now.millis()) > SKEW_MAX_MILLIS.unsigned_abs() {
            return Err("Timestamp is not within the allowed window");
        }
        let given = call
            .header("ss-request-signature")
            .ok_or("Missing signature")?;
        if given != self.signature(&call.path, timestamp, &call.body) {
            return Err("Invalid API Signature");
        }
        Ok(())
    }

    /// HMAC-SHA256 of key, path, time and body, in lower-case hex (documented). The query is not
    /// signed.
    fn signature(&self, path: &str, timestamp: &str, body: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes());
        let mut mac = mac.expect("HMAC takes a key of any length");
        for part in [
            self.key.as_bytes(),
            path.as_bytes(),
            timestamp.as_bytes(),
            body,
        ] {
            mac.update(part);
        }
        mac.finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn user(&self, world: &World) -> Answer {
        let owner = world.cast().staff.first();
        let body = json!({
            "id": "f0a1b2c3-0000-4000-8000-000000000001",
            "email": owner.map(|person| &*person.portal_email),
            "firstName": owner.map(|person| person.first_name),
            "lastName": owner.map(|person| person.last_name),
            "clientKey": "k3y",
            "betaUser": false,
            "adminUser": self.options.admin,
            "packageLife": 14,
            "publicKey": false,
            "language": "en",
            "response": "SUCCESS",
        });
        Answer::json(200, &body)
    }
}

/// The e-mail address of whom the key belongs to.
fn owner(world: &World) -> &str {
    world
        .cast()
        .staff
        .first()
        .map_or("", |person| &person.portal_email)
}

/// Errors ride on 200, as official clients expect.
fn refused(response: &str, message: &str) -> Answer {
    Answer::json(200, &json!({"response": response, "message": message}))
}

/// Reads `2019-01-14T22:24:00+0000`, which is the one form there is (documented).
fn signed_at(text: &str) -> Option<Timestamp> {
    let naive = text
        .strip_suffix("+0000")
        .filter(|naive| naive.len() == 19)?;
    let moment = NaiveDateTime::parse_from_str(naive, "%Y-%m-%dT%H:%M:%S").ok()?;
    Some(moment.and_utc().into())
}
