//! OCSF 1.5.0: an event in the class of what was done, or the base event where none fits.
//!
//! What the published schema asks for in each class is checked in `tests/siem`; what is used here
//! is the same in every version from 1.4 to 1.8.

use super::json::Object;
use super::meaning::{Meaning, Who, is_email};
use super::rule::{Class, Severity};
use super::vendor::Vendor;
use crate::event::Archived;

/// The version that a line says it is of.
const VERSION: &str = "1.5.0";

const ACCOUNT_CHANGE: i64 = 3001;
const AUTHENTICATION: i64 = 3002;
const ENTITY_MANAGEMENT: i64 = 3004;
const USER_ACCESS: i64 = 3005;
const API_ACTIVITY: i64 = 6003;
const FILE_HOSTING: i64 = 6006;

/// The event as a line.
pub(super) fn line(event: &Archived) -> String {
    let meaning = Meaning::of(event);
    let (class, activity, activity_name) = meaning.class();
    classification(class, activity, &activity_name)
        .and(occurrence(&meaning))
        .object("metadata", metadata(&meaning))
        .and(parties(&meaning, class.uid))
        .object("cloud", cloud(&meaning))
        .object("unmapped", unmapped(&meaning, class.uid))
        .text("raw_data", event.raw.as_deref())
        .finish()
}

fn classification(class: &Class, activity: i64, activity_name: &str) -> Object {
    let named = (!activity_name.is_empty()).then_some(activity_name);
    let type_name = named.map(|name| format!("{}: {name}", class.name));
    Object::new()
        .number("activity_id", Some(activity))
        .text("activity_name", named)
        .number("category_uid", Some(class.category_uid))
        .text("category_name", Some(&class.category))
        .number("class_uid", Some(class.uid))
        .text("class_name", Some(&class.name))
        .number("type_uid", Some(class.uid * 100 + activity))
        .text("type_name", type_name.as_deref())
}

fn occurrence(meaning: &Meaning<'_>) -> Object {
    let severity = meaning.severity();
    let (status_id, status) = match meaning.is_success() {
        Some(true) => (1, "Success"),
        Some(false) => (2, "Failure"),
        None => (0, "Unknown"),
    };
    let detail = meaning.details.first(&["errorMessage", "reason"]);
    Object::new()
        .number("severity_id", Some(severity as i64))
        .text("severity", Some(severity_name(severity)))
        .number("time", Some(meaning.event.time.millis()))
        .text("message", Some(&meaning.message()))
        .number("status_id", Some(status_id))
        .text("status", Some(status))
        .text("status_code", meaning.details.text("errorCode").as_deref())
        .text("status_detail", detail.as_deref())
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
    }
}

fn metadata(meaning: &Meaning<'_>) -> Object {
    let event = meaning.event;
    let vendor = Vendor::of(event);
    let product = Object::new()
        .text("name", Some(&vendor.product))
        .text("vendor_name", Some(&vendor.vendor));
    let profiles: &[&str] = if cloud(meaning).is_empty() {
        &[]
    } else {
        &["cloud"]
    };
    Object::new()
        .text("version", Some(VERSION))
        .object("product", product)
        .texts("profiles", profiles)
        .text("uid", Some(&event.uid()))
        .text("event_code", event.action.as_deref())
        .text("original_time", Some(&event.time.to_string()))
        .number("logged_time", Some(event.archived_at.millis()))
        .text("log_name", Some(&event.feed))
        .text("log_provider", Some("trailkeep"))
        .text("tenant_uid", Some(&event.source))
}

/// Who did what to whom, in the members that the class has.
fn parties(meaning: &Meaning<'_>, class: i64) -> Object {
    let whom = Object::new().object("user", person(meaning.user()));
    let what = match class {
        AUTHENTICATION => whom.object("service", service(meaning)),
        ACCOUNT_CHANGE => whom,
        USER_ACCESS => whom.texts("privileges", &meaning.privileges()),
        ENTITY_MANAGEMENT => {
            let name = meaning.entity();
            Object::new().object("entity", Object::new().text("name", name.as_deref()))
        }
        API_ACTIVITY => Object::new().object("api", api(meaning)),
        FILE_HOSTING => Object::new().object("file", file(meaning.event)),
        _ => return Object::new(),
    };
    let actor = Object::new().object("user", person(meaning.actor()));
    let what = match class {
        AUTHENTICATION | ACCOUNT_CHANGE | API_ACTIVITY => {
            let agent = meaning.details.first(&["userAgent", "user_agent"]);
            what.object(
                "http_request",
                Object::new().text("user_agent", agent.as_deref()),
            )
        }
        _ => what,
    };
    what.object("actor", actor)
        .object("src_endpoint", endpoint(meaning))
}

fn person(who: Option<Who>) -> Object {
    let Some(who) = who else {
        return Object::new();
    };
    let email = who.email.filter(|email| is_email(email));
    Object::new()
        .text("name", Some(email.as_ref().unwrap_or(&who.id)))
        .text("uid", Some(&who.id))
        .text("email_addr", email.as_deref())
        .text("full_name", who.name.as_deref())
}

fn service(meaning: &Meaning<'_>) -> Object {
    let called = meaning.details.text("eventSource");
    let name = called.unwrap_or_else(|| Vendor::of(meaning.event).product);
    Object::new()
        .text("name", Some(&name))
        .text("uid", Some(&meaning.event.source))
}

fn api(meaning: &Meaning<'_>) -> Object {
    let name = meaning.details.text("eventSource");
    let version = meaning.details.text("apiVersion");
    Object::new()
        .text("operation", meaning.event.action.as_deref())
        .object("service", Object::new().text("name", name.as_deref()))
        .text("version", version.as_deref())
}

/// Type 1 is a regular file.
fn file(event: &Archived) -> Object {
    Object::new()
        .text("name", event.file_name.as_deref())
        .number("type_id", Some(1))
        .text("type", Some("Regular File"))
        .number("size", event.file_size)
}

/// `AWS Internal` and names of services stand where an address would.
fn endpoint(meaning: &Meaning<'_>) -> Object {
    let ip = meaning.ip().map(|ip| ip.to_string());
    let other = meaning.event.ip.as_deref().filter(|_| ip.is_none());
    let is_service = |name: &&str| name.ends_with(".amazonaws.com");
    Object::new()
        .text("ip", ip.as_deref())
        .text("svc_name", other.filter(is_service))
        .text("name", other.filter(|name| !is_service(name)))
        .number("port", meaning.port())
}

/// The account and region of what CloudTrail tells.
fn cloud(meaning: &Meaning<'_>) -> Object {
    let Some(region) = meaning.details.text("awsRegion") else {
        return Object::new();
    };
    let account = meaning.details.text("recipientAccountId");
    Object::new()
        .text("provider", Some("AWS"))
        .text("region", Some(&region))
        .object("account", Object::new().text("uid", account.as_deref()))
}

/// What has no place in the class.
fn unmapped(meaning: &Meaning<'_>, class: i64) -> Object {
    let event = meaning.event;
    let object = Object::new()
        .text("event_type", event.event_type.as_deref())
        .text("on_behalf_of", event.on_behalf_of.as_deref())
        .text("actor_role", event.actor_role.as_deref())
        .text("target", event.target.as_deref());
    let object = match class {
        0 => object
            .text("actor", event.actor.as_deref())
            .text("actor_email", event.actor_email.as_deref())
            .text("actor_name", event.actor_name.as_deref())
            .text("ip", event.ip.as_deref())
            .number("port", event.port)
            .text("file_name", event.file_name.as_deref())
            .number("file_size", event.file_size),
        _ => object,
    };
    object.json("details", event.details.as_deref())
}
