//! SendSafely's SCIM directory. Documented are its root, that it has credentials of its own, and
//! the name of its extension; the rest is as the standard has it (RFC 7643 and 7644).

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::demo::http::{Answer, Call};
use crate::demo::server::CREDENTIALS;
use crate::demo::world::World;
use crate::demo::world::people::{Person, hyphenated, uuid};
use crate::event::Timestamp;

/// How the directory behaves where its documents leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScimOptions {
    /// Most people on a page, whatever the request says: the standard lets a server return fewer.
    pub page_max: usize,
    /// What becomes of people who leave.
    pub leavers: Leavers,
    /// People have `roles`.
    pub roles: bool,
}

/// What becomes of people who leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leavers {
    /// They are in the directory no more.
    Vanish,
    /// They stay, with `active` false.
    Inactive,
}

impl Default for ScimOptions {
    fn default() -> ScimOptions {
        ScimOptions {
            page_max: 100,
            leavers: Leavers::Vanish,
            roles: false,
        }
    }
}

/// Where the directory is (documented), and where its users are (by the standard).
pub(super) const ROOT: &str = "/scim/v2/";
pub(super) const USERS: &str = "/scim/v2/Users";

/// SendSafely's own part of a user (documented).
const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:SendSafely:2.0:User";

/// Answers one request.
pub(super) fn answer(call: &Call, world: &World, now: Timestamp, options: &ScimOptions) -> Answer {
    if !admitted(call) {
        let refusal = error(401, None, "Invalid SCIM credentials");
        return refusal.with("www-authenticate", "Basic realm=\"SCIM\"");
    }
    if call.path != USERS {
        return error(404, None, "Resource not found");
    }
    if call.method != "GET" {
        return error(405, None, "Method not allowed");
    }
    match Wanted::read(call) {
        Ok(wanted) => page(&wanted, world, now, options),
        Err(refusal) => *refusal,
    }
}

struct Wanted {
    /// From 1.
    start: usize,
    count: usize,
}

impl Wanted {
    /// What is less than the least counts as the least (by the standard). Filters and the like are
    /// not simulated.
    fn read(call: &Call) -> Result<Wanted, Box<Answer>> {
        let mut wanted = Wanted {
            start: 1,
            count: usize::MAX,
        };
        for (name, value) in call.parameters() {
            let number: Option<i64> = value.parse().ok();
            let at_least = |least: i64| number.and_then(|n| usize::try_from(n.max(least)).ok());
            match (name.as_str(), at_least(0), at_least(1)) {
                ("count", Some(count), _) => wanted.count = count,
                ("startIndex", _, Some(start)) => wanted.start = start,
                ("filter", ..) => {
                    let message = "the filter is not supported";
                    return Err(Box::new(error(400, Some("invalidFilter"), message)));
                }
                _ => {
                    let message = format!("invalid parameter {name}={value}");
                    return Err(Box::new(error(400, Some("invalidValue"), &message)));
                }
            }
        }
        Ok(wanted)
    }
}

fn page(wanted: &Wanted, world: &World, now: Timestamp, options: &ScimOptions) -> Answer {
    let everybody = world.cast().staff.iter().enumerate();
    let listed = everybody.filter(|(_, p)| options.leavers == Leavers::Inactive || p.is_there(now));
    let people: Vec<(usize, &Person)> = listed.collect();
    let most = wanted.count.min(options.page_max);
    let on_page = people.iter().skip(wanted.start - 1).take(most);
    let resources: Vec<Value> = on_page
        .map(|(n, person)| user(*n, person, person.is_there(now), options.roles))
        .collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": people.len(),
        "itemsPerPage": resources.len(),
        "startIndex": wanted.start,
        "Resources": resources,
    });
    Answer::new(200, "application/scim+json", body.to_string())
}

fn user(n: usize, person: &Person, active: bool, roles: bool) -> Value {
    let (email, admin) = (&*person.portal_email, person.role == "Admin");
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXTENSION],
        "id": id(n),
        "userName": email,
        "name": {"givenName": person.first_name, "familyName": person.last_name},
        "emails": [{"value": email, "primary": true, "type": "work"}],
        "active": active,
        "meta": {"resourceType": "User"},
    });
    user[EXTENSION] = json!({"isAdmin": admin});
    if roles {
        user["roles"] = json!([{"value": person.role, "primary": true}]);
    }
    user
}

/// The directory's own id of the n-th person: neither SAFE's nor an address.
fn id(n: usize) -> String {
    hyphenated(uuid(&mut Rng::with_seed(0x5c10_0000 + n as u64)))
}

/// Whether the request has the directory's own credentials, which are not those of the API.
fn admitted(call: &Call) -> bool {
    let code = call.header("authorization");
    let code = code.and_then(|header| header.strip_prefix("Basic "));
    let text = code.and_then(|code| BASE64_STANDARD.decode(code).ok());
    let (username, password) = (CREDENTIALS.scim_username, CREDENTIALS.scim_password);
    text.is_some_and(|text| text == format!("{username}:{password}").into_bytes())
}

/// An error in the standard's form, in which the status is a string.
fn error(status: u16, kind: Option<&str>, detail: &str) -> Answer {
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.to_string(),
        "detail": detail,
    });
    if let Some(kind) = kind {
        body["scimType"] = json!(kind);
    }
    Answer::new(status, "application/scim+json", body.to_string())
}
