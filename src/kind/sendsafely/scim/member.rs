//! A user of the directory as a user of ours (RFC 7643, 4.1 and 4.3). Which of the attributes the
//! portal fills in is not documented, but for `isAdmin`.

use serde_json::{Map, Value};

use super::answer::{attribute, text};
use crate::event::User;
use crate::kind::sendsafely::truth;

/// The vendor's own attributes (documented).
const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:SendSafely:2.0:User";

/// The user; none without an id, which every resource must have.
pub(super) fn user(member: &Value) -> Option<User> {
    let member = member.as_object()?;
    let named = |name: &str| {
        let names = attribute(member, "name")?.as_object()?;
        text(attribute(names, name))
    };
    Some(User {
        user_id: text(attribute(member, "id"))?,
        email: email(member),
        first_name: named("givenName"),
        last_name: named("familyName"),
        role: role(member),
        active: attribute(member, "active").and_then(truth),
        // SCIM knows neither.
        authentication: None,
        last_login: None,
    })
}

/// The primary address, or else the first; or else the user's name, which is one where users sign
/// in by it.
fn email(member: &Map<String, Value>) -> Option<String> {
    let name = || text(attribute(member, "userName")).filter(|name| name.contains('@'));
    foremost(attribute(member, "emails"), &["value"]).or_else(name)
}

/// The first role that is named, or else what the vendor's own attribute says.
fn role(member: &Map<String, Value>) -> Option<String> {
    let by_extension = || {
        let extension = attribute(member, EXTENSION)?.as_object()?;
        let is_admin = attribute(extension, "isAdmin").and_then(truth)?;
        Some(if is_admin { "Admin" } else { "User" }.to_owned())
    };
    foremost(attribute(member, "roles"), &["value", "display"]).or_else(by_extension)
}

/// Of several values the primary one, or else the first that says something. Values are objects
/// (RFC 7643, 2.4), or texts in implementations that are less strict.
fn foremost(values: Option<&Value>, names: &[&str]) -> Option<String> {
    let values = match values? {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let said = |value: &Value| match value {
        Value::Object(object) => names.iter().find_map(|name| text(attribute(object, name))),
        plain => text(Some(plain)),
    };
    let is_primary = |value: &&Value| {
        let primary = value.as_object().and_then(|one| attribute(one, "primary"));
        primary.and_then(truth) == Some(true)
    };
    let primary = values.iter().filter(is_primary).find_map(said);
    primary.or_else(|| values.iter().find_map(said))
}
